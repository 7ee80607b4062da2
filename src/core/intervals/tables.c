/* Patterns as bits for look-up tables: for each group of 8 samples the 256 sums of their rho x~ serve all nodes, and for each
 * group of 8 nodes the 256 sums of their c w serve all samples. The bits are held both ways round.
 *
 * Invariant: by_sample and by_node hold the bits as they are now, those of every watched sample included. Every sum runs over
 * groups in order, so it does not matter which thread computes it. */
#include "state.h"
#include <nodescale/memory.h>
#include <omp.h>
#include <string.h>

struct tables {
	uint8_t *by_sample; /* (tiles of 8 TILE samples, m, TILE) bytes: 8 samples each */
	uint8_t *by_node;   /* (tiles of 8 TILE nodes, n, TILE) bytes: 8 nodes each */
	double *y;          /* (lanes, width) rho x~ */
	double *gradient;   /* (m, width) */
	double *v;          /* (m, width) c w */
	double *u;          /* (lanes, width) sums of v over the nodes that are on */
	double *sums;       /* (threads, TILE * TABLE, width) */
	uint32_t *nodes;    /* (m) 0 .. m - 1 */
	uint64_t *flips;    /* (threads, 8): a cache line each */
};

static void flip(struct intervals *state, size_t j, size_t p)
{
	struct tables *tables = state->held;
	tables->by_sample[(p / (8 * TILE) * state->m + j) * TILE + p / 8 % TILE] ^= (uint8_t)(1 << p % 8);
	tables->by_node[(j / (8 * TILE) * state->n + p) * TILE + j / 8 % TILE] ^= (uint8_t)(1 << j % 8);
}

static void tables_scanned(struct intervals *state, size_t j, const uint8_t *difference)
{
	for (size_t b = 0; b < state->lanes / 8; b++)
		for (unsigned bits = difference[b]; bits != 0; bits &= bits - 1)
			flip(state, j, 8 * b + (size_t)__builtin_ctz(bits));
}

static void tables_changed(struct intervals *state, size_t j, unsigned changed)
{
	for (; changed != 0; changed &= changed - 1)
		flip(state, j, state->near_sample[j * NEAR + (size_t)__builtin_ctz(changed)]);
}

/* Where the share of thread t starts: a multiple of 8, since 8 nodes have a byte in common. */
static size_t share(size_t count, int t, int threads)
{
	const size_t start = ((count + 7) / 8 * (size_t)t / (size_t)threads) * 8;
	return start < count ? start : count;
}

static void descend_share(struct intervals *state, size_t first, size_t last, int thread)
{
	const struct tables *tables = state->held;
	double *sums = tables->sums + (size_t)thread * TILE * TABLE * state->width;
	uint32_t near[BATCH];
	state->kernels->product(state->n, tables->y, state->m, tables->by_sample, first, last, tables->gradient, sums);
	for (size_t j = first; j < last; j += BATCH) {
		const size_t count = last - j < BATCH ? last - j : BATCH, at = j * state->width;
		state->kernels->move(
			state, 0, tables->nodes + j, count, state->common, tables->gradient + at, tables->v + at, near);
		for (size_t a = 0; a < count; a++)
			if (near[a] != state->near_now[j + a])
				tables->flips[8 * thread] += ns_intervals_settle(state, j + a, near[a], thread);
	}
}

static bool tables_descend(struct intervals *state)
{
	const struct tables *tables = state->held;
	const int threads = state->threads;
#pragma omp parallel for num_threads(threads) schedule(static)
	for (int t = 0; t < threads; t++)
		descend_share(state, share(state->m, t, threads), share(state->m, t + 1, threads), t);
#pragma omp parallel for num_threads(threads) schedule(static)
	for (int t = 0; t < threads; t++)
		state->kernels->product(state->m, tables->v, state->n, tables->by_node, share(state->n, t, threads),
			share(state->n, t + 1, threads), tables->u, tables->sums + (size_t)t * TILE * TABLE * state->width);
	for (size_t k = 0; k < state->width; k++)
		state->total[k] = 0;
	for (size_t e = 0; e < state->m * state->width; e++)
		state->total[e % state->width] += tables->v[e];
	for (int t = 0; t < threads; t++) {
		state->flips += tables->flips[8 * t];
		tables->flips[8 * t] = 0;
	}
	return true;
}

static void tables_weigh(struct intervals *state)
{
	const struct tables *tables = state->held;
	state->kernels->weigh_tables(state, tables->u, tables->y);
}

static void tables_delta(const struct intervals *state, size_t j, double *delta)
{
	memcpy(delta, state->delta + j * state->width, state->width * sizeof(double));
}

static void tables_transfer(struct intervals *state, struct ns_archive *archive)
{
	struct tables *tables = state->held;
	ns_archive_transfer(archive, tables->y, state->n * state->width * sizeof *tables->y);
}

static void tables_destroy(struct intervals *state)
{
	struct tables *tables = state->held;
	if (tables == NULL)
		return;
	ns_free(tables->by_sample);
	ns_free(tables->by_node);
	ns_free(tables->y);
	ns_free(tables->gradient);
	ns_free(tables->v);
	ns_free(tables->u);
	ns_free(tables->sums);
	ns_free(tables->nodes);
	ns_free(tables->flips);
	ns_free(tables);
}

static enum ns_status tables_create(struct intervals *state, struct ns_error *error)
{
	struct tables *tables = state->held = ns_alloc(1, sizeof *tables);
	const size_t vector = state->width * sizeof(double), threads = (size_t)state->threads;
	const size_t sample_tiles = (state->n + 8 * TILE - 1) / (8 * TILE), node_tiles = (state->m + 8 * TILE - 1) / (8 * TILE);
	if (tables != NULL)
		*tables = (struct tables){
			.by_sample = ns_alloc(sample_tiles * state->m, TILE),
			.by_node = ns_alloc(node_tiles * state->n, TILE),
			.y = ns_alloc(state->lanes, vector),
			.gradient = ns_alloc(state->m, vector),
			.v = ns_alloc(state->m, vector),
			.u = ns_alloc(state->lanes, vector),
			.sums = ns_alloc(threads * TILE * TABLE, vector),
			.nodes = ns_alloc(state->m, sizeof(uint32_t)),
			.flips = ns_alloc(threads, 8 * sizeof(uint64_t)),
		};
	if (tables == NULL || !tables->by_sample || !tables->by_node || !tables->y || !tables->gradient || !tables->v ||
		!tables->u || !tables->sums || !tables->nodes || !tables->flips)
		return ns_error_memory(error, "the tables of the interval engine", (double)state->m * (double)state->n / 4);
	for (size_t j = 0; j < state->m; j++)
		tables->nodes[j] = (uint32_t)j;
	return NS_OK;
}

const struct form ns_tables_form = {
	.name = "tables",
	.create = tables_create,
	.destroy = tables_destroy,
	.scanned = tables_scanned,
	.changed = tables_changed,
	.descend = tables_descend,
	.weigh = tables_weigh,
	.delta = tables_delta,
	.transfer = tables_transfer,
};
