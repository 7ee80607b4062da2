/* A point of the sweep: one network to train. */
#ifndef NODESCALE_POINT_H
#define NODESCALE_POINT_H

#include <stdint.h>

struct ns_point {
	double gamma; /* in [0, 1] */
	double alpha; /* in (0, 1); NaN at gamma = 1, where it has no effect */
	uint64_t m;   /* nodes */
	uint64_t seed;
};

/* Stable identity of a point within its experiment: a hash of (gamma, alpha, m, seed) that depends on nothing else. */
uint64_t ns_point_id(const struct ns_point *point);

#endif
