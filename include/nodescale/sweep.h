/* Runs the missing points of a sweep on all ranks of a communicator: rank 0 coordinates and trains, the others train.
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

/* Takes a finished point; called by the main thread of the rank that trained it. */
struct ns_sink {
	enum ns_status (*write)(void *context, size_t point, const struct ns_result *result, struct ns_error *error);
	void *context;
};

struct ns_sweep {
	const struct ns_experiment *experiment;
	const struct ns_data *data;
	const struct ns_point *points;
	size_t n_points;
	const bool *missing;            /* (n_points) read on rank 0 only */
	const struct ns_engine *engine; /* NULL: auto, per point */
	struct ns_engine_options options;
	int lanes; /* >= 1 */
	struct ns_sink sink;
	struct ns_log *log;
	const volatile sig_atomic_t *stop; /* set by a signal handler: points in flight are given up */
};

/* Collective. All ranks return the same status and text: NS_OK when every missing point has been trained and written, NS_STOPPED
 * after *stop, else the first failure. Points in flight elsewhere are finished and written before a failure is returned.
 * progress is filled on rank 0. */
enum ns_status ns_sweep_run(const struct ns_sweep *sweep, MPI_Comm comm, struct ns_progress *progress, struct ns_error *error);

#endif
