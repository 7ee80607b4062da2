/* One rank of a running sweep (sweep.h). The main thread is lane 0; the other lanes only train and hand over results. */
#include "protocol.h"
#include <nodescale/agree.h>
#include <nodescale/cost.h>
#include <nodescale/memory.h>
#include <nodescale/sweep.h>
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { IDLE_MICROSECONDS = 200 };
static const double lookahead_cycles = 6e6; /* a lane this near its end (about 2 ms) has its next point asked for */

struct finished {
	size_t point;
	struct ns_result result;
	struct finished *next;
};

struct lane {
	struct rank_state *rank;
	int number;
	_Atomic double cycles; /* expected cost of the point in training; 0 when idle */
	_Atomic double left;   /* cycles of it still to do; 0 when idle */
	_Atomic bool ended;
};

struct rank_state {
	const struct ns_sweep *sweep;
	MPI_Comm comm;
	int rank, n_ranks;
	struct lane *lanes;
	struct ns_coordinator *coordinator; /* rank 0 */
	struct ns_shared *shared;           /* among the points of this rank; NULL if memory is short: then nothing is */
	int ranks_left;                     /* rank 0: other ranks that have not said LEAVING */
	bool stop_told;                     /* rank 0 */
	size_t requested;                   /* grants under way */
	_Atomic bool exhausted;             /* no more points will be granted */
	_Atomic bool giving_up;             /* points in flight are to be abandoned */
	pthread_mutex_t mutex;              /* guards what follows */
	size_t *granted, n_granted;         /* (lanes) points not yet begun */
	struct finished *finished;
	enum ns_status status;
	struct ns_error error;
};

static void fail(struct rank_state *r, enum ns_status status, const struct ns_error *error)
{
	pthread_mutex_lock(&r->mutex);
	if (r->status == NS_OK) {
		r->status = status;
		r->error = *error;
	}
	pthread_mutex_unlock(&r->mutex);
	r->exhausted = true;
}

/* --- the coordinator's part (rank 0) --- */

static void stop_everyone(struct rank_state *r)
{
	ns_coordinator_stop(r->coordinator);
	r->giving_up = true;
	for (int rank = 1; rank < r->n_ranks && !r->stop_told; rank++)
		ns_message_send(r->comm, rank, (struct ns_message){.kind = NS_MESSAGE_STOP});
	r->stop_told = true;
}

static void serve(struct rank_state *r)
{
	struct ns_message message;
	int sender;
	while (ns_message_poll(r->comm, &sender, &message)) {
		if (message.kind == NS_MESSAGE_REQUEST)
			ns_message_send(r->comm, sender,
				(struct ns_message){.kind = NS_MESSAGE_GRANT, .point = ns_coordinator_take(r->coordinator)});
		else if (message.kind == NS_MESSAGE_FINISHED)
			ns_coordinator_finished(r->coordinator, message.point, message.flag);
		else if (message.kind == NS_MESSAGE_FAILED)
			ns_coordinator_stop(r->coordinator);
		else if (message.kind == NS_MESSAGE_LEAVING)
			r->ranks_left--;
	}
	const struct ns_progress progress = ns_coordinator_progress(r->coordinator);
	double under_way = 0;
	for (int lane = 0; lane < r->sweep->lanes; lane++)
		under_way += r->lanes[lane].cycles - r->lanes[lane].left;
	ns_log_progress(r->sweep->log, progress.done, progress.total, progress.diverged,
		progress.cycles_done + under_way * r->n_ranks, progress.cycles_total);
}

/* --- every rank's part --- */

static void accept_point(struct rank_state *r, size_t point)
{
	if (point == NS_NO_POINT) {
		r->exhausted = true;
		return;
	}
	pthread_mutex_lock(&r->mutex);
	r->granted[r->n_granted++] = point;
	pthread_mutex_unlock(&r->mutex);
}

static void listen(struct rank_state *r)
{
	struct ns_message message;
	int sender;
	while (ns_message_poll(r->comm, &sender, &message)) {
		if (message.kind == NS_MESSAGE_STOP)
			r->giving_up = true;
		if (message.kind == NS_MESSAGE_GRANT) {
			r->requested--;
			accept_point(r, message.point);
		}
	}
}

/* As many points are asked for as there are lanes idle or about to be. */
static void ask_for_points(struct rank_state *r)
{
	size_t wanted = 0;
	for (int lane = 0; lane < r->sweep->lanes; lane++)
		wanted += r->lanes[lane].left <= lookahead_cycles;
	pthread_mutex_lock(&r->mutex);
	const size_t coming = r->n_granted + r->requested;
	pthread_mutex_unlock(&r->mutex);
	for (size_t have = coming; have < wanted && !r->exhausted && !r->giving_up; have++) {
		if (r->rank == 0) {
			accept_point(r, ns_coordinator_take(r->coordinator));
		} else {
			ns_message_send(r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_REQUEST});
			r->requested++;
		}
	}
}

