/* What of the state outlives the program (README.md, "Checkpoints"). Transferred is what neither create() nor the rest yields to
 * the same bits; what does is marked "follows" and made anew after loading. Capacities and the order of a node's warm pairs
 * change no bit; the order of hot pairs, of warm records and of free ones does. */
#include "events.h"
#include <assert.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static void transfer_row(const struct ns_events *e, struct ns_archive *archive, double *row)
{
	ns_archive_transfer(archive, row, e->n * sizeof *row);
}

static void transfer_flag(struct ns_archive *archive, bool *flag)
{
	uint8_t byte = *flag;
	ns_archive_transfer(archive, &byte, 1);
	*flag = byte == 1;
}

static void fail_for_memory(const struct ns_events *e, struct ns_archive *archive)
{
	struct ns_error error;
	const struct ns_shape shape = ns_problem_shape(e->problem);
	ns_error_memory(&error, "the event engine", ns_events_memory(&shape));
	ns_archive_fail(archive, &error);
}

/* Of count values those that differ from the usual ones (NULL: zero bits), which stand there already when loading. */
static void transfer_unusual(struct ns_archive *archive, size_t count, size_t size, void *values, const void *usual)
{
	static const uint64_t zero = 0;
	for (size_t first = 0; first < count; first += 64) {
		const size_t length = count - first < 64 ? count - first : 64;
		char *const value = (char *)values + first * size;
		uint64_t unusual = 0;
		for (size_t e = 0; e < length && !ns_archive_is_loading(archive); e++) {
			const void *expected = usual != NULL ? (const char *)usual + (first + e) * size : (const char *)&zero;
			unusual |= (uint64_t)(memcmp(value + e * size, expected, size) != 0) << e;
		}
		ns_archive_transfer(archive, &unusual, sizeof unusual);
		if (!ns_archive_require(archive, length == 64 || unusual >> length == 0, "values past the last"))
			return;
		for (; unusual != 0; unusual &= unusual - 1)
			ns_archive_transfer(archive, value + (size_t)__builtin_ctzll(unusual) * size, size);
	}
}

/* A state that began at another iterate than W0 is set up again from there, but for f and S, which are loaded after. */
static void transfer_start(struct ns_events *e, struct ns_archive *archive)
{
	assert(!ns_archive_is_loading(archive) || e->nodes.delta0 == NULL);
	bool elsewhere = e->nodes.delta0 != NULL;
	const size_t bytes = e->m * e->d * sizeof(double);
	transfer_flag(archive, &elsewhere);
	if (!elsewhere)
		return;
	if (e->nodes.delta0 == NULL && (e->nodes.delta0 = ns_alloc(bytes, 1)) == NULL) {
		fail_for_memory(e, archive);
		return;
	}
	ns_archive_transfer(archive, e->nodes.delta0, bytes);
	if (!ns_archive_is_loading(archive))
		return;
	memset(e->nodes.pattern, 0, e->m * e->words * sizeof *e->nodes.pattern);
	memset(e->f, 0, e->stride * sizeof *e->f);
	e->coupling.total = 0;
	if (!ns_events_set_up(e))
		fail_for_memory(e, archive);
}

static void transfer_outputs(struct ns_events *e, struct ns_archive *archive)
{
	ns_archive_transfer(archive, &e->step, sizeof e->step);
	ns_archive_transfer(archive, &e->flips, sizeof e->flips);
	ns_archive_transfer(archive, &e->n_looks, sizeof e->n_looks);
	transfer_row(e, archive, e->f);
	transfer_row(e, archive, e->f_low);
}

/* S; what tiles on the diagonal hold twice, and Theta, follow. */
static void transfer_coupling(struct ns_events *e, struct ns_archive *archive)
{
	double *s = e->coupling.s;
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k <= i; k += NS_LANES)
			ns_archive_transfer(
				archive, s + ns_tile_at(i, k), (i + 1 - k < NS_LANES ? i + 1 - k : NS_LANES) * sizeof *s);
	if (!ns_archive_is_loading(archive))
		return;
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = i / NS_LANES * NS_LANES; k < i; k++)
			s[ns_tile_at(k, i)] = s[ns_tile_at(i, k)];
	ns_coupling_derive(e);
}

