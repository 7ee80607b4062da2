/* The grid of a sweep: a list of blocks, each the product of four axes, and the points of their union. */
#ifndef NODESCALE_GRID_H
#define NODESCALE_GRID_H

#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>

enum { NS_POINTS_MOST = 100000000 }; /* of a sweep, repeats included */

union ns_axis_value {
	double real;    /* gamma, alpha */
	uint64_t whole; /* m, seed */
};

enum ns_axis_kind {
	NS_AXIS_LIST,        /* values as given */
	NS_AXIS_CONSECUTIVE, /* whole numbers from, from + 1, .. */
	NS_AXIS_LINEAR,      /* from .. to in equal steps */
	NS_AXIS_LOG,         /* from .. to in equal ratios; from > 0 */
};

/* Values of one parameter. Both ends of a range are exact. What lies between is rounded to a whole number on a whole axis, and to
 * 15 significant digits on a real one, so that the 0.3 of {from: 0.1, to: 0.9, count: 9} is the 0.3 of a list. */
struct ns_axis {
	enum ns_axis_kind kind;
	bool is_whole;
	size_t count;
	union ns_axis_value from, to;
	union ns_axis_value *list; /* (count), owned; NULL for ranges */
};
union ns_axis_value ns_axis_value(const struct ns_axis *axis, size_t index);

struct ns_block {
	struct ns_axis gamma, alpha, m, seed; /* alpha may have no values if every gamma is 1 */
};
void ns_block_finish(struct ns_block *block);

/* Product of the four axes' lengths, or SIZE_MAX if that overflows. */
size_t ns_block_size(const struct ns_block *block);

/* The union of the blocks without repeats, in the order of first mention; within a block gamma is outermost, then alpha, m, seed.
 * At gamma = 1 alpha has no effect: it is NaN there, and the block's alphas give one point. The blocks' sizes must sum to at most
 * NS_POINTS_MOST. Free *points with ns_free. */
enum ns_status ns_grid_expand(
	const struct ns_block *blocks, size_t n_blocks, struct ns_point **points, size_t *n_points, struct ns_error *error);

#endif