static void hand_in(struct rank_state *r)
{
	pthread_mutex_lock(&r->mutex);
	struct finished *list = r->finished;
	r->finished = NULL;
	pthread_mutex_unlock(&r->mutex);
	while (list != NULL) {
		struct finished *next = list->next;
		struct ns_error error;
		const bool diverged = list->result.status == NS_POINT_DIVERGED;
		const enum ns_status status = r->sweep->sink.write(r->sweep->sink.context, list->point, &list->result, &error);
		if (status != NS_OK)
			fail(r, status, &error);
		else if (r->rank == 0)
			ns_coordinator_finished(r->coordinator, list->point, diverged);
		else
			ns_message_send(r->comm, 0,
				(struct ns_message){.kind = NS_MESSAGE_FINISHED, .point = list->point, .flag = diverged});
		ns_result_finish(&list->result);
		ns_free(list);
		list = next;
	}
}

/* What the main thread does between two chunks of steps. */
static void attend(struct rank_state *r)
{
	if (*r->sweep->stop) {
		r->giving_up = true;
		if (r->rank == 0)
			stop_everyone(r);
	}
	if (r->rank == 0)
		serve(r);
	else
		listen(r);
	hand_in(r);
	ask_for_points(r);
}

static enum ns_tick_answer tick(void *context, double fraction)
{
	struct lane *lane = context;
	lane->left = lane->cycles * (1 - fraction);
	if (lane->number == 0)
		attend(lane->rank);
	return lane->rank->giving_up ? NS_TICK_STOP : NS_TICK_GO_ON;
}

static bool next_point(struct rank_state *r, size_t *point)
{
	pthread_mutex_lock(&r->mutex);
	const bool any = r->n_granted > 0;
	if (any) {
		*point = r->granted[0];
		r->n_granted--;
		for (size_t g = 0; g < r->n_granted; g++)
			r->granted[g] = r->granted[g + 1];
	}
	pthread_mutex_unlock(&r->mutex);
	return any;
}

static enum ns_status train_one(struct lane *lane, size_t index, struct ns_error *error)
{
	const struct ns_sweep *s = lane->rank->sweep;
	const struct ns_point *point = &s->points[index];
	const size_t d = s->data->d;
	struct finished *done = ns_alloc(1, sizeof *done);
	if (done == NULL)
		return ns_error_memory(error, "a point's result", sizeof *done);
	done->point = index;
	enum ns_status status = ns_result_init(&done->result, ns_record_count(s->experiment), point->m, d,
		s->experiment->weights == NS_WEIGHTS_ENDS, s->experiment->weights != NS_WEIGHTS_NONE, error);
	const struct ns_tick ticker = {tick, lane};
	struct ns_engine_options options = s->options;
	options.shared = lane->rank->shared;
	if (status == NS_OK)
		status = ns_train_point(&done->result, s->experiment, s->data, point, s->engine, &options, NULL, ticker, error);
	if (status != NS_OK) {
		ns_result_finish(&done->result);
		ns_free(done);
		return status;
	}
	pthread_mutex_lock(&lane->rank->mutex);
	done->next = lane->rank->finished;
	lane->rank->finished = done;
	pthread_mutex_unlock(&lane->rank->mutex);
	return NS_OK;
}

static void describe_failure(const struct ns_point *p, struct ns_error *error)
{
	const struct ns_error cause = *error;
	ns_error_set(error, cause.status, "point gamma %g, alpha %g, m %llu, seed %llu: %.1900s", p->gamma, p->alpha,
		(unsigned long long)p->m, (unsigned long long)p->seed, cause.text);
}

/* Trains points until none are left. The main thread also attends while it has none. */
static void work(struct lane *lane)
{
	struct rank_state *r = lane->rank;
	const struct ns_sweep *s = r->sweep;
	for (;;) {
		size_t index;
		if (lane->number == 0)
			attend(r);
		if (r->giving_up)
			break;
		if (!next_point(r, &index)) {
			if (r->exhausted && (lane->number > 0 || r->requested == 0))
				break;
			usleep(IDLE_MICROSECONDS);
			continue;
		}
		struct ns_error error;
		const struct ns_cost cost =
			ns_point_cost(s->experiment, s->data->train.n, s->data->test.n, s->data->d, &s->points[index], s->engine);
		lane->left = lane->cycles = cost.cycles;
		if (lane->number == 0)
			ask_for_points(r); /* a short point is near its end already */
		const enum ns_status status = train_one(lane, index, &error);
		lane->cycles = lane->left = 0;
		if (status == NS_STOPPED)
			break;
		if (status != NS_OK) {
			describe_failure(&s->points[index], &error);
			fail(r, status, &error);
			break;
		}
	}
	lane->ended = true;
}

