/* Which points of a sweep a run is about: those that a filter accepts, or one part of several. */
#ifndef NODESCALE_SELECT_H
#define NODESCALE_SELECT_H

#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>

enum { NS_FILTER_MOST = 16 }; /* comparisons */

struct ns_comparison {
	enum { NS_COMPARE_GAMMA, NS_COMPARE_ALPHA, NS_COMPARE_M, NS_COMPARE_SEED } field;
	enum { NS_LESS, NS_LESS_EQUAL, NS_GREATER, NS_GREATER_EQUAL, NS_EQUAL, NS_NOT_EQUAL } relation;
	long double value; /* holds every double and every uint64 */
};

/* Comparisons that must all hold; none: accepts every point. */
struct ns_filter {
	size_t count;
	struct ns_comparison comparisons[NS_FILTER_MOST];
};

/* Reads comparisons of gamma, alpha, m or seed with a number by < <= > >= == !=, joined by `and` or a comma:
 * "gamma<0.5 and m >= 1000". Anything else is NS_BAD_INPUT with the place in text, counted from 1. */
enum ns_status ns_filter_parse(struct ns_filter *filter, const char *text, struct ns_error *error);

/* At gamma = 1 there is no alpha: such a point is accepted by no comparison with alpha, != included. */
bool ns_filter_accepts(const struct ns_filter *filter, const struct ns_point *point);

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
