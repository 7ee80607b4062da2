#include "followup.h"
#include "command.h"
#include "load.h"
#include "rank.h"
#include <getopt.h>
#include <nodescale/agree.h>
#include <nodescale/blas.h>
#include <nodescale/lock.h>
#include <nodescale/memory.h>
#include <nodescale/reader.h>
#include <nodescale/sweep.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *path;
	long threads; /* 0: the cores there are */
	double lock_seconds;
};

struct followup {
	enum ns_followup followup;
	struct options options;
	struct ns_log *log;
	const volatile sig_atomic_t *stop;
	/* what the file is of, on every rank */
	struct ns_experiment experiment;
	struct ns_data data;
	struct ns_point *points;
	char *spec_text;
	struct ns_sweep_description sweep; /* of these */
	struct ns_store *store;
};

/* What is to be computed of all points of the file. */
struct chosen {
	size_t selected, computed, not_done;
	size_t *points; /* (selected) */
};

/* --- what the file is of --- */

static enum ns_status check_applies(const struct followup *f, struct ns_error *error)
{
	const struct ns_followup_info *info = &ns_followups[f->followup];
	if (f->experiment.weights == NS_WEIGHTS_NONE)
		return ns_error_set(error, NS_BAD_INPUT,
			"%s keeps no weights, which %s needs: put `record: {weights: final}` into the spec and train it into a "
			"new file",
			f->options.path, info->noun);
	if (ns_followup_length(f->followup, f->experiment.weights, f->data.validation.n) == 0)
		return ns_error_set(error, NS_BAD_INPUT,
			"%s has %zu validation samples, but %s needs at least 2: give the data a `split` with a validation part",
			f->options.path, f->data.validation.n, info->noun);
	return NS_OK;
}

static enum ns_status copy_points(struct followup *f, const struct ns_reader *reader, struct ns_error *error)
{
	const size_t n = f->sweep.n_points = ns_reader_point_count(reader);
	f->points = ns_alloc(n, sizeof *f->points);
	f->spec_text = strdup(ns_reader_spec_text(reader));
	if (f->points == NULL || f->spec_text == NULL)
		return ns_error_memory(error, "the points of the results file", 32.0 * (double)n);
	memcpy(f->points, ns_reader_points(reader), n * sizeof *f->points);
	return NS_OK;
}

static enum ns_status read_file(struct followup *f, struct ns_error *error)
{
	struct ns_reader *reader;
	enum ns_status status = ns_reader_open(&reader, f->options.path, error);
	if (status != NS_OK)
		return status;
	f->experiment = *ns_reader_experiment(reader);
	status = ns_reader_data(reader, &f->data, error);
	if (status == NS_OK)
		status = copy_points(f, reader, error);
	if (status == NS_OK)
		status = check_applies(f, error);
	ns_reader_close(reader);
	return status;
}

/* Rank 0 reads, everybody learns. A rank that cannot hold the points cannot take part in an orderly failure either. */
static enum ns_status read_everywhere(struct followup *f, struct ns_error *error)
{
	const enum ns_status status = ns_agree(MPI_COMM_WORLD, f->log->rank == 0 ? read_file(f, error) : NS_OK, error);
	if (status != NS_OK)
		return status;
	size_t sizes[] = {f->sweep.n_points, f->log->rank == 0 ? strlen(f->spec_text) + 1 : 0};
	ns_broadcast(sizes, sizeof sizes, MPI_COMM_WORLD);
	if (f->log->rank > 0) {
		f->points = ns_alloc(sizes[0], sizeof *f->points);
		f->spec_text = calloc(sizes[1], 1);
		if (f->points == NULL || f->spec_text == NULL)
			MPI_Abort(MPI_COMM_WORLD, NS_FAILED);
	}
	ns_broadcast(&f->experiment, sizeof f->experiment, MPI_COMM_WORLD);
	ns_broadcast(f->points, sizes[0] * sizeof *f->points, MPI_COMM_WORLD);
	ns_broadcast(f->spec_text, sizes[1], MPI_COMM_WORLD);
	ns_broadcast_data(&f->data, MPI_COMM_WORLD);
	f->sweep = (struct ns_sweep_description){.experiment = &f->experiment,
		.data = &f->data,
		.points = f->points,
		.n_points = sizes[0],
		.spec_text = f->spec_text};
	return NS_OK;
}

