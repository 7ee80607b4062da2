/* The kernels for AVX2 and FMA, bit for bit those of kernels_plain.c. A vector is two registers: lanes 0-3 and 4-7. */
#include "kernels.h"
#include <immintrin.h>
#include <string.h>

enum { HALF = 4 };

/* All ones in the lanes whose bit is set in the low (half = 0) or high four bits of a pattern's byte. */
static inline __m256d lanes_of(const uint8_t *bytes, size_t v, int half)
{
	const __m256i bit = half == 0 ? _mm256_setr_epi64x(1, 2, 4, 8) : _mm256_setr_epi64x(16, 32, 64, 128);
	return _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(bytes[v]), bit), bit));
}

static inline double reduce(__m256d low, __m256d high)
{
	const __m256d pairs = _mm256_hadd_pd(low, high);
	const __m128d fours = _mm_add_pd(_mm256_castpd256_pd128(pairs), _mm256_extractf128_pd(pairs, 1));
	return _mm_cvtsd_f64(_mm_add_sd(fours, _mm_unpackhi_pd(fours, fours)));
}

static double dot(size_t count, const double *a, const double *b)
{
	__m256d sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
	const size_t whole = count / HALF * HALF;
	for (size_t e = 0; e < whole; e += HALF)
		sum[e / HALF % 2] = _mm256_fmadd_pd(_mm256_loadu_pd(a + e), _mm256_loadu_pd(b + e), sum[e / HALF % 2]);
	double rest[2][HALF] = {{0}};
	memcpy(rest[0], a + whole, (count - whole) * sizeof *a);
	memcpy(rest[1], b + whole, (count - whole) * sizeof *b);
	sum[whole / HALF % 2] = _mm256_fmadd_pd(_mm256_loadu_pd(rest[0]), _mm256_loadu_pd(rest[1]), sum[whole / HALF % 2]);
	return reduce(sum[0], sum[1]);
}

static double residual(size_t vectors, const double *a, double scale, const double *b)
{
	const __m256d factor = _mm256_set1_pd(scale);
	__m256d sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
	for (size_t v = 0; v < vectors; v++)
		for (size_t half = 0; half < 2; half++) {
			const size_t e = v * NS_LANES + half * HALF;
			const __m256d difference = _mm256_fnmadd_pd(factor, _mm256_load_pd(b + e), _mm256_load_pd(a + e));
			sum[half] = _mm256_fmadd_pd(difference, difference, sum[half]);
		}
	return reduce(sum[0], sum[1]);
}

static void look(size_t vectors, const struct ns_look_rows *rows, double sums[2])
{
	const uint8_t *cold = (const uint8_t *)rows->cold;
	__m256d moved[2][2], speed[2][2];
	for (int q = 0; q < 4; q++)
		moved[q / 2][q % 2] = speed[q / 2][q % 2] = _mm256_setzero_pd();
	for (size_t v = 0; v < vectors; v++)
		for (int half = 0; half < 2; half++) {
			const size_t e = v * NS_LANES + (size_t)half * HALF;
			const __m256d k = _mm256_load_pd(rows->k + e), is_cold = lanes_of(cold, v, half);
			__m256d q = _mm256_and_pd(is_cold, _mm256_load_pd(rows->p + e));
			if (rows->b != NULL)
				q = _mm256_add_pd(_mm256_load_pd(rows->b + e), q);
			const __m256d reference = _mm256_and_pd(is_cold, _mm256_load_pd(rows->reference + e));
			moved[v % 2][half] = _mm256_fmadd_pd(k, q, moved[v % 2][half]);
			speed[v % 2][half] = _mm256_fmadd_pd(k, reference, speed[v % 2][half]);
		}
	sums[0] = reduce(_mm256_add_pd(moved[0][0], moved[1][0]), _mm256_add_pd(moved[0][1], moved[1][1]));
	sums[1] = reduce(_mm256_add_pd(speed[0][0], speed[1][0]), _mm256_add_pd(speed[0][1], speed[1][1]));
}

