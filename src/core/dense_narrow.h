/* A step of a block of nodes with few inputs, in one pass each over the samples (dense.c): d vector additions for the gradient,
 * then d products and additions for the pre-activations, eight samples at a time with everything of the nodes in registers. GEMM
 * would spend its time on packing and on the (m, n) matrices between its calls; here a pair keeps one bit.
 *
 * All variants have the same bits: sums run over vectors in order, products are never fused. */
#ifndef NODESCALE_DENSE_NARROW_H
#define NODESCALE_DENSE_NARROW_H

#include <nodescale/isa.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NS_MOST_NARROW_INPUTS = 16 };

/* Samples stand in groups of eight, zeros past the last: arrays (groups, d, 8). */
struct ns_narrow {
	size_t groups, d;
	double leak; /* act'(z) = z > 0 ? 1 : leak */
	double *x;   /* (groups, d, 8) */
	double *y;   /* (groups, d, 8) rho x */
	double y_sum[NS_MOST_NARROW_INPUTS];
};

/* count nodes, from their c (count), w0 and delta (count, d), bits (count, groups) of [z > 0]: where descending, first delta -= c
 * act'^T y with the bits as they stand; then f (groups, 8) += c act(z) and the bits are renewed. Returns how many changed. */
typedef uint64_t ns_narrow_pass(const struct ns_narrow *samples, bool descending, size_t count, const double *c, const double *w0,
	double *delta, uint8_t *bits, double *f);

ns_narrow_pass *ns_narrow_pass_for(enum ns_isa isa);

#endif
