/* The state of one rank of a running sweep, and its two sides: the main thread's post (attend.c) and the lanes (lane.c). */
#ifndef NODESCALE_RANK_H
#define NODESCALE_RANK_H

#include "protocol.h"
#include <limits.h>
#include <pthread.h>

struct finished {
	size_t point;
	struct ns_result result;
	bool has_checkpoint;
	struct finished *next;
};

/* A line for the log from any thread; the main thread prints it. */
struct note {
	char text[512];
	struct note *next;
};

struct lane {
	struct rank_state *rank;
	int number;
	_Atomic double cycles; /* expected cost of the point in training; 0 when idle */
	_Atomic double left;   /* cycles of it still to do; 0 when idle */
	_Atomic double bytes;  /* memory of it; 0 when idle */
	_Atomic bool ended;
	/* the lane's own: */
	size_t point;
	struct ns_checkpoint checkpoint;
	char path[PATH_MAX];
	double safe_since;   /* ns_log_clock(): training until then is on disk, or the point began then */
	double save_seconds; /* checkpoint.save_seconds as last seen */
	bool met_checkpoint, released, warned;
};

struct rank_state {
	const struct ns_sweep *sweep;
	MPI_Comm comm;
	int rank, n_ranks;
	struct lane *lanes;
	struct ns_coordinator *coordinator; /* rank 0 */
	struct ns_shared *shared;           /* among the points of this rank; NULL if memory is short: then nothing is */
	int ranks_left;                     /* rank 0: other ranks that have not said LEAVING */
	size_t requested;                   /* grants under way */
	enum ns_stop_reason reason;
	size_t notes_shown, notes_hidden;
	double last_note;        /* ns_log_clock() */
	_Atomic bool exhausted;  /* no more points will be granted */
	_Atomic int stopping;    /* enum ns_stop */
	_Atomic bool has_failed; /* status is not NS_OK */
	_Atomic bool has_notes;
	_Atomic double longest_save; /* seconds of one point's; 0: none so far */
	pthread_mutex_t mutex;       /* guards what follows */
	size_t *granted, n_granted;  /* (lanes) points not yet begun */
	struct finished *finished;
	size_t n_released, n_released_saved; /* not yet reported */
	struct note *notes, **last;
	enum ns_status status;
	struct ns_error error;
};

/* --- attend.c: what the main thread does between two chunks of steps --- */

void ns_rank_attend(struct rank_state *r);
void ns_rank_ask_for_points(struct rank_state *r);
void ns_rank_hand_in(struct rank_state *r);

/* From any thread. */
void ns_rank_fail(struct rank_state *r, enum ns_status status, const struct ns_error *error);
void ns_rank_note(struct rank_state *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- lane.c --- */

/* Trains the point and hands its result over, or releases it: NS_STOPPED. */
enum ns_status ns_lane_train(struct lane *lane, size_t point, struct ns_error *error);

#endif
