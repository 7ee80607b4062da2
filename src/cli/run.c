#include "command.h"
#include "load.h"
#include <getopt.h>
#include <inttypes.h>
#include <nodescale/blas.h>
#include <nodescale/cost.h>
#include <nodescale/memory.h>
#include <nodescale/store.h>
#include <nodescale/sweep.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: nodescale run SPEC.yaml [-o FILE.h5] [--engine NAME] [--threads K]      alone or under mpirun\n\n"
	"Trains every point of the spec's grid that FILE.h5 does not hold yet, and writes each as soon as it is done. Started\n"
	"again it continues: only missing points run. Results do not depend on the number of ranks or threads, nor on "
	"interruptions.\n\n"
	"  -o, --output FILE.h5   results file; default: the spec's name with .h5, in the current folder\n"
	"      --engine NAME      auto (default: by counted operations), events, intervals, dense or reference\n"
	"      --threads K        threads of each rank; default: the cores it may use\n"
	"      --isa NAME         vector instructions: avx512, avx2 or plain; default: the best this processor has\n"
	"      --audit            check every sign and output from scratch at each recorded step (slow)\n"
	"  -h, --help             this text\n\n"
	"SIGTERM, SIGINT or SIGUSR1 stop it in good order: finished points are kept, those in flight are dropped, exit code "
	"75.\n";

struct run_options {
	const char *spec_path, *output;
	const struct ns_engine *engine;
	long threads;
	enum ns_isa isa;
	bool audit;
};

static volatile sig_atomic_t stop_requested; /* the one thing a signal handler may touch */

static void request_stop(int signal_number)
{
	stop_requested = 1;
}

static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
}

static enum ns_status parse_isa(const char *name, enum ns_isa *isa, struct ns_error *error)
{
	for (int i = 0; i < NS_ISA_COUNT; i++)
		if (strcmp(name, ns_isa_names[i]) == 0 && (enum ns_isa)i <= ns_isa_best()) {
			*isa = (enum ns_isa)i;
			return NS_OK;
		}
	return ns_error_set(error, NS_BAD_INPUT, "--isa is '%s' but must be plain%s%s: what this processor runs", name,
		ns_isa_best() >= NS_ISA_AVX2 ? ", avx2" : "", ns_isa_best() >= NS_ISA_AVX512 ? ", avx512" : "");
}

static enum ns_status parse_options(int argc, char **argv, struct run_options *o, struct ns_error *error)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
		{"engine", required_argument, NULL, 'e'}, {"threads", required_argument, NULL, 't'},
		{"isa", required_argument, NULL, 'i'}, {"audit", no_argument, NULL, 'a'}, {0}};
	*o = (struct run_options){.isa = ns_isa_best()};
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", options, &o->spec_path, error)) != -1;) {
		enum ns_status status = NS_OK;
		if (letter == 'o')
			o->output = optarg;
		else if (letter == 'e')
			status = ns_parse_engine(optarg, &o->engine, error);
		else if (letter == 't')
			status = ns_parse_count(optarg, "--threads", 1, &o->threads, error);
		else if (letter == 'i')
			status = parse_isa(optarg, &o->isa, error);
		else if (letter == 'a')
			o->audit = true;
		else
			status = error->status;
		if (status != NS_OK)
			return status;
	}
	return ns_need_operand(o->spec_path, "run", "SPEC.yaml", error);
}

/* The cores this rank may use: what it is bound to, or its share of the machine when mpirun left all ranks unbound. */
static int default_threads(void)
{
	MPI_Comm machine;
	int ranks;
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
	MPI_Comm_size(machine, &ranks);
	MPI_Comm_free(&machine);
	const int allowed = omp_get_max_threads(); /* counts the affinity mask, or OMP_NUM_THREADS */
	const bool whole_machine = allowed >= sysconf(_SC_NPROCESSORS_ONLN);
	return whole_machine && allowed / ranks >= 1 ? allowed / ranks : whole_machine ? 1 : allowed;
}

/* A rank's threads go over points where there are enough of them and memory holds them all, else inside a point. */
static int choose_lanes(const struct ns_spec *spec, const struct ns_data *data, const struct ns_engine *engine, size_t missing,
	int threads, int ranks)
{
	double largest = 0;
	for (size_t p = 0; p < spec->n_points; p++) {
		const struct ns_cost cost =
			ns_point_cost(&spec->experiment, data->train.n, data->test.n, data->d, &spec->points[p], engine);
		largest = cost.bytes > largest ? cost.bytes : largest;
	}
	const double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	const bool enough = missing >= (size_t)threads * (size_t)ranks, fits = largest * threads < memory / 2;
	return enough && fits ? threads : 1;
}

static enum ns_status write_point(void *context, size_t point, const struct ns_result *result, struct ns_error *error)
{
	return ns_store_write(context, point, result, error);
}

