/* Trains the missing points of a sweep on all ranks of a communicator: rank 0 coordinates and trains, the others train.
 *
 * Each rank trains on `lanes` threads at once, a point each; only the main thread speaks MPI and writes results, between two
 * chunks of steps of the point it trains itself. Ranks wait asleep, never in a spinning receive. */
#ifndef NODESCALE_SWEEP_H
#define NODESCALE_SWEEP_H

#include <mpi.h>
#include <nodescale/coordinator.h>
#include <nodescale/log.h>
#include <nodescale/train.h>
#include <signal.h>

/* What becomes of a point. Each point begun is then written or released, unless the program dies. */
struct ns_sink {
	/* The point is in flight from now on. By the thread that trains it, several at once. */
	enum ns_status (*begin)(void *context, size_t point, struct ns_error *error);
	/* It is given up in good order, before its checkpoint is saved: a kill meanwhile is no death of the point. By the same.
	 */
	enum ns_status (*release)(void *context, size_t point, struct ns_error *error);
	/* Takes its result. By the main thread of the rank that trained it. */
	enum ns_status (*write)(void *context, size_t point, const struct ns_result *result, struct ns_error *error);
	void *context;
};

/* How urgently to stop. */
enum ns_stop {
	NS_STOP_NOT,
	NS_STOP_IN_ORDER, /* points in flight are saved as checkpoints */
	NS_STOP_AT_ONCE,  /* they are given up as they are */
};

struct ns_sweep {
	const struct ns_experiment *experiment;
	const struct ns_data *data;
	const struct ns_point *points;
	size_t n_points;
	const bool *selected;           /* (n_points) to be trained; read on rank 0 only */
	const struct ns_engine *engine; /* NULL: auto, per point */
	struct ns_engine_options options;
	int lanes; /* >= 1 */
	struct ns_sink sink;
	const char *checkpoints;   /* folder of the points' checkpoints, made when the first is saved; NULL: none are kept */
	double checkpoint_seconds; /* of a point's training between two saves, > 0 */
	double deadline;           /* of ns_log_clock(): by then all ranks have stopped in order; INFINITY: none */
	const volatile sig_atomic_t *stop; /* enum ns_stop, set by a signal handler of any rank: all stop */
	struct ns_log *log;                /* of this rank */
};

/* Collective. All ranks return the same status and text: NS_OK when every selected point has been trained and written, NS_STOPPED
 * after a stop in good order, else the first failure, at which the others stop in good order too. progress is filled on rank 0.
 */
enum ns_status ns_sweep_run(const struct ns_sweep *sweep, MPI_Comm comm, struct ns_progress *progress, struct ns_error *error);

#endif
