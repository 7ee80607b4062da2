/* Conditions on points, as people write them on the command line. */
#ifndef NODESCALE_FILTER_H
#define NODESCALE_FILTER_H

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
 * "gamma<0.5 and m >= 1000". Anything else is NS_BAD_INPUT with the place in text, counted from 1; option is the
 * one that text was given to ("--only"). */
enum ns_status ns_filter_parse(struct ns_filter *filter, const char *text, const char *option, struct ns_error *error);

/* At gamma = 1 there is no alpha: such a point is accepted by no comparison with alpha, != included. */
bool ns_filter_accepts(const struct ns_filter *filter, const struct ns_point *point);

#endif
