#include "command.h"
#include "load.h"
#include "rank.h"
#include "run_options.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/agree.h>
#include <nodescale/blas.h>
#include <nodescale/checkpoints.h>
#include <nodescale/cost.h>
#include <nodescale/flight.h>
#include <nodescale/lock.h>
#include <nodescale/memory.h>
#include <nodescale/store.h>
#include <nodescale/sweep.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A run: what the parts below share. */
struct run {
	const struct ns_run_options *options;
	const char *command_line;
	struct ns_log *log;
	const volatile sig_atomic_t *stop; /* set by a signal */
	struct ns_spec spec;
	struct ns_data data;
	char path[4096], checkpoints[4096 + 16]; /* results file, folder */
	struct ns_store *store;                  /* NULL with --discard */
	uint8_t *states;                         /* (n_points) enum ns_point_status */
};

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

/* --- what becomes of a point --- */

static enum ns_status mark(struct run *run, size_t point, enum ns_point_status state, struct ns_error *error)
{
	run->states[point] = (uint8_t)state;
	return run->store != NULL ? ns_store_mark(run->store, point, state, error) : NS_OK;
}

static enum ns_status begin_point(void *context, size_t point, struct ns_error *error)
{
	struct run *run = context;
	return mark(run, point, ns_flight_begun(run->states[point]), error);
}

static enum ns_status release_point(void *context, size_t point, struct ns_error *error)
{
	struct run *run = context;
	return mark(run, point, ns_flight_released(run->states[point]), error);
}

static enum ns_status write_point(void *context, size_t point, const struct ns_result *result, struct ns_error *error)
{
	struct run *run = context;
	return run->store != NULL ? ns_store_write(run->store, point, result, error) : NS_OK;
}

/* --- before and after --- */

/* Every rank learns the status of every point, once deaths have been noted. */
static enum ns_status read_states(struct run *run, struct ns_error *error)
{
	const size_t n = run->spec.n_points;
	size_t interrupted = 0, crashed = 0;
	enum ns_status status = NS_OK;
	if (run->log->rank == 0 && run->store != NULL) {
		enum ns_point_status *states = ns_alloc(n, sizeof *states);
		status = states != NULL ? ns_store_note_death(run->store, &interrupted, &crashed, error)
					: ns_error_memory(error, "points", 4.0 * (double)n);
		if (status == NS_OK)
			status = ns_store_read_status(run->store, states, error);
		for (size_t p = 0; status == NS_OK && p < n; p++)
			run->states[p] = (uint8_t)states[p];
		ns_free(states);
	}
	status = ns_agree(MPI_COMM_WORLD, status, error);
	MPI_Bcast(run->states, (int)n, MPI_BYTE, 0, MPI_COMM_WORLD);
	if (status == NS_OK && interrupted + crashed > 0)
		ns_log_line(run->log, "the last run died with %zu point%s in flight; %s again", interrupted + crashed,
			ns_plural(interrupted + crashed), interrupted + crashed == 1 ? "it runs" : "they run");
	if (status == NS_OK && crashed > 0)
		ns_log_line(run->log,
			"but %zu of them died so for the second time: set aside as crashed, run again only with --retry crashed",
			crashed);
	return status;
}

/* Which points to train, on rank 0; how many, everywhere. */
static enum ns_status choose(struct run *run, bool *selected, struct ns_chosen *chosen, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	if (run->log->rank == 0)
		status = ns_choose(
			&run->options->choice, run->spec.points, run->spec.n_points, run->states, selected, chosen, error);
	status = ns_agree(MPI_COMM_WORLD, status, error);
	MPI_Bcast(chosen, sizeof *chosen, MPI_BYTE, 0, MPI_COMM_WORLD);
	return status;
}

/* Checkpoints of points that are finished by now. */
static void tidy(const struct run *run)
{
	const size_t n = run->spec.n_points;
	bool *finished = run->log->rank == 0 && run->store != NULL ? ns_alloc(n, sizeof *finished) : NULL;
	if (finished == NULL)
		return;
	for (size_t p = 0; p < n; p++)
		finished[p] = ns_point_is_finished(run->states[p]);
	ns_checkpoints_tidy(run->checkpoints, run->spec.points, n, finished);
	ns_free(finished);
}