/* --- which points --- */

struct wide_point {
	uint64_t m;
	size_t index;
};

/* The most costly first, so that ranks end together; equal ones in the order of the file. */
static int by_falling_m(const void *a, const void *b)
{
	const struct wide_point *one = a, *other = b;
	if (one->m != other->m)
		return (one->m < other->m) - (one->m > other->m);
	return (one->index > other->index) - (one->index < other->index);
}

static void sort_points(const struct followup *f, struct wide_point *sorted, struct chosen *chosen)
{
	for (size_t k = 0; k < chosen->selected; k++)
		sorted[k] = (struct wide_point){f->points[chosen->points[k]].m, chosen->points[k]};
	qsort(sorted, chosen->selected, sizeof *sorted, by_falling_m);
	for (size_t k = 0; k < chosen->selected; k++)
		chosen->points[k] = sorted[k].index;
}

static enum ns_status choose(const struct followup *f, struct chosen *chosen, struct ns_error *error)
{
	const size_t n = f->sweep.n_points;
	enum ns_point_status *states = ns_alloc(n, sizeof *states);
	bool *computed = ns_alloc(n, sizeof *computed);
	struct wide_point *sorted = ns_alloc(n, sizeof *sorted);
	enum ns_status status = NS_OK;
	if (states == NULL || computed == NULL || sorted == NULL)
		status = ns_error_memory(error, "the list of points", 21.0 * (double)n);
	if (status == NS_OK)
		status = ns_store_read_status(f->store, states, error);
	if (status == NS_OK)
		status = ns_store_read_followups(f->store, f->followup, computed, error);
	for (size_t p = 0; p < n && status == NS_OK; p++)
		if (states[p] != NS_POINT_DONE)
			chosen->not_done++;
		else if (computed[p])
			chosen->computed++;
		else
			chosen->points[chosen->selected++] = p;
	if (status == NS_OK)
		sort_points(f, sorted, chosen);
	ns_free(states);
	ns_free(computed);
	ns_free(sorted);
	return status;
}

static enum ns_status choose_everywhere(const struct followup *f, struct chosen *chosen, struct ns_error *error)
{
	const size_t n = f->sweep.n_points;
	chosen->points = ns_alloc(n, sizeof *chosen->points);
	enum ns_status status = chosen->points != NULL ? NS_OK : ns_error_memory(error, "the list of points", 8.0 * (double)n);
	if (status == NS_OK && f->log->rank == 0)
		status = choose(f, chosen, error);
	status = ns_agree(MPI_COMM_WORLD, status, error);
	if (status != NS_OK)
		return status;
	size_t counts[] = {chosen->selected, chosen->computed, chosen->not_done};
	ns_broadcast(counts, sizeof counts, MPI_COMM_WORLD);
	chosen->selected = counts[0];
	chosen->computed = counts[1];
	chosen->not_done = counts[2];
	ns_broadcast(chosen->points, chosen->selected * sizeof *chosen->points, MPI_COMM_WORLD);
	return NS_OK;
}

/* --- the command --- */

static void tell_outcome(const struct followup *f, const struct chosen *chosen, size_t n_done)
{
	const char *noun = ns_followups[f->followup].noun, *path = f->options.path;
	if (chosen->selected > 0)
		ns_log_line(f->log, "%s: %s of %zu point%s computed now, of %zu before", path, noun, n_done, ns_plural(n_done),
			chosen->computed);
	else if (chosen->computed > 0)
		ns_log_line(f->log, "%s: nothing to do, %s of all %zu points that are done was there already", path, noun,
			chosen->computed);
	else
		ns_log_line(f->log, "%s: nothing to do, no point is done", path);
	if (chosen->not_done > 0)
		ns_log_line(f->log, "%s: %zu of %zu points are not done and were left out; `nodescale run` trains them", path,
			chosen->not_done, f->sweep.n_points);
}

