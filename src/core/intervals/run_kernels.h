/* Sums over runs, and their dual. The list's position size is a constant in each call of the inlined bodies. */
#include "runs.h"
#include "vectors.h"
#include <string.h>

INLINE size_t place(const void *list, size_t q, bool wide)
{
	return wide ? ((const uint32_t *)list)[q] : ((const uint16_t *)list)[q];
}

/* Four places at once: fetching them one by one would take half of the loads that a processor can make. */
INLINE void four_places(const void *list, size_t q, bool wide, size_t to[4])
{
	uint64_t together;
	memcpy(&together, (const uint16_t *)list + q, sizeof together);
	for (size_t e = 0; e < 4; e++)
		to[e] = wide ? place(list, q + e, wide) : together >> 16 * e & UINT16_MAX;
}

INLINE const void *list_of(const struct run_block *block, size_t a, bool wide)
{
	return (const char *)block->list + a * block->capacity * (wide ? sizeof(uint32_t) : sizeof(uint16_t));
}

/* G = sum over runs of prefix[fall] - prefix[rise]; two nodes at a time keep more loads under way, the shorter list's being of no
 * effect at the end. */
INLINE void gather_runs(
	const struct run_block *block, const uint32_t *nodes, size_t count, const double *prefix, double *gradient, bool wide)
{
	for (size_t a = 0; a < count; a += 2) {
		const size_t b = a + 1 < count ? a + 1 : a;
		const void *list_a = list_of(block, nodes[a], wide), *list_b = list_of(block, nodes[b], wide);
		const size_t length_a = block->length[nodes[a]], length_b = block->length[nodes[b]];
		const size_t longest = length_a > length_b ? length_a : length_b;
		vector sums_a[4] = {0}, sums_b[4] = {0};
		for (size_t q = 0; q < longest; q += POSITIONS_AT_ONCE)
			for (size_t h = 0; h < POSITIONS_AT_ONCE; h += 4) {
				size_t at_a[4], at_b[4];
				four_places(list_a, q + h, wide, at_a);
				four_places(list_b, q + h, wide, at_b);
				for (size_t e = 0; e < 4; e++) {
					sums_a[e] += *(const vector *)(prefix + at_a[e]);
					sums_b[e] += *(const vector *)(prefix + at_b[e]);
				}
			}
		((vector *)gradient)[a] = (sums_a[1] - sums_a[0]) + (sums_a[3] - sums_a[2]);
		((vector *)gradient)[b] = (sums_b[1] - sums_b[0]) + (sums_b[3] - sums_b[2]);
	}
}

static void gather(const struct run_block *block, const uint32_t *nodes, size_t count, const double *prefix, double *gradient)
{
	if (block->wide)
		gather_runs(block, nodes, count, prefix, gradient, true);
	else
		gather_runs(block, nodes, count, prefix, gradient, false);
}

/* Positions of the scan increase strictly, but nowhere, so eight sums can be under way; those of the exceptions may repeat. */
INLINE void spread_runs(struct run_block *block, const uint32_t *nodes, size_t count, const double *values, bool wide)
{
	double *steps = block->steps;
	vector total = *(const vector *)block->total;
	for (size_t a = 0; a < count; a++) {
		const void *list = list_of(block, nodes[a], wide);
		const size_t scanned = block->scan_length[nodes[a]], length = block->length[nodes[a]];
		const vector v = vectors(values)[a];
		total += v;
		for (size_t q = 0; q < scanned; q += POSITIONS_AT_ONCE) {
			size_t to[POSITIONS_AT_ONCE];
			vector sums[POSITIONS_AT_ONCE];
			for (size_t e = 0; e < POSITIONS_AT_ONCE; e++) {
				to[e] = place(list, q + e, wide);
				const vector before = *(const vector *)(steps + to[e]);
				sums[e] = e % 2 == 0 ? before + v : before - v;
			}
			for (size_t e = 0; e < POSITIONS_AT_ONCE; e++)
				*(vector *)(steps + to[e]) = sums[e];
		}
		for (size_t q = scanned; q < length; q += 2) {
			*(vector *)(steps + place(list, q, wide)) += v;
			*(vector *)(steps + place(list, q + 1, wide)) -= v;
		}
	}
	*(vector *)block->total = total;
}

