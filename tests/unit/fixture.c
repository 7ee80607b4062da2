#include "fixture.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill_row(const struct ns_fixture *fixture, double *x, size_t i)
{
	const size_t d = fixture->d;
	double *row = x + i * d, square = 0;
	struct ns_stream stream;
	ns_stream_start(&stream, fixture->seed, NS_PURPOSE_TEST_SUITE, i);
	for (size_t k = 0; k < d; k++) {
		row[k] = ns_stream_gaussian(&stream);
		square += row[k] * row[k];
	}
	for (size_t k = 0; k < d && !fixture->standardised; k++)
		row[k] /= sqrt(square);
	for (size_t k = 0; k < d && i > 0; k++) {
		if (fixture->duplicates && i % 3 == 2)
			row[k] = row[k - d];
		if (fixture->antipodal && i % 4 == 3)
			row[k] = -row[k - d];
		if (fixture->collinear && i % 6 == 5)
			row[k] = 2 * row[k - d];
		if (fixture->zero_inputs && i % 5 == 4)
			row[k] = 0;
	}
}

static void fill(const struct ns_fixture *fixture, struct ns_part *part, size_t first)
{
	double *x = ns_alloc((first + part->n) * fixture->d, sizeof *x);
	for (size_t i = 0; i < first + part->n; i++)
		fill_row(fixture, x, i);
	memcpy(part->x, x + first * fixture->d, part->n * fixture->d * sizeof *x);
	for (size_t i = 0; i < part->n; i++) {
		struct ns_stream stream;
		ns_stream_start(&stream, fixture->seed, NS_PURPOSE_TEST_SUITE, first + i + (1ull << 32));
		double sine = 0;
		for (size_t k = 0; k < fixture->d; k++)
			sine += sin(M_PI * part->x[i * fixture->d + k]);
		part->y[i] = 5 * sine / (double)fixture->d + 0.1 * ns_stream_gaussian(&stream);
	}
	ns_free(x);
}

/* GD is stable below n / eig_max(Theta), and eig_max(Theta) <= max_i sum_l |K_il|: lambda sums to 1 and slopes are at most 1. */
static double stable_step_size(const struct ns_problem *p)
{
	double largest = 0;
	for (size_t i = 0; i < p->n; i++) {
		double row = 0;
		for (size_t l = 0; l < p->n; l++) {
			double dot = 0;
			for (size_t k = 0; k < p->d; k++)
				dot += p->x[i * p->d + k] * p->x[l * p->d + k];
			row += fabs(dot);
		}
		largest = fmax(largest, row);
	}
	return largest > 0 ? (double)p->n / largest : 1;
}

struct ns_problem *ns_fixture_problem(const struct ns_fixture *fixture)
{
	struct ns_error error;
	struct ns_data data;
	struct ns_problem *problem;
	const struct ns_experiment experiment = {
		.activation = fixture->activation, .leak = fixture->leak, .init_std = M_SQRT2, .step_size = fixture->step_size};
	const struct ns_point point = {fixture->gamma, fixture->alpha, fixture->m, fixture->seed};
	if (ns_data_init(&data, fixture->d, fixture->n, 0, fixture->n_test, &error) != NS_OK)
		abort();
	fill(fixture, &data.train, 0);
	fill(fixture, &data.test, fixture->n);
	if (ns_problem_create(&problem, &experiment, &data, &point, &error) != NS_OK)
		abort();
	if (fixture->step_size == 0)
		problem->step_size = stable_step_size(problem);
	ns_data_finish(&data);
	return problem;
}

struct ns_problem ns_fixture_reversed(const struct ns_problem *p)
{
	struct ns_problem reversed = *p;
	double *x = ns_alloc(p->n, p->d * sizeof *x), *y = ns_alloc(p->n, sizeof *y);
	if (x == NULL || y == NULL)
		abort();
	for (size_t i = 0; i < p->n; i++) {
		memcpy(x + i * p->d, p->x + (p->n - 1 - i) * p->d, p->d * sizeof *x);
		y[i] = p->y[p->n - 1 - i];
	}
	reversed.x = x;
	reversed.y = y;
	return reversed;
}

void ns_fixture_print(const struct ns_fixture *f)
{
	fprintf(stderr,
		"problem: n %zu n_test %zu d %zu m %zu gamma %g alpha %g activation %s leak %g step_size %g standardised %d "
		"duplicates %d "
		"zero_inputs %d antipodal %d collinear %d seed %llu\n",
		f->n, f->n_test, f->d, f->m, f->gamma, f->alpha, ns_activation_names[f->activation], f->leak, f->step_size,
		f->standardised, f->duplicates, f->zero_inputs, f->antipodal, f->collinear, (unsigned long long)f->seed);
}
