/* A node, its row of bits, its watched samples and its radii.
 *
 * Invariant (the proof is in README.md): while ||w - w_scan||^2 < radii.watch, every sample that is not watched has the bit it
 * had at the scan; within radii.half that holds for the second half of the watched ones too, and within radii.none for all. So
 * the bit of sample p of node j is the row's, but for the watched samples in near_scan ^ near_now. */
#include "state.h"
#include <assert.h>
#include <math.h>
#include <string.h>

enum { MOST_CANDIDATES = 64, MOST_TRIES = 64 };

/* A watch distance is taken back by what rounding could hide: that of the distances, of z at both ends and of ||w - w_scan||^2.
 */
static const double relative_margin = 0x1p-40, margin_of_norm = 0x1p-44, least_radius = 0x1p-500;

static double square_radius(double distance, double norm)
{
	const double radius = distance * (1 - relative_margin) - norm * margin_of_norm;
	return radius > least_radius ? radius * radius * (1 - relative_margin) : -1;
}

/* Lists the samples nearer than *bound, which is moved until there are enough to choose from but not too many. Where samples at
 * the same distance forbid it, *bound is one with at most NEAR samples below. */
static size_t list_candidates(const struct intervals *state, const double *distance, double *bound, uint32_t *listed)
{
	double low = 0, high = INFINITY;
	for (int tries = 0; tries < MOST_TRIES; tries++) {
		const size_t found = state->kernels->collect(state->lanes, distance, *bound, MOST_CANDIDATES, listed);
		if (found > NEAR && found <= MOST_CANDIDATES)
			return found;
		if (found > MOST_CANDIDATES)
			high = *bound;
		else
			low = *bound;
		*bound = isinf(high) ? 4 * low : low > 0 ? 0.5 * (low + high) : 0.25 * high;
	}
	*bound = low;
	return state->kernels->collect(state->lanes, distance, low, MOST_CANDIDATES, listed);
}

struct candidate {
	double distance;
	uint32_t sample;
};

/* The nearest of the listed samples, NEAR + 1 at most, in order of distance and number; returns how many. */
static size_t sort_nearest(const double *distance, const uint32_t *listed, size_t count, struct candidate *nearest)
{
	size_t kept = 0;
	for (size_t q = 0; q < count; q++) {
		const struct candidate candidate = {distance[listed[q]], listed[q]};
		if (kept == NEAR + 1 && !(candidate.distance < nearest[NEAR].distance))
			continue;
		size_t at = kept <= NEAR ? kept++ : NEAR;
		for (; at > 0 && nearest[at - 1].distance > candidate.distance; at--)
			nearest[at] = nearest[at - 1];
		nearest[at] = candidate;
	}
	return kept;
}

void ns_intervals_watch(struct intervals *state, size_t j, size_t q, size_t p)
{
	const uint8_t *row = state->rows + j * state->row_bytes;
	state->near_sample[j * NEAR + q] = (uint32_t)p;
	for (size_t k = 0; k < state->d; k++)
		state->near_x[(j * state->d + k) * NEAR + q] = p < state->n ? state->x_lanes[k * state->lanes + p] : 0;
	state->near_scan[j] |= (uint16_t)((row[p / 8] >> p % 8 & 1) << q);
	state->near_opposed[j] |= (uint16_t)(p < state->n ? (state->opposed[p / 8] >> p % 8 & 1) << q : 0);
}

static void choose_watched(struct intervals *state, size_t j, const double *w, const double *distance)
{
	uint32_t listed[MOST_CANDIDATES];
	double bound = state->reach[j], square = 0;
	struct candidate nearest[NEAR + 1];
	const size_t found = sort_nearest(distance, listed, list_candidates(state, distance, &bound, listed), nearest);
	const double watch = found > NEAR ? nearest[NEAR].distance : bound;
	for (size_t k = 0; k < state->width; k++)
		square += w[k] * w[k];
	const double norm = sqrt(square), loose = state->loosen_radii;
	state->radii[j] = (struct radii){
		.none = square_radius(loose * (found > 0 ? nearest[0].distance : watch), norm),
		.half = square_radius(loose * (found > NEAR / 2 ? nearest[NEAR / 2].distance : watch), norm),
		.watch = square_radius(loose * watch, norm),
	};
	state->reach[j] = watch > 0 ? 1.25 * watch : 1;
	state->near_scan[j] = state->near_opposed[j] = 0;
	for (size_t q = 0; q < NEAR; q++)
		ns_intervals_watch(state, j, q, q < found ? nearest[q].sample : state->n);
	state->near_now[j] = state->near_scan[j];
}

static double root(double square)
{
	return square > 0 ? sqrt(square) : 0;
}

struct room ns_intervals_room(const struct intervals *state, size_t j)
{
	alignas(64) double w[MOST_INPUTS], z[NEAR];
	double moved = 0, square = 0, nearest = INFINITY;
	for (size_t k = 0; k < state->width; k++) {
		const size_t e = j * state->width + k;
		w[k] = state->w0[e] + state->delta[e];
		moved += (w[k] - state->w_scan[e]) * (w[k] - state->w_scan[e]);
		square += w[k] * w[k];
	}
	const unsigned bits = state->kernels->watched(state, j, w, z);
	for (size_t q = 0; q < NEAR; q++) {
		const double distance = z[q] * state->inverse_norm[state->near_sample[j * NEAR + q]];
		nearest = distance < nearest ? distance : nearest; /* NaN for a zero sample */
	}
	const double unwatched = root(state->radii[j].watch) - sqrt(moved);
	const double watched = isinf(nearest) ? INFINITY : root(square_radius(state->loosen_radii * nearest, sqrt(square)));
	return (struct room){fmin(watched, unwatched), unwatched < watched, bits != state->near_scan[j]};
}

static void apply_exceptions(const struct intervals *state, size_t j, uint8_t *row)
{
	for (unsigned changed = state->near_scan[j] ^ state->near_now[j]; changed != 0; changed &= changed - 1) {
		const uint32_t p = state->near_sample[j * NEAR + (size_t)__builtin_ctz(changed)];
		row[p / 8] ^= (uint8_t)(1 << p % 8);
	}
}

void ns_intervals_row(const struct intervals *state, size_t j, uint8_t *row)
{
	memcpy(row, state->rows + j * state->row_bytes, state->row_bytes);
	apply_exceptions(state, j, row);
}

uint64_t ns_intervals_scan(struct intervals *state, size_t j, int thread)
{
	double *distance = state->distance + (size_t)thread * state->lanes, *w = state->w_scan + j * state->width;
	uint8_t *row = state->rows + j * state->row_bytes, *difference = state->difference + (size_t)thread * state->row_bytes;
	for (size_t k = 0; k < state->width; k++)
		w[k] = state->w0[j * state->width + k] + state->delta[j * state->width + k];
	apply_exceptions(state, j, row);
	const uint64_t flips = state->kernels->scan(state, w, row, difference, distance);
	choose_watched(state, j, w, distance);
	state->form->scanned(state, j, difference);
	return flips;
}

uint64_t ns_intervals_settle(struct intervals *state, size_t j, unsigned near, int thread)
{
	if (near == MUST_SCAN)
		return ns_intervals_scan(state, j, thread);
	const unsigned changed = near ^ state->near_now[j];
	if (changed == 0)
		return 0;
	state->near_now[j] = (uint16_t)near;
	state->form->changed(state, j, changed);
	return (uint64_t)__builtin_popcount(changed);
}
