/* Counts of work that decide, never clocks: see engines.md. */
#ifndef NODESCALE_INTERVALS_COST_H
#define NODESCALE_INTERVALS_COST_H

#include <nodescale/engine.h>

enum { MOST_INPUTS_FOR_RUNS = 8 };

/* Cycles of a step that go into the products with the pattern; boundaries per node, rises and falls together. */
double ns_cycles_of_runs(size_t m, size_t d, double boundaries);
double ns_cycles_of_tables(size_t n, size_t m, size_t d);

/* Cycles of a step that deferred nodes cost, however many they are. */
double ns_cycles_of_deferral(size_t n);

/* Of one node that leaves the deferred and comes back. */
double ns_cycles_of_leaving(size_t n);

/* Boundaries per node to expect of n samples without structure. */
double ns_expected_boundaries(size_t n, size_t d);

double ns_intervals_memory(const struct ns_shape *shape);
double ns_intervals_cycles(const struct ns_shape *shape);

/* Of the tour. */
double ns_intervals_cycles_of_data(const struct ns_shape *shape);

#endif