static void spread(struct run_block *block, const uint32_t *nodes, size_t count, const double *v)
{
	if (block->wide)
		spread_runs(block, nodes, count, v, true);
	else
		spread_runs(block, nodes, count, v, false);
}

/* What weigh_four() needs, in local variables: its stores might else be to any of it, for all the compiler knows. */
struct weighing {
	const vector *x;
	const uint8_t *opposed;
	const double *y, *f_deferred;
	double *f, *rho;
	double slope, leak, scale;
	four square;
	vector shift[2], common;
};

INLINE struct weighing start_weighing(const struct intervals *state, const vector *total)
{
	return (struct weighing){
		.x = vectors(state->x),
		.opposed = state->opposed,
		.y = state->y,
		.f_deferred = state->f_deferred,
		.f = state->f,
		.rho = state->rho,
		.slope = state->slope,
		.leak = state->leak,
		.scale = state->problem->step_size * (2 / (double)state->n),
		.shift = {state->leak * *total, -*total},
	};
}

/* f = x~ . (slope u - [opposed] V + leak [not opposed] V) for four samples, u = sum of c_j w_j over the nodes whose bit is set, V
 * over all; y = rho x~ with the slope, and common gains what the gradient of every node has of it. Past the last sample all is 0.
 */
INLINE void weigh_four(struct weighing *at, size_t p, const vector u[4], vector y[4])
{
	const unsigned opposed = at->opposed[p / 8] >> p % 8;
	const vector *x = at->x + p;
	vector product[4];
	four f;
	for (unsigned e = 0; e < 4; e++)
		product[e] = x[e] * (at->slope * u[e] + ((opposed >> e & 1) != 0 ? at->shift[1] : at->shift[0]));
	sum_four(product, &f);
	f += *(const four *)(at->f_deferred + p);
	const four r = f - *(const four *)(at->y + p), rho = at->scale * r, own = at->slope * rho, low = at->leak * rho;
	*(four *)(at->f + p) = f;
	*(four *)(at->rho + p) = rho;
	at->square += r * r;
	for (unsigned e = 0; e < 4; e++) {
		y[e] = x[e] * own[e];
		product[e] = x[e] * ((opposed >> e & 1) != 0 ? -rho[e] : low[e]);
	}
	at->common += (product[0] + product[1]) + (product[2] + product[3]);
}

INLINE void finish_weighing(const struct weighing *weighing, struct intervals *state)
{
	*(vector *)state->common = weighing->common;
	state->square = (weighing->square[0] + weighing->square[2]) + (weighing->square[1] + weighing->square[3]);
}

static void weigh_runs(struct intervals *state, size_t n_blocks, struct run_block *blocks, double *prefix)
{
	vector total = {0}, sum_u = {0}, sum_y = {0}, *steps[MOST_BLOCKS], *to = (vector *)prefix;
	for (size_t b = 0; b < n_blocks; b++) {
		total += *(const vector *)blocks[b].total;
		memset(blocks[b].total, 0, sizeof blocks[b].total);
		steps[b] = (vector *)blocks[b].steps;
	}
	struct weighing weighing = start_weighing(state, &total);
	for (size_t p = 0; p < state->n; p += 4) {
		vector u[4] = {0}, y[4];
		for (size_t b = 0; b < n_blocks; b++)
			for (size_t e = 0; e < 4; e++) {
				u[e] += steps[b][p + e];
				steps[b][p + e] = (vector){0};
			}
		u[1] += u[0];
		u[2] += u[1];
		u[3] += u[2];
		for (size_t e = 0; e < 4; e++)
			u[e] += sum_u;
		sum_u = u[3];
		weigh_four(&weighing, p, u, y);
		to[p] = sum_y;
		to[p + 1] = sum_y + y[0];
		to[p + 2] = sum_y + (y[0] + y[1]);
		to[p + 3] = sum_y + ((y[0] + y[1]) + y[2]);
		sum_y += ((y[0] + y[1]) + y[2]) + y[3];
		to[p + 4] = sum_y;
	}
	*(vector *)state->total = total;
	finish_weighing(&weighing, state);
}
