/* Who trains what: the coordinator hands out points, the longest first, to whoever asks. Pure bookkeeping, without MPI. */
#ifndef NODESCALE_COORDINATOR_H
#define NODESCALE_COORDINATOR_H

#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_NO_POINT SIZE_MAX

struct ns_coordinator;

/* cycles (n_points): expected cost of each point; missing (n_points): whether it is to be trained. Both are copied. */
enum ns_status ns_coordinator_create(
	struct ns_coordinator **coordinator, size_t n_points, const double *cycles, const bool *missing, struct ns_error *error);
void ns_coordinator_destroy(struct ns_coordinator *coordinator); /* accepts NULL */

/* The next point to train, NS_NO_POINT when all are handed out or after ns_coordinator_stop. Equal costs: in the order of the
 * sweep. */
size_t ns_coordinator_take(struct ns_coordinator *coordinator);

/* A point taken earlier has been trained and written. */
void ns_coordinator_finished(struct ns_coordinator *coordinator, size_t point, bool diverged);

/* A point taken earlier has been given up; has_checkpoint: it goes on later from where it was. */
void ns_coordinator_released(struct ns_coordinator *coordinator, bool has_checkpoint);

/* Nothing more is handed out. */
void ns_coordinator_stop(struct ns_coordinator *coordinator);

struct ns_progress {
	uint64_t total, done, diverged; /* points of this run */
	uint64_t released, saved;       /* given up in good order; of these, with a checkpoint */
	double cycles_total, cycles_done;
};
struct ns_progress ns_coordinator_progress(const struct ns_coordinator *coordinator);

#endif
