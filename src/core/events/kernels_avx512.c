/* The kernels for AVX-512 (F, DQ, BW, VL), bit for bit those of kernels_plain.c. A byte of a pattern is a vector's mask.
 * Loops over a block's vectors have a constant count, so that q, h and sum stay in registers. */
#include "kernels.h"
#include <immintrin.h>

typedef __m512d vector;
#define UNROLL _Pragma("GCC unroll 16")

/* Calls call(w, ...) with a constant w equal to width: one instance of the inlined kernel per number of vectors in a block. */
#define WITH_CONSTANT_WIDTH(width, call, ...)                                                                                    \
	switch (width) {                                                                                                         \
	case 1:                                                                                                                  \
		call(1, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 2:                                                                                                                  \
		call(2, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 3:                                                                                                                  \
		call(3, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 4:                                                                                                                  \
		call(4, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 5:                                                                                                                  \
		call(5, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 6:                                                                                                                  \
		call(6, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 7:                                                                                                                  \
		call(7, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 8:                                                                                                                  \
		call(8, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 9:                                                                                                                  \
		call(9, __VA_ARGS__);                                                                                            \
		break;                                                                                                           \
	case 10:                                                                                                                 \
		call(10, __VA_ARGS__);                                                                                           \
		break;                                                                                                           \
	case 11:                                                                                                                 \
		call(11, __VA_ARGS__);                                                                                           \
		break;                                                                                                           \
	case 12:                                                                                                                 \
		call(12, __VA_ARGS__);                                                                                           \
		break;                                                                                                           \
	case 13:                                                                                                                 \
		call(13, __VA_ARGS__);                                                                                           \
		break;                                                                                                           \
	case 14:                                                                                                                 \
		call(14, __VA_ARGS__);                                                                                           \
		break;                                                                                                           \
	case 15:                                                                                                                 \
		call(15, __VA_ARGS__);                                                                                           \
		break;                                                                                                           \
	default:                                                                                                                 \
		call(16, __VA_ARGS__);                                                                                           \
	}

/* The masks of a row, as one pointer: the compiler would keep a base per vector otherwise, more than there are registers. */
static inline const __mmask8 *masks_at(const uint8_t *base, size_t pitch, uint32_t row)
{
	const uint8_t *masks = base + row * pitch;
	__asm__("" : "+r"(masks));
	return masks;
}

static inline double reduce(vector lanes)
{
	const __m256d pairs = _mm256_hadd_pd(_mm512_castpd512_pd256(lanes), _mm512_extractf64x4_pd(lanes, 1));
	const __m128d fours = _mm_add_pd(_mm256_castpd256_pd128(pairs), _mm256_extractf128_pd(pairs, 1));
	return _mm_cvtsd_f64(_mm_add_sd(fours, _mm_unpackhi_pd(fours, fours)));
}

/* reduce() of eight vectors at once. */
static inline vector reduce_eight(const vector *a)
{
	vector pair[4], four[2];
	UNROLL for (int q = 0; q < 4; q++) pair[q] =
		_mm512_add_pd(_mm512_unpacklo_pd(a[2 * q], a[2 * q + 1]), _mm512_unpackhi_pd(a[2 * q], a[2 * q + 1]));
	UNROLL for (int q = 0; q < 2; q++) four[q] = _mm512_add_pd(_mm512_shuffle_f64x2(pair[2 * q], pair[2 * q + 1], 0x88),
		_mm512_shuffle_f64x2(pair[2 * q], pair[2 * q + 1], 0xdd));
	return _mm512_add_pd(_mm512_shuffle_f64x2(four[0], four[1], 0x88), _mm512_shuffle_f64x2(four[0], four[1], 0xdd));
}

static double dot(size_t count, const double *a, const double *b)
{
	vector sum = _mm512_setzero_pd();
	size_t e = 0;
	for (; e + 8 <= count; e += 8)
		sum = _mm512_fmadd_pd(_mm512_loadu_pd(a + e), _mm512_loadu_pd(b + e), sum);
	const __mmask8 rest = (__mmask8)((1u << (count - e)) - 1);
	return reduce(_mm512_fmadd_pd(_mm512_maskz_loadu_pd(rest, a + e), _mm512_maskz_loadu_pd(rest, b + e), sum));
}

static double residual(size_t vectors, const double *a, double scale, const double *b)
{
	const vector factor = _mm512_set1_pd(scale);
	vector sum = _mm512_setzero_pd();
	for (size_t v = 0; v < vectors; v++) {
		const vector difference = _mm512_fnmadd_pd(factor, _mm512_load_pd(b + 8 * v), _mm512_load_pd(a + 8 * v));
		sum = _mm512_fmadd_pd(difference, difference, sum);
	}
	return reduce(sum);
}

static inline __attribute__((always_inline)) void look_at(
	size_t vectors, const struct ns_look_rows *rows, int has_b, double sums[2])
{
	const uint8_t *cold = (const uint8_t *)rows->cold;
	vector moved[2] = {_mm512_setzero_pd(), _mm512_setzero_pd()}, speed[2] = {_mm512_setzero_pd(), _mm512_setzero_pd()};
	size_t v = 0;
	for (; v + 2 <= vectors; v += 2)
		UNROLL for (int odd = 0; odd < 2; odd++)
		{
			const size_t e = v + (size_t)odd;
			const vector k = _mm512_load_pd(rows->k + 8 * e);
			vector q = _mm512_maskz_load_pd(cold[e], rows->p + 8 * e);
			if (has_b)
				q = _mm512_add_pd(_mm512_load_pd(rows->b + 8 * e), q);
			moved[odd] = _mm512_fmadd_pd(k, q, moved[odd]);
			speed[odd] = _mm512_fmadd_pd(k, _mm512_maskz_load_pd(cold[e], rows->reference + 8 * e), speed[odd]);
		}
	if (v < vectors) {
		const vector k = _mm512_load_pd(rows->k + 8 * v);
		vector q = _mm512_maskz_load_pd(cold[v], rows->p + 8 * v);
		if (has_b)
			q = _mm512_add_pd(_mm512_load_pd(rows->b + 8 * v), q);
		moved[0] = _mm512_fmadd_pd(k, q, moved[0]);
		speed[0] = _mm512_fmadd_pd(k, _mm512_maskz_load_pd(cold[v], rows->reference + 8 * v), speed[0]);
	}
	sums[0] = reduce(_mm512_add_pd(moved[0], moved[1]));
	sums[1] = reduce(_mm512_add_pd(speed[0], speed[1]));
}

static void look(size_t vectors, const struct ns_look_rows *rows, double sums[2])
{
	if (rows->b != NULL)
		look_at(vectors, rows, 1, sums);
	else
		look_at(vectors, rows, 0, sums);
}

/* a + b; low grows by what that lost. */
static inline vector add_exactly(vector a, vector b, vector *low)
{
	const vector sum = _mm512_add_pd(a, b), added = _mm512_sub_pd(sum, a);
	*low = _mm512_add_pd(*low, _mm512_add_pd(_mm512_sub_pd(a, _mm512_sub_pd(sum, added)), _mm512_sub_pd(b, added)));
	return sum;
}

static void look_closely(size_t vectors, const struct ns_look_rows *rows, double lanes[2][NS_LANES])
{
	const uint8_t *cold = (const uint8_t *)rows->cold;
	vector sum = _mm512_setzero_pd(), sum_low = sum;
	for (size_t v = 0; v < vectors; v++) {
		const vector k = _mm512_load_pd(rows->k + 8 * v);
		vector b = _mm512_setzero_pd(), low = b;
		if (rows->b != NULL) {
			b = _mm512_load_pd(rows->b + 8 * v);
			low = _mm512_load_pd(rows->b_low + 8 * v);
		}
		low = _mm512_add_pd(low, _mm512_maskz_load_pd(cold[v], rows->p_low + 8 * v));
		const vector path = add_exactly(b, _mm512_maskz_load_pd(cold[v], rows->p + 8 * v), &low);
		const vector product = _mm512_mul_pd(k, path);
		sum = add_exactly(sum, product, &sum_low);
		const vector rest = _mm512_fmadd_pd(k, low, _mm512_fmsub_pd(k, path, product));
		sum_low = _mm512_add_pd(sum_low, _mm512_fmadd_pd(_mm512_load_pd(rows->k_low + 8 * v), path, rest));
	}
	_mm512_storeu_pd(lanes[0], sum);
	_mm512_storeu_pd(lanes[1], sum_low);
}

static void product(size_t vectors, const double *tiles, const double *weight, double *product)
{
	for (size_t i = 0; i < vectors; i++) {
		vector sum[8], factor[8];
		UNROLL for (size_t r = 0; r < 8; r++)
		{
			sum[r] = _mm512_setzero_pd();
			factor[r] = _mm512_set1_pd(weight[8 * i + r]);
		}
		for (size_t k = 0; k < i; k++, tiles += 64) {
			const vector across = _mm512_load_pd(weight + 8 * k);
			vector down = _mm512_load_pd(product + 8 * k);
			UNROLL for (size_t r = 0; r < 8; r++)
			{
				const vector row = _mm512_load_pd(tiles + 8 * r);
				sum[r] = _mm512_fmadd_pd(row, across, sum[r]);
				down = _mm512_fmadd_pd(factor[r], row, down);
			}
			_mm512_store_pd(product + 8 * k, down);
		}
		const vector across = _mm512_load_pd(weight + 8 * i);
		UNROLL for (size_t r = 0; r < 8; r++) sum[r] = _mm512_fmadd_pd(_mm512_load_pd(tiles + 8 * r), across, sum[r]);
		_mm512_store_pd(product + 8 * i, reduce_eight(sum));
		tiles += 64;
	}
}

/* One block of sample i, its pairs from p to end. Nothing here branches on a sign: pairs flip like coins, and the processor can
 * then learn the loop counts, which repeat from step to step. */
static inline __attribute__((always_inline)) void spread_sample(
	size_t width, const struct ns_hot_pairs *pairs, size_t first, size_t i, double *partial, double *df)
{
	const size_t stride = 8 * pairs->vectors, at = i * stride + 8 * first, pitch = 8 * pairs->pitch,
		     end = pairs->start[i + 1];
	const double *k = pairs->k + at;
	const uint8_t *cold = (const uint8_t *)pairs->cold + first;
	const vector zero = _mm512_setzero_pd(), one = _mm512_set1_pd(1);
	const __mmask8 first_lane = first == 0;
	const vector shift = _mm512_set1_pd(pairs->shift != NULL ? pairs->shift[i] : 0);
	vector q[NS_BLOCK_VECTORS], h[NS_BLOCK_VECTORS];
	UNROLL for (size_t v = 0; v < width; v++)
	{
		q[v] = _mm512_mul_pd(_mm512_load_pd(k + 8 * v), _mm512_load_pd(pairs->slope_rho + 8 * (first + v)));
		h[v] = shift;
	}
	for (size_t p = pairs->start[i]; p < end; p++) {
		const __mmask8 *mask = masks_at(cold, pitch, pairs->row[p]);
		const __mmask8 on = _mm512_cmp_pd_mask(_mm512_set1_pd(pairs->z[p]), zero, _CMP_GT_OQ);
		const vector w = _mm512_maskz_mov_pd(on, _mm512_set1_pd(pairs->weight[p]));
		vector sum[4] = {_mm512_maskz_loadu_pd(first_lane, pairs->begin + p), zero, zero, zero};
		UNROLL for (size_t v = 0; v < width; v++)
		{
			sum[v % 4] = _mm512_mask_add_pd(sum[v % 4], mask[v], sum[v % 4], q[v]);
			h[v] = _mm512_mask3_fmadd_pd(w, one, h[v], mask[v]); /* h + w, in units that leave the adders to q */
		}
		const vector block = _mm512_add_pd(_mm512_add_pd(sum[0], sum[1]), _mm512_add_pd(sum[2], sum[3]));
		_mm512_store_pd(partial + 8 * p, first > 0 ? _mm512_add_pd(_mm512_load_pd(partial + 8 * p), block) : block);
	}
	const vector factor = _mm512_set1_pd(pairs->rho[i]);
	UNROLL for (size_t v = 0; v < width; v++) _mm512_store_pd(df + 8 * (first + v),
		_mm512_fmadd_pd(_mm512_mul_pd(factor, _mm512_load_pd(k + 8 * v)), h[v], _mm512_load_pd(df + 8 * (first + v))));
}

static inline __attribute__((always_inline)) void spread_block(
	size_t width, const struct ns_hot_pairs *pairs, size_t first, double *partial, double *df)
{
	for (size_t i = 0; i < pairs->samples; i++)
		if (pairs->start[i] < pairs->start[i + 1])
			spread_sample(width, pairs, first, i, partial, df);
}

static void hot_spread(const struct ns_hot_pairs *pairs, double *partial, double *df)
{
	for (size_t first = 0; first < pairs->vectors; first += NS_BLOCK_VECTORS)
		WITH_CONSTANT_WIDTH(pairs->vectors - first, spread_block, pairs, first, partial, df)
}

static size_t hot_advance(size_t count, const double *partial, const double *c, double *z, double *gain, uint32_t *flipped)
{
	const vector zero = _mm512_setzero_pd();
	size_t n_flipped = 0;
	for (size_t p = 0; p < count; p += 8) {
		const __mmask8 valid = count - p < 8 ? (__mmask8)((1u << (count - p)) - 1) : 0xff;
		vector lanes[8];
		UNROLL for (size_t q = 0; q < 8; q++) lanes[q] = _mm512_load_pd(partial + 8 * (p + q));
		const vector factor = _mm512_maskz_loadu_pd(valid, c + p), before = _mm512_maskz_loadu_pd(valid, z + p);
		const vector after = _mm512_fnmadd_pd(factor, reduce_eight(lanes), before);
		const __mmask8 was = _mm512_cmp_pd_mask(before, zero, _CMP_GT_OQ),
			       is = _mm512_cmp_pd_mask(after, zero, _CMP_GT_OQ);
		const vector change = _mm512_sub_pd(_mm512_maskz_mov_pd(is, after), _mm512_maskz_mov_pd(was, before));
		_mm512_mask_storeu_pd(z + p, valid, after);
		_mm512_mask_storeu_pd(gain + p, valid, _mm512_mul_pd(factor, change));
		const __mmask8 changed = (__mmask8)((was ^ is) & valid);
		const __m256i index = _mm256_add_epi32(_mm256_set1_epi32((int)p), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
		_mm256_storeu_si256((__m256i *)(flipped + n_flipped), _mm256_maskz_compress_epi32(changed, index));
		n_flipped += (size_t)__builtin_popcount(changed);
	}
	return n_flipped;
}

static void segment_sums(size_t segments, const uint32_t *start, const double *value, double *sum)
{
	for (size_t s = 0; s < segments; s++) {
		vector lanes = _mm512_setzero_pd();
		sum[s] = 0;
		if (start[s] == start[s + 1])
			continue;
		for (uint32_t p = start[s]; p < start[s + 1]; p += 8) {
			const uint32_t left = start[s + 1] - p;
			const __mmask8 valid = left < 8 ? (__mmask8)((1u << left) - 1) : 0xff;
			lanes = _mm512_add_pd(lanes, _mm512_maskz_loadu_pd(valid, value + p));
		}
		sum[s] = reduce(lanes);
	}
}

static void path(size_t vectors, const double *b, const double *p, const uint64_t *cold, double factor, double leak, double *to)
{
	const uint8_t *masks = (const uint8_t *)cold;
	const vector scale = _mm512_set1_pd(factor), low = _mm512_set1_pd(leak), steep = _mm512_set1_pd(1 - leak);
	for (size_t v = 0; v < vectors; v++) {
		const vector own = _mm512_load_pd(p + 8 * v),
			     before = b != NULL ? _mm512_load_pd(b + 8 * v) : _mm512_setzero_pd();
		const vector moved = _mm512_add_pd(before, _mm512_maskz_mov_pd(masks[v], own));
		const vector sum = _mm512_add_pd(_mm512_mul_pd(low, own), _mm512_mul_pd(steep, moved));
		_mm512_store_pd(to + 8 * v, _mm512_mul_pd(scale, sum));
	}
}

static void accumulate(size_t vectors, const double *value, double *sum, double *low)
{
	for (size_t v = 0; v < 8 * vectors; v += 8) {
		vector lost = _mm512_load_pd(low + v);
		const vector after = add_exactly(_mm512_load_pd(sum + v), _mm512_load_pd(value + v), &lost);
		const vector both = _mm512_add_pd(after, lost);
		_mm512_store_pd(sum + v, both);
		_mm512_store_pd(low + v, _mm512_sub_pd(lost, _mm512_sub_pd(both, after)));
	}
}

static void signs(size_t vectors, const double *z, uint64_t *on)
{
	uint8_t *bytes = (uint8_t *)on;
	for (size_t v = 0; v < vectors; v++)
		bytes[v] = _mm512_cmp_pd_mask(_mm512_load_pd(z + 8 * v), _mm512_setzero_pd(), _CMP_GT_OQ);
}

static unsigned below(const float key[NS_FANOUT], float limit)
{
	return _mm512_cmp_ps_mask(_mm512_load_ps(key), _mm512_set1_ps(limit), _CMP_LE_OQ);
}

static float least(const float key[NS_FANOUT])
{
	return _mm512_reduce_min_ps(_mm512_load_ps(key));
}

const struct ns_events_kernels ns_events_kernels_avx512 = {
	dot, residual, look, look_closely, product, hot_spread, hot_advance, segment_sums, path, accumulate, signs, below, least};
