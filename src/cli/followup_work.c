/* One rank at an experiment after training. Its threads go over the tasks of its points; the main thread alone speaks MPI,
 * between two steps of its own task. Points are dealt in advance: their costs are known, and who computes what changes no bit. */
#include "followup.h"
#include <nodescale/agree.h>
#include <nodescale/memory.h>
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { IDLE_MICROSECONDS = 500, STOP_TAG = 1 };
static const double progress_seconds = 0.2; /* between two looks at the file */

/* A point of this rank. */
struct job {
	size_t point, tasks_left;
	double *weights, *output_sign; /* read when the first task is taken up */
	struct ns_followup_result result;
};

struct rank {
	const struct ns_followup_work *work;
	MPI_Comm comm;
	int number, n_ranks;
	struct job *jobs;
	size_t n_jobs;
	bool *computed; /* (points of the sweep) scratch of rank 0 */
	bool has_told;  /* of the stop; main thread only */
	double last_look;
	atomic_bool stopping;
	pthread_mutex_t mutex; /* for what follows, and for the store */
	size_t next_task;
	int at_work; /* threads */
	enum ns_status status;
	struct ns_error error;
};

/* --- what the main thread does besides --- */

static void tell(struct rank *r)
{
	r->has_told = true;
	for (int other = 0; other < (r->number == 0 ? r->n_ranks : 1); other++)
		if (other != r->number)
			MPI_Send(NULL, 0, MPI_BYTE, other, STOP_TAG, r->comm);
}

/* A stop reaches rank 0 from anybody, and everybody from rank 0. */
static void attend(struct rank *r)
{
	int arrived = 1;
	for (;;) {
		MPI_Status from;
		MPI_Iprobe(MPI_ANY_SOURCE, STOP_TAG, r->comm, &arrived, &from);
		if (!arrived)
			break;
		MPI_Recv(NULL, 0, MPI_BYTE, from.MPI_SOURCE, STOP_TAG, r->comm, MPI_STATUS_IGNORE);
		atomic_store(&r->stopping, true);
	}
	if (*r->work->stop != 0)
		atomic_store(&r->stopping, true);
	if (atomic_load(&r->stopping) && !r->has_told)
		tell(r);
}

/* How many of the points are in the file, of whichever rank. */
static enum ns_status count_done(struct rank *r, size_t *n_done, struct ns_error *error)
{
	const struct ns_followup_work *work = r->work;
	const enum ns_status status = ns_store_read_followups(work->store, work->followup, r->computed, error);
	*n_done = 0;
	for (size_t k = 0; k < work->n_points && status == NS_OK; k++)
		*n_done += r->computed[work->points[k]];
	return status;
}

static void show_progress(struct rank *r)
{
	const double now = ns_log_clock();
	struct ns_error ignored;
	size_t done;
	if (r->number > 0 || now - r->last_look < progress_seconds)
		return;
	r->last_look = now;
	if (count_done(r, &done, &ignored) == NS_OK)
		ns_log_progress(r->work->log, done, r->work->n_points, 0, (double)done, (double)r->work->n_points);
}

static enum ns_tick_answer tick(void *context, double fraction_done)
{
	struct rank *r = context;
	if (omp_get_thread_num() == 0) {
		attend(r);
		show_progress(r);
	}
	return atomic_load(&r->stopping) ? NS_TICK_STOP : NS_TICK_GO_ON;
}

/* --- tasks --- */

static void forget(struct job *job)
{
	ns_free(job->weights);
	ns_free(job->output_sign);
	job->weights = job->output_sign = NULL;
}

static enum ns_status load(struct rank *r, struct job *job, struct ns_error *error)
{
	const size_t m = r->work->sweep->points[job->point].m, d = r->work->sweep->data->d;
	job->weights = ns_alloc(m, d * sizeof *job->weights);
	job->output_sign = ns_alloc(m, sizeof *job->output_sign);
	if (job->weights == NULL || job->output_sign == NULL)
		return ns_error_memory(error, "the weights of a point", 8.0 * (double)m * (double)(d + 1));
	return ns_store_read_weights(r->work->store, job->point, job->weights, job->output_sign, error);
}

/* The first failure of any thread is the rank's. Holding the mutex. */
static void fail(struct rank *r, enum ns_status status, const struct ns_error *error)
{
	if (status == NS_OK || status == NS_STOPPED || r->status != NS_OK)
		return;
	r->status = status;
	r->error = *error;
	atomic_store(&r->stopping, true);
}

static struct job *take(struct rank *r, size_t *task)
{
	const size_t tasks = ns_followups[r->work->followup].tasks;
	struct ns_error error;
	enum ns_status status = NS_OK;
	struct job *job = NULL;
	pthread_mutex_lock(&r->mutex);
	if (!atomic_load(&r->stopping) && r->next_task < r->n_jobs * tasks) {
		job = &r->jobs[r->next_task / tasks];
		*task = r->next_task++ % tasks;
		if (*task == 0)
			status = load(r, job, &error);
		fail(r, status, &error);
	}
	pthread_mutex_unlock(&r->mutex);
	return status == NS_OK ? job : NULL;
}

