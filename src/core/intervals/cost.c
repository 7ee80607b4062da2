#include "cost.h"
#include "state.h"
#include <math.h>

static size_t width_class(size_t d)
{
	return d <= 4 ? 0 : d <= 8 ? 1 : 2;
}

double ns_cycles_of_runs(size_t m, size_t d, double boundaries)
{
	static const double per_boundary[] = {3.5, 7, 14};
	return (double)m * boundaries * per_boundary[width_class(d)];
}

double ns_cycles_of_tables(size_t n, size_t m, size_t d)
{
	static const double per_look_up[] = {1.4, 2.9, 10};
	return (double)m * (double)n / 4 * per_look_up[width_class(d)];
}

double ns_cycles_of_deferral(size_t n)
{
	return 0.25 * (double)n * (double)n / 2;
}

/* A hyperplane cuts a tour of n points spread over the projective space of dimension d - 1 in about n^(1 - 1/(d - 1)) places. */
double ns_expected_boundaries(size_t n, size_t d)
{
	return d < 2 ? 1 : 0.5 * pow((double)n, 1 - 1 / ((double)d - 1)) + 1;
}

static double cycles_of_products(const struct ns_shape *shape)
{
	const double runs = ns_cycles_of_runs(shape->m, shape->d, ns_expected_boundaries(shape->n, shape->d));
	const double tables = ns_cycles_of_tables(shape->n, shape->m, shape->d);
	return shape->d <= MOST_INPUTS_FOR_RUNS ? fmin(runs, tables) : tables;
}

/* Beside the products: 60 cycles to move a node, 10 a sample, and a few scans of 3 cycles a sample. */
double ns_intervals_cycles(const struct ns_shape *shape)
{
	const double n = (double)shape->n, m = (double)shape->m;
	return cycles_of_products(shape) + 60 * m + (10 + 3 * 5) * n;
}

double ns_intervals_memory(const struct ns_shape *shape)
{
	static const double widths[] = {4, 8, 16};
	const double n = (double)shape->n, m = (double)shape->m, vector = 8 * widths[width_class(shape->d)];
	const double node = 3 * vector + NEAR * (8 * (double)shape->d + 4) + n / 8 + 60;
	const double runs = 5 * ns_expected_boundaries(shape->n, shape->d) + 160 + fmax(1 / 512.0, 64 / m) * n * vector;
	const double tables = 2 * vector + n / 4 + 3 * vector * n / m;
	return m * (node + fmax(runs, tables)) + n * (2 * vector + 48) + TILE * TABLE * vector;
}
