/* Compiled once for each instruction set: the build sets NS_PASS, the name of the function this makes. */
#include "dense_narrow.h"
#ifdef __AVX2__
#include <immintrin.h>
#endif

typedef double lanes __attribute__((vector_size(64), may_alias));
typedef int64_t integer_lanes __attribute__((vector_size(64), may_alias));

#define INLINE static inline __attribute__((always_inline))

enum { MOST_TOGETHER = 4 };

ns_narrow_pass NS_PASS;

/* *to + [bit] *value; an absent value leaves *to as it is, which is never -0. */
INLINE void add_where(lanes *to, unsigned bits, const lanes *value)
{
#ifdef __AVX512F__
	*to = (lanes)_mm512_mask_add_pd((__m512d)*to, (__mmask8)bits, (__m512d)*to, (__m512d)*value);
#else
	const integer_lanes each = {1, 2, 4, 8, 16, 32, 64, 128};
	*to += (lanes)((integer_lanes)*value & ((each & (int64_t)bits) != 0));
#endif
}

INLINE unsigned positive(const lanes *z)
{
#ifdef __AVX512F__
	return _mm512_cmp_pd_mask((__m512d)*z, _mm512_setzero_pd(), _CMP_GT_OQ);
#elif defined __AVX2__
	const __m256d *half = (const __m256d *)z, zero = _mm256_setzero_pd();
	return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(half[0], zero, _CMP_GT_OQ)) |
	       (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(half[1], zero, _CMP_GT_OQ)) << 4;
#else
	unsigned bits = 0;
	for (int e = 0; e < 8; e++)
		bits |= (unsigned)((*z)[e] > 0) << e;
	return bits;
#endif
}

INLINE double sum(const lanes *v)
{
	const lanes s = *v;
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* delta -= c (leak sum y + (1 - leak) sum of y over the set bits), `together` nodes. */
INLINE void descend(
	const struct ns_narrow *samples, size_t d, size_t together, const double *c, double *delta, const uint8_t *bits)
{
	lanes gradient[MOST_TOGETHER][NS_MOST_NARROW_INPUTS];
	const lanes *y = (const lanes *)samples->y;
	const size_t groups = samples->groups;
	for (size_t a = 0; a < together; a++)
		for (size_t k = 0; k < d; k++)
			gradient[a][k] = (lanes){0};
	for (size_t group = 0; group < groups; group++)
		for (size_t a = 0; a < together; a++)
			for (size_t k = 0; k < d; k++)
				add_where(&gradient[a][k], bits[a * groups + group], &y[group * d + k]);
	for (size_t a = 0; a < together; a++)
		for (size_t k = 0; k < d; k++)
			delta[a * d + k] -=
				c[a] * (samples->leak * samples->y_sum[k] + (1 - samples->leak) * sum(&gradient[a][k]));
}

/* f += c act(z); z is summed over the inputs in order, as the reference engine does. */
INLINE uint64_t forward(const struct ns_narrow *samples, size_t d, size_t together, const double *c, const double *w0,
	const double *delta, uint8_t *bits, double *f)
{
	lanes w[MOST_TOGETHER][NS_MOST_NARROW_INPUTS];
	const size_t groups = samples->groups;
	const double leak = samples->leak;
	const lanes *x = (const lanes *)samples->x;
	uint64_t changed = 0;
	for (size_t a = 0; a < together; a++)
		for (size_t k = 0; k < d; k++)
			w[a][k] = (lanes){0} + (w0[a * d + k] + delta[a * d + k]);
	for (size_t group = 0; group < groups; group++, x += d) {
		lanes sums = ((const lanes *)f)[group];
		for (size_t a = 0; a < together; a++) {
			lanes z = x[0] * w[a][0];
			for (size_t k = 1; k < d; k++)
				z += x[k] * w[a][k];
			const unsigned on = positive(&z);
			uint8_t *before = bits + a * groups + group;
			changed += (uint64_t)__builtin_popcount(*before ^ on);
			*before = (uint8_t)on;
			if (leak == 0) {
				z *= c[a];
				add_where(&sums, on, &z);
			} else {
				const integer_lanes above = z > 0;
				const lanes off = leak * z;
				sums += c[a] * (lanes)(((integer_lanes)z & above) | ((integer_lanes)off & ~above));
			}
		}
		((lanes *)f)[group] = sums;
	}
	return changed;
}

INLINE uint64_t pass(const struct ns_narrow *samples, size_t d, bool descending, size_t count, const double *c, const double *w0,
	double *delta, uint8_t *bits, double *f)
{
	const size_t together = d <= 5 ? 4 : d <= 7 ? 3 : 2; /* as many nodes as have their sums in registers */
	uint64_t changed = 0;
	size_t j = 0;
	for (; j + together <= count; j += together) {
		uint8_t *rows = bits + j * samples->groups;
		if (descending)
			descend(samples, d, together, c + j, delta + j * d, rows);
		changed += forward(samples, d, together, c + j, w0 + j * d, delta + j * d, rows, f);
	}
	for (; j < count; j++) {
		uint8_t *row = bits + j * samples->groups;
		if (descending)
			descend(samples, d, 1, c + j, delta + j * d, row);
		changed += forward(samples, d, 1, c + j, w0 + j * d, delta + j * d, row, f);
	}
	return changed;
}

#define CASE(d)                                                                                                                  \
	case d:                                                                                                                  \
		return pass(samples, d, descending, count, c, w0, delta, bits, f)

uint64_t NS_PASS(const struct ns_narrow *samples, bool descending, size_t count, const double *c, const double *w0, double *delta,
	uint8_t *bits, double *f)
{
	switch (samples->d) { /* so that loops over the inputs are unrolled */
		CASE(1);
		CASE(2);
		CASE(3);
		CASE(4);
		CASE(5);
		CASE(6);
		CASE(7);
		CASE(8);
		CASE(9);
		CASE(10);
		CASE(11);
		CASE(12);
		CASE(13);
		CASE(14);
		CASE(15);
	default:
		return pass(samples, NS_MOST_NARROW_INPUTS, descending, count, c, w0, delta, bits, f);
	}
}
