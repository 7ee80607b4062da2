/* The main thread's post: messages, results, stops, the log. */
#include "rank.h"
#include <math.h>
#include <nodescale/checkpoints.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <unistd.h>

static const double lookahead_cycles = 6e6; /* a lane this near its end (about 2 ms) has its next point asked for */
static const double note_seconds = 60;      /* between two notes, once the first NOTES_FREELY have been shown */
enum { NOTES_FREELY = 20 };

/* --- from any thread --- */

void ns_rank_fail(struct rank_state *r, enum ns_status status, const struct ns_error *error)
{
	pthread_mutex_lock(&r->mutex);
	if (r->status == NS_OK) {
		r->status = status;
		r->error = *error;
	}
	pthread_mutex_unlock(&r->mutex);
	r->has_failed = true;
}

void ns_rank_note(struct rank_state *r, const char *format, ...)
{
	struct note *note = ns_alloc(1, sizeof *note);
	if (note == NULL)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(note->text, sizeof note->text, format, arguments);
	va_end(arguments);
	pthread_mutex_lock(&r->mutex);
	*r->last = note;
	r->last = &note->next;
	pthread_mutex_unlock(&r->mutex);
	r->has_notes = true;
}

static void show_notes(struct rank_state *r)
{
	if (!r->has_notes)
		return;
	pthread_mutex_lock(&r->mutex);
	struct note *list = r->notes;
	r->notes = NULL;
	r->last = &r->notes;
	r->has_notes = false;
	pthread_mutex_unlock(&r->mutex);
	while (list != NULL) {
		struct note *next = list->next;
		const double now = ns_log_clock();
		if (r->notes_shown < NOTES_FREELY || now - r->last_note >= note_seconds) {
			if (r->notes_hidden > 0)
				ns_log_line(r->sweep->log, "(%zu more such lines were not shown)", r->notes_hidden);
			ns_log_line(r->sweep->log, "%s", list->text);
			r->notes_hidden = 0;
			r->notes_shown++;
			r->last_note = now;
		} else {
			r->notes_hidden++;
		}
		ns_free(list);
		list = next;
	}
}

/* --- stopping --- */

/* Nothing new is begun, and lanes give up what they train at their next tick. Told on to all ranks by way of rank 0. */
static void stop(struct rank_state *r, enum ns_stop how, enum ns_stop_reason reason)
{
	if ((int)how <= r->stopping)
		return;
	if (r->stopping == NS_STOP_NOT)
		r->reason = reason;
	r->stopping = how;
	struct ns_message message = {.kind = NS_MESSAGE_STOPPING, .stop = how, .reason = reason};
	if (r->rank > 0) {
		ns_message_send(r->comm, 0, message);
		return;
	}
	ns_coordinator_stop(r->coordinator);
	message.kind = NS_MESSAGE_STOP;
	for (int rank = 1; rank < r->n_ranks; rank++)
		ns_message_send(r->comm, rank, message);
}

/* Seconds that saving what is in flight will take, all lanes and ranks at once: from the saves so far, at first from its size. */
static double saving_seconds(const struct rank_state *r)
{
	const double bytes_per_second = 1e8, at_once = 3; /* times as long as one alone */
	double seconds = r->longest_save;
	for (int lane = 0; lane < r->sweep->lanes && r->longest_save == 0; lane++)
		seconds = fmax(seconds, r->lanes[lane].bytes / bytes_per_second);
	return r->sweep->checkpoints != NULL ? at_once * seconds : 0;
}

static void look_for_reasons_to_stop(struct rank_state *r)
{
	const enum ns_stop requested = (enum ns_stop) * r->sweep->stop;
	if (requested != NS_STOP_NOT)
		stop(r, requested, NS_REASON_SIGNAL);
	if (r->has_failed)
		stop(r, NS_STOP_IN_ORDER, NS_REASON_FAILURE);
	if (r->sweep->deadline < INFINITY && ns_log_clock() >= r->sweep->deadline - saving_seconds(r))
		stop(r, NS_STOP_IN_ORDER, NS_REASON_DEADLINE);
}

/* --- messages --- */

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

