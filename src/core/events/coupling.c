/* The coupling of samples: the exact S and what is derived from it. See struct ns_coupling for the invariant. */
#include "events.h"
#include <assert.h>
#include <math.h>

/* sum over nodes of lambda act' act', of the pairs of samples i and k: of ReLU s_ik to the bit. */
static double slopes(const struct ns_events *e, size_t i, size_t k)
{
	const struct ns_coupling *q = &e->coupling;
	const double leak = e->leak, slope = 1 - leak, on = q->s[ns_tile_at(i, i)] + q->s[ns_tile_at(k, k)];
	return leak * leak * q->total + leak * slope * on + slope * slope * q->s[ns_tile_at(i, k)];
}

static void derive(struct ns_events *e, size_t i, size_t k)
{
	e->coupling.theta[ns_tile_at(i, k)] = e->coupling.k[i * e->stride + k] * slopes(e, i, k);
}

/* slopes() in two words, of which ReLU needs one. */
static double exact_slopes(const struct ns_events *e, size_t i, size_t k, double *low)
{
	const struct ns_coupling *q = &e->coupling;
	const double leak = e->leak, slope = 1 - leak, on = q->s[ns_tile_at(i, i)] + q->s[ns_tile_at(k, k)];
	const double factors[3][3] = {{slope, slope, q->s[ns_tile_at(i, k)]}, {leak, slope, on}, {leak, leak, q->total}};
	double sum = 0;
	*low = 0;
	for (int t = 0; t < 3; t++) {
		const double *f = factors[t], square = f[0] * f[1];
		ns_add_product(&sum, low, square, f[2]);
		*low += fma(f[0], f[1], -square) * f[2];
	}
	return sum;
}

double ns_coupling_lacks(const struct ns_events *e, size_t i, size_t k)
{
	const struct ns_coupling *q = &e->coupling;
	const size_t at = i * e->stride + k;
	double low = 0;
	const double sum = e->leak != 0 ? exact_slopes(e, i, k, &low) : q->s[ns_tile_at(i, k)];
	return fma(q->k_low[at], sum, fma(q->k[at], low, fma(q->k[at], sum, -q->theta[ns_tile_at(i, k)])));
}

/* derive() wherever the tiles hold the two. */
static void derive_pair(struct ns_events *e, size_t i, size_t k)
{
	if (i / NS_LANES >= k / NS_LANES)
		derive(e, i, k);
	if (k / NS_LANES >= i / NS_LANES)
		derive(e, k, i);
}

void ns_coupling_derive(struct ns_events *e)
{
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k <= i; k++)
			derive_pair(e, i, k);
}

/* Adds lambda (or takes it away, if negative) to s_ik = s_ki for the bits k of cold, which holds bit i: sums of multiples of
 * 2^-51 below 2 are exact. Of a leaky theta everything in row i changes with s_ii. */
void ns_coupling_add(struct ns_events *e, size_t i, const uint64_t *cold, double lambda)
{
	struct ns_coupling *q = &e->coupling;
	assert(cold[i / 64] >> i % 64 & 1);
	for (size_t word = 0; word < e->words; word++)
		for (uint64_t bits = cold[word]; bits != 0; bits &= bits - 1) {
			const size_t k = 64 * word + (size_t)__builtin_ctzll(bits);
			const double sum = q->s[i >= k ? ns_tile_at(i, k) : ns_tile_at(k, i)] + lambda;
			assert(sum >= 0);
			if (i / NS_LANES >= k / NS_LANES)
				q->s[ns_tile_at(i, k)] = sum;
			if (k / NS_LANES >= i / NS_LANES)
				q->s[ns_tile_at(k, i)] = sum;
			if (e->leak == 0)
				derive_pair(e, i, k);
		}
	for (size_t k = 0; k < e->n && e->leak != 0; k++)
		derive_pair(e, i, k);
}