static void tell_plan(const struct run *run, const struct ns_chosen *chosen)
{
	const int threads = (int)run->options->threads;
	ns_log_line(run->log, "%s: %zu point%s to train on %d rank%s of %d thread%s -> %s", run->spec.experiment.name,
		chosen->selected, ns_plural(chosen->selected), run->log->n_ranks, ns_plural((uint64_t)run->log->n_ranks), threads,
		ns_plural((uint64_t)threads), run->path);
}

static void tell_outcome(const struct run *run, const struct ns_chosen *chosen, const struct ns_progress *progress)
{
	const size_t n = run->spec.n_points;
	char others[256] = "";
	if (chosen->finished > 0 && chosen->finished < n)
		snprintf(others, sizeof others, ", %zu were there already", chosen->finished);
	if (chosen->elsewhere > 0)
		snprintf(others + strlen(others), sizeof others - strlen(others), ", %zu are outside --only or --part",
			chosen->elsewhere);
	if (chosen->selected > 0)
		ns_log_line(run->log, "%s: %" PRIu64 " of %zu point%s trained now%s", run->path, progress->done, n, ns_plural(n),
			others);
	else if (chosen->finished == n)
		ns_log_line(run->log, "%s is complete: all %zu points were there already", run->path, n);
	else
		ns_log_line(run->log, "%s: nothing to train of %zu point%s%s", run->path, n, ns_plural(n), others);
	if (chosen->crashed > 0)
		ns_log_line(run->log, "%zu point%s set aside as crashed: --retry crashed trains again what is set aside",
			chosen->crashed, ns_plural(chosen->crashed));
	if (progress->diverged > 0)
		ns_log_line(run->log, "%" PRIu64 " point%s diverged: `nodescale status %s` says which", progress->diverged,
			ns_plural(progress->diverged), run->path);
}

/* --- the run --- */

static double deadline_of(const struct run *run)
{
	const double limit = run->options->time_limit, ending = fmin(10, 0.02 * limit); /* closing the file, ending MPI */
	return isfinite(limit) ? run->log->started + limit - fmax(0.3, ending) : INFINITY;
}

static enum ns_status train_selected(struct run *run, const bool *selected, const struct ns_chosen *chosen,
	struct ns_progress *progress, struct ns_error *error)
{
	const struct ns_run_options *o = run->options;
	const int threads = (int)o->threads;
	const int lanes = choose_lanes(&run->spec, &run->data, o->engine, chosen->selected, threads, run->log->n_ranks);
	const bool keeps_checkpoints = run->store != NULL && isfinite(o->checkpoint_seconds);
	const struct ns_sweep sweep = {.experiment = &run->spec.experiment,
		.data = &run->data,
		.points = run->spec.points,
		.n_points = run->spec.n_points,
		.selected = selected,
		.engine = o->engine,
		.options = {.threads = lanes == 1 ? threads : 1, .isa = o->isa, .audit = o->audit},
		.lanes = lanes,
		.sink = {begin_point, release_point, write_point, run},
		.checkpoints = keeps_checkpoints ? run->checkpoints : NULL,
		.checkpoint_seconds = o->checkpoint_seconds,
		.deadline = deadline_of(run),
		.stop = run->stop,
		.log = run->log};
	if (run->log->rank == 0)
		tell_plan(run, chosen);
	const enum ns_status status = ns_sweep_run(&sweep, MPI_COMM_WORLD, progress, error);
	if (run->log->rank == 0) {
		ns_log_progress_end(run->log, progress->done, progress->total, progress->diverged);
		rmdir(run->checkpoints); /* if none is left in it */
	}
	return status;
}

