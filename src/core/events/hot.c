/* Hot pairs: those that flip every few steps, late in training almost all flips. Their z is advanced step by step; what the
 * engine knows about them beyond that is kept so that a flip costs a bit. Invariants: the list is sorted by
 * sample; a pair is in it exactly if its bit is in `hot` of its node's row; S knows nothing of it. */
#include "events.h"
#include <assert.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

/* A pair may leave when it has not flipped for REST steps, and then is REACH_TO_LEAVE steps of the norm clock from zero. Looking
 * for such pairs in every LEAVE_EVERY-th step only is enough. */
enum { REST = 32, LEAVE_EVERY = 16 };
static const double REACH_TO_LEAVE = 6;

static bool grow_list(struct ns_events *e, size_t capacity)
{
	struct ns_hot *hot = &e->hot;
	double **const reals[] = {
		&hot->z, &hot->c, &hot->weight, &hot->path, &hot->path_low, &hot->push, &hot->begin, &hot->gain};
	uint32_t **const counts[] = {&hot->row, &hot->sample, &hot->flipped};
	for (size_t a = 0; a < sizeof reals / sizeof *reals; a++) {
		double *larger = ns_grow(*reals[a], hot->count, capacity, sizeof *larger);
		if (larger == NULL)
			return false;
		*reals[a] = larger;
	}
	for (size_t a = 0; a < sizeof counts / sizeof *counts; a++) {
		uint32_t *larger = ns_grow(*counts[a], hot->count, capacity, sizeof *larger);
		if (larger == NULL)
			return false;
		*counts[a] = larger;
	}
	uint64_t *last = ns_grow(hot->last, hot->count, capacity, sizeof *last);
	if (last == NULL)
		return false;
	hot->last = last;
	int32_t *next = ns_grow(hot->next, hot->count, capacity, sizeof *next);
	hot->next = next != NULL ? next : hot->next;
	int32_t *partner = ns_grow(hot->partner, 0, capacity, sizeof *partner);
	hot->partner = partner != NULL ? partner : hot->partner;
	if (next == NULL || partner == NULL)
		return false;
	ns_free(hot->partial);
	hot->partial = ns_alloc(capacity, NS_LANES * sizeof(double));
	hot->capacity = capacity;
	return hot->partial != NULL;
}

/* Room for `more` entries in this step, in the list and on the way to it. Kernels touch up to 8 elements past the list's end. */
bool ns_hot_reserve(struct ns_events *e, size_t more)
{
	struct ns_hot *hot = &e->hot;
	const size_t entries = hot->n_entries + more < e->most_hot ? hot->n_entries + more : e->most_hot;
	if (entries > hot->entry_capacity) {
		struct ns_hot_entry *larger = ns_grow(hot->entry, hot->n_entries, 2 * entries, sizeof *larger);
		if (larger == NULL)
			return false;
		hot->entry = larger;
		hot->entry_capacity = 2 * entries;
	}
	const size_t all = hot->count + entries < e->most_hot ? hot->count + entries : e->most_hot;
	return all + NS_LANES <= hot->capacity || grow_list(e, 3 * all / 2 + 2 * NS_LANES);
}

/* Whether a pair of node j may turn hot. */
bool ns_hot_has_room(const struct ns_events *e, size_t j)
{
	const int32_t row = e->nodes.node[j].row;
	return e->hot.count + e->hot.n_entries < e->most_hot && (row < 0 || e->nodes.row[row].n_hot < NS_MOST_HOT_PER_NODE);
}

/* A pair at z of the present iterate turns hot; flipped: its sign has just changed. When the list is full a flip is booked in
 * place and the pair stays what it was. */
void ns_hot_enter(struct ns_events *e, size_t i, size_t j, double z, bool flipped)
{
	struct ns_hot *hot = &e->hot;
	const bool room = ns_hot_has_room(e, j);
	const uint32_t row = ns_node_row(e, j);
	struct ns_node_row *of_node = e->nodes.row + row;
	uint64_t *const cold = e->nodes.bits + ((size_t)row * 2 + 1) * e->words, bit = 1ull << i % 64;
	if (cold[i / 64] & bit && (room || flipped)) {
		ns_coupling_add(e, i, cold, -e->problem->lambda[j]);
		cold[i / 64] ^= bit;
	}
	if (flipped) {
		ns_node_flip(e, row, i, z > 0);
		ns_add_exactly(&e->f[i], &e->f_low[i], (1 - e->leak) * (z > 0 ? e->nodes.node[j].c : -e->nodes.node[j].c) * z);
	}
	if (room) {
		if (z > 0)
			ns_node_add_p(e, row, i, 1);
		e->nodes.hot[(size_t)row * e->words + i / 64] |= bit;
		of_node->n_hot++;
		assert(hot->n_entries < hot->entry_capacity);
		hot->entry[hot->n_entries++] = (struct ns_hot_entry){.z = z, .row = row, .sample = (uint32_t)i};
	} else if (flipped && z > 0) {
		cold[i / 64] ^= bit;
		ns_coupling_add(e, i, cold, e->problem->lambda[j]);
	}
	of_node->changed = e->step;
	ns_warm_invalidate_node(e, j);
}