static enum ns_status compute(const struct followup *f, struct ns_error *error)
{
	struct chosen chosen = {0};
	size_t n_done = 0;
	enum ns_status status = choose_everywhere(f, &chosen, error);
	if (status == NS_OK && chosen.selected > 0) {
		const struct ns_followup_work work = {.followup = f->followup,
			.sweep = &f->sweep,
			.store = f->store,
			.points = chosen.points,
			.n_points = chosen.selected,
			.threads = (int)f->options.threads,
			.stop = f->stop,
			.log = f->log};
		if (f->log->rank == 0)
			ns_log_line(f->log, "%s: %s of %zu point%s on %d rank%s of %ld thread%s -> %s", f->experiment.name,
				ns_followups[f->followup].noun, chosen.selected, ns_plural(chosen.selected), f->log->n_ranks,
				ns_plural((uint64_t)f->log->n_ranks), f->options.threads, ns_plural((uint64_t)f->options.threads),
				f->options.path);
		status = ns_followup_work(&work, MPI_COMM_WORLD, &n_done, error);
		if (f->log->rank == 0)
			ns_log_progress_end(f->log, n_done, chosen.selected, 0);
	}
	if (status == NS_OK && f->log->rank == 0)
		tell_outcome(f, &chosen, n_done);
	ns_free(chosen.points);
	return status;
}

static enum ns_status compute_locked(struct followup *f, struct ns_error *error)
{
	enum ns_status status = read_everywhere(f, error);
	if (status == NS_OK)
		status = ns_store_open(&f->store, f->options.path, &f->sweep, MPI_COMM_WORLD, error);
	if (status != NS_OK)
		return status;
	if (f->log->rank == 0 && ns_store_news(f->store)[0] != 0)
		ns_log_line(f->log, "%s", ns_store_news(f->store));
	struct ns_error close_error;
	status = compute(f, error);
	const enum ns_status closed = ns_store_close(f->store, &close_error);
	if (closed == NS_OK)
		return status;
	*error = close_error; /* says more: what became of the file */
	return closed;
}

static enum ns_status parse_options(enum ns_followup followup, int argc, char **argv, struct options *o, struct ns_error *error)
{
	static const struct option options[] = {
		{"threads", required_argument, NULL, 't'}, {"wait", required_argument, NULL, 'w'}, {0}};
	for (int letter; (letter = ns_next_option(argc, argv, "-:", options, &o->path, error)) != -1;) {
		const enum ns_status status = letter == 't'   ? ns_parse_count(optarg, "--threads", 1, &o->threads, error)
					      : letter == 'w' ? ns_parse_duration(optarg, "--wait", &o->lock_seconds, error)
							      : error->status;
		if (status != NS_OK)
			return status;
	}
	return ns_need_operand(o->path, ns_followups[followup].name, "FILE.h5", error);
}

enum ns_status ns_followup_run(enum ns_followup followup, int argc, char **argv, struct ns_error *error)
{
	struct ns_log log;
	struct ns_lock *lock;
	int rank, n_ranks;
	struct followup f = {.followup = followup, .log = &log, .stop = ns_signals_catch()};
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
	ns_log_init(&log, stderr, rank, n_ranks);
	enum ns_status status = parse_options(followup, argc, argv, &f.options, error);
	if (status != NS_OK)
		return status;
	if (f.options.threads == 0)
		f.options.threads = ns_default_threads();
	ns_blas_use_one_thread(); /* after ns_default_threads: OpenBLAS sets OpenMP's number of threads too */
	const struct ns_lock_patience patience = {f.options.lock_seconds, f.stop, &log};
	status = ns_lock_take_together(&lock, f.options.path, &patience, MPI_COMM_WORLD, error);
	if (status != NS_OK)
		return status;
	status = compute_locked(&f, error);
	ns_lock_release_together(lock, MPI_COMM_WORLD);
	ns_data_finish(&f.data);
	ns_free(f.points);
	free(f.spec_text);
	return status;
}

void ns_followup_prepare(void)
{
	ns_signals_catch();
	ns_memory_keep();
}
