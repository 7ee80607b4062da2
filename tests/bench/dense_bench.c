/* The dense engine against this machine's own dgemm, on one core:   dense_bench [N D M [SECONDS]]
 * Prints dgemm's rate (1024^3), the engine's, counting 4 n d m operations a step, and their ratio: medians of five rounds, in
 * which both are timed by turns. */
#include <cblas.h>
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/engine.h>
#include <nodescale/log.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 5, ORDER = 1024 };

static double dgemm_rate(double seconds, const double *a, const double *b, double *c)
{
	const double started = ns_log_clock();
	double products = 0;
	for (; ns_log_clock() - started < seconds; products++)
		cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ORDER, ORDER, ORDER, 1, a, ORDER, b, ORDER, 0, c, ORDER);
	return 2 * pow(ORDER, 3) * products / (ns_log_clock() - started);
}

static double engine_rate(double seconds, void *state, const struct ns_problem *p)
{
	struct ns_error error;
	const double started = ns_log_clock();
	uint64_t steps = 0;
	for (uint64_t taken; ns_log_clock() - started < seconds; steps += taken)
		if (ns_dense_engine.advance(state, 50, &taken, &error) != NS_OK || taken < 50)
			exit(1);
	return 4.0 * (double)p->n * (double)p->d * (double)p->m * (double)steps / (ns_log_clock() - started);
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof *values, ascending);
	return values[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	const bool given = argc > 3;
	const struct ns_experiment experiment = {.data_kind = NS_DATA_SPHERE_SINE,
		.n_train = given ? strtoul(argv[1], NULL, 10) : 100,
		.n_test = 1,
		.d = given ? strtoul(argv[2], NULL, 10) : 50,
		.noise = 0.1,
		.data_seed = 1,
		.init_std = M_SQRT2,
		.step_size = 1};
	const struct ns_point point = {1, NAN, given ? strtoul(argv[3], NULL, 10) : 2000, 0};
	const double seconds = argc > 4 ? strtod(argv[4], NULL) : 1;
	const struct ns_engine_options options = {.threads = 1, .isa = ns_isa_best()};
	double *a = ns_alloc(3 * ORDER, ORDER * sizeof *a), dgemm[ROUNDS], engine[ROUNDS], ratio[ROUNDS];
	struct ns_error error;
	struct ns_data data;
	struct ns_problem *problem;
	void *state;
	ns_blas_use_one_thread();
	if (a == NULL || ns_data_synthesise(&data, &experiment, &error) != NS_OK ||
		ns_problem_create(&problem, &experiment, &data, &point, &error) != NS_OK ||
		ns_dense_engine.create(&state, problem, NULL, &options, &error) != NS_OK)
		return 1;
	for (int round = 0; round < ROUNDS; round++) {
		dgemm[round] = dgemm_rate(seconds, a, a + ORDER * ORDER, a + 2 * ORDER * ORDER);
		engine[round] = engine_rate(seconds, state, problem);
		ratio[round] = engine[round] / dgemm[round];
	}
	const double operations = 4.0 * (double)problem->n * (double)problem->d * (double)problem->m;
	printf("n %zu d %zu m %zu: dgemm %.1f GFLOP/s, dense engine %.1f GFLOP/s (%.0f us/step): %.0f %%\n", problem->n,
		problem->d, problem->m, median(dgemm) * 1e-9, median(engine) * 1e-9, 1e6 * operations / median(engine),
		100 * median(ratio));
	ns_dense_engine.destroy(state);
	ns_problem_destroy(problem);
	ns_data_finish(&data);
	ns_free(a);
	return 0;
}
