/* Faults on demand, so that tests can see what the program does when a disk or a process fails. Built in always; off unless the
 * environment variable NODESCALE_FAULT is set, and then one predictable branch where each could happen.
 *
 * NODESCALE_FAULT = KIND:K[@RANK], or several with commas between them: the K-th time (from 1; without :K the first) that a
 * process comes to a place of that kind it fails, once. @RANK: on that rank only. Kinds:
 *
 *   write              a slot of the results file cannot be written: EIO (here and below: of training, or of prune or transfer)
 *   short_write        half of a slot is written, then the disk is full: ENOSPC
 *   fsync              bringing the results file to disk fails: EIO
 *   die                SIGKILL to oneself after a finished point has been written
 *   die_in_slot        SIGKILL after half of a slot's data (prune, transfer: between its data and its checksum)
 *   die_in_create      SIGKILL while a results file is made: 1 when it has its structure, 2 when it is sealed
 *   die_in_extend      SIGKILL after so many points have been copied into a file that takes the place of another
 *   die_in_publish     SIGKILL while a new file gets its name: 1 before, 2 after
 *   checkpoint_write   a checkpoint cannot be written: EIO
 */
#ifndef NODESCALE_FAULT_H
#define NODESCALE_FAULT_H

#include <nodescale/status.h>
#include <stdbool.h>

enum ns_fault {
	NS_FAULT_WRITE,
	NS_FAULT_SHORT_WRITE,
	NS_FAULT_FSYNC,
	NS_FAULT_DIE,
	NS_FAULT_DIE_IN_SLOT,
	NS_FAULT_DIE_IN_CREATE,
	NS_FAULT_DIE_IN_EXTEND,
	NS_FAULT_DIE_IN_PUBLISH,
	NS_FAULT_CHECKPOINT_WRITE,
	NS_FAULT_COUNT
};

/* Reads text (NULL or empty: no faults) for a process of that rank, in place of what was read before. NS_BAD_INPUT if it does not
 * say what the list above allows. Before other threads start. */
enum ns_status ns_fault_start(const char *text, int rank, struct ns_error *error);

/* Whether the fault happens here and now; counts the visit. From any thread. */
bool ns_fault_happens(enum ns_fault kind);

/* Ends the process by SIGKILL if the fault happens. */
void ns_fault_die(enum ns_fault kind);

#endif
