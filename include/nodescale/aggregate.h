/* Mean and standard deviation over seeds, or over other keys: the points of a sweep gathered into curves, one per
 * (gamma, alpha, m) unless told otherwise. With a single record a curve is one number: a point of a curve against m, a cell of a
 * map. */
#ifndef NODESCALE_AGGREGATE_H
#define NODESCALE_AGGREGATE_H

#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>

/* What tells points apart. */
enum ns_key { NS_KEY_GAMMA, NS_KEY_ALPHA, NS_KEY_M, NS_KEY_SEED, NS_KEY_COUNT };
#define NS_KEY_BIT(key) (1u << (key))

struct ns_grouping {
	const bool *selected; /* (point) those that are gathered; NULL: all */
	unsigned over;        /* NS_KEY_BIT of the keys that are averaged over */
};

struct ns_curve {
	/* NaN or 0 where averaged over; alpha is NaN at gamma = 1 too */
	double gamma, alpha;
	uint64_t m, seed;
	size_t n_points; /* gathered here, whatever became of them: done + missing + diverged + crashed */
	size_t n_done, n_missing, n_diverged, n_crashed;
	double *mean, *std; /* (record) over the n values of a record, ddof 0; NaN where n is 0 */
	size_t *n;          /* (record) runs averaged: done, with a finite value */
};

struct ns_aggregate {
	size_t n_curves, n_records;
	struct ns_curve *curves; /* by falling gamma, falling alpha, rising m, rising seed: from lazy to feature learning */
	unsigned over;           /* as in the grouping */
	bool m_varies;           /* over the curves */
	double *values;          /* what the curves' mean and std point into */
	size_t *counts;          /* and their n */
};

/* values: (point, record). status: (point) enum ns_point_status. Of a point that has diverged nothing is averaged, not even what
 * came before: a curve whose runs drop out one by one would say more about who is left than about training. Sums run in the order
 * of the seeds, so the bits do not depend on the order of the points. NS_FAILED if memory is short. Release with
 * ns_aggregate_finish. */
enum ns_status ns_aggregate_init(struct ns_aggregate *aggregate, const struct ns_point *points, const uint8_t *status,
	size_t n_points, const double *values, size_t n_records, struct ns_error *error);

/* The same of some points, or over other keys than the seed. Without any point there is no curve. */
enum ns_status ns_aggregate_grouped(struct ns_aggregate *aggregate, const struct ns_grouping *grouping,
	const struct ns_point *points, const uint8_t *status, size_t n_points, const double *values, size_t n_records,
	struct ns_error *error);
void ns_aggregate_finish(struct ns_aggregate *aggregate);

#endif