/* a + b; low grows by what that lost. */
static inline __m256d add_exactly(__m256d a, __m256d b, __m256d *low)
{
	const __m256d sum = _mm256_add_pd(a, b), added = _mm256_sub_pd(sum, a);
	*low = _mm256_add_pd(*low, _mm256_add_pd(_mm256_sub_pd(a, _mm256_sub_pd(sum, added)), _mm256_sub_pd(b, added)));
	return sum;
}

static void look_closely(size_t vectors, const struct ns_look_rows *rows, double lanes[2][NS_LANES])
{
	const uint8_t *cold = (const uint8_t *)rows->cold;
	for (int half = 0; half < 2; half++) {
		__m256d sum = _mm256_setzero_pd(), sum_low = sum;
		for (size_t v = 0; v < vectors; v++) {
			const size_t e = v * NS_LANES + (size_t)half * HALF;
			const __m256d k = _mm256_load_pd(rows->k + e), is_cold = lanes_of(cold, v, half);
			__m256d b = _mm256_setzero_pd(), low = b;
			if (rows->b != NULL) {
				b = _mm256_load_pd(rows->b + e);
				low = _mm256_load_pd(rows->b_low + e);
			}
			low = _mm256_add_pd(low, _mm256_and_pd(is_cold, _mm256_load_pd(rows->p_low + e)));
			const __m256d path = add_exactly(b, _mm256_and_pd(is_cold, _mm256_load_pd(rows->p + e)), &low);
			const __m256d product = _mm256_mul_pd(k, path);
			sum = add_exactly(sum, product, &sum_low);
			const __m256d rest = _mm256_fmadd_pd(k, low, _mm256_fmsub_pd(k, path, product));
			sum_low = _mm256_add_pd(sum_low, _mm256_fmadd_pd(_mm256_load_pd(rows->k_low + e), path, rest));
		}
		_mm256_storeu_pd(lanes[0] + half * HALF, sum);
		_mm256_storeu_pd(lanes[1] + half * HALF, sum_low);
	}
}

/* Four rows of a row of tiles, those from i on, up to the tile on the diagonal: their lanes by halves. */
static inline void add_rows(size_t i, const double *tiles, const double *weight, double *product, __m256d sum[4][2])
{
	const size_t diagonal = i / NS_LANES * NS_LANES;
	for (int r = 0; r < 4; r++)
		sum[r][0] = sum[r][1] = _mm256_setzero_pd();
	for (size_t k = 0; k < diagonal + NS_LANES; k += HALF) {
		const size_t half = k / HALF % 2;
		const __m256d across = _mm256_load_pd(weight + k);
		__m256d down = _mm256_load_pd(product + k);
		_Pragma("GCC unroll 4") for (size_t r = 0; r < 4; r++)
		{
			const __m256d tile = _mm256_load_pd(tiles + ns_tile_at(i + r, k));
			sum[r][half] = _mm256_fmadd_pd(tile, across, sum[r][half]);
			down = _mm256_fmadd_pd(_mm256_set1_pd(weight[i + r]), tile, down);
		}
		if (k < diagonal)
			_mm256_store_pd(product + k, down);
	}
}

static void product(size_t vectors, const double *tiles, const double *weight, double *product)
{
	for (size_t first = 0; first < vectors * NS_LANES; first += NS_LANES)
		for (size_t i = first; i < first + NS_LANES; i += HALF) {
			__m256d sum[4][2];
			add_rows(i, tiles, weight, product, sum);
			for (size_t r = 0; r < 4; r++)
				product[i + r] = reduce(sum[r][0], sum[r][1]);
		}
}