/* The last increments of the clocks are set by the next step before anything reads them. */
static void transfer_clocks(struct ns_events *e, struct ns_archive *archive)
{
	struct ns_clocks *clocks = &e->clocks;
	ns_archive_transfer(archive, &clocks->norm, sizeof clocks->norm);
	ns_archive_transfer(archive, &clocks->pause, sizeof clocks->pause);
	ns_archive_transfer(archive, &clocks->resume_at, sizeof clocks->resume_at);
	transfer_flag(archive, &clocks->has_reference);
	if (!clocks->has_reference)
		return;
	ns_archive_transfer(archive, &clocks->psi, sizeof clocks->psi);
	ns_archive_transfer(archive, &clocks->taken_at, sizeof clocks->taken_at);
	ns_archive_transfer(archive, &clocks->inverse_square, sizeof clocks->inverse_square);
	ns_archive_transfer(archive, &clocks->budget, sizeof clocks->budget);
	transfer_row(e, archive, clocks->reference);
}

/* P, and of each row its node, its pattern and B. The cold pattern follows from this and the hot pairs; the step of a row's last
 * change matters in that step only. */
static void transfer_nodes(struct ns_events *e, struct ns_archive *archive)
{
	struct ns_nodes *nodes = &e->nodes;
	transfer_row(e, archive, nodes->p);
	transfer_row(e, archive, nodes->p_low);
	transfer_row(e, archive, nodes->p_renewed);
	ns_archive_transfer(archive, &e->renewal.hot_at, sizeof e->renewal.hot_at);
	ns_archive_transfer(archive, &e->renewal.outputs_at, sizeof e->renewal.outputs_at);
	const size_t n_rows = ns_archive_count(archive, nodes->n_rows, e->m), bytes = e->words * sizeof *nodes->bits;
	if (ns_archive_is_loading(archive) && !ns_nodes_reserve(e, n_rows)) {
		fail_for_memory(e, archive);
		return;
	}
	for (size_t row = 0; row < n_rows; row++) {
		uint32_t node = nodes->row[row].node;
		ns_archive_transfer(archive, &node, sizeof node);
		if (ns_archive_is_loading(archive)) {
			if (!ns_archive_require(archive, node < e->m && nodes->node[node].row < 0, "no node, or one twice"))
				return;
			ns_node_row(e, node);
		}
		uint64_t *on = nodes->bits + row * 2 * e->words;
		ns_archive_transfer(archive, on, bytes);
		if (ns_archive_is_loading(archive))
			memcpy(on + e->words, on, bytes);
		transfer_unusual(archive, e->n, sizeof *nodes->b, nodes->b + row * e->stride, NULL);
		transfer_unusual(archive, e->n, sizeof *nodes->b_low, nodes->b_low + row * e->stride, NULL);
	}
}

/* A loaded pair is entered as one that has just turned hot; the pattern of its row knows its sign already. */
static void enter_hot(struct ns_events *e, struct ns_archive *archive, struct ns_hot_entry entry)
{
	struct ns_hot *hot = &e->hot;
	const size_t word = entry.sample / 64;
	const uint64_t bit = 1ull << entry.sample % 64;
	if (!ns_archive_require(archive, entry.row < e->nodes.n_rows && entry.sample < e->n, "no pair") ||
		!ns_archive_require(archive,
			!(e->nodes.hot[entry.row * e->words + word] & bit) &&
				(hot->n_entries == 0 || hot->entry[hot->n_entries - 1].sample <= entry.sample),
			"a hot pair twice, or out of order") ||
		!ns_archive_require(
			archive, e->nodes.row[entry.row].n_hot < NS_MOST_HOT_PER_NODE, "too many hot pairs of a node"))
		return;
	hot->entry[hot->n_entries++] = entry;
	e->nodes.hot[entry.row * e->words + word] |= bit;
	e->nodes.bits[(entry.row * 2 + 1) * e->words + word] &= ~bit;
	e->nodes.row[entry.row].n_hot++;
}

/* The list in its order; c, weights and couples follow. */
static void transfer_hot(struct ns_events *e, struct ns_archive *archive)
{
	struct ns_hot *hot = &e->hot;
	const bool loading = ns_archive_is_loading(archive);
	const size_t count = ns_archive_count(archive, hot->count, e->most_hot);
	bool enough = !loading || ns_hot_reserve(e, count);
	for (size_t p = 0; p < count && enough; p++) {
		struct ns_hot_entry entry = {0};
		if (!loading)
			entry = (struct ns_hot_entry){hot->z[p], hot->path[p], hot->path_low[p], hot->row[p], hot->sample[p]};
		ns_archive_transfer(archive, &entry, sizeof entry);
		if (loading)
			enter_hot(e, archive, entry);
	}
	if (loading && enough)
		ns_hot_merge_entries(e);
	if (hot->count == count)
		ns_archive_transfer(archive, hot->last, count * sizeof *hot->last);
	if (loading && (!enough || !ns_hot_couple(e)))
		fail_for_memory(e, archive);
}

