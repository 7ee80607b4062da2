/* The loops that take the time, in one table per instruction set and width. kernels.c holds them once; the build compiles it for
 * each. All variants have the same bits: sums are written elementwise in a fixed order, products are never fused
 * (-ffp-contract=off). */
#ifndef NODESCALE_INTERVALS_KERNELS_H
#define NODESCALE_INTERVALS_KERNELS_H

#include <nodescale/isa.h>
#include <stddef.h>
#include <stdint.h>

struct intervals;
struct run_block;

enum { TILE = 4, TABLE = 256, MOST_WAITING = 16 }; /* groups of 8 whose tables are in use together, sums in a table */

struct ns_interval_kernels {
	size_t width;

	/* Nodes j = first + nodes[a], a < count, gradient (count, width) beside what all have in common (width): D -= c (common +
	 * gradient), then v (count, width) = c W, and near (count): the bits of the watched samples now, or MUST_SCAN. */
	void (*move)(struct intervals *state, size_t first, const uint32_t *nodes, size_t count, const double *common,
		const double *gradient, double *v, uint32_t *near);

	/* The bits that the watched samples of node j would have at weights w (width), and z (NEAR) = their |z|. */
	unsigned (*watched)(const struct intervals *state, size_t j, const double *w, double *z);

	/* Renews the row (lanes / 8) of one node; difference (lanes / 8): the bits that changed, whose number it returns;
	 * distance (lanes) = |z| / ||x||, NaN where it is never small. */
	uint64_t (*scan)(const struct intervals *state, const double *w, uint8_t *row, uint8_t *difference, double *distance);

	/* How many of count distances (a multiple of 8) are below bound; the first `most` of them are listed. */
	size_t (*collect)(size_t count, const double *distance, double bound, size_t most, uint32_t *listed);

	/* Runs: gradient (count, width) of nodes[a] of the block from prefix sums; c w = v (count, width) of the same added to
	 * the steps. */
	void (*gather)(
		const struct run_block *block, const uint32_t *nodes, size_t count, const double *prefix, double *gradient);
	void (*spread)(struct run_block *block, const uint32_t *nodes, size_t count, const double *v);
	/* Outputs from the steps of all blocks (cleared), prefix (lanes + 1, width) of rho x~. */
	void (*weigh_runs)(struct intervals *state, size_t n_blocks, struct run_block *blocks, double *prefix);

	/* Tables: sums (width each) over the set bits of columns first .. last-1 of the rows; tables is scratch of TILE * TABLE
	 * vectors. */
	void (*product)(size_t n_rows, const double *rows, size_t n_columns, const uint8_t *bits, size_t first, size_t last,
		double *sums, double *tables);
	/* Outputs from the sums over nodes u (lanes, width); y (lanes, width) = rho x~. */
	void (*weigh_tables)(struct intervals *state, const double *u, double *y);

	/* Deferred nodes; matrices (lanes, lanes) are symmetric and kept as half_offset() says. "row" is that of a node, [on] its
	 * pattern. product (lanes) = matrix r; sum += lambda [on] [on]^T over the nodes with these rows (count, lanes / 8), and
	 * theta = kernel o sum where that changes it; gradient (width) = sum of [on] r x; f (lanes) += [on] v . x; prefix (n + 1,
	 * width) and common (width): what weigh_runs() makes of rho, of path (n). */
	void (*half_product)(size_t lanes, const double *matrix, const double *r, double *product);
	void (*half_update)(const struct intervals *state, size_t count, const double *lambda, const uint8_t *rows,
		const double *kernel, double *sum, double *theta);
	void (*sum_path)(const struct intervals *state, const double *path, double *prefix, double *common);
	void (*gradient_of_row)(const struct intervals *state, const uint8_t *row, const double *r, double *gradient);
	/* *along = a . b / square, 0 if square is; *apart = ||a - *along b||^2. */
	void (*project)(size_t lanes, const double *a, const double *b, double square, double *along, double *apart);
	void (*contribute)(const struct intervals *state, const uint8_t *row, const double *v, double *f);
};

/* The least width that holds d <= 16 inputs. */
const struct ns_interval_kernels *ns_interval_kernels(enum ns_isa isa, size_t d);

#endif
