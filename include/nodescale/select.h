/* Which points of a sweep a run is about: those that a filter accepts (filter.h), or one part of several. */
#ifndef NODESCALE_SELECT_H
#define NODESCALE_SELECT_H

#include <nodescale/filter.h>
#include <stdbool.h>
#include <stddef.h>

/* Part `number` (from 1) of `count`. */
struct ns_share {
	size_t number, count;
};

/* Reads "2/8". */
enum ns_status ns_share_parse(struct ns_share *part, const char *text, struct ns_error *error);

/* selected[p] = whether point p belongs to the part. The parts hold every point once; their sizes differ by at most one, and each
 * has its share of every width and every node scaling. Which part a point belongs to depends on the set of points, not on its
 * order: points are dealt out in the order of m, gamma, alpha, seed. */
enum ns_status ns_share_select(
	struct ns_share part, const struct ns_point *points, size_t n_points, bool *selected, struct ns_error *error);

#endif