/* One half of one pair's partial sum over one block: q (width, 8) holds the products, bytes the pattern. */
static inline void sum_half(
	size_t width, const double *q, const uint8_t *bytes, int half, __m256d begin, double *partial, int continues)
{
	__m256d sum[4] = {begin, _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
	size_t v = 0;
	for (; v + 4 <= width; v += 4)
		_Pragma("GCC unroll 4") for (size_t u = 0; u < 4; u++) sum[u] = _mm256_add_pd(sum[u],
			_mm256_and_pd(lanes_of(bytes, v + u, half), _mm256_load_pd(q + (v + u) * NS_LANES + half * HALF)));
	for (; v < width; v++)
		sum[v % 4] = _mm256_add_pd(
			sum[v % 4], _mm256_and_pd(lanes_of(bytes, v, half), _mm256_load_pd(q + v * NS_LANES + half * HALF)));
	const __m256d block = _mm256_add_pd(_mm256_add_pd(sum[0], sum[1]), _mm256_add_pd(sum[2], sum[3]));
	_mm256_store_pd(partial + half * HALF, continues ? _mm256_add_pd(_mm256_load_pd(partial + half * HALF), block) : block);
}

static inline void add_weight(size_t width, double weight, const uint8_t *bytes, double *h)
{
	const __m256d w = _mm256_set1_pd(weight);
	for (size_t v = 0; v < width; v++)
		for (int half = 0; half < 2; half++) {
			double *at = h + v * NS_LANES + half * HALF;
			const __m256d old = _mm256_load_pd(at);
			_mm256_store_pd(at, _mm256_blendv_pd(old, _mm256_add_pd(old, w), lanes_of(bytes, v, half)));
		}
}

static void spread_block(const struct ns_hot_pairs *pairs, size_t i, size_t first, double *partial, double *df)
{
	const size_t width = pairs->vectors - first < NS_BLOCK_VECTORS ? pairs->vectors - first : NS_BLOCK_VECTORS;
	const size_t stride = pairs->vectors * NS_LANES, at = i * stride + first * NS_LANES;
	const uint8_t *cold = (const uint8_t *)pairs->cold + first;
	const double *k = pairs->k + at;
	const __m256d zero = _mm256_setzero_pd(), factor = _mm256_set1_pd(pairs->rho[i]);
	double q[NS_BLOCK_VECTORS * NS_LANES] __attribute__((aligned(32))),
		h[NS_BLOCK_VECTORS * NS_LANES] __attribute__((aligned(32)));
	for (size_t e = 0; e < width * NS_LANES; e++) {
		q[e] = k[e] * pairs->slope_rho[first * NS_LANES + e];
		h[e] = pairs->shift != NULL ? pairs->shift[i] : 0;
	}
	for (size_t p = pairs->start[i]; p < pairs->start[i + 1]; p++) {
		const uint8_t *bytes = cold + pairs->row[p] * pairs->pitch * sizeof *pairs->cold;
		sum_half(width, q, bytes, 0, _mm256_setr_pd(first > 0 ? 0 : pairs->begin[p], 0, 0, 0), partial + p * NS_LANES,
			first > 0);
		sum_half(width, q, bytes, 1, zero, partial + p * NS_LANES, first > 0);
		add_weight(width, pairs->z[p] > 0 ? pairs->weight[p] : 0, bytes, h);
	}
	for (size_t e = 0; e < width * NS_LANES; e += HALF) {
		double *to = df + first * NS_LANES + e;
		_mm256_store_pd(to,
			_mm256_fmadd_pd(_mm256_mul_pd(factor, _mm256_load_pd(k + e)), _mm256_load_pd(h + e), _mm256_load_pd(to)));
	}
}

static void hot_spread(const struct ns_hot_pairs *pairs, double *partial, double *df)
{
	for (size_t i = 0; i < pairs->samples; i++)
		for (size_t first = 0; first < pairs->vectors && pairs->start[i] < pairs->start[i + 1]; first += NS_BLOCK_VECTORS)
			spread_block(pairs, i, first, partial, df);
}

static size_t hot_advance(size_t count, const double *partial, const double *c, double *z, double *gain, uint32_t *flipped)
{
	size_t n_flipped = 0;
	for (size_t p = 0; p < count; p++) {
		const double sum = reduce(_mm256_load_pd(partial + p * NS_LANES), _mm256_load_pd(partial + p * NS_LANES + HALF));
		const double before = z[p], after = __builtin_fma(-c[p], sum, before);
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
		__m256d lanes[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
		uint32_t p = start[s];
		for (; p + NS_LANES <= start[s + 1]; p += NS_LANES) {
			lanes[0] = _mm256_add_pd(lanes[0], _mm256_loadu_pd(value + p));
			lanes[1] = _mm256_add_pd(lanes[1], _mm256_loadu_pd(value + p + HALF));
		}
		double rest[NS_LANES] = {0};
		memcpy(rest, value + p, (start[s + 1] - p) * sizeof *rest);
		sum[s] = reduce(
			_mm256_add_pd(lanes[0], _mm256_loadu_pd(rest)), _mm256_add_pd(lanes[1], _mm256_loadu_pd(rest + HALF)));
	}
}

static void path(size_t vectors, const double *b, const double *p, const uint64_t *cold, double factor, double leak, double *to)
{
	const __m256d scale = _mm256_set1_pd(factor), low = _mm256_set1_pd(leak), steep = _mm256_set1_pd(1 - leak);
	for (size_t v = 0; v < vectors; v++)
		for (int half = 0; half < 2; half++) {
			const size_t e = v * NS_LANES + (size_t)half * HALF;
			const __m256d own = _mm256_load_pd(p + e),
				      before = b != NULL ? _mm256_load_pd(b + e) : _mm256_setzero_pd();
			const __m256d moved = _mm256_add_pd(before, _mm256_and_pd(lanes_of((const uint8_t *)cold, v, half), own));
			const __m256d sum = _mm256_add_pd(_mm256_mul_pd(low, own), _mm256_mul_pd(steep, moved));
			_mm256_store_pd(to + e, _mm256_mul_pd(scale, sum));
		}
}

static void accumulate(size_t vectors, const double *value, double *sum, double *low)
{
	for (size_t e = 0; e < vectors * NS_LANES; e += HALF) {
		__m256d lost = _mm256_load_pd(low + e);
		const __m256d after = add_exactly(_mm256_load_pd(sum + e), _mm256_load_pd(value + e), &lost);
		const __m256d both = _mm256_add_pd(after, lost);
		_mm256_store_pd(sum + e, both);
		_mm256_store_pd(low + e, _mm256_sub_pd(lost, _mm256_sub_pd(both, after)));
	}
}

static void signs(size_t vectors, const double *z, uint64_t *on)
{
	uint8_t *bytes = (uint8_t *)on;
	const __m256d zero = _mm256_setzero_pd();
	for (size_t v = 0; v < vectors; v++) {
		const int low = _mm256_movemask_pd(_mm256_cmp_pd(_mm256_load_pd(z + v * NS_LANES), zero, _CMP_GT_OQ));
		const int high = _mm256_movemask_pd(_mm256_cmp_pd(_mm256_load_pd(z + v * NS_LANES + HALF), zero, _CMP_GT_OQ));
		bytes[v] = (uint8_t)(low | high << HALF);
	}
}

static unsigned below(const float key[NS_FANOUT], float limit)
{
	const __m256 most = _mm256_set1_ps(limit);
	const int low = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_load_ps(key), most, _CMP_LE_OQ));
	const int high = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_load_ps(key + 8), most, _CMP_LE_OQ));
	return (unsigned)low | (unsigned)high << 8;
}

static float least(const float key[NS_FANOUT])
{
	__m256 half = _mm256_min_ps(_mm256_load_ps(key), _mm256_load_ps(key + 8));
	__m128 quarter = _mm_min_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
	quarter = _mm_min_ps(quarter, _mm_movehl_ps(quarter, quarter));
	return _mm_cvtss_f32(_mm_min_ss(quarter, _mm_movehdup_ps(quarter)));
}

const struct ns_events_kernels ns_events_kernels_avx2 = {
	dot, residual, look, look_closely, product, hot_spread, hot_advance, segment_sums, path, accumulate, signs, below, least};
