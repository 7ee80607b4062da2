#include "cost.h"
#include "deferral.h"
#include <math.h>

static size_t width_class(size_t d)
{
	return d <= 4 ? 0 : d <= 8 ? 1 : 2;
}

/* Fitted to the first 1,000 steps of random problems (tests/bench/auto_bench.c, RESULTS.md), which cost most: everything moves,
 * and nodes are scanned. */
double ns_cycles_of_runs(size_t m, size_t d, double boundaries)
{
	static const double per_boundary[] = {4, 4, 8};
	return (double)m * (200 + boundaries * per_boundary[width_class(d)]);
}

/* Look-ups both ways, and the tables to look up in. */
double ns_cycles_of_tables(size_t n, size_t m, size_t d)
{
	static const double per_look_up[] = {1.4, 2.9, 6.7}, per_tile[] = {2700, 5400, 10800};
	const size_t width = width_class(d);
	return (double)m * (200 + (double)n / 4 * per_look_up[width]) +
	       per_tile[width] * (ceil((double)n / 32) + ceil((double)m / 32));
}

/* The product with Theta, the looks, and taking nodes in and out. */
double ns_cycles_of_deferral(size_t n)
{
	return 0.4 * (double)n * (double)n;
}

/* Its share of renewing the product's matrix twice, and a look. */
double ns_cycles_of_leaving(size_t n)
{
	return 600 + 0.06 * (double)n * (double)n;
}

/* A hyperplane cuts a tour of n points spread over the projective space of dimension d - 1 in about n^(1 - 1/(d - 1)) places. */
double ns_expected_boundaries(size_t n, size_t d)
{
	return d < 2 ? 1 : 0.5 * pow((double)n, 1 - 1 / ((double)d - 1)) + 1;
}

double ns_intervals_cycles(const struct ns_shape *shape)
{
	const double runs = ns_cycles_of_runs(shape->m, shape->d, ns_expected_boundaries(shape->n, shape->d)) +
			    (shape->n <= MOST_SAMPLES_TO_DEFER ? ns_cycles_of_deferral(shape->n) / 4 : 0);
	const double tables = ns_cycles_of_tables(shape->n, shape->m, shape->d);
	return 5900 + 110 * (double)shape->n + (shape->d <= MOST_INPUTS_FOR_RUNS ? fmin(runs, tables) : tables);
}

/* Nearest neighbours and the closest ten of each sample, in n^2 d operations each; up to two inputs a sort. */
double ns_intervals_cycles_of_data(const struct ns_shape *shape)
{
	const double n = (double)shape->n, d = (double)shape->d;
	return shape->d > MOST_INPUTS_FOR_RUNS || shape->d < 3 ? 0 : 5 * n * n * d;
}

double ns_intervals_memory(const struct ns_shape *shape)
{
	static const double widths[] = {4, 8, 16};
	const double n = (double)shape->n, m = (double)shape->m, vector = 8 * widths[width_class(shape->d)];
	const double node = 3 * vector + NEAR * (8 * (double)shape->d + 4) + n / 8 + 60;
	const double place = n * widths[width_class(shape->d)] < UINT16_MAX ? 2 : 4;
	const double runs =
		2.5 * place * ns_expected_boundaries(shape->n, shape->d) + 160 + fmax(1 / 1024.0, 64 / m) * n * vector;
	const double tables = 2 * vector + n / 4 + 3 * vector * n / m;
	return m * (node + fmax(runs, tables)) + n * (2 * vector + 48) + TILE * TABLE * vector;
}
