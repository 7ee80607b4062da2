/* The four UCI experiments with their published splits, m = 2,000, one core, read from FOLDER/data/NAME.csv and
 * FOLDER/reference/NAME.permutation.csv.
 *   uci_bench speed FOLDER [STEPS [NAME [GAMMA]]]
 *                                   microseconds a step of the interval and the dense engine, by turns, over the first STEPS
 *                                   (20,000) steps and a sample of the dense engine's; processor time
 *   uci_bench exact FOLDER          20,000 steps of concrete at each configuration with the event engine and both forms of the
 *                                   interval engine, 5,000 of power plant at gamma = 1 with the latter: how far risks come to lie
 *                                   from the dense engine's, against those of two dense runs whose samples stand in opposite
 * order; exit code 1 where it is more than ten times that or flips differ
 */
#include "../../src/core/intervals/state.h"
#include "../unit/fixture.h"
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/data.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what)
{
	fprintf(stderr, "uci_bench: %s\n", what);
	exit(2);
}

static double processor_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct ns_problem *make_problem(const char *folder, const char *name, double gamma, double alpha)
{
	struct ns_error error;
	struct ns_data data;
	struct ns_problem *problem;
	struct ns_experiment experiment = {.data_kind = NS_DATA_CSV,
		.target = "last",
		.split = {0.4, 0.4, 0.2},
		.standardise = true,
		.activation = NS_RELU,
		.init_std = M_SQRT2,
		.step_size = 1};
	const struct ns_point point = {gamma, alpha, 2000, 0};
	snprintf(experiment.file, sizeof experiment.file, "%s/data/%s.csv", folder, name);
	snprintf(experiment.permutation, sizeof experiment.permutation, "%s/reference/%s.permutation.csv", folder, name);
	if (ns_data_load(&data, &experiment, &error) != NS_OK ||
		ns_problem_create(&problem, &experiment, &data, &point, &error) != NS_OK)
		fail(error.text);
	ns_data_finish(&data);
	return problem;
}

static const struct ns_engine_options *options(void)
{
	static struct ns_engine_options made = {.threads = 1};
	made.isa = ns_isa_best();
	return &made;
}

static void *start(const struct ns_engine *engine, const struct ns_problem *problem)
{
	struct ns_error error;
	void *state;
	if (engine->create(&state, problem, NULL, options(), &error) != NS_OK)
		fail(error.text);
	return state;
}

/* Processor seconds. */
static double advance(const struct ns_engine *engine, void *state, uint64_t steps)
{
	struct ns_error error;
	uint64_t taken;
	const double started = processor_clock();
	if (engine->advance(state, steps, &taken, &error) != NS_OK || taken < steps)
		fail("a run ended early");
	return processor_clock() - started;
}

static void measure(const char *folder, const char *name, double gamma, double alpha, uint64_t steps)
{
	enum { PIECES = 20 };
	struct ns_problem *problem = make_problem(folder, name, gamma, alpha);
	const double started = processor_clock();
	struct intervals *state = start(&ns_interval_engine, problem);
	const double setup = processor_clock() - started;
	void *dense = start(&ns_dense_engine, problem);
	const uint64_t dense_steps = problem->n > 1000 ? 10 : 50;
	double its = 0, denses = 0;
	for (int piece = 0; piece < PIECES; piece++) {
		its += advance(&ns_interval_engine, state, steps / PIECES);
		denses += advance(&ns_dense_engine, dense, dense_steps);
	}
	const double us = 1e6 * its / (double)(steps / PIECES * PIECES), us_dense = 1e6 * denses / (double)(PIECES * dense_steps);
	printf("| %s | %g | %s | %.1f | %.0f | %.1f | %.3f |\n", name, gamma, state->form->name, us, us_dense, us_dense / us,
		setup);
	fflush(stdout);
	ns_interval_engine.destroy(state);
	ns_dense_engine.destroy(dense);
	ns_problem_destroy(problem);
}

/* name NULL: all; gamma negative: all. */
static int speed(const char *folder, uint64_t steps, const char *only_name, double only_gamma)
{
	static const char *const names[] = {"concrete", "airfoil", "energy", "power_plant"};
	static const double gammas[] = {1, 0.5, 0.2, 0}, alphas[] = {NAN, 0.7, 0.5, 0.4};
	printf("| data | gamma | form | intervals, us a step | dense | times as fast | set-up, s "
	       "|\n|---|---|---|---|---|---|---|\n");
	for (size_t name = 0; name < 4; name++)
		for (size_t kind = 0; kind < 4; kind++)
			if ((only_name == NULL || strcmp(only_name, names[name]) == 0) &&
				(only_gamma < 0 || only_gamma == gammas[kind]))
				measure(folder, names[name], gammas[kind], alphas[kind], steps);
	return 0;
}

