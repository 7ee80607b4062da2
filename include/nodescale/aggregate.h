/* Mean and standard deviation over seeds: the points of a sweep gathered into curves, one per (gamma, alpha, m). */
#ifndef NODESCALE_AGGREGATE_H
#define NODESCALE_AGGREGATE_H

#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>

struct ns_curve {
	double gamma, alpha; /* alpha is NaN at gamma = 1 */
	uint64_t m;
	size_t n_points; /* seeds of this configuration in the sweep, whatever became of them: done + missing + diverged + crashed
			  */
	size_t n_done, n_missing, n_diverged, n_crashed;
	double *mean, *std; /* (record) over the n values of a record, ddof 0; NaN where n is 0 */
	size_t *n;          /* (record) runs averaged: done, with a finite value */
};

struct ns_aggregate {
	size_t n_curves, n_records;
	struct ns_curve *curves; /* by falling gamma, falling alpha, rising m: from lazy to feature learning */
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
void ns_aggregate_finish(struct ns_aggregate *aggregate);

#endif
