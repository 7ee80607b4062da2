/* What `prune` and `transfer` share: an experiment after training for all points of a results file, on all ranks and threads. */
#ifndef NODESCALE_CLI_FOLLOWUP_H
#define NODESCALE_CLI_FOLLOWUP_H

#include <mpi.h>
#include <nodescale/followup.h>
#include <nodescale/log.h>
#include <nodescale/store.h>
#include <signal.h>

/* The whole command. */
enum ns_status ns_followup_run(enum ns_followup followup, int argc, char **argv, struct ns_error *error);

void ns_followup_prepare(void);

/* --- computing (followup_work.c) --- */

/* Points of which it is to be computed, the same on every rank. */
struct ns_followup_work {
	enum ns_followup followup;
	const struct ns_sweep_description *sweep;
	struct ns_store *store;
	const size_t *points; /* (n_points) */
	size_t n_points;
	int threads;
	const volatile sig_atomic_t *stop;
	struct ns_log *log;
};

/* Collective. Computes and writes them: rank r of R takes points r, r + R, .. A stop or a failure at any rank stops all of them;
 * all return the same. NS_STOPPED only if something is missing because of the stop. *n_done: points written. */
enum ns_status ns_followup_work(const struct ns_followup_work *work, MPI_Comm comm, size_t *n_done, struct ns_error *error);

/* The lines of --help that both commands share. */
#define NS_FOLLOWUP_HELP                                                                                                         \
	"Results go into the same file; running again computes only what is missing, and a point that is trained anew loses\n"   \
	"what was computed from it. The file must keep the weights (`record: {weights: final}` in the spec). Alone or under\n"   \
	"mpirun: the same bits on any number of ranks and threads. Signals stop it in good order as they do `nodescale "         \
	"run`.\n\n"                                                                                                              \
	"      --threads K   threads of each rank; default: the cores it may use\n"                                              \
	"      --wait T      wait that long if a run is writing FILE.h5; default 0: refuse at once\n"                            \
	"  -h, --help        this text\n"

#endif
