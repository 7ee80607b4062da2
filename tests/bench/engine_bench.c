/* Times one engine on one shape:
 *     engine_bench ENGINE DATA GAMMA ALPHA M STEPS [ISA [THREADS [CHUNK]]]
 * DATA is sphere (n 100, d 50), sphere:N:D, gaussian:N:D, or a csv file of standardised training rows whose last column is the
 * target. CHUNK > 0 prints a line every so many steps. Prints set-up seconds, microseconds per step (both by the wall and by
 * processor time), flips and the risk reached.
 */
#include <math.h>
#include <nodescale/data.h>
#include <nodescale/engine.h>
#include <nodescale/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what)
{
	fprintf(stderr, "engine_bench: %s\n", what);
	exit(2);
}

/* A file of numbers: n rows of d inputs and a target. */
static void read_rows(struct ns_data *data, const char *path)
{
	struct ns_error error;
	char line[65536];
	size_t n = 0, d = 0;
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail("cannot open the data file");
	for (; fgets(line, sizeof line, file) != NULL; n++)
		for (const char *at = n == 0 ? line : ""; *at != 0; at++)
			d += *at == ',';
	rewind(file);
	if (ns_data_init(data, d, n, 0, 0, &error) != NS_OK)
		fail(error.text);
	for (size_t i = 0; i < n && fgets(line, sizeof line, file) != NULL; i++) {
		char *at = line;
		for (size_t k = 0; k <= d; k++, at += *at == ',')
			*(k < d ? &data->train.x[i * d + k] : &data->train.y[i]) = strtod(at, &at);
	}
	fclose(file);
}

static void make_data(struct ns_data *data, const char *name)
{
	struct ns_error error;
	struct ns_experiment experiment = {.n_train = 100, .n_test = 0, .d = 50, .noise = 0.1, .data_seed = 1};
	unsigned long n = 100, d = 50;
	char kind[16];
	if (sscanf(name, "%15[a-z]:%lu:%lu", kind, &n, &d) < 1 ||
		(strcmp(kind, "sphere") != 0 && strcmp(kind, "gaussian") != 0)) {
		read_rows(data, name);
		return;
	}
	const int gaussian = strcmp(kind, "gaussian") == 0;
	experiment.data_kind = gaussian ? NS_DATA_GAUSSIAN_SINE : NS_DATA_SPHERE_SINE;
	experiment.n_train = n;
	experiment.d = d;
	if (ns_data_synthesise(data, &experiment, &error) != NS_OK)
		fail(error.text);
	for (size_t e = 0; gaussian && e < n * d; e++) /* as standardised data are: E|x|^2 = d */
		data->train.x[e] *= sqrt((double)d);
}

/* Processor seconds of this process: what other programs on the machine do not disturb, much. */
static double processor_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double risk(const struct ns_engine *engine, void *state, const struct ns_problem *p, double *f)
{
	double sum = 0;
	engine->outputs(state, f);
	for (size_t i = 0; i < p->n; i++)
		sum += (f[i] - p->y[i]) * (f[i] - p->y[i]);
	return sum / (double)p->n;
}

static void run(const struct ns_engine *engine, const struct ns_problem *p, const struct ns_engine_options *options,
	uint64_t steps, uint64_t chunk)
{
	struct ns_error error;
	void *state;
	double *f = calloc(p->n, sizeof *f);
	const double begin = ns_log_clock(), begin_processor = processor_clock();
	if (engine->create(&state, p, NULL, options, &error) != NS_OK)
		fail(error.text);
	const double ready = ns_log_clock(), ready_processor = processor_clock();
	double last = ready;
	uint64_t done = 0, flips = 0;
	for (uint64_t taken = 1; done < steps && taken > 0; done += taken) {
		const uint64_t left = steps - done, next = chunk > 0 && chunk < left ? chunk : left;
		if (engine->advance(state, next, &taken, &error) != NS_OK)
			fail(error.text);
		const double now = ns_log_clock();
		if (chunk > 0)
			printf("%8llu: %10.3f us/step %10.1f flips/step  risk %.15g\n", (unsigned long long)(done + taken),
				(now - last) / (double)taken * 1e6, (double)(engine->flips(state) - flips) / (double)taken,
				risk(engine, state, p, f));
		last = now;
		flips = engine->flips(state);
	}
	const double end = ns_log_clock(), end_processor = processor_clock();
	printf("%s n %zu d %zu m %zu gamma %g alpha %g isa %s threads %d steps %llu: set-up %.3f s (processor %.3f), "
	       "%.3f us/step (processor %.3f), flips %llu, risk %.15g\n",
		engine->name, p->n, p->d, p->m, p->gamma, p->alpha, ns_isa_names[options->isa], options->threads,
		(unsigned long long)done, ready - begin, ready_processor - begin_processor, (end - ready) / (double)done * 1e6,
		(end_processor - ready_processor) / (double)done * 1e6, (unsigned long long)flips, risk(engine, state, p, f));
	engine->destroy(state);
	free(f);
}

int main(int argc, char **argv)
{
	if (argc < 7)
		fail("usage: engine_bench ENGINE DATA GAMMA ALPHA M STEPS [ISA [THREADS [CHUNK]]]");
	struct ns_error error;
	struct ns_data data;
	struct ns_problem *problem;
	const struct ns_experiment experiment = {.activation = NS_RELU, .init_std = M_SQRT2, .step_size = 1};
	const struct ns_point point = {atof(argv[3]), atof(argv[4]), strtoull(argv[5], NULL, 10), 1};
	struct ns_engine_options options = {.threads = argc > 8 ? atoi(argv[8]) : 1, .isa = ns_isa_best()};
	for (int isa = 0; argc > 7 && isa < NS_ISA_COUNT; isa++)
		if (strcmp(argv[7], ns_isa_names[isa]) == 0)
			options.isa = (enum ns_isa)isa;
	const struct ns_engine *engine = ns_engine_find(argv[1]);
	if (engine == NULL)
		fail("no such engine");
	make_data(&data, argv[2]);
	if (ns_problem_create(&problem, &experiment, &data, &point, &error) != NS_OK)
		fail(error.text);
	ns_data_finish(&data);
	run(engine, problem, &options, strtoull(argv[6], NULL, 10), argc > 9 ? strtoull(argv[9], NULL, 10) : 0);
	ns_problem_destroy(problem);
	return 0;
}
