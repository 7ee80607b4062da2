/* The coupling of samples: K, the exact S and what is derived from it. See struct ns_coupling for the invariant. */
#include "events.h"
#include <assert.h>

/* theta and a from s, in row i and column i. */
static void derive_pair(struct ns_events *e, size_t i, size_t k)
{
	struct ns_coupling *q = &e->coupling;
	const size_t at = i * e->stride + k, mirror = k * e->stride + i;
	if (q->a != q->s) {
		const double leak = e->leak, slope = 1 - leak;
		const double on = q->s[i * e->stride + i] + q->s[k * e->stride + k];
		q->a[at] = q->a[mirror] = leak * leak * q->total + leak * slope * on + slope * slope * q->s[at];
	}
	q->theta[at] = q->theta[mirror] = q->k[at] * q->a[at];
}

void ns_coupling_derive(struct ns_events *e)
{
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k <= i; k++)
			derive_pair(e, i, k);
}

/* Adds lambda (or takes it away, if negative) to s_ik = s_ki for the bits k of cold, which holds bit i: sums of multiples of
 * 2^-51 below 2 are exact. Of a, everything in row i changes with s_ii. */
void ns_coupling_add(struct ns_events *e, size_t i, const uint64_t *cold, double lambda)
{
	struct ns_coupling *q = &e->coupling;
	assert(cold[i / 64] >> i % 64 & 1);
	for (size_t word = 0; word < e->words; word++)
		for (uint64_t bits = cold[word]; bits != 0; bits &= bits - 1) {
			const size_t k = 64 * word + (size_t)__builtin_ctzll(bits);
			const double sum = q->s[i * e->stride + k] + lambda;
			assert(sum >= 0);
			q->s[i * e->stride + k] = q->s[k * e->stride + i] = sum;
			if (q->a == q->s)
				q->theta[i * e->stride + k] = q->theta[k * e->stride + i] = q->k[i * e->stride + k] * sum;
		}
	for (size_t k = 0; k < e->n && q->a != q->s; k++)
		derive_pair(e, i, k);
}