static void move(struct ns_hot *hot, size_t to, size_t from, size_t count)
{
	memmove(hot->z + to, hot->z + from, count * sizeof *hot->z);
	memmove(hot->c + to, hot->c + from, count * sizeof *hot->c);
	memmove(hot->weight + to, hot->weight + from, count * sizeof *hot->weight);
	memmove(hot->path + to, hot->path + from, count * sizeof *hot->path);
	memmove(hot->path_low + to, hot->path_low + from, count * sizeof *hot->path_low);
	memmove(hot->row + to, hot->row + from, count * sizeof *hot->row);
	memmove(hot->sample + to, hot->sample + from, count * sizeof *hot->sample);
	memmove(hot->last + to, hot->last + from, count * sizeof *hot->last);
}

/* The entries of this step into the list: each sample's pairs move up to make room behind them, the last sample first. */
void ns_hot_merge_entries(struct ns_events *e)
{
	struct ns_hot *hot = &e->hot;
	if (hot->n_entries == 0)
		return;
	uint32_t *new_of = hot->cursor;
	memset(new_of, 0, (e->n + 1) * sizeof *new_of);
	for (size_t a = 0; a < hot->n_entries; a++)
		new_of[hot->entry[a].sample]++;
	size_t shift = hot->n_entries;
	for (size_t i = e->n; i-- > 0;) {
		const size_t from = hot->start[i], count = hot->start[i + 1] - from;
		hot->start[i + 1] += (uint32_t)shift;
		shift -= new_of[i];
		if (shift > 0 && count > 0)
			move(hot, from + shift, from, count);
		new_of[i] = (uint32_t)(from + shift + count);
	}
	const double slope = 1 - e->leak;
	for (size_t a = 0; a < hot->n_entries; a++) {
		const struct ns_hot_entry *entry = hot->entry + a;
		const size_t p = new_of[entry->sample]++, j = e->nodes.row[entry->row].node;
		hot->z[p] = entry->z;
		hot->c[p] = e->nodes.node[j].c;
		hot->weight[p] = slope * slope * e->problem->lambda[j];
		hot->path[p] = entry->path;
		hot->path_low[p] = entry->path_low;
		hot->row[p] = entry->row;
		hot->sample[p] = entry->sample;
		hot->last[p] = e->step;
	}
	hot->count += hot->n_entries;
	hot->n_entries = 0;
	hot->list_changed = true;
	assert(hot->start[e->n] == hot->count);
}

/* What leaky ReLU adds: leak (K rho)_i moves every pair of sample i, and hot pairs that are on count in the slopes of their
 * sample. */
static void prepare_leak(struct ns_events *e)
{
	const struct ns_hot *hot = &e->hot;
	for (size_t i = 0; i < e->n; i++) {
		double on = 0;
		for (size_t p = hot->start[i]; p < hot->start[i + 1]; p++)
			on += hot->z[p] > 0 ? e->problem->lambda[e->nodes.row[hot->row[p]].node] : 0;
		e->linear[i] = e->leak * e->kernels->dot(e->n, e->coupling.k + i * e->stride, e->rho);
		e->shift[i] = e->leak * (1 - e->leak) * on;
	}
}

static bool push_couple(struct ns_hot *hot, struct ns_hot_couple couple)
{
	if (hot->n_couples == hot->couple_capacity) {
		const size_t capacity = 2 * hot->couple_capacity + 64;
		struct ns_hot_couple *larger = ns_grow(hot->couple, hot->n_couples, capacity, sizeof *larger);
		if (larger == NULL)
			return false;
		hot->couple = larger;
		hot->couple_capacity = capacity;
	}
	hot->couple[hot->n_couples++] = couple;
	return true;
}

/* The first of node j's pairs in the list, -1: none. Those that turned hot in this step are not in it yet. */
int32_t ns_hot_first(const struct ns_events *e, size_t j)
{
	const int32_t row = e->nodes.node[j].row;
	return row < 0 ? -1 : e->nodes.row[row].first;
}

/* Finds the couples again if the list has changed: pairs of a node are chained; each is coupled with the next of its chain, then
 * each with the next but one, and so on. */