/* Keys that are not those of create; what is above them in the tree follows. */
static void transfer_cold(struct ns_events *e, struct ns_archive *archive)
{
	const bool loading = ns_archive_is_loading(archive);
	float *usual = (float *)e->nodes.path; /* free to use between steps, and wide enough */
	double *w = ns_alloc(NS_FIRST_NODES, e->d * sizeof *w), *z = ns_alloc(NS_FIRST_NODES, e->stride * sizeof *z);
	if (w == NULL || z == NULL)
		fail_for_memory(e, archive);
	for (size_t j = 0; j < e->m && w != NULL && z != NULL; j++) {
		const size_t row = j % NS_FIRST_NODES;
		float *key = e->cold.key + j * e->cold.key_stride;
		if (!loading && row == 0)
			ns_events_first_z(e, j, e->m - j < NS_FIRST_NODES ? e->m - j : NS_FIRST_NODES, w, z);
		if (!loading)
			ns_events_first_keys(e, z + row * e->stride, e->nodes.node[j].c, usual);
		transfer_unusual(archive, e->n, sizeof *key, key, usual);
		if (loading)
			e->cold.nodes.key[0][j] = ns_cold_least_of_node(e, j);
	}
	ns_free(w);
	ns_free(z);
	if (loading)
		ns_keys_rebuild(&e->cold.nodes);
}

/* A record in use has a pair and a key, a free one the next free one. */
struct stored_warm {
	uint32_t sample, node;
	int32_t next_free;
	float key;
};

static struct stored_warm warm_of(const struct ns_warm *warm, size_t record)
{
	const struct ns_warm_pair *pair = warm->pair + record;
	const float key = warm->keys.key[0][record];
	if (key == INFINITY)
		return (struct stored_warm){.next_free = pair->next, .key = key};
	return (struct stored_warm){pair->sample, pair->node, -1, key};
}

static void put_warm(struct ns_events *e, struct ns_archive *archive, size_t record, const struct stored_warm *stored)
{
	struct ns_warm_pair *pair = e->warm.pair + record;
	e->warm.keys.key[0][record] = stored->key;
	*pair = (struct ns_warm_pair){.sample = stored->sample, .node = stored->node, .next = stored->next_free};
	if (stored->key == INFINITY || !ns_archive_require(archive, stored->sample < e->n && stored->node < e->m, "no pair"))
		return;
	int32_t *head = &e->nodes.node[stored->node].warm;
	pair->z0 = ns_node_first_z(e, stored->sample, stored->node);
	pair->next = *head;
	*head = (int32_t)record;
	e->warm.count++;
}

/* Whether exactly the records not in use hang on the list of free ones. */
static bool free_list_is_whole(const struct ns_warm *warm)
{
	int32_t record = warm->free;
	for (size_t left = warm->used - warm->count; left > 0; left--) {
		if (record < 0 || (size_t)record >= warm->used || warm->keys.key[0][record] != INFINITY)
			return false;
		record = warm->pair[record].next;
	}
	return record == -1;
}

static void transfer_warm(struct ns_events *e, struct ns_archive *archive)
{
	struct ns_warm *warm = &e->warm;
	const bool loading = ns_archive_is_loading(archive);
	const size_t used = ns_archive_count(archive, warm->used, e->most_warm);
	ns_archive_transfer(archive, &warm->free, sizeof warm->free);
	if (loading && !ns_warm_reserve(e, used)) {
		fail_for_memory(e, archive);
		return;
	}
	if (loading)
		warm->used = used;
	for (size_t record = 0; record < used; record++) {
		struct stored_warm stored = {0};
		if (!loading)
			stored = warm_of(warm, record);
		ns_archive_transfer(archive, &stored, sizeof stored);
		if (loading)
			put_warm(e, archive, record, &stored);
	}
	if (loading) {
		ns_keys_rebuild(&warm->keys);
		ns_archive_require(archive, free_list_is_whole(warm), "the list of free records");
	}
}

enum ns_status ns_events_transfer(struct ns_events *e, struct ns_archive *archive, struct ns_error *error)
{
	transfer_start(e, archive);
	transfer_outputs(e, archive);
	transfer_coupling(e, archive);
	transfer_clocks(e, archive);
	transfer_nodes(e, archive);
	transfer_hot(e, archive);
	transfer_cold(e, archive);
	transfer_warm(e, archive);
	return ns_archive_status(archive, error);
}
