/* A vector over the inputs (NS_WIDTH doubles) and eight samples side by side (lanes), as the compiler's vector types: elementwise
 * operations have the same bits whatever instructions they become. Only kernels.c includes this. */
#ifndef NODESCALE_INTERVALS_VECTORS_H
#define NODESCALE_INTERVALS_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

typedef double vector __attribute__((vector_size(8 * NS_WIDTH), may_alias, aligned(NS_WIDTH < 8 ? 32 : 64)));
typedef double lanes __attribute__((vector_size(64), may_alias));
typedef int64_t integer_lanes __attribute__((vector_size(64), may_alias));
typedef double four __attribute__((vector_size(32), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Calls call(d, ...) with a constant d where it often is: sums over the inputs are then unrolled. */
#if NS_WIDTH == 8
#define WITH_CONSTANT_INPUTS(d, call, ...)                                                                                       \
	switch (d) {                                                                                                             \
	case 5:                                                                                                                  \
		call(5, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 6:                                                                                                                  \
		call(6, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case NS_WIDTH:                                                                                                           \
		call(NS_WIDTH, __VA_ARGS__);                                                                                     \
		break;                                                                                                           \
	default:                                                                                                                 \
		call(d, __VA_ARGS__);                                                                                            \
	}
#else
#define WITH_CONSTANT_INPUTS(d, call, ...)                                                                                       \
	switch (d) {                                                                                                             \
	case NS_WIDTH:                                                                                                           \
		call(NS_WIDTH, __VA_ARGS__);                                                                                     \
		break;                                                                                                           \
	default:                                                                                                                 \
		call(d, __VA_ARGS__);                                                                                            \
	}
#endif

INLINE const vector *vectors(const double *array)
{
	return (const vector *)array;
}

INLINE void fold(const vector *v, four *quarter)
{
	const four *part = (const four *)v;
#if NS_WIDTH == 16
	*quarter = (part[0] + part[2]) + (part[1] + part[3]);
#elif NS_WIDTH == 8
	*quarter = part[0] + part[1];
#else
	*quarter = *part;
#endif
}

/* Sum of the elements: halves are added until one is left. */
INLINE double sum(const vector *v)
{
	typedef double two __attribute__((vector_size(16), may_alias));
	four quarter;
	fold(v, &quarter);
	const two pair = __builtin_shufflevector(quarter, quarter, 0, 1) + __builtin_shufflevector(quarter, quarter, 2, 3);
	return pair[0] + pair[1];
}

/* The sums of four vectors, with the bits of sum(). */
INLINE void sum_four(const vector v[4], four *sums)
{
	four a, b, c, d;
	fold(v, &a);
	fold(v + 1, &b);
	fold(v + 2, &c);
	fold(v + 3, &d);
	const four ab = __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
	const four cd = __builtin_shufflevector(c, d, 0, 1, 4, 5) + __builtin_shufflevector(c, d, 2, 3, 6, 7);
	*sums = __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

INLINE double sum_lanes(const lanes *v)
{
	const four half = ((const four *)v)[0] + ((const four *)v)[1];
	return (half[0] + half[2]) + (half[1] + half[3]);
}

/* All ones in the lanes whose bit is set. */
INLINE integer_lanes mask(unsigned bits)
{
	const integer_lanes each = {1, 2, 4, 8, 16, 32, 64, 128};
	return (each & (int64_t)bits) != 0;
}

/* sum + value in the lanes whose bit is set, sum in the others. */
INLINE lanes add_where(unsigned bits, const lanes *sum, const lanes *value)
{
#ifdef __AVX512F__
	return (lanes)_mm512_mask_add_pd((__m512d)*sum, (__mmask8)bits, (__m512d)*sum, (__m512d)*value);
#else
	return *sum + (lanes)((integer_lanes)*value & mask(bits));
#endif
}

INLINE lanes magnitudes(const lanes *z)
{
	return (lanes)((integer_lanes)*z & INT64_MAX);
}

/* Bit e of the result: z[e] > 0, z[e] < bound. NaN is neither. */
INLINE unsigned bits_positive(const lanes *z)
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

INLINE unsigned bits_below(const lanes *z, double bound)
{
#ifdef __AVX512F__
	return _mm512_cmp_pd_mask((__m512d)*z, _mm512_set1_pd(bound), _CMP_LT_OQ);
#elif defined __AVX2__
	const __m256d *half = (const __m256d *)z, all = _mm256_set1_pd(bound);
	return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(half[0], all, _CMP_LT_OQ)) |
	       (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(half[1], all, _CMP_LT_OQ)) << 4;
#else
	unsigned bits = 0;
	for (int e = 0; e < 8; e++)
		bits |= (unsigned)((*z)[e] < bound) << e;
	return bits;
#endif
}

/* The bits of eight samples with pre-activations z~: [z~ > 0], and [not z~ < 0] for the opposed ones. */
INLINE unsigned bits_on(const lanes *z, unsigned opposed)
{
	return (bits_positive(z) & ~opposed) | (~bits_below(z, 0) & opposed);
}

#endif