static double risk(const struct ns_engine *engine, void *state, const struct ns_problem *p, bool reversed, double *f)
{
	double square = 0;
	engine->outputs(state, f);
	for (size_t i = 0; i < p->n; i++) {
		const double r = f[reversed ? p->n - 1 - i : i] - p->y[i];
		square += r * r;
	}
	if (!isfinite(square))
		fail("a risk is not finite");
	return square / (double)p->n;
}

/* One engine's run beside the two dense ones. */
struct candidate {
	const char *name;
	const struct ns_engine *engine;
	const struct form *form; /* of the interval engine */
	void *state;
	double apart;
};

static void start_candidate(struct candidate *candidate, const struct ns_problem *problem)
{
	struct ns_error error;
	if (candidate->form == NULL)
		candidate->state = start(candidate->engine, problem);
	else if (ns_intervals_create(&candidate->state, problem, NULL, options(), candidate->form, &error) != NS_OK)
		fail(error.text);
}

static bool report(
	const char *data, double gamma, uint64_t steps, const struct candidate *candidate, double spread, uint64_t dense_flips)
{
	const uint64_t flips = candidate->engine->flips(candidate->state);
	const bool ok = candidate->apart <= 10 * spread && flips == dense_flips;
	printf("| %s | %g | %llu | %s | %.2g | %.2g | %llu | %llu | %s |\n", data, gamma, (unsigned long long)steps,
		candidate->name, candidate->apart, spread, (unsigned long long)flips, (unsigned long long)dense_flips,
		ok ? "yes" : "NO");
	fflush(stdout);
	return ok;
}

static bool compare(const char *folder, const char *data, double gamma, double alpha, uint64_t steps, bool with_events)
{
	enum { CHECKS = 20, CANDIDATES = 3 };
	struct candidate candidates[CANDIDATES] = {{"intervals, runs", &ns_interval_engine, &ns_runs_form, NULL, 0},
		{"intervals, tables", &ns_interval_engine, &ns_tables_form, NULL, 0},
		{"events", &ns_event_engine, NULL, NULL, 0}};
	const size_t count = with_events ? CANDIDATES : CANDIDATES - 1;
	struct ns_problem *problem = make_problem(folder, data, gamma, alpha), reversed = ns_fixture_reversed(problem);
	void *dense = start(&ns_dense_engine, problem), *other = start(&ns_dense_engine, &reversed);
	double *f = ns_alloc(problem->n, sizeof *f), spread = 0;
	bool ok = true;
	for (size_t c = 0; c < count; c++)
		start_candidate(&candidates[c], problem);
	for (int check = 0; check < CHECKS; check++) {
		advance(&ns_dense_engine, dense, steps / CHECKS);
		advance(&ns_dense_engine, other, steps / CHECKS);
		const double expected = risk(&ns_dense_engine, dense, problem, false, f);
		spread = fmax(spread, fabs(risk(&ns_dense_engine, other, problem, true, f) / expected - 1));
		for (size_t c = 0; c < count; c++) {
			struct candidate *const candidate = &candidates[c];
			advance(candidate->engine, candidate->state, steps / CHECKS);
			const double reached = risk(candidate->engine, candidate->state, problem, false, f);
			candidate->apart = fmax(candidate->apart, fabs(reached / expected - 1));
		}
	}
	for (size_t c = 0; c < count; c++) {
		ok = report(data, gamma, steps, &candidates[c], spread, ns_dense_engine.flips(dense)) && ok;
		candidates[c].engine->destroy(candidates[c].state);
	}
	ns_dense_engine.destroy(dense);
	ns_dense_engine.destroy(other);
	ns_free((double *)reversed.x);
	ns_free((double *)reversed.y);
	ns_problem_destroy(problem);
	ns_free(f);
	return ok;
}

/* The event engine is left out of power plant: a step takes it milliseconds there, and it is never chosen. */
static bool exact(const char *folder)
{
	static const double gammas[] = {1, 0.5, 0.2, 0}, alphas[] = {NAN, 0.7, 0.5, 0.4};
	bool ok = true;
	printf("| data | gamma | steps | engine | risks apart from dense (relative) | two dense runs | flips | flips of dense | "
	       "holds |\n"
	       "|---|---|---|---|---|---|---|---|---|\n");
	for (size_t kind = 0; kind < 4; kind++)
		ok = compare(folder, "concrete", gammas[kind], alphas[kind], 20000, true) && ok;
	return compare(folder, "power_plant", 1, NAN, 5000, false) && ok;
}

int main(int argc, char **argv)
{
	ns_blas_use_one_thread();
	if (argc > 2 && strcmp(argv[1], "speed") == 0)
		return speed(argv[2], argc > 3 ? strtoull(argv[3], NULL, 10) : 20000, argc > 4 ? argv[4] : NULL,
			argc > 5 ? atof(argv[5]) : -1);
	if (argc <= 2 || strcmp(argv[1], "exact") != 0)
		fail("usage: uci_bench speed|exact FOLDER [STEPS]");
	return !exact(argv[2]);
}
