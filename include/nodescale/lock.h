/* Only one run writes a results file at a time. Whoever writes FILE.h5 holds FILE.h5.lock; readers need no lock.
 *
 * The kernel says whether the holder lives: rank 0 holds an exclusive lock on the file's first byte, every rank a shared one on
 * its second (open file description locks). They end with the processes, and ranks that outlive a killed mpirun still count. The
 * text in the file only says who it is. A newcomer needs both bytes exclusively, then lets go of the second for its own ranks.
 *
 * Where the file system has no locks, the file's existence is the lock: its text lists the processes of the run, which another
 * process on the same host can look for, and its time of modification, which rank 0 renews every 10 s, tells other hosts that the
 * run lives; it is dead after 2 minutes without. Two newcomers who find a dead run at the same moment are told apart less surely
 * there. Locks that a file system grants but keeps to each host (Lustre with localflock) cannot be recognised. */
#ifndef NODESCALE_LOCK_H
#define NODESCALE_LOCK_H

#include <mpi.h>
#include <nodescale/log.h>
#include <nodescale/status.h>
#include <signal.h>

struct ns_lock;

/* What to do while somebody else holds the lock. */
struct ns_lock_patience {
	double seconds;                    /* wait that long for it; 0: refuse at once */
	const volatile sig_atomic_t *stop; /* once set, waiting ends with NS_STOPPED; NULL: never */
	struct ns_log *log; /* told of waiting, of a dead run's lock taken over, of a file system without locks; NULL: nobody */
};

/* Locks the results file `path`, which need not exist yet, for this process. Held by somebody else: NS_FAILED with host, process
 * and since when. A folder that is missing or not writable: NS_BAD_INPUT. */
enum ns_status ns_lock_take(
	struct ns_lock **lock, const char *path, const struct ns_lock_patience *patience, struct ns_error *error);

/* Lets go, and removes the lock file if this process took it. Accepts NULL. */
void ns_lock_release(struct ns_lock *lock);

/* The same for all ranks of comm; collective. All ranks return the same status and text. */
enum ns_status ns_lock_take_together(
	struct ns_lock **lock, const char *path, const struct ns_lock_patience *patience, MPI_Comm comm, struct ns_error *error);
void ns_lock_release_together(struct ns_lock *lock, MPI_Comm comm);

/* Whether somebody holds the lock of `path`; holder[size] then says who. Never changes anything. */
bool ns_lock_is_held(const char *path, char *holder, size_t size);

#endif
