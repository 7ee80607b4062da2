/* One lane: begins points, trains them, decides when their state is saved, gives them up when the sweep stops. */
#include "rank.h"
#include <nodescale/checkpoints.h>
#include <nodescale/cost.h>
#include <nodescale/memory.h>

static const double worth_saving_seconds = 0.1; /* of training; less is done again sooner than saved */

static void note_checkpoint(struct lane *lane, double now)
{
	struct ns_checkpoint *c = &lane->checkpoint;
	struct rank_state *r = lane->rank;
	const struct ns_point *p = &r->sweep->points[lane->point];
	if (c->resumed && !lane->met_checkpoint) {
		lane->met_checkpoint = true;
		ns_rank_note(r, "gamma %g, alpha %g, m %llu, seed %llu goes on from step %llu", p->gamma, p->alpha,
			(unsigned long long)p->m, (unsigned long long)p->seed, (unsigned long long)c->resumed_step);
	}
	if (c->save_seconds != lane->save_seconds) {
		const double took = c->save_seconds - lane->save_seconds;
		lane->save_seconds = c->save_seconds;
		lane->safe_since = now;
		if (took > r->longest_save) /* two lanes at once may lose the longer one: an estimate all the same */
			r->longest_save = took;
	}
	if (c->warning != NS_OK) {
		ns_rank_note(r, "warning: %.400s", c->warning_text.text);
		c->warning = NS_OK;
		lane->warned = true;
	}
}

static bool has_checkpoint(const struct lane *lane)
{
	return lane->checkpoint.resumed || lane->checkpoint.saved_step > 0;
}

/* Whether the point may be saved now: the folder appears with the first that is. */
static bool can_save(struct lane *lane)
{
	struct ns_error error;
	if (lane->checkpoint.path == NULL)
		return false;
	if (ns_checkpoints_make(lane->rank->sweep->checkpoints, &error) == NS_OK)
		return true;
	ns_rank_note(lane->rank, "warning: %.400s", error.text);
	return false;
}

static enum ns_status release(struct lane *lane, struct ns_error *error)
{
	const struct ns_sink *sink = &lane->rank->sweep->sink;
	if (lane->released)
		return NS_OK;
	lane->released = true;
	return sink->release(sink->context, lane->point, error);
}

/* The point no longer counts as in flight once the stop is known, so that whoever loses patience now causes no death of it. */
static enum ns_tick_answer give_up(struct lane *lane, double now)
{
	struct ns_error error;
	const enum ns_status status = release(lane, &error);
	if (status != NS_OK)
		ns_rank_fail(lane->rank, status, &error);
	if (lane->rank->stopping == NS_STOP_AT_ONCE || now - lane->safe_since < worth_saving_seconds || !can_save(lane))
		lane->checkpoint.path = NULL;
	return NS_TICK_STOP;
}

static enum ns_tick_answer tick(void *context, double fraction)
{
	struct lane *lane = context;
	const double now = ns_log_clock();
	lane->left = lane->cycles * (1 - fraction);
	note_checkpoint(lane, now);
	if (lane->number == 0)
		ns_rank_attend(lane->rank);
	if (lane->rank->stopping != NS_STOP_NOT)
		return give_up(lane, now);
	if (now - lane->safe_since < lane->rank->sweep->checkpoint_seconds)
		return NS_TICK_GO_ON;
	lane->safe_since = now; /* also if it cannot be saved: tried again after the interval */
	return can_save(lane) ? NS_TICK_SAVE : NS_TICK_GO_ON;
}

static enum ns_status begin(struct lane *lane, size_t point, struct ns_error *error)
{
	const struct ns_sweep *s = lane->rank->sweep;
	lane->point = point;
	lane->released = lane->met_checkpoint = lane->warned = false;
	lane->checkpoint = (struct ns_checkpoint){0};
	lane->save_seconds = 0;
	if (s->checkpoints != NULL) {
		ns_checkpoints_path(s->checkpoints, &s->points[point], lane->path);
		lane->checkpoint.path = lane->path;
	}
	lane->safe_since = ns_log_clock();
	return s->sink.begin(s->sink.context, point, error);
}

static void hand_over(struct lane *lane, struct finished *done)
{
	struct rank_state *r = lane->rank;
	done->has_checkpoint = has_checkpoint(lane) || lane->warned; /* a file that was of no use is still there */
	pthread_mutex_lock(&r->mutex);
	done->next = r->finished;
	r->finished = done;
	pthread_mutex_unlock(&r->mutex);
}

static void count_release(struct lane *lane)
{
	struct rank_state *r = lane->rank;
	pthread_mutex_lock(&r->mutex);
	r->n_released++;
	r->n_released_saved += has_checkpoint(lane);
	pthread_mutex_unlock(&r->mutex);
}

static enum ns_status train(struct lane *lane, struct finished *done, struct ns_error *error)
{
	const struct ns_sweep *s = lane->rank->sweep;
	const struct ns_point *point = &s->points[lane->point];
	struct ns_engine_options options = s->options;
	options.shared = lane->rank->shared;
	enum ns_status status = ns_result_init(&done->result, ns_record_count(s->experiment), point->m, s->data->d,
		s->experiment->weights == NS_WEIGHTS_ENDS, s->experiment->weights != NS_WEIGHTS_NONE, error);
	if (status == NS_OK)
		status = ns_train_point(&done->result, s->experiment, s->data, point, s->engine, &options, &lane->checkpoint,
			(struct ns_tick){tick, lane}, error);
	note_checkpoint(lane, ns_log_clock());
	return status;
}

enum ns_status ns_lane_train(struct lane *lane, size_t point, struct ns_error *error)
{
	struct ns_error ignored;
	struct finished *done = ns_alloc(1, sizeof *done);
	if (done == NULL)
		return ns_error_memory(error, "a point's result", sizeof *done);
	done->point = point;
	enum ns_status status = begin(lane, point, error);
	if (status == NS_OK)
		status = train(lane, done, error);
	if (status == NS_OK) {
		hand_over(lane, done);
		return NS_OK;
	}
	release(lane, &ignored); /* of a failure the first reason counts */
	if (status == NS_STOPPED)
		count_release(lane);
	ns_result_finish(&done->result);
	ns_free(done);
	return status;
}