static void give(struct rank *r, struct job *job, enum ns_status status, struct ns_error *error)
{
	pthread_mutex_lock(&r->mutex);
	if (status == NS_OK && --job->tasks_left == 0) {
		status = ns_store_write_followup(r->work->store, job->point, r->work->followup, &job->result, error);
		forget(job);
	}
	fail(r, status, error);
	pthread_mutex_unlock(&r->mutex);
}

static void compute(struct rank *r)
{
	const struct ns_sweep_description *sweep = r->work->sweep;
	struct job *job;
	size_t task;
	struct ns_error error;
	while (tick(r, 0) == NS_TICK_GO_ON && (job = take(r, &task)) != NULL) {
		const struct ns_trained trained = {
			sweep->experiment, sweep->data, &sweep->points[job->point], job->weights, job->output_sign};
		give(r, job,
			ns_followup_compute(r->work->followup, &trained, task, (struct ns_tick){tick, r}, &job->result, &error),
			&error);
	}
}

static bool others_work(struct rank *r)
{
	pthread_mutex_lock(&r->mutex);
	const bool work = r->at_work > 1;
	pthread_mutex_unlock(&r->mutex);
	return work;
}

static void compute_on_all_threads(struct rank *r)
{
#pragma omp parallel num_threads(r->work->threads)
	{
#pragma omp single
		r->at_work = omp_get_num_threads();
		compute(r);
		while (omp_get_thread_num() == 0 && others_work(r)) { /* at the region's end it would wait deaf */
			tick(r, 0);
			usleep(IDLE_MICROSECONDS);
		}
		pthread_mutex_lock(&r->mutex);
		r->at_work--;
		pthread_mutex_unlock(&r->mutex);
	}
}

/* The main thread stays at its post until all ranks are here, as any of them may have to be told of a stop. */
static void wait_for_others(struct rank *r)
{
	MPI_Request request;
	int all_here = 0;
	for (MPI_Ibarrier(r->comm, &request); !all_here; MPI_Test(&request, &all_here, MPI_STATUS_IGNORE)) {
		tick(r, 0);
		usleep(IDLE_MICROSECONDS);
	}
	r->has_told = true; /* a stop that comes now comes too late */
	attend(r);
}

static enum ns_status deal(struct rank *r)
{
	const struct ns_followup_work *work = r->work;
	r->jobs = ns_alloc(work->n_points / (size_t)r->n_ranks + 1, sizeof *r->jobs);
	r->computed = ns_alloc(work->sweep->n_points, sizeof *r->computed);
	if (r->jobs == NULL || r->computed == NULL)
		return ns_error_memory(&r->error, "the list of points", (double)(work->n_points * sizeof *r->jobs));
	for (size_t k = (size_t)r->number; k < work->n_points; k += (size_t)r->n_ranks) {
		struct job *job = &r->jobs[r->n_jobs++];
		job->point = work->points[k];
		job->tasks_left = ns_followups[work->followup].tasks;
		ns_followup_clear(&job->result);
	}
	return NS_OK;
}

/* On rank 0. */
static enum ns_status judge(struct rank *r, size_t *n_done)
{
	const enum ns_status status = count_done(r, n_done, &r->error);
	if (status != NS_OK || *n_done == r->work->n_points)
		return status;
	return ns_error_set(&r->error, NS_STOPPED,
		"stopped in good order by a signal: %s of %zu of %zu points done; run the same command again to continue",
		ns_followups[r->work->followup].noun, *n_done, r->work->n_points);
}

enum ns_status ns_followup_work(const struct ns_followup_work *work, MPI_Comm comm, size_t *n_done, struct ns_error *error)
{
	struct rank r = {.work = work, .mutex = PTHREAD_MUTEX_INITIALIZER};
	*n_done = 0;
	MPI_Comm_dup(comm, &r.comm);
	MPI_Comm_rank(r.comm, &r.number);
	MPI_Comm_size(r.comm, &r.n_ranks);
	enum ns_status status = ns_agree(r.comm, deal(&r), &r.error);
	if (status == NS_OK) {
		compute_on_all_threads(&r);
		wait_for_others(&r);
		status = ns_agree(r.comm, r.status, &r.error);
	}
	if (status == NS_OK)
		status = ns_agree(r.comm, r.number == 0 ? judge(&r, n_done) : NS_OK, &r.error);
	if (status != NS_OK)
		*error = r.error;
	for (size_t k = 0; k < r.n_jobs; k++)
		forget(&r.jobs[k]);
	ns_free(r.jobs);
	ns_free(r.computed);
	MPI_Comm_free(&r.comm);
	return status;
}
