/* Patterns as runs along the tour: products with prefix sums of the samples, and the dual sums over the nodes.
 *
 * Blocks of nodes depend on m alone and what they add is summed in block order, so the bits are the same for any number of
 * threads. A block belongs to one thread at a time, which alone may move its list. */
#include "deferral.h"
#include <assert.h>
#include <nodescale/memory.h>
#include <omp.h>
#include <string.h>

enum { LEAST_BLOCK = 1024, POSITIONS_TOGETHER = 32 };

static size_t position_size(const struct run_block *block)
{
	return block->wide ? sizeof(uint32_t) : sizeof(uint16_t);
}

static void set_position(struct run_block *block, size_t a, size_t q, size_t position)
{
	const size_t place = position * block->width;
	if (block->wide)
		((uint32_t *)block->list)[a * block->capacity + q] = (uint32_t)place;
	else
		((uint16_t *)block->list)[a * block->capacity + q] = (uint16_t)place;
}

static void set_nowhere(struct run_block *block, size_t a, size_t first, size_t last)
{
	for (size_t q = first; q < last; q++)
		set_position(block, a, q, block->nowhere);
}

/* Makes room for `needed` positions a node: whole cache lines, and not many too many, for all lists are gone through at each
 * step. */
static bool grow(struct run_block *block, size_t needed)
{
	const size_t size = position_size(block), old = block->capacity;
	const size_t lines = (needed + needed / 8 + POSITIONS_TOGETHER - 1) / POSITIONS_TOGETHER;
	const size_t capacity = lines * POSITIONS_TOGETHER;
	char *list = ns_alloc(block->count, capacity * size), *before = block->list;
	if (list == NULL)
		return false;
	block->list = list;
	block->capacity = capacity;
	for (size_t a = 0; a < block->count; a++) {
		if (before != NULL)
			memcpy(list + a * capacity * size, before + a * old * size, old * size);
		set_nowhere(block, a, old, capacity);
	}
	ns_free(before);
	return true;
}

static struct run_block *block_of(const struct intervals *state, size_t j)
{
	const struct runs *runs = state->held;
	return &runs->blocks[j / runs->block_nodes];
}

/* The 64 bits from sample 64 word, and in *edges those whose bit differs from the one before. */
static uint64_t edges_of_word(const uint8_t *row, size_t word, uint64_t *last)
{
	uint64_t bits;
	memcpy(&bits, row + 8 * word, sizeof bits);
	const uint64_t edges = bits ^ (bits << 1 | *last);
	*last = bits >> 63;
	return edges;
}

static void runs_scanned(struct intervals *state, size_t j, const uint8_t *difference)
{
	struct run_block *block = block_of(state, j);
	const uint8_t *row = state->rows + j * state->row_bytes;
	const size_t a = j - block->first, words = state->row_bytes / 8;
	size_t length = 0;
	uint64_t last = 0;
	for (size_t word = 0; word < words; word++)
		length += (size_t)__builtin_popcountll(edges_of_word(row, word, &last));
	assert(length % 2 == 0); /* the row ends with a 0 past the last sample */
	const size_t padded = (length + POSITIONS_AT_ONCE - 1) / POSITIONS_AT_ONCE * POSITIONS_AT_ONCE;
	if (padded + 2 * NEAR > block->capacity && !grow(block, padded + 2 * NEAR)) {
		block->short_of_memory = true;
		return;
	}
	size_t q = 0;
	for (size_t word = 0; word < words; word++)
		for (uint64_t edges = edges_of_word(row, word, &last); edges != 0; edges &= edges - 1)
			set_position(block, a, q++, 64 * word + (size_t)__builtin_ctzll(edges));
	set_nowhere(block, a, length, block->capacity);
	block->scan_length[a] = block->length[a] = (uint32_t)padded;
}

static void runs_changed(struct intervals *state, size_t j, unsigned changed)
{
	struct run_block *block = block_of(state, j);
	const size_t a = j - block->first;
	uint32_t length = block->scan_length[a];
	for (unsigned exceptions = state->near_scan[j] ^ state->near_now[j]; exceptions != 0; exceptions &= exceptions - 1) {
		const unsigned q = (unsigned)__builtin_ctz(exceptions), on = state->near_now[j] >> q & 1;
		const size_t p = state->near_sample[j * NEAR + q];
		set_position(block, a, length++, on ? p : p + 1);
		set_position(block, a, length++, on ? p + 1 : p);
	}
	assert(length <= block->capacity);
	set_nowhere(block, a, length, block->length[a]);
	block->length[a] = length;
}

/* Every node is scanned anew once in so many steps: what it has gathered in exceptions, and what it has lost of its radii, costs
 * more in the end. A scan takes time with n, so the share of it that falls on a step does not. */
static uint64_t renewal_period(const struct intervals *state)
{
	return state->n / 2 + 64;
}

/* Nodes whose turn it is in this step: `count` of a block's from `first` on, round and round. */
struct turn {
	size_t first, count;
};

static struct turn turn_of(const struct intervals *state, const struct run_block *block)
{
	const struct runs *runs = state->held;
	const uint64_t period = renewal_period(state), before = runs->turn * block->count / period;
	return (struct turn){before % block->count, (runs->turn + 1) * block->count / period - before};
}

static bool has_turn(const struct turn *turn, const struct run_block *block, size_t a)
{
	return (a >= turn->first ? a : a + block->count) - turn->first < turn->count;
}

