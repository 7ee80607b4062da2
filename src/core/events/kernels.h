/* The inner loops of the event engine, one table of function pointers per instruction set, all with the same bits.
 *
 * kernels_plain.c is the definition. Its rules, which the other files follow to the last bit:
 *   - numbers go in vectors of 8 lanes; a "row" is `vectors` of them, 64-byte aligned, padded with zeros (or with anything,
 *     where each element is by itself);
 *   - a sum over a row runs lane by lane in the order of the vectors, fused (fma) where the comment says so;
 *   - 8 lanes are reduced as ((0+1)+(2+3))+((4+5)+(6+7));
 *   - bits of a pattern: bit k of a row is bit k % 64 of word k / 64. */
#ifndef NODESCALE_EVENTS_KERNELS_H
#define NODESCALE_EVENTS_KERNELS_H

#include <nodescale/isa.h>
#include <stddef.h>
#include <stdint.h>

/* Vectors whose partial sums stay in registers; part of the definition of hot_sums. */
enum { NS_BLOCK_VECTORS = 16, NS_LANES = 8, NS_FANOUT = 16 };

/* What a look at one pair reads. */
struct ns_look_rows {
	const double *k, *k_low; /* row i of K, and what it lacks to the exact products */
	const double *b, *b_low; /* row of B and what it lacks to the exact sum, or both NULL for zeros */
	const double *p, *p_low; /* P likewise */
	const double *reference; /* rho_ref */
	const uint64_t *cold;    /* pattern of the node outside the hot list */
};

/* Where a symmetric matrix held as tiles has row i, column k, for k up to the end of i's tile. */
static inline size_t ns_tile_at(size_t i, size_t k)
{
	const size_t row = i / NS_LANES, column = k / NS_LANES;
	return ((row * (row + 1) / 2 + column) * NS_LANES + i % NS_LANES) * NS_LANES + k % NS_LANES;
}

/* The hot pairs of all samples, as one step reads them. Those of sample i are start[i] .. start[i + 1] - 1. */
struct ns_hot_pairs {
	size_t vectors, samples;
	const uint32_t *start;            /* (samples + 1) */
	const double *k;                  /* (samples, 8 vectors) */
	const double *rho;                /* (samples) */
	const double *slope_rho;          /* (8 vectors) */
	const double *shift;              /* (samples), or NULL for zeros */
	const double *begin, *z, *weight; /* per pair */
	const uint32_t *row;              /* per pair: its node's cold pattern starts at cold + row * pitch */
	const uint64_t *cold;
	size_t pitch;
};

struct ns_events_kernels {
	/* sum a b over count elements (fma), of any number and alignment: lane l takes every eighth from l. */
	double (*dot)(size_t count, const double *a, const double *b);

	/* sum (a - scale b)^2, the difference and the square both fused. */
	double (*residual)(size_t vectors, const double *a, double scale, const double *b);

	/* sums[0] = sum_k K_k (B_k + cold_k P_k), sums[1] = sum_k K_k cold_k reference_k: fma, vectors of even and odd number
	 * apart. */
	void (*look)(size_t vectors, const struct ns_look_rows *rows, double sums[2]);

	/* lanes[0][l] + lanes[1][l] = the sum of K_k (B_k + cold_k P_k), all with both words, over every eighth k from l, with
	 * the rounding errors of nothing but second words (Ogita, Rump, Oishi 2005, Dot2). */
	void (*look_closely)(size_t vectors, const struct ns_look_rows *rows, double lanes[2][NS_LANES]);

	/* product (row) = a symmetric matrix times weight. Of the matrix there are tiles of 8 x 8 (ns_tile_at), those below the
	 * diagonal and those on it, which are whole. Rows of tiles are gone through one after the other, each from the left: a
	 * tile below the diagonal adds its transpose times weight to the product row by row (fma), and itself times weight to
	 * lanes, which after the tile on the diagonal are reduced to the product's beginning. */
	void (*product)(size_t vectors, const double *tiles, const double *weight, double *product);

	/* For each sample i with hot pairs, q_k = K_ik slope_rho_k, and C the cold pattern of a pair:
	 * partial (pairs, 8): lanes whose sum is begin + sum of q_k over C. The first goes to lane 0.
	 * Blocks of NS_BLOCK_VECTORS; in each, vectors v = 0, 1, 2, 3 mod 4 are summed apart and added as (0 + 1) + (2 + 3); df_k
	 * += (rho_i K_k) h_k (fma), h_k = shift_i + sum of (z > 0 ? weight : 0) over its pairs with k in C. */
	void (*hot_spread)(const struct ns_hot_pairs *pairs, double *partial, double *df);

	/* z -= c sum(partial) (fma); gain = c (relu(z new) - relu(z old)). Writes the indices whose [z > 0] changed; returns how
	 * many. */
	size_t (*hot_advance)(size_t count, const double *partial, const double *c, double *z, double *gain, uint32_t *flipped);

	/* sum[s] = sum of value[start[s] .. start[s + 1]), lane l taking every eighth from start[s] + l. */
	void (*segment_sums)(size_t segments, const uint32_t *start, const double *value, double *sum);

	/* path (row) = factor (leak P_k + (1 - leak) (B_k + cold_k P_k)), nothing fused; b NULL: zeros. */
	void (*path)(
		size_t vectors, const double *b, const double *p, const uint64_t *cold, double factor, double leak, double *path);

	/* sum + low += value, with the rounding errors of nothing but low; sum is then the nearest double to both. */
	void (*accumulate)(size_t vectors, const double *value, double *sum, double *low);

	/* Bit k of on set where z_k > 0, for the 8 vectors places of z. */
	void (*signs)(size_t vectors, const double *z, uint64_t *on);

	/* Bit q set where key[q] <= limit; the least of 16 keys. */
	unsigned (*below)(const float key[NS_FANOUT], float limit);
	float (*least)(const float key[NS_FANOUT]);
};

/* The table for an instruction set; the best compiled in that is no better than isa. */
const struct ns_events_kernels *ns_events_kernels(enum ns_isa isa);

extern const struct ns_events_kernels ns_events_kernels_plain, ns_events_kernels_avx2, ns_events_kernels_avx512;

#endif
