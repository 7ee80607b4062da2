#include "choice.h"
#include "command.h"
#include "load.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/coordinator.h>
#include <nodescale/cost.h>
#include <nodescale/log.h>
#include <nodescale/memory.h>
#include <nodescale/quantity.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: nodescale plan SPEC.yaml [-o FILE.h5] [OPTION..]\n\n"
	"Reads spec and data as `run` would and says what it would do, without computing: points, engines, cost, memory, file\n"
	"size and a predicted time. Where the results file exists, only what is missing in it counts. Every mistake in the spec\n"
	"or its files is found here first.\n\n"
	"  -o, --output FILE.h5   results file; default: the spec's name with .h5, in the current folder\n"
	"      --workers N        cores that will train (ranks times threads); default 1\n"
	"      --engine NAME      auto (default), events, intervals, dense or reference\n"
	"      --points           list every point to be trained: id, gamma, alpha, m, seed, engine, predicted seconds, "
	"memory\n\n"
	"Which points:\n" NS_CHOICE_HELP "  -h, --help             this text\n\n"
	"Times are predicted from counted operations at a nominal 3 GHz: good for comparing, within a factor of two or so of\n"
	"the clock.\n";

static const double nominal_hertz = 3e9;

struct plan {
	const struct ns_spec *spec;
	const struct ns_data *data;
	const struct ns_engine *engine;
	long workers;
	const char *path;
	bool *selected; /* (n_points) to be trained */
	struct ns_chosen chosen;
	bool exists, writer;           /* of the results file: it is there; a run is writing it */
	double cycles, longest, bytes; /* sum and maximum over points; largest point's memory */
	double cycles_of_data;         /* once on each rank */
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
		if (!plan->selected[p])
			continue;
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
		if (!plan->selected[p])
			continue;
		const struct ns_cost cost = cost_of(plan, p);
		plan->cycles += cost.cycles;
		plan->longest = fmax(plan->longest, cost.cycles);
		plan->bytes = fmax(plan->bytes, cost.bytes);
		plan->cycles_of_data = fmax(plan->cycles_of_data, cost.cycles_of_data);
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
			count += plan->selected[p] && cost_of(plan, p).engine == *engine;
		if (count > 0)
			printf("engine %-11s %zu point%s\n", (*engine)->name, count, ns_plural(count));
	}
}

/* Only if that is not simply all of them. */
static void print_selection(const struct plan *plan)
{
	const struct ns_chosen *c = &plan->chosen;
	if (plan->writer)
		printf("%-18s is being written by a run now\n", plan->path);
	if (!plan->exists && c->selected == plan->spec->n_points)
		return;
	printf("to train           %zu", c->selected);
	if (plan->exists)
		printf(", %zu are in %s", c->finished, plan->path);
	if (c->crashed > 0)
		printf(", %zu are set aside as crashed", c->crashed);
	if (c->elsewhere > 0)
		printf(", %zu are outside --only or --part", c->elsewhere);
	putchar('\n');
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
	print_selection(plan);
	print_engines(plan);
	print_size("memory a point", plan->bytes);
	print_size("results file", file_bytes(plan));
	/* no schedule beats the mean load or the longest point */
	const double seconds = (plan->cycles_of_data + fmax(plan->cycles / (double)plan->workers, plan->longest)) / nominal_hertz;
	if (plan->cycles_of_data > 0)
		printf("once for the data  %.2g s (the tour of its samples)\n", plan->cycles_of_data / nominal_hertz);
	printf("predicted time     %.3g s on %ld core%s (longest point %.3g s)\n", seconds, plan->workers,
		ns_plural(plan->workers), plan->longest / nominal_hertz);
}

struct plan_options {
	const char *spec_path, *output;
	const struct ns_engine *engine;
	long workers;
	bool points;
	struct ns_choice choice;
};

static enum ns_status parse_option(int letter, struct plan_options *o, struct ns_error *error)
{
	switch (letter) {
	case 'o':
		o->output = optarg;
		return NS_OK;
	case 'w':
		return ns_parse_count(optarg, "--workers", 1, &o->workers, error);
	case 'e':
		return ns_parse_engine(optarg, &o->engine, error);
	case 'l':
		o->points = true;
		return NS_OK;
	case 'r':
		return ns_parse_retry(optarg, &o->choice, error);
	case 'f':
		return ns_filter_parse(&o->choice.filter, optarg, "--only", error);
	case 'p':
		return ns_share_parse(&o->choice.share, optarg, error);
	default:
		return error->status; /* filled by ns_next_option */
	}
}

static enum ns_status parse_options(int argc, char **argv, struct plan_options *o, struct ns_error *error)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
		{"workers", required_argument, NULL, 'w'}, {"engine", required_argument, NULL, 'e'},
		{"points", no_argument, NULL, 'l'}, {"retry", required_argument, NULL, 'r'},
		{"only", required_argument, NULL, 'f'}, {"part", required_argument, NULL, 'p'}, {0}};
	*o = (struct plan_options){.workers = 1};
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", options, &o->spec_path, error)) != -1;) {
		const enum ns_status status = parse_option(letter, o, error);
		if (status != NS_OK)
			return status;
	}
	return ns_need_operand(o->spec_path, "plan", "SPEC.yaml", error);
}

static enum ns_status choose(struct plan *plan, const struct ns_choice *choice, struct ns_error *error)
{
	const size_t n = plan->spec->n_points;
	uint8_t *states = ns_alloc(n, 1);
	plan->selected = ns_alloc(n, sizeof *plan->selected);
	plan->exists = access(plan->path, F_OK) == 0;
	enum ns_status status =
		states != NULL && plan->selected != NULL ? NS_OK : ns_error_memory(error, "points", 2.0 * (double)n);
	if (status == NS_OK)
		status = ns_read_states(plan->path, plan->spec->points, n, states, &plan->writer, error);
	if (status == NS_OK)
		status = ns_choose(choice, plan->spec->points, n, states, plan->selected, &plan->chosen, error);
	ns_free(states);
	return status;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	struct plan_options o;
	struct ns_spec spec;
	struct ns_data data;
	char path[4096];
	enum ns_status status = parse_options(argc, argv, &o, error);
	if (status == NS_OK)
		status = ns_load(o.spec_path, &spec, &data, error);
	if (status != NS_OK)
		return status;
	ns_derive_name(o.spec_path, ".yaml", ".h5", path, sizeof path);
	struct plan plan = {.spec = &spec,
		.data = &data,
		.engine = o.engine,
		.workers = o.workers,
		.path = o.output != NULL ? o.output : path};
	status = ns_check_engine(&spec, &data, plan.engine, error);
	if (status == NS_OK)
		status = choose(&plan, &o.choice, error);
	if (status == NS_OK)
		print_plan(&plan);
	if (status == NS_OK && o.points)
		list_points(&plan);
	ns_free(plan.selected);
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