bool ns_hot_couple(struct ns_events *e)
{
	struct ns_hot *hot = &e->hot;
	struct ns_node_row *row = e->nodes.row;
	int32_t *const next = hot->next, *const partner = hot->partner;
	if (!hot->list_changed)
		return true;
	hot->n_couples = 0;
	for (size_t p = 0; p < hot->count; p++)
		row[hot->row[p]].first = -1;
	for (size_t p = hot->count; p-- > 0;) {
		next[p] = partner[p] = row[hot->row[p]].first;
		row[hot->row[p]].first = (int32_t)p;
	}
	for (size_t before = 1; before != hot->n_couples;) {
		before = hot->n_couples;
		for (size_t p = 0; p < hot->count; p++) {
			if (partner[p] < 0)
				continue;
			const uint32_t other = (uint32_t)partner[p];
			const double k = e->coupling.k[hot->sample[p] * e->stride + hot->sample[other]];
			if (!push_couple(hot, (struct ns_hot_couple){.k = k, .one = (uint32_t)p, .other = other}))
				return false;
			partner[p] = next[other];
		}
	}
	hot->list_changed = false;
	return true;
}

/* The paths of hot pairs go on by s rho: push, but for what leaky ReLU makes of it. */
static void sum_paths(struct ns_events *e)
{
	struct ns_hot *hot = &e->hot;
	for (size_t p = 0; p < hot->count && e->leak != 0; p++)
		hot->gain[p] = hot->z[p] > 0 ? e->rho[hot->sample[p]] : 0;
	e->kernels->accumulate(
		(hot->count + NS_LANES - 1) / NS_LANES, e->leak != 0 ? hot->gain : hot->push, hot->path, hot->path_low);
}

/* Cold patterns leave out the hot pairs of their own node: what those, the pair itself among them, and the leak do to each. */
static void begin_pairs(struct ns_events *e)
{
	const struct ns_hot *hot = &e->hot;
	const double *const restrict z = hot->z, *const restrict rho = e->slope_rho, *const restrict k_own = e->coupling.diagonal;
	double *const restrict push = hot->push, *const restrict begin = hot->begin;
	static const double on[2] = {0, 1}; /* a table: which way a pair flips is a coin toss to a branch predictor */
	for (size_t p = 0; p < hot->count; p++) {
		const size_t i = hot->sample[p];
		push[p] = on[z[p] > 0] * rho[i];
		begin[p] = k_own[i] * push[p];
	}
	sum_paths(e);
	for (size_t p = 0; p < hot->count && e->leak != 0; p++)
		begin[p] += e->linear[hot->sample[p]];
	for (size_t c = 0; c < hot->n_couples; c++) {
		const struct ns_hot_couple couple = hot->couple[c];
		begin[couple.one] += couple.k * push[couple.other];
		begin[couple.other] += couple.k * push[couple.one];
	}
}

static void book_flips(struct ns_events *e, size_t n_flipped)
{
	const struct ns_hot *hot = &e->hot;
	const size_t pitch = 2 * e->words;
	const uint32_t *const restrict row = hot->row, *const restrict sample = hot->sample;
	uint64_t *const restrict bits = e->nodes.bits, *const restrict last = hot->last, step = e->step;
	for (size_t f = 0; f < n_flipped; f++) {
		const size_t pair = hot->flipped[f], i = sample[pair];
		bits[row[pair] * pitch + i / 64] ^= 1ull << i % 64;
		last[pair] = step;
		e->flips += e->samples.size[i];
	}
}

/* Moves every hot pair by one step and books its flips; f gets -df and the hot pairs' own contributions. */
void ns_hot_advance(struct ns_events *e)
{
	struct ns_hot *hot = &e->hot;
	if (e->leak != 0)
		prepare_leak(e);
	const struct ns_hot_pairs pairs = {
		.vectors = e->vectors,
		.samples = e->n,
		.start = hot->start,
		.k = e->coupling.k,
		.rho = e->rho,
		.slope_rho = e->slope_rho,
		.shift = e->shift,
		.begin = hot->begin,
		.z = hot->z,
		.weight = hot->weight,
		.row = hot->row,
		.cold = e->nodes.bits + e->words,
		.pitch = 2 * e->words,
	};
	begin_pairs(e);
	e->kernels->hot_spread(&pairs, hot->partial, e->df);
	const size_t n_flipped = e->kernels->hot_advance(hot->count, hot->partial, hot->c, hot->z, hot->gain, hot->flipped);
	double *own = e->residual; /* free to use: rho holds what the step needs of it */
	e->kernels->segment_sums(e->n, hot->start, hot->gain, own);
	for (size_t i = 0; i < e->n; i++)
		own[i] = (1 - e->leak) * own[i] - e->df[i];
	e->kernels->accumulate(e->vectors, own, e->f, e->f_low);
	book_flips(e, n_flipped);
}

