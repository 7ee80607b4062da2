/* What deferred nodes need at every step (half_product) and when one comes or goes. */
#include "deferral.h"
#include "vectors.h"

/* Eight rows at a time: each element off the tile on the diagonal serves its row and, mirrored, its column. */
static void half_product(size_t n, const double *matrix, const double *r, double *restrict product)
{
	for (size_t k = 0; k < n; k += 8)
		*(lanes *)(product + k) = (lanes){0};
	for (size_t i = 0; i < n; i += 8) {
		const double *row = matrix + half_offset(n, i) - i;
		const size_t stride = n - i;
		lanes sums[8], own[8];
		for (size_t e = 0; e < 8; e++) {
			sums[e] = *(const lanes *)(row + e * stride + i) * *(const lanes *)(r + i);
			own[e] = (lanes){0} + r[i + e];
		}
		for (size_t k = i + 8; k < n; k += 8) {
			const lanes r_k = *(const lanes *)(r + k);
			lanes even = *(const lanes *)(product + k), odd = {0};
			for (size_t e = 0; e < 8; e += 2) {
				const lanes first = *(const lanes *)(row + e * stride + k);
				const lanes second = *(const lanes *)(row + (e + 1) * stride + k);
				sums[e] += first * r_k;
				sums[e + 1] += second * r_k;
				even += first * own[e];
				odd += second * own[e + 1];
			}
			*(lanes *)(product + k) = even + odd;
		}
		for (size_t e = 0; e < 8; e++)
			product[i + e] += sum_lanes(&sums[e]);
	}
}

/* Row by row, so that each element is fetched once whatever the number of nodes: only those that are on there count. S is a sum
 * of multiples of 2^-51 without rounding, and never -0. */
static void half_update(const struct intervals *state, size_t count, const double *lambda, const uint8_t *rows,
	const double *kernel, double *sums, double *theta)
{
	const size_t n = state->lanes, bytes = n / 8;
	uint8_t on[MOST_WAITING * MOST_SAMPLES_TO_DEFER / 8];
	for (size_t b = 0; b < count * bytes; b++)
		on[b] = rows[b] ^ state->opposed[b % bytes];
	for (size_t i = 0; i < n; i++) {
		const uint8_t *listed[MOST_WAITING];
		lanes added[MOST_WAITING];
		size_t found = 0;
		for (size_t a = 0; a < count; a++)
			if (on[a * bytes + i / 8] >> i % 8 & 1) {
				added[found] = (lanes){0} + lambda[a];
				listed[found++] = on + a * bytes;
			}
		if (found == 0)
			continue;
		const size_t first = i / 8 * 8, offset = half_offset(n, i);
		for (size_t k = first; k < n; k += 8) {
			const size_t at = offset + k - first;
			lanes now = *(const lanes *)(sums + at);
			for (size_t a = 0; a < found; a++)
				now = add_where(listed[a][k / 8], &now, &added[a]);
			*(lanes *)(sums + at) = now;
			*(lanes *)(theta + at) = now * *(const lanes *)(kernel + at);
		}
	}
}

static void project(size_t n, const double *a, const double *b, double square, double *along, double *apart)
{
	lanes product = {0}, squares = {0};
	for (size_t p = 0; p < n; p += 8)
		product += *(const lanes *)(a + p) * *(const lanes *)(b + p);
	*along = square > 0 ? sum_lanes(&product) / square : 0;
	for (size_t p = 0; p < n; p += 8) {
		const lanes difference = *(const lanes *)(a + p) - *along * *(const lanes *)(b + p);
		squares += difference * difference;
	}
	*apart = sum_lanes(&squares);
}

static void sum_path(const struct intervals *state, const double *path, double *prefix, double *in_common)
{
	vector sums = {0}, common = {0};
	for (size_t p = 0; p < state->n; p++) {
		const vector y = vectors(state->x)[p] * path[p];
		((vector *)prefix)[p] = sums;
		sums += y;
		if (state->opposed[p / 8] >> p % 8 & 1)
			common -= y;
	}
	((vector *)prefix)[state->n] = sums;
	*(vector *)in_common = common;
}

INLINE void sum_row(size_t d, const struct intervals *state, const uint8_t *row, const double *r, double *gradient)
{
	lanes sums[MOST_INPUTS] = {0};
	for (size_t p = 0; p < state->lanes; p += 8) {
		const unsigned opposed = state->opposed[p / 8];
		const integer_lanes turned = *(const integer_lanes *)(r + p) ^ (mask(opposed) & INT64_MIN);
		const lanes on = (lanes)(turned & mask(row[p / 8] ^ opposed));
		for (size_t k = 0; k < d; k++)
			sums[k] += *(const lanes *)(state->x_lanes + k * state->lanes + p) * on;
	}
	for (size_t k = 0; k < state->width; k++)
		gradient[k] = k < d ? sum_lanes(&sums[k]) : 0;
}

static void gradient_of_row(const struct intervals *state, const uint8_t *row, const double *r, double *gradient){
	WITH_CONSTANT_INPUTS(state->d, sum_row, state, row, r, gradient)}

INLINE void add_outputs(size_t d, const struct intervals *state, const uint8_t *row, const double *v, double *restrict f)
{
	const double *const x = state->x_lanes;
	const uint8_t *const opposed = state->opposed;
	const size_t n = state->lanes;
	for (size_t p = 0; p < n; p += 8) {
		lanes z = *(const lanes *)(x + p) * v[0];
		for (size_t k = 1; k < d; k++)
			z += *(const lanes *)(x + k * n + p) * v[k];
		const integer_lanes turned = (integer_lanes)z ^ (mask(opposed[p / 8]) & INT64_MIN);
		*(lanes *)(f + p) += (lanes)(turned & mask(row[p / 8] ^ opposed[p / 8]));
	}
}

static void contribute(const struct intervals *state, const uint8_t *row, const double *v, double *f)
{
	WITH_CONSTANT_INPUTS(state->d, add_outputs, state, row, v, f)
}