/* Which points the file lacks, on rank 0; their number on every rank. */
static enum ns_status find_missing(
	struct ns_store *store, size_t n_points, int rank, bool *missing, size_t *count, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	*count = 0;
	if (rank == 0) {
		enum ns_point_status *states = ns_alloc(n_points, sizeof *states);
		status = states != NULL ? ns_store_read_status(store, states, error)
					: ns_error_memory(error, "points", 4.0 * (double)n_points);
		for (size_t p = 0; status == NS_OK && p < n_points; p++)
			*count += missing[p] = states[p] == NS_POINT_MISSING;
		ns_free(states);
	}
	MPI_Bcast(&status, sizeof status, MPI_BYTE, 0, MPI_COMM_WORLD);
	MPI_Bcast(error, sizeof *error, MPI_BYTE, 0, MPI_COMM_WORLD);
	MPI_Bcast(count, sizeof *count, MPI_BYTE, 0, MPI_COMM_WORLD);
	return status;
}

static void tell_outcome(
	struct ns_log *log, const char *path, size_t n_points, size_t missing, const struct ns_progress *progress)
{
	if (missing == 0)
		ns_log_line(log, "%s is complete: all %zu points were there already", path, n_points);
	else
		ns_log_line(log, "%s: %" PRIu64 " of %zu points trained now%s", path, progress->done, missing,
			missing < n_points ? ", the others were there already" : "");
	if (progress->diverged > 0)
		ns_log_line(log, "%" PRIu64 " points diverged; `nodescale status %s` lists them", progress->diverged, path);
}

static enum ns_status train_missing(const struct run_options *o, const struct ns_spec *spec, const struct ns_data *data,
	struct ns_store *store, const char *path, struct ns_log *log, struct ns_error *error)
{
	bool *missing = ns_alloc(spec->n_points, sizeof *missing);
	size_t count;
	if (missing == NULL)
		MPI_Abort(MPI_COMM_WORLD, NS_FAILED);
	enum ns_status status = find_missing(store, spec->n_points, log->rank, missing, &count, error);
	struct ns_progress progress = {0};
	if (status == NS_OK && count > 0) {
		const int threads = (int)o->threads;
		const int lanes = choose_lanes(spec, data, o->engine, count, threads, log->n_ranks);
		const struct ns_sweep sweep = {.experiment = &spec->experiment,
			.data = data,
			.points = spec->points,
			.n_points = spec->n_points,
			.missing = missing,
			.engine = o->engine,
			.options = {.threads = lanes == 1 ? threads : 1, .isa = o->isa, .audit = o->audit},
			.lanes = lanes,
			.sink = {write_point, store},
			.log = log,
			.stop = &stop_requested};
		if (log->rank == 0)
			ns_log_line(log, "%s: %zu points to train on %d rank%s of %d thread%s -> %s", spec->experiment.name,
				count, log->n_ranks, log->n_ranks > 1 ? "s" : "", threads, threads > 1 ? "s" : "", path);
		status = ns_sweep_run(&sweep, MPI_COMM_WORLD, &progress, error);
		if (log->rank == 0)
			ns_log_progress_end(log, progress.done, progress.total, progress.diverged);
	}
	if (status == NS_OK && log->rank == 0)
		tell_outcome(log, path, spec->n_points, count, &progress);
	ns_free(missing);
	return status;
}

static enum ns_status run_sweep(const struct run_options *o, const char *command_line, struct ns_log *log, struct ns_error *error)
{
	struct ns_spec spec;
	struct ns_data data;
	enum ns_status status = ns_load_everywhere(o->spec_path, MPI_COMM_WORLD, &spec, &data, error);
	if (status != NS_OK)
		return status;
	char path[4096];
	ns_derive_name(o->spec_path, ".yaml", ".h5", path, sizeof path);
	if (o->output != NULL)
		snprintf(path, sizeof path, "%s", o->output);
	const struct ns_sweep_description description = {.experiment = &spec.experiment,
		.data = &data,
		.points = spec.points,
		.n_points = spec.n_points,
		.spec_text = spec.text,
		.command_line = command_line};
	struct ns_store *store = NULL;
	status = ns_check_engine(&spec, &data, o->engine, error);
	if (status == NS_OK)
		status = ns_store_open(&store, path, &description, MPI_COMM_WORLD, error);
	if (status == NS_OK && log->rank == 0 && ns_store_news(store)[0] != 0)
		ns_log_line(log, "%s", ns_store_news(store));
	if (status == NS_OK) {
		status = train_missing(o, &spec, &data, store, path, log, error);
		struct ns_error close_error;
		const enum ns_status closed = ns_store_close(store, &close_error);
		if (closed != NS_OK) { /* says more: a write that failed is often told again here, with what became of the file */
			status = closed;
			*error = close_error;
		}
	}
	ns_data_finish(&data);
	ns_spec_finish(&spec);
	return status;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	int rank, n_ranks;
	char command_line[4096];
	struct run_options options;
	struct ns_log log;
	ns_join_arguments(argc, argv, command_line, sizeof command_line); /* before getopt reorders them */
	catch_signals();                                                  /* after MPI, which may set handlers of its own */
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
	ns_log_init(&log, stderr, rank, n_ranks);
	const enum ns_status status = parse_options(argc, argv, &options, error);
	if (status != NS_OK)
		return status;
	if (options.threads == 0)
		options.threads = default_threads();
	ns_blas_use_one_thread(); /* after default_threads: OpenBLAS sets OpenMP's number of threads too */
	return run_sweep(&options, command_line, &log, error);
}

const struct ns_command ns_run_command = {
	.name = "run",
	.summary = "train the missing points of a spec into its results file",
	.help = help,
	.parallel = true,
	.run = run,
};