static bool all_lanes_ended(const struct rank_state *r)
{
	for (int lane = 0; lane < r->sweep->lanes; lane++)
		if (!r->lanes[lane].ended)
			return false;
	return true;
}

static void attend_until_lanes_end(struct rank_state *r)
{
	while (!all_lanes_ended(r)) {
		attend(r);
		usleep(IDLE_MICROSECONDS);
	}
}

static void work_on_all_lanes(struct rank_state *r)
{
	if (r->sweep->lanes == 1) { /* outside a parallel region, so that the engine may open one */
		work(&r->lanes[0]);
		return;
	}
#pragma omp parallel num_threads(r->sweep->lanes)
	{
		const int number = omp_get_thread_num(), begun = omp_get_num_threads();
		for (int lane = begun; number == 0 && lane < r->sweep->lanes; lane++)
			r->lanes[lane].ended = true; /* the runtime gave fewer threads than asked for */
		work(&r->lanes[number]);
		if (number == 0)
			attend_until_lanes_end(r); /* here: at the region's end it would wait deaf */
	}
}

/* The main thread stays at its post until nobody owes it an answer: outstanding grants, and on rank 0 everyone's leaving. */
static void conclude(struct rank_state *r)
{
	for (hand_in(r); r->requested > 0; usleep(IDLE_MICROSECONDS))
		attend(r);
	if (r->giving_up && r->status == NS_OK)
		r->status = ns_error_set(&r->error, NS_STOPPED, "stopped in good order; run the same command again to continue");
	if (r->rank > 0) {
		if (r->status != NS_OK)
			ns_message_send(r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_FAILED});
		ns_message_send(r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_LEAVING});
	}
	if (r->rank == 0 && r->status != NS_OK)
		ns_coordinator_stop(r->coordinator);
	for (; r->rank == 0 && r->ranks_left > 0; usleep(IDLE_MICROSECONDS))
		attend(r);
	ns_gather_quietly(r->comm);
	listen(r); /* a STOP that crossed our LEAVING */
}

static enum ns_status start_coordinator(struct rank_state *r)
{
	const struct ns_sweep *s = r->sweep;
	double *cycles = ns_alloc(s->n_points, sizeof *cycles);
	if (cycles == NULL)
		return ns_error_memory(&r->error, "the coordinator", 8.0 * (double)s->n_points);
	for (size_t p = 0; p < s->n_points; p++)
		cycles[p] = ns_point_cost(s->experiment, s->data->train.n, s->data->test.n, s->data->d, &s->points[p], s->engine)
				    .cycles;
	const enum ns_status status = ns_coordinator_create(&r->coordinator, s->n_points, cycles, s->missing, &r->error);
	ns_free(cycles);
	return status;
}

static enum ns_status start(struct rank_state *r)
{
	r->granted = ns_alloc((size_t)r->sweep->lanes, sizeof *r->granted);
	r->lanes = ns_alloc((size_t)r->sweep->lanes, sizeof *r->lanes);
	if (r->granted == NULL || r->lanes == NULL)
		return ns_error_memory(&r->error, "a rank's lanes", (double)(sizeof *r->lanes * (size_t)r->sweep->lanes));
	for (int lane = 0; lane < r->sweep->lanes; lane++) {
		r->lanes[lane].rank = r;
		r->lanes[lane].number = lane;
	}
	return r->rank == 0 ? start_coordinator(r) : NS_OK;
}

enum ns_status ns_sweep_run(const struct ns_sweep *sweep, MPI_Comm comm, struct ns_progress *progress, struct ns_error *error)
{
	struct rank_state r = {.sweep = sweep, .mutex = PTHREAD_MUTEX_INITIALIZER};
	MPI_Comm_dup(comm, &r.comm); /* our messages cannot be taken for another library's */
	MPI_Comm_rank(r.comm, &r.rank);
	MPI_Comm_size(r.comm, &r.n_ranks);
	r.ranks_left = r.n_ranks - 1;
	r.shared = ns_shared_create();
	enum ns_status status = ns_agree(r.comm, start(&r), &r.error);
	if (status == NS_OK) {
		work_on_all_lanes(&r);
		conclude(&r);
		status = ns_agree(r.comm, r.status, &r.error);
	}
	if (r.coordinator != NULL)
		*progress = ns_coordinator_progress(r.coordinator);
	if (status != NS_OK)
		*error = r.error;
	ns_coordinator_destroy(r.coordinator);
	ns_shared_destroy(r.shared);
	ns_free(r.lanes);
	ns_free(r.granted);
	MPI_Comm_free(&r.comm);
	return status;
}
