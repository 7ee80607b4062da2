#include "command.h"
#include "load.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/coordinator.h>
#include <nodescale/cost.h>
#include <nodescale/quantity.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
	"usage: nodescale plan SPEC.yaml [--workers N] [--engine NAME] [--points]\n\n"
	"Reads spec and data as `run` would and says what would run, without computing: points, engines, cost, memory, file "
	"size\n"
	"and a predicted time. Every mistake in the spec or its files is found here first.\n\n"
	"      --workers N     cores that will train (ranks times threads); default 1\n"
	"      --engine NAME   auto (default), events, intervals, dense or reference\n"
	"      --points        list every point: id, gamma, alpha, m, seed, engine, predicted seconds, memory\n"
	"  -h, --help          this text\n\n"
	"Times are predicted from counted operations at a nominal 3 GHz: good for comparing, within a factor of two or so of the "
	"clock.\n";

static const double nominal_hertz = 3e9;

struct plan {
	const struct ns_spec *spec;
	const struct ns_data *data;
	const struct ns_engine *engine;
	long workers;
	double cycles, longest, bytes; /* sum and maximum over points; largest point's memory */
};

static struct ns_cost cost_of(const struct plan *plan, size_t p)
{
	return ns_point_cost(&plan->spec->experiment, plan->data->train.n, plan->data->test.n, plan->data->d,
		&plan->spec->points[p], plan->engine);
}

static void list_points(const struct plan *plan)
{
	puts("point             gamma     alpha     m         seed      engine     seconds   MiB");
	for (size_t p = 0; p < plan->spec->n_points; p++) {
		const struct ns_point *point = &plan->spec->points[p];
		const struct ns_cost cost = cost_of(plan, p);
		char alpha[32] = "-";
		if (!isnan(point->alpha))
			snprintf(alpha, sizeof alpha, "%g", point->alpha);
		printf("%016" PRIx64 "  %-9g %-9s %-9" PRIu64 " %-9" PRIu64 " %-10s %-9.3g %.3g\n", ns_point_id(point),
			point->gamma, alpha, point->m, point->seed, cost.engine->name, cost.cycles / nominal_hertz,
			cost.bytes / 0x1p20);
	}
}

static void add_up(struct plan *plan)
{
	for (size_t p = 0; p < plan->spec->n_points; p++) {
		const struct ns_cost cost = cost_of(plan, p);
		plan->cycles += cost.cycles;
		plan->longest = fmax(plan->longest, cost.cycles);
		plan->bytes = fmax(plan->bytes, cost.bytes);
	}
}

/* Bytes of the results file: trajectories, kept weights, data. */
static double file_bytes(const struct plan *plan)
{
	const struct ns_experiment *e = &plan->spec->experiment;
	double per_record = 0, weights = 0;
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		per_record += 8.0 * (double)ns_quantities[q].width;
	for (size_t p = 0; p < plan->spec->n_points; p++)
		weights += 8.0 * (double)plan->spec->points[p].m *
			   (1 + (double)plan->data->d * (e->weights == NS_WEIGHTS_ENDS ? 2 : 1));
	const double samples = (double)(plan->data->train.n + plan->data->validation.n + plan->data->test.n);
	return (double)plan->spec->n_points * (per_record * (double)ns_record_count(e) + 100) +
	       (e->weights == NS_WEIGHTS_NONE ? 0 : weights) + 8 * samples * (double)(plan->data->d + 1);
}

static void print_engines(const struct plan *plan)
{
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		size_t count = 0;
		for (size_t p = 0; p < plan->spec->n_points; p++)
			count += cost_of(plan, p).engine == *engine;
		if (count > 0)
			printf("engine %-11s %zu points\n", (*engine)->name, count);
	}
}

static void print_size(const char *what, double bytes)
{
	printf("%-18s %.3g %s\n", what, bytes >= 0x1p30 ? bytes / 0x1p30 : bytes / 0x1p20, bytes >= 0x1p30 ? "GiB" : "MiB");
}

static void print_plan(struct plan *plan)
{
	const struct ns_experiment *e = &plan->spec->experiment;
	add_up(plan);
	printf("sweep              %s\n", e->name);
	printf("data               %s: %zu training, %zu validation, %zu test samples, %zu inputs\n",
		ns_data_kind_names[e->data_kind], plan->data->train.n, plan->data->validation.n, plan->data->test.n,
		plan->data->d);
	printf("points             %zu of %" PRIu64 " steps, %zu records each\n", plan->spec->n_points, e->steps,
		ns_record_count(e));
	print_engines(plan);
	print_size("memory a point", plan->bytes);
	print_size("results file", file_bytes(plan));
	/* no schedule beats the mean load or the longest point */
	const double seconds = fmax(plan->cycles / (double)plan->workers, plan->longest) / nominal_hertz;
	printf("predicted time     %.3g s on %ld core%s (longest point %.3g s)\n", seconds, plan->workers,
		plan->workers > 1 ? "s" : "", plan->longest / nominal_hertz);
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	static const struct option options[] = {{"workers", required_argument, NULL, 'w'},
		{"engine", required_argument, NULL, 'e'}, {"points", no_argument, NULL, 'p'}, {0}};
	struct plan plan = {.workers = 1};
	const char *path = NULL;
	bool points = false;
	for (int letter; (letter = ns_next_option(argc, argv, "-:", options, &path, error)) != -1;) {
		enum ns_status status = NS_OK;
		if (letter == 'w')
			status = ns_parse_count(optarg, "--workers", 1, &plan.workers, error);
		else if (letter == 'e')
			status = ns_parse_engine(optarg, &plan.engine, error);
		else if (letter == 'p')
			points = true;
		else
			status = error->status;
		if (status != NS_OK)
			return status;
	}
	struct ns_spec spec;
	struct ns_data data;
	enum ns_status status = ns_need_operand(path, "plan", "SPEC.yaml", error);
	if (status == NS_OK)
		status = ns_load(path, &spec, &data, error);
	if (status != NS_OK)
		return status;
	plan.spec = &spec;
	plan.data = &data;
	status = ns_check_engine(&spec, &data, plan.engine, error);
	if (status == NS_OK)
		print_plan(&plan);
	if (status == NS_OK && points)
		list_points(&plan);
	ns_data_finish(&data);
	ns_spec_finish(&spec);
	return status;
}

const struct ns_command ns_plan_command = {
	.name = "plan",
	.summary = "say what a spec would run: points, cost, memory, file size, time",
	.help = help,
	.run = run,
};