static void move_one(struct ns_hot *hot, size_t to, size_t from)
{
	hot->z[to] = hot->z[from];
	hot->c[to] = hot->c[from];
	hot->weight[to] = hot->weight[from];
	hot->path[to] = hot->path[from];
	hot->path_low[to] = hot->path_low[from];
	hot->row[to] = hot->row[from];
	hot->sample[to] = hot->sample[from];
	hot->last[to] = hot->last[from];
}

static double positive(double z)
{
	return z > 0 ? z : 0;
}

/* z of pair p by a close look, f following it. Stepped z is off by what K's rounding does at every step. */
void ns_hot_renew(struct ns_events *e, size_t p, double z0)
{
	struct ns_hot *hot = &e->hot;
	const size_t i = hot->sample[p], row = hot->row[p];
	const double before = hot->z[p], z = ns_pair_close_z(e, i, e->nodes.row[row].node, z0);
	ns_add_exactly(&e->f[i], &e->f_low[i], (1 - e->leak) * hot->c[p] * (positive(z) - positive(before)));
	hot->z[p] = z;
	if ((z > 0) == (before > 0))
		return;
	e->nodes.bits[row * 2 * e->words + i / 64] ^= 1ull << i % 64;
	e->flips += hot->last[p] == e->step ? -e->samples.size[i] : e->samples.size[i]; /* what flipped in this step had not */
	hot->last[p] = e->step;
}

/* Pair p turns cold. The chain of its node has it until the list closes up, but no path of it. */
static void turn_cold(struct ns_events *e, size_t p, float key)
{
	struct ns_hot *hot = &e->hot;
	const size_t i = hot->sample[p], row = hot->row[p], j = e->nodes.row[row].node;
	ns_node_gain(&e->nodes, row * e->stride + i, hot->path[p], hot->path_low[p]);
	hot->path[p] = hot->path_low[p] = 0;
	if (hot->z[p] > 0) {
		uint64_t *const cold = e->nodes.bits + (row * 2 + 1) * e->words;
		cold[i / 64] |= 1ull << i % 64;
		ns_coupling_add(e, i, cold, e->problem->lambda[j]);
		ns_node_add_p(e, row, i, -1);
	}
	e->nodes.hot[row * e->words + i / 64] &= ~(1ull << i % 64);
	if (--e->nodes.row[row].n_hot == 0)
		e->nodes.row[row].first = -1;
	e->cold.key[j * e->cold.key_stride + i] = key;
	if (key < e->cold.nodes.key[0][j])
		ns_keys_lower(&e->cold.nodes, j, key);
}

/* Whether pair p leaves; if so it is cold now. None leaves with a z that was only stepped: what f owes to it would stay there. */
static bool leaves(struct ns_events *e, size_t p)
{
	struct ns_hot *hot = &e->hot;
	if (e->step - hot->last[p] < REST)
		return false;
	const size_t i = hot->sample[p], j = e->nodes.row[hot->row[p]].node;
	const double z0 = ns_node_first_z(e, i, j);
	if (!((double)ns_cold_key(e, i, j, z0, hot->z[p]) >= e->clocks.norm + REACH_TO_LEAVE * e->clocks.norm_rate)) {
		hot->last[p] = e->step - REST / 2;
		return false;
	}
	ns_hot_renew(e, p, z0);
	if (hot->last[p] == e->step)
		return false;
	turn_cold(e, p, ns_cold_key(e, i, j, z0, hot->z[p]));
	return true;
}

/* Pairs that have come to rest leave the list, which closes up behind them: after all have been looked at, for looks go through
 * the list. */
void ns_hot_leave(struct ns_events *e)
{
	struct ns_hot *hot = &e->hot;
	if (e->step % LEAVE_EVERY != LEAVE_EVERY - 1)
		return;
	uint32_t *const gone = hot->flipped;
	size_t n_gone = 0;
	for (size_t p = 0; p < hot->count; p++)
		if (leaves(e, p))
			gone[n_gone++] = (uint32_t)p;
	if (n_gone == 0)
		return;
	size_t kept = 0, passed = 0, p = 0;
	for (size_t i = 0; i < e->n; i++) {
		const size_t end = hot->start[i + 1];
		hot->start[i] = (uint32_t)kept;
		for (; p < end; p++)
			if (passed < n_gone && gone[passed] == p)
				passed++;
			else
				move_one(hot, kept++, p);
	}
	hot->start[e->n] = (uint32_t)kept;
	hot->count = kept;
	hot->list_changed = true;
}