static enum ns_status train_missing(struct run *run, struct ns_error *error)
{
	struct ns_progress progress = {0};
	struct ns_chosen chosen = {0};
	bool *selected = ns_alloc(run->spec.n_points, sizeof *selected);
	enum ns_status status = selected != NULL ? NS_OK : ns_error_memory(error, "points", (double)run->spec.n_points);
	status = ns_agree(MPI_COMM_WORLD, status, error);
	if (status == NS_OK)
		status = read_states(run, error);
	if (status == NS_OK)
		status = choose(run, selected, &chosen, error);
	if (status == NS_OK)
		tidy(run);
	if (status == NS_OK && chosen.selected > 0)
		status = train_selected(run, selected, &chosen, &progress, error);
	if (status == NS_OK && run->log->rank == 0)
		tell_outcome(run, &chosen, &progress);
	ns_free(selected);
	return status;
}

static enum ns_status close_store(struct run *run, enum ns_status status, struct ns_error *error)
{
	struct ns_error close_error;
	const enum ns_status closed = ns_store_close(run->store, &close_error);
	if (closed == NS_OK)
		return status;
	*error = close_error; /* says more: a write that failed is often told again here, with what became of the file */
	return closed;
}

/* Everything that is written is written under the lock. */
static enum ns_status run_locked(struct run *run, struct ns_error *error)
{
	const struct ns_sweep_description description = {.experiment = &run->spec.experiment,
		.data = &run->data,
		.points = run->spec.points,
		.n_points = run->spec.n_points,
		.spec_text = run->spec.text,
		.command_line = run->command_line};
	const struct ns_lock_patience patience = {run->options->lock_seconds, run->stop, run->log};
	struct ns_lock *lock;
	enum ns_status status = ns_lock_take_together(&lock, run->path, &patience, MPI_COMM_WORLD, error);
	if (status != NS_OK)
		return status;
	status = ns_store_open(&run->store, run->path, &description, MPI_COMM_WORLD, error);
	if (status == NS_OK && run->log->rank == 0 && ns_store_news(run->store)[0] != 0)
		ns_log_line(run->log, "%s", ns_store_news(run->store));
	if (status == NS_OK)
		status = close_store(run, train_missing(run, error), error);
	ns_lock_release_together(lock, MPI_COMM_WORLD);
	return status;
}

static enum ns_status run_sweep(struct run *run, struct ns_error *error)
{
	const struct ns_run_options *o = run->options;
	enum ns_status status = ns_load_everywhere(o->spec_path, MPI_COMM_WORLD, &run->spec, &run->data, error);
	if (status != NS_OK)
		return status;
	ns_derive_name(o->spec_path, ".yaml", ".h5", run->path, sizeof run->path);
	if (o->output != NULL)
		snprintf(run->path, sizeof run->path, "%s", o->output);
	snprintf(run->checkpoints, sizeof run->checkpoints, "%s.checkpoints", run->path);
	status = ns_check_engine(&run->spec, &run->data, o->engine, error);
	run->states = ns_alloc(run->spec.n_points, 1);
	if (status == NS_OK && run->states == NULL)
		status = ns_error_memory(error, "points", (double)run->spec.n_points);
	status = ns_agree(MPI_COMM_WORLD, status, error);
	if (status == NS_OK)
		status = o->discard ? train_missing(run, error) : run_locked(run, error);
	ns_free(run->states);
	ns_data_finish(&run->data);
	ns_spec_finish(&run->spec);
	return status;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	int rank, n_ranks;
	char command_line[4096];
	struct ns_run_options options;
	struct ns_log log;
	ns_join_arguments(argc, argv, command_line, sizeof command_line); /* before getopt reorders them */
	const volatile sig_atomic_t *stop = ns_signals_catch();
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
	ns_log_init(&log, stderr, rank, n_ranks);
	const enum ns_status status = ns_run_parse_options(argc, argv, &options, error);
	if (status != NS_OK)
		return status;
	if (options.threads == 0)
		options.threads = ns_default_threads();
	ns_blas_use_one_thread(); /* after ns_default_threads: OpenBLAS sets OpenMP's number of threads too */
	struct run state = {.options = &options, .command_line = command_line, .log = &log, .stop = stop};
	return run_sweep(&state, error);
}

static void prepare(void)
{
	ns_signals_catch();
	ns_memory_keep();
}

const struct ns_command ns_run_command = {
	.name = "run",
	.summary = "train the missing points of a spec into its results file",
	.help = ns_run_help,
	.parallel = true,
	.prepare = prepare,
	.run = run,
};
