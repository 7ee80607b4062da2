/* Is `auto` ever slower than the dense engine?   auto_bench [PROBLEMS [FIRST [all]]]
 * Random problems (n 1 .. 600, d 1 .. 100, m 1 .. 5,000, the four configurations, standardised and sphere data), numbered: FIRST
 * is the first one's number. Steps are taken by turns in small pieces and timed by processor time, in windows of 1,000 steps; a
 * problem gets as many windows, at most four, as fit in some seconds. A window's ratio is that of auto's time to the dense
 * engine's; where auto is the dense engine it is 1. With "all" every engine is timed in the first window, to fit the cost
 * functions: then each line has microseconds and expected kilocycles a step of events, intervals and dense.
 */
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/data.h>
#include <nodescale/engine.h>
#include <nodescale/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW = 1000, MOST_WINDOWS = 4, PIECES = 20 };
static const double seconds_a_problem = 4;

static double processor_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "auto_bench: %s\n", what);
	exit(2);
}

static void *start(const struct ns_engine *engine, const struct ns_problem *problem)
{
	const struct ns_engine_options options = {.threads = 1, .isa = ns_isa_best()};
	struct ns_error error;
	void *state;
	if (engine->create(&state, problem, NULL, &options, &error) != NS_OK)
		fail(error.text);
	return state;
}

static double seconds_of(const struct ns_engine *engine, void *state, uint64_t steps)
{
	struct ns_error error;
	uint64_t taken;
	const double started = processor_clock();
	if (engine->advance(state, steps, &taken, &error) != NS_OK)
		fail(error.text);
	return processor_clock() - started;
}

/* A number between 1 and most, its logarithm uniform. */
static size_t draw(struct ns_stream *stream, double most)
{
	return (size_t)exp(log(most + 1) * ns_stream_uniform(stream));
}

struct sample {
	struct ns_problem *problem;
	bool sphere;
};

static struct sample make_problem(uint64_t number)
{
	static const double gammas[] = {1, 0.5, 0.2, 0}, alphas[] = {NAN, 0.7, 0.5, 0.4};
	struct ns_error error;
	struct ns_data data;
	struct ns_stream stream;
	ns_stream_start(&stream, number, NS_PURPOSE_TEST_SUITE, 2);
	struct ns_experiment experiment = {.activation = NS_RELU, .init_std = M_SQRT2, .step_size = 1, .noise = 0.1};
	const size_t kind = ns_stream_below(&stream, 4);
	struct sample sample = {.sphere = ns_stream_below(&stream, 2) == 0};
	experiment.data_kind = sample.sphere ? NS_DATA_SPHERE_SINE : NS_DATA_GAUSSIAN_SINE;
	experiment.n_train = draw(&stream, 600);
	experiment.d = draw(&stream, 100);
	experiment.data_seed = number;
	const struct ns_point point = {gammas[kind], alphas[kind], draw(&stream, 5000), number};
	if (ns_data_synthesise(&data, &experiment, &error) != NS_OK)
		fail(error.text);
	for (size_t e = 0; !sample.sphere && e < data.train.n * data.d; e++)
		data.train.x[e] *= sqrt((double)data.d);
	if (ns_problem_create(&sample.problem, &experiment, &data, &point, &error) != NS_OK)
		fail(error.text);
	ns_data_finish(&data);
	return sample;
}

/* The largest ratio of windows; *us: of the first, per step. */
static double compare(const struct ns_engine *engine, const struct ns_problem *problem, double *us, double *us_dense)
{
	void *state = start(engine, problem), *dense = start(&ns_dense_engine, problem);
	double worst = 0, total = 0;
	for (int window = 0; window < MOST_WINDOWS && (window == 0 || total * (window + 1) / window < seconds_a_problem);
		window++) {
		double its = 0, denses = 0;
		uint64_t taken = 0;
		for (int piece = 0; piece < PIECES && (piece == 0 || its + denses < 2 * seconds_a_problem); piece++) {
			its += seconds_of(engine, state, WINDOW / PIECES);
			denses += seconds_of(&ns_dense_engine, dense, WINDOW / PIECES);
			taken += WINDOW / PIECES;
		}
		total += its + denses;
		worst = fmax(worst, its / denses);
		if (window == 0) {
			*us = 1e6 * its / (double)taken;
			*us_dense = 1e6 * denses / (double)taken;
		}
	}
	engine->destroy(state);
	ns_dense_engine.destroy(dense);
	return worst;
}

int main(int argc, char **argv)
{
	const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 200, first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	const bool all = argc > 3 && strcmp(argv[3], "all") == 0;
	size_t dense = 0, slower = 0;
	double worst = 0;
	ns_blas_use_one_thread();
	for (uint64_t q = first; q < first + count; q++) {
		const struct sample sample = make_problem(q);
		const struct ns_problem *p = sample.problem;
		const struct ns_shape shape = ns_problem_shape(p);
		const struct ns_engine *engine = ns_engine_choose(&shape);
		double us = 0, us_dense = 0, ratio = 1;
		if (engine == &ns_dense_engine)
			dense++;
		else
			ratio = compare(engine, p, &us, &us_dense);
		if (all || ratio > 1 || engine != &ns_dense_engine)
			printf("%llu n %zu d %zu m %zu gamma %g %s: %s %.3f", (unsigned long long)q, p->n, p->d, p->m, p->gamma,
				sample.sphere ? "sphere" : "gaussian", engine->name, ratio);
		for (const struct ns_engine *const *e = ns_engines; all && *e != NULL; e++)
			if (*e != &ns_dense_engine && *e != &ns_reference_engine && (*e)->refusal(&shape) == NULL) {
				compare(*e, p, &us, &us_dense);
				printf(" | %s %.3f %.3f", (*e)->name, us, (*e)->cycles_per_step(&shape) * 1e-3);
			}
		if (all)
			printf(" | dense %.3f %.3f", us_dense, ns_dense_engine.cycles_per_step(&shape) * 1e-3);
		if (all || ratio > 1 || engine != &ns_dense_engine)
			printf("\n");
		fflush(stdout);
		worst = fmax(worst, ratio);
		slower += ratio > 1.05;
		ns_problem_destroy(sample.problem);
	}
	printf("%llu problems: auto is the dense engine in %zu, slower than it by more than 5 %% in %zu; worst ratio %.3f\n",
		(unsigned long long)count, dense, slower, worst);
	return 0;
}
