/* The definition of the kernels, in plain C (rules in kernels.h). */
#include "kernels.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

static double reduce(const double lane[NS_LANES])
{
	return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static bool has_bit(const uint64_t *bits, size_t k)
{
	return bits[k / 64] >> k % 64 & 1;
}

static double dot(size_t count, const double *a, const double *b)
{
	double sum[NS_LANES] = {0};
	for (size_t e = 0; e < count; e++)
		sum[e % NS_LANES] = fma(a[e], b[e], sum[e % NS_LANES]);
	return reduce(sum);
}

static double residual(size_t vectors, const double *a, double scale, const double *b)
{
	double sum[NS_LANES] = {0};
	for (size_t v = 0; v < vectors; v++)
		for (size_t l = 0; l < NS_LANES; l++) {
			const double difference = fma(-scale, b[v * NS_LANES + l], a[v * NS_LANES + l]);
			sum[l] = fma(difference, difference, sum[l]);
		}
	return reduce(sum);
}

static void look(size_t vectors, const struct ns_look_rows *rows, double sums[2])
{
	double moved[2][NS_LANES] = {{0}}, speed[2][NS_LANES] = {{0}};
	for (size_t v = 0; v < vectors; v++)
		for (size_t l = 0; l < NS_LANES; l++) {
			const size_t k = v * NS_LANES + l;
			const bool cold = has_bit(rows->cold, k);
			const double p = cold ? rows->p[k] : 0, reference = cold ? rows->reference[k] : 0;
			moved[v % 2][l] = fma(rows->k[k], rows->b != NULL ? rows->b[k] + p : p, moved[v % 2][l]);
			speed[v % 2][l] = fma(rows->k[k], reference, speed[v % 2][l]);
		}
	for (size_t l = 0; l < NS_LANES; l++) {
		moved[0][l] += moved[1][l];
		speed[0][l] += speed[1][l];
	}
	sums[0] = reduce(moved[0]);
	sums[1] = reduce(speed[0]);
}

/* sum + low = a + b + *low, but for the rounding of low. */
static double add_exactly(double a, double b, double *low)
{
	const double sum = a + b, added = sum - a;
	*low = *low + ((a - (sum - added)) + (b - added));
	return sum;
}

static void look_closely(size_t vectors, const struct ns_look_rows *rows, double lanes[2][NS_LANES])
{
	memset(lanes, 0, 2 * sizeof *lanes);
	for (size_t k = 0; k < vectors * NS_LANES; k++) {
		const bool cold = has_bit(rows->cold, k);
		double low = (rows->b != NULL ? rows->b_low[k] : 0) + (cold ? rows->p_low[k] : 0);
		const double path = add_exactly(rows->b != NULL ? rows->b[k] : 0, cold ? rows->p[k] : 0, &low);
		const double product = rows->k[k] * path,
			     rest = fma(rows->k_low[k], path, fma(rows->k[k], low, fma(rows->k[k], path, -product)));
		double *sum = &lanes[0][k % NS_LANES], *sum_low = &lanes[1][k % NS_LANES];
		*sum = add_exactly(*sum, product, sum_low);
		*sum_low += rest;
	}
}

static void product(size_t vectors, const double *tiles, const double *weight, double *product)
{
	for (size_t i = 0; i < vectors * NS_LANES; i++) {
		const size_t diagonal = i / NS_LANES * NS_LANES;
		double lane[NS_LANES] = {0};
		for (size_t k = 0; k < diagonal + NS_LANES; k++) {
			const double element = tiles[ns_tile_at(i, k)];
			lane[k % NS_LANES] = fma(element, weight[k], lane[k % NS_LANES]);
			if (k < diagonal)
				product[k] = fma(weight[i], element, product[k]);
		}
		product[i] = reduce(lane);
	}
}

static void sum_pair(const struct ns_hot_pairs *pairs, size_t i, size_t p, double *partial)
{
	const uint64_t *cold = pairs->cold + pairs->row[p] * pairs->pitch;
	const double *k = pairs->k + i * pairs->vectors * NS_LANES;
	for (size_t first = 0; first < pairs->vectors; first += NS_BLOCK_VECTORS) {
		const size_t end = pairs->vectors - first < NS_BLOCK_VECTORS ? pairs->vectors : first + NS_BLOCK_VECTORS;
		double sum[4][NS_LANES] = {{first == 0 ? pairs->begin[p] : 0}};
		for (size_t v = first; v < end; v++)
			for (size_t e = v * NS_LANES; e < (v + 1) * NS_LANES; e++)
				sum[(v - first) % 4][e % NS_LANES] += has_bit(cold, e) ? k[e] * pairs->slope_rho[e] : 0;
		for (size_t l = 0; l < NS_LANES; l++) {
			const double block = (sum[0][l] + sum[1][l]) + (sum[2][l] + sum[3][l]);
			partial[p * NS_LANES + l] = first == 0 ? block : partial[p * NS_LANES + l] + block;
		}
	}
}

static void hot_spread(const struct ns_hot_pairs *pairs, double *partial, double *df)
{
	const size_t stride = pairs->vectors * NS_LANES;
	for (size_t i = 0; i < pairs->samples; i++) {
		if (pairs->start[i] == pairs->start[i + 1])
			continue;
		for (size_t p = pairs->start[i]; p < pairs->start[i + 1]; p++)
			sum_pair(pairs, i, p, partial);
		for (size_t e = 0; e < stride; e++) {
			double h = pairs->shift != NULL ? pairs->shift[i] : 0;
			for (size_t p = pairs->start[i]; p < pairs->start[i + 1]; p++)
				if (has_bit(pairs->cold + pairs->row[p] * pairs->pitch, e))
					h += pairs->z[p] > 0 ? pairs->weight[p] : 0;
			df[e] = fma(pairs->rho[i] * pairs->k[i * stride + e], h, df[e]);
		}
	}
}

static size_t hot_advance(size_t count, const double *partial, const double *c, double *z, double *gain, uint32_t *flipped)
{
	size_t n_flipped = 0;
	for (size_t p = 0; p < count; p++) {
		const double before = z[p], after = fma(-c[p], reduce(partial + p * NS_LANES), before);
		gain[p] = c[p] * ((after > 0 ? after : 0) - (before > 0 ? before : 0));
		z[p] = after;
		flipped[n_flipped] = (uint32_t)p;
		n_flipped += (after > 0) != (before > 0);
	}
	return n_flipped;
}

static void segment_sums(size_t segments, const uint32_t *start, const double *value, double *sum)
{
	for (size_t s = 0; s < segments; s++) {
		double lane[NS_LANES] = {0};
		for (uint32_t p = start[s]; p < start[s + 1]; p++)
			lane[(p - start[s]) % NS_LANES] += value[p];
		sum[s] = reduce(lane);
	}
}

static void path(size_t vectors, const double *b, const double *p, const uint64_t *cold, double factor, double leak, double *to)
{
	for (size_t k = 0; k < vectors * NS_LANES; k++)
		to[k] = factor * (leak * p[k] + (1 - leak) * ((b != NULL ? b[k] : 0) + (has_bit(cold, k) ? p[k] : 0)));
}

static void accumulate(size_t vectors, const double *value, double *sum, double *low)
{
	for (size_t k = 0; k < vectors * NS_LANES; k++) {
		double lost = low[k];
		const double after = add_exactly(sum[k], value[k], &lost);
		sum[k] = after + lost;
		low[k] = lost - (sum[k] - after);
	}
}

static void signs(size_t vectors, const double *z, uint64_t *on)
{
	uint8_t *bytes = (uint8_t *)on;
	for (size_t v = 0; v < vectors; v++) {
		bytes[v] = 0;
		for (int l = 0; l < NS_LANES; l++)
			bytes[v] |= (uint8_t)((z[v * NS_LANES + (size_t)l] > 0) << l);
	}
}

static unsigned below(const float key[NS_FANOUT], float limit)
{
	unsigned due = 0;
	for (unsigned q = 0; q < NS_FANOUT; q++)
		due |= (unsigned)(key[q] <= limit) << q;
	return due;
}

static float least(const float key[NS_FANOUT])
{
	float found = key[0];
	for (int q = 1; q < NS_FANOUT; q++)
		found = key[q] < found ? key[q] : found;
	return found;
}

const struct ns_events_kernels ns_events_kernels_plain = {
	dot, residual, look, look_closely, product, hot_spread, hot_advance, segment_sums, path, accumulate, signs, below, least};