static void descend_block(struct intervals *state, struct run_block *block, const double *prefix, int thread)
{
	const struct ns_interval_kernels *kernels = state->kernels;
	const struct turn turn = turn_of(state, block);
	alignas(64) double gradient[BATCH * MOST_INPUTS], v[BATCH * MOST_INPUTS];
	uint32_t near[BATCH];
	for (size_t first = 0; first < block->n_active; first += BATCH) {
		const size_t count = block->n_active - first < BATCH ? block->n_active - first : BATCH;
		const uint32_t *nodes = block->active + first;
		kernels->gather(block, nodes, count, prefix, gradient);
		kernels->move(state, block->first, nodes, count, state->common, gradient, v, near);
		for (size_t a = 0; a < count; a++) {
			const unsigned now = has_turn(&turn, block, nodes[a]) ? MUST_SCAN : near[a];
			if (now != state->near_now[block->first + nodes[a]])
				block->flips += ns_intervals_settle(state, block->first + nodes[a], now, thread);
		}
		kernels->spread(block, nodes, count, v);
	}
}

static bool runs_descend(struct intervals *state)
{
	struct runs *runs = state->held;
	bool ok = true;
	if (runs->deferral != NULL)
		ns_deferral_review(runs->deferral, state);
#pragma omp parallel for num_threads(state->threads) schedule(static)
	for (size_t b = 0; b < runs->n_blocks; b++)
		descend_block(state, &runs->blocks[b], runs->prefix, omp_get_thread_num());
	runs->turn++;
	if (runs->deferral != NULL)
		ns_deferral_step(runs->deferral, state);
	for (size_t b = 0; b < runs->n_blocks; b++) {
		state->flips += runs->blocks[b].flips;
		runs->blocks[b].flips = 0;
		ok = ok && !runs->blocks[b].short_of_memory;
	}
	return ok;
}

static void runs_weigh(struct intervals *state)
{
	const struct runs *runs = state->held;
	state->kernels->weigh_runs(state, runs->n_blocks, runs->blocks, runs->prefix);
}

static void runs_delta(const struct intervals *state, size_t j, double *delta)
{
	const struct runs *runs = state->held;
	if (runs->deferral != NULL && runs->deferral->deferred[j])
		ns_deferral_delta(runs->deferral, state, j, delta);
	else
		memcpy(delta, state->delta + j * state->width, state->width * sizeof(double));
}

static void runs_destroy(struct intervals *state)
{
	struct runs *runs = state->held;
	if (runs == NULL)
		return;
	for (size_t b = 0; b < runs->n_blocks && runs->blocks != NULL; b++) {
		ns_free(runs->blocks[b].list);
		ns_free(runs->blocks[b].scan_length);
		ns_free(runs->blocks[b].length);
		ns_free(runs->blocks[b].active);
		ns_free(runs->blocks[b].steps);
	}
	ns_free(runs->blocks);
	ns_free(runs->prefix);
	ns_deferral_destroy(runs->deferral);
	ns_free(runs);
}

static bool block_create(struct run_block *block, const struct intervals *state, size_t first, size_t count)
{
	*block = (struct run_block){
		.first = first, .count = count, .n_active = count, .width = state->width, .nowhere = ns_nowhere(state)};
	block->wide = block->nowhere * block->width > UINT16_MAX;
	block->scan_length = ns_alloc(count, sizeof(uint32_t));
	block->length = ns_alloc(count, sizeof(uint32_t));
	block->steps = ns_alloc(block->nowhere + 1, state->width * sizeof(double));
	block->active = ns_alloc(count, sizeof(uint32_t));
	for (size_t a = 0; a < count && block->active != NULL; a++)
		block->active[a] = (uint32_t)a;
	return block->scan_length && block->length && block->active && block->steps && grow(block, 2 * NEAR);
}

static enum ns_status runs_create(struct intervals *state, struct ns_error *error)
{
	struct runs *runs = state->held = ns_alloc(1, sizeof *runs);
	bool ok = runs != NULL;
	if (ok) {
		const size_t even = (state->m + MOST_BLOCKS - 1) / MOST_BLOCKS;
		runs->block_nodes = even > LEAST_BLOCK ? even : LEAST_BLOCK;
		runs->n_blocks = (state->m + runs->block_nodes - 1) / runs->block_nodes;
		runs->blocks = ns_alloc(runs->n_blocks, sizeof *runs->blocks);
		runs->prefix = ns_alloc(ns_nowhere(state) + 1, state->width * sizeof(double));
		ok = runs->blocks && runs->prefix;
	}
	for (size_t b = 0; ok && b < runs->n_blocks; b++) {
		const size_t first = b * runs->block_nodes, left = state->m - first;
		ok = block_create(&runs->blocks[b], state, first, left < runs->block_nodes ? left : runs->block_nodes);
	}
	if (!ok)
		return ns_error_memory(error, "the runs of the interval engine", 8.0 * (double)(state->n * state->width));
	return ns_deferral_create(&runs->deferral, state, error);
}

const struct form ns_runs_form = {
	.name = "runs",
	.create = runs_create,
	.destroy = runs_destroy,
	.scanned = runs_scanned,
	.changed = runs_changed,
	.descend = runs_descend,
	.weigh = runs_weigh,
	.delta = runs_delta,
	.transfer = ns_runs_transfer,
};
