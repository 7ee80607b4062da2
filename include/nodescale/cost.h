/* What a point will cost, by counting: for handing out the longest first, for plans and for progress. Never part of a result. */
#ifndef NODESCALE_COST_H
#define NODESCALE_COST_H

#include <nodescale/engine.h>

struct ns_cost {
	const struct ns_engine *engine; /* the one that will train it */
	double cycles;                  /* on one core, set-up and recording included */
	double cycles_of_data;          /* once a rank, whatever the number of its points */
	double bytes;                   /* of memory while it trains */
};

/* n, n_test, d: of the data. engine NULL: auto. */
struct ns_cost ns_point_cost(const struct ns_experiment *experiment, size_t n, size_t n_test, size_t d,
	const struct ns_point *point, const struct ns_engine *engine);

#endif
