/* Nodes on the move, and a node against all samples. z~ is summed over the inputs in order, as the reference engine does. */
#include "state.h"
#include "vectors.h"

/* z~ of eight watched samples, x (d, NEAR). */
INLINE lanes near_z(size_t d, const double *w, const double *x)
{
	lanes z = *(const lanes *)x * w[0];
	for (size_t k = 1; k < d; k++)
		z += *(const lanes *)(x + k * NEAR) * w[k];
	return z;
}

INLINE unsigned near_bits(size_t d, const double *w, const double *x, unsigned opposed)
{
	const lanes z = near_z(d, w, x);
	return bits_on(&z, opposed);
}

INLINE void move_nodes(size_t d, struct intervals *state, size_t first, const uint32_t *nodes, size_t count,
	const double *in_common, const double *gradient, double *v, uint32_t *near)
{
	const vector common = *(const vector *)in_common;
	for (size_t a = 0; a < count; a++) {
		const size_t j = first + nodes[a];
		vector *delta = (vector *)state->delta + j;
		*delta -= state->c[j] * (common + vectors(gradient)[a]);
		const vector w = vectors(state->w0)[j] + *delta, moved = w - vectors(state->w_scan)[j], square = moved * moved;
		((vector *)v)[a] = state->c[j] * w;
		const double distance = sum(&square);
		const struct radii *radii = &state->radii[j];
		const unsigned opposed = state->near_opposed[j], half = (1 << NEAR / 2) - 1;
		const double *x = state->near_x + j * d * NEAR, *weights = (const double *)&w;
		unsigned bits = state->near_scan[j];
		if (!(distance < radii->none)) {
			if (!(distance < radii->watch)) {
				near[a] = MUST_SCAN;
				continue;
			}
			bits = (bits & ~half) | near_bits(d, weights, x, opposed & half);
			if (!(distance < radii->half))
				bits = (bits & half) | near_bits(d, weights, x + NEAR / 2, opposed >> NEAR / 2) << NEAR / 2;
		}
		near[a] = bits;
	}
}

static void move(struct intervals *state, size_t first, const uint32_t *nodes, size_t count, const double *common,
	const double *gradient, double *v, uint32_t *near)
{
	WITH_CONSTANT_INPUTS(state->d, move_nodes, state, first, nodes, count, common, gradient, v, near)
}

static unsigned watched(const struct intervals *state, size_t j, const double *w, double *z)
{
	unsigned bits = 0;
	for (size_t q = 0; q < NEAR; q += 8) {
		const lanes eight = near_z(state->d, w, state->near_x + j * state->d * NEAR + q);
		bits |= bits_on(&eight, state->near_opposed[j] >> q & 0xff) << q;
		*(lanes *)(z + q) = magnitudes(&eight);
	}
	return bits;
}

static uint64_t scan(const struct intervals *state, const double *w, uint8_t *row, uint8_t *difference, double *distance)
{
	uint64_t flips = 0;
	for (size_t p = 0; p < state->lanes; p += 8) {
		lanes z = *(const lanes *)(state->x_lanes + p) * w[0];
		for (size_t k = 1; k < state->d; k++)
			z += *(const lanes *)(state->x_lanes + k * state->lanes + p) * w[k];
		const unsigned now = bits_on(&z, state->opposed[p / 8]), changed = now ^ row[p / 8];
		row[p / 8] = (uint8_t)now;
		difference[p / 8] = (uint8_t)changed;
		flips += (uint64_t)__builtin_popcount(changed);
		*(lanes *)(distance + p) = magnitudes(&z) * *(const lanes *)(state->inverse_norm + p);
	}
	return flips;
}

static size_t collect(size_t count, const double *distance, double bound, size_t most, uint32_t *listed)
{
	size_t found = 0;
	for (size_t p = 0; p < count; p += 8)
		for (unsigned below = bits_below((const lanes *)(distance + p), bound); below != 0; below &= below - 1, found++)
			if (found < most)
				listed[found] = (uint32_t)(p + (size_t)__builtin_ctz(below));
	return found;
}
