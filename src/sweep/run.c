/* One rank of a running sweep (sweep.h). The main thread is lane 0; the other lanes only train and hand over results. */
#include "rank.h"
#include <nodescale/agree.h>
#include <nodescale/cost.h>
#include <nodescale/memory.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { IDLE_MICROSECONDS = 200 };

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

static void describe_failure(const struct ns_point *p, struct ns_error *error)
{
	const struct ns_error cause = *error;
	ns_error_set(error, cause.status, "point gamma %g, alpha %g, m %llu, seed %llu: %.1900s", p->gamma, p->alpha,
		(unsigned long long)p->m, (unsigned long long)p->seed, cause.text);
}

static struct ns_cost cost_of(const struct ns_sweep *s, size_t point)
{
	return ns_point_cost(s->experiment, s->data->train.n, s->data->test.n, s->data->d, &s->points[point], s->engine);
}

/* Trains points until none are left. The main thread also attends while it has none. */
static void work(struct lane *lane)
{
	struct rank_state *r = lane->rank;
	for (;;) {
		size_t point;
		if (lane->number == 0)
			ns_rank_attend(r);
		if (r->stopping != NS_STOP_NOT || r->has_failed)
			break;
		if (!next_point(r, &point)) {
			if (r->exhausted && (lane->number > 0 || r->requested == 0))
				break;
			usleep(IDLE_MICROSECONDS);
			continue;
		}
		struct ns_error error;
		const struct ns_cost cost = cost_of(r->sweep, point);
		lane->left = lane->cycles = cost.cycles;
		lane->bytes = cost.bytes;
		if (lane->number == 0)
			ns_rank_ask_for_points(r); /* a short point is near its end already */
		const enum ns_status status = ns_lane_train(lane, point, &error);
		lane->cycles = lane->left = lane->bytes = 0;
		if (status == NS_STOPPED)
			break;
		if (status != NS_OK) {
			describe_failure(&r->sweep->points[point], &error);
			ns_rank_fail(r, status, &error);
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
		ns_rank_attend(r);
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

/* On rank 0, which knows what became of every point. A stop that came too late to stop anything is none. */
static void judge_stop(struct rank_state *r)
{
	static const char *const reasons[] = {[NS_REASON_SIGNAL] = "by a signal",
		[NS_REASON_DEADLINE] = "at the time limit",
		[NS_REASON_FAILURE] = "after a failure"};
	const struct ns_progress p = ns_coordinator_progress(r->coordinator);
	if (r->stopping == NS_STOP_NOT || r->status != NS_OK || p.done == p.total)
		return;
	char in_flight[128] = "none was in flight";
	if (p.released > 0)
		snprintf(in_flight, sizeof in_flight, "%llu of %llu in flight ha%s a checkpoint", (unsigned long long)p.saved,
			(unsigned long long)p.released, p.saved == 1 ? "s" : "ve");
	r->status = ns_error_set(&r->error, NS_STOPPED,
		"stopped in good order %s: %llu of %llu points done, %s; run the same command again to continue",
		reasons[r->reason], (unsigned long long)p.done, (unsigned long long)p.total, in_flight);
}

/* The main thread stays at its post until nobody owes it an answer: outstanding grants, and on rank 0 everyone's leaving. */
static void conclude(struct rank_state *r)
{
	for (ns_rank_hand_in(r); r->requested > 0; usleep(IDLE_MICROSECONDS))
		ns_rank_attend(r);
	ns_rank_attend(r); /* tells of a failure and of notes */
	if (r->rank > 0)
		ns_message_send(r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_LEAVING});
	for (; r->rank == 0 && r->ranks_left > 0; usleep(IDLE_MICROSECONDS))
		ns_rank_attend(r);
	ns_gather_quietly(r->comm);
	struct ns_message message; /* a STOP that crossed our LEAVING */
	for (int sender; r->rank > 0 && ns_message_poll(r->comm, &sender, &message);)
		;
	if (r->rank == 0)
		judge_stop(r);
}

static enum ns_status start_coordinator(struct rank_state *r)
{
	const struct ns_sweep *s = r->sweep;
	double *cycles = ns_alloc(s->n_points, sizeof *cycles);
	if (cycles == NULL)
		return ns_error_memory(&r->error, "the coordinator", 8.0 * (double)s->n_points);
	for (size_t p = 0; p < s->n_points; p++)
		cycles[p] = s->selected[p] ? cost_of(s, p).cycles : 0;
	const enum ns_status status = ns_coordinator_create(&r->coordinator, s->n_points, cycles, s->selected, &r->error);
	ns_free(cycles);
	return status;
}

static enum ns_status start(struct rank_state *r)
{
	r->last = &r->notes;
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
