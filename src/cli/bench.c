#include "command.h"
#include "load.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/engine.h>
#include <nodescale/log.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"usage: nodescale bench [SPEC.yaml] [--steps N] [--seconds S] [--threads K] [--engine NAME]\n\n"
	"Times every engine on the first seed of each configuration of the spec, side by side on this machine, and compares the\n"
	"risks they reach. Without a spec: the simulated experiment of the paper.\n\n"
	"      --steps N       steps to take; default 2000\n"
	"      --seconds S     an engine that needs longer stops early; default 5\n"
	"      --threads K     threads inside a point; default 1\n"
	"      --engine NAME   this engine alone\n"
	"  -h, --help          this text\n";

static const char simulated[] = "name: simulated\n"
				"data: {kind: sphere_sine, n_train: 100, n_test: 100, d: 50, noise: 0.1, seed: 1}\n"
				"model: {init_std: 1.4142135623730951}\n"
				"grid:\n"
				"  - {gamma: 1.0, m: 2000, seed: 0}\n"
				"  - {gamma: 0.5, alpha: 0.7, m: 2000, seed: 0}\n"
				"  - {gamma: 0.2, alpha: 0.5, m: 2000, seed: 0}\n"
				"  - {gamma: 0.0, alpha: 0.4, m: 2000, seed: 0}\n"
				"train: {step_size: 1.0, steps: 50000}\n"
				"record: {every: 1000}\n";

struct bench_options {
	const char *path;
	const struct ns_engine *engine; /* NULL: all */
	long steps, seconds, threads;
};

struct timing {
	double setup, stepping; /* seconds */
	uint64_t steps, flips;
	double risk;
};

static double risk_of(const struct ns_engine *engine, void *state, const struct ns_problem *p)
{
	double square = 0, *f = ns_alloc(p->n, sizeof *f);
	if (f == NULL)
		return NAN;
	engine->outputs(state, f);
	for (size_t i = 0; i < p->n; i++)
		square += (f[i] - p->y[i]) * (f[i] - p->y[i]);
	ns_free(f);
	return square / (double)p->n;
}

static enum ns_status time_engine(const struct bench_options *o, const struct ns_engine *engine, const struct ns_problem *p,
	struct timing *timing, struct ns_error *error)
{
	const struct ns_engine_options options = {.threads = (int)o->threads, .isa = ns_isa_best()};
	void *state = NULL;
	*timing = (struct timing){0};
	const double started = ns_log_clock();
	enum ns_status status = engine->create(&state, p, NULL, &options, error);
	if (status != NS_OK)
		return status;
	const double ready = ns_log_clock();
	timing->setup = ready - started;
	for (uint64_t chunk = 1; status == NS_OK && timing->steps < (uint64_t)o->steps; chunk *= 2) {
		uint64_t taken = 0, left = (uint64_t)o->steps - timing->steps;
		status = engine->advance(state, chunk < left ? chunk : left, &taken, error);
		timing->steps += taken;
		timing->stepping = ns_log_clock() - ready;
		if (taken < (chunk < left ? chunk : left) || timing->stepping > (double)o->seconds)
			break;
	}
	timing->flips = engine->flips(state);
	timing->risk = risk_of(engine, state, p);
	engine->destroy(state);
	return status;
}

static enum ns_status bench_point(const struct bench_options *o, const struct ns_spec *spec, const struct ns_data *data,
	const struct ns_point *point, struct ns_error *error)
{
	struct ns_problem *problem;
	enum ns_status status = ns_problem_create(&problem, &spec->experiment, data, point, error);
	if (status != NS_OK)
		return status;
	const struct ns_shape shape = ns_problem_shape(problem);
	printf("gamma %g, alpha %g, m %" PRIu64 ", n %zu, d %zu; auto is %s\n", point->gamma, point->alpha, point->m, problem->n,
		problem->d, ns_engine_choose(&shape)->name);
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL && status == NS_OK; engine++) {
		struct timing timing;
		if ((o->engine != NULL && *engine != o->engine) || (*engine)->refusal(&shape) != NULL)
			continue;
		status = time_engine(o, *engine, problem, &timing, error);
		if (status == NS_OK)
			printf("  %-10s %10.2f us/step  set-up %8.4f s  %7" PRIu64 " steps  %10" PRIu64 " flips  risk %.15g\n",
				(*engine)->name, 1e6 * timing.stepping / fmax(1, (double)timing.steps), timing.setup,
				timing.steps, timing.flips, timing.risk);
		fflush(stdout);
	}
	ns_problem_destroy(problem);
	return status;
}

static bool is_first_of_configuration(const struct ns_spec *spec, size_t index)
{
	const struct ns_point *point = &spec->points[index];
	for (size_t p = 0; p < index; p++) {
		const struct ns_point *other = &spec->points[p];
		const bool same_alpha = other->alpha == point->alpha || (isnan(other->alpha) && isnan(point->alpha));
		if (other->gamma == point->gamma && same_alpha && other->m == point->m)
			return false;
	}
	return true;
}

static enum ns_status parse_options(int argc, char **argv, struct bench_options *o, struct ns_error *error)
{
	static const struct option options[] = {{"steps", required_argument, NULL, 'n'},
		{"seconds", required_argument, NULL, 's'}, {"threads", required_argument, NULL, 't'},
		{"engine", required_argument, NULL, 'e'}, {0}};
	*o = (struct bench_options){.steps = 2000, .seconds = 5, .threads = 1};
	for (int letter; (letter = ns_next_option(argc, argv, "-:", options, &o->path, error)) != -1;) {
		enum ns_status status = NS_OK;
		if (letter == 'n')
			status = ns_parse_count(optarg, "--steps", 1, &o->steps, error);
		else if (letter == 's')
			status = ns_parse_count(optarg, "--seconds", 1, &o->seconds, error);
		else if (letter == 't')
			status = ns_parse_count(optarg, "--threads", 1, &o->threads, error);
		else if (letter == 'e')
			status = ns_parse_engine(optarg, &o->engine, error);
		else
			status = error->status;
		if (status != NS_OK)
			return status;
	}
	return NS_OK;
}

static enum ns_status load(const char *path, struct ns_spec *spec, struct ns_data *data, struct ns_error *error)
{
	if (path != NULL)
		return ns_load(path, spec, data, error);
	const enum ns_status status = ns_spec_parse(spec, "the built-in spec", simulated, strlen(simulated), error);
	return status == NS_OK ? ns_data_load(data, &spec->experiment, error) : status;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	struct bench_options options;
	struct ns_spec spec;
	struct ns_data data;
	enum ns_status status = parse_options(argc, argv, &options, error);
	if (status == NS_OK)
		status = load(options.path, &spec, &data, error);
	if (status != NS_OK)
		return status;
	ns_blas_use_one_thread();
	for (size_t p = 0; p < spec.n_points && status == NS_OK; p++)
		if (is_first_of_configuration(&spec, p))
			status = bench_point(&options, &spec, &data, &spec.points[p], error);
	ns_data_finish(&data);
	ns_spec_finish(&spec);
	return status;
}

const struct ns_command ns_bench_command = {
	.name = "bench",
	.summary = "time the engines on this machine, side by side",
	.help = help,
	.run = run,
};