static void take_message(struct rank_state *r, int sender, const struct ns_message *message)
{
	switch (message->kind) {
	case NS_MESSAGE_REQUEST:
		ns_message_send(r->comm, sender,
			(struct ns_message){.kind = NS_MESSAGE_GRANT, .point = ns_coordinator_take(r->coordinator)});
		break;
	case NS_MESSAGE_FINISHED:
		ns_coordinator_finished(r->coordinator, message->point, message->flag);
		break;
	case NS_MESSAGE_RELEASED:
		ns_coordinator_released(r->coordinator, message->flag);
		break;
	case NS_MESSAGE_STOPPING:
		stop(r, message->stop, message->reason);
		break;
	case NS_MESSAGE_LEAVING:
		r->ranks_left--;
		break;
	case NS_MESSAGE_GRANT:
		r->requested--;
		accept_point(r, message->point);
		break;
	case NS_MESSAGE_STOP:
		if (r->stopping == NS_STOP_NOT)
			r->reason = message->reason;
		if (r->stopping < (int)message->stop)
			r->stopping = (int)message->stop;
		break;
	}
}

static void take_messages(struct rank_state *r)
{
	struct ns_message message;
	int sender;
	while (ns_message_poll(r->comm, &sender, &message))
		take_message(r, sender, &message);
}

static void show_progress(struct rank_state *r)
{
	const struct ns_progress progress = ns_coordinator_progress(r->coordinator);
	double under_way = 0;
	for (int lane = 0; lane < r->sweep->lanes; lane++)
		under_way += r->lanes[lane].cycles - r->lanes[lane].left;
	ns_log_progress(r->sweep->log, progress.done, progress.total, progress.diverged,
		progress.cycles_done + under_way * r->n_ranks, progress.cycles_total);
}

/* --- points --- */

/* As many points are asked for as there are lanes idle or about to be. */
void ns_rank_ask_for_points(struct rank_state *r)
{
	size_t wanted = 0;
	for (int lane = 0; lane < r->sweep->lanes; lane++)
		wanted += r->lanes[lane].left <= lookahead_cycles;
	pthread_mutex_lock(&r->mutex);
	const size_t coming = r->n_granted + r->requested;
	pthread_mutex_unlock(&r->mutex);
	for (size_t have = coming; have < wanted && !r->exhausted && r->stopping == NS_STOP_NOT; have++) {
		if (r->rank == 0) {
			accept_point(r, ns_coordinator_take(r->coordinator));
		} else {
			ns_message_send(r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_REQUEST});
			r->requested++;
		}
	}
}

/* The checkpoint goes once the result is safe. */
static void write_result(struct rank_state *r, const struct finished *done)
{
	const struct ns_sweep *s = r->sweep;
	const bool diverged = done->result.status == NS_POINT_DIVERGED;
	struct ns_error error;
	const enum ns_status status = s->sink.write(s->sink.context, done->point, &done->result, &error);
	if (status != NS_OK) {
		ns_rank_fail(r, status, &error);
		s->sink.release(s->sink.context, done->point, &error); /* no death of the point; the first reason counts */
		return;
	}
	if (done->has_checkpoint) {
		char path[PATH_MAX];
		ns_checkpoints_path(s->checkpoints, &s->points[done->point], path);
		ns_checkpoint_remove(&(struct ns_checkpoint){.path = path});
	}
	if (r->rank == 0)
		ns_coordinator_finished(r->coordinator, done->point, diverged);
	else
		ns_message_send(
			r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_FINISHED, .point = done->point, .flag = diverged});
}

static void report_releases(struct rank_state *r, size_t released, size_t saved)
{
	for (size_t k = 0; k < released; k++)
		if (r->rank == 0)
			ns_coordinator_released(r->coordinator, k < saved);
		else
			ns_message_send(r->comm, 0, (struct ns_message){.kind = NS_MESSAGE_RELEASED, .flag = k < saved});
}

void ns_rank_hand_in(struct rank_state *r)
{
	pthread_mutex_lock(&r->mutex);
	struct finished *list = r->finished;
	const size_t released = r->n_released, saved = r->n_released_saved;
	r->finished = NULL;
	r->n_released = r->n_released_saved = 0;
	pthread_mutex_unlock(&r->mutex);
	report_releases(r, released, saved);
	while (list != NULL) {
		struct finished *next = list->next;
		write_result(r, list);
		ns_result_finish(&list->result);
		ns_free(list);
		list = next;
	}
}

void ns_rank_attend(struct rank_state *r)
{
	look_for_reasons_to_stop(r);
	take_messages(r);
	if (r->rank == 0)
		show_progress(r);
	show_notes(r);
	ns_rank_hand_in(r);
	ns_rank_ask_for_points(r);
}
