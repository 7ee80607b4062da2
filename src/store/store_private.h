/* A results file open for writing slots. Private to src/store. */
#ifndef NODESCALE_STORE_STORE_PRIVATE_H
#define NODESCALE_STORE_STORE_PRIVATE_H

#include "hdf.h"
#include "rows.h"
#include "slots.h"
#include <limits.h>
#include <nodescale/store.h>

struct ns_store {
	MPI_Comm comm;
	char path[PATH_MAX];
	int descriptor; /* of the same file: for what needs no HDF5, and to keep hold of it should its name be lost */
	hid_t file;
	struct ns_extents extents;                         /* of the file */
	hid_t variable[NS_VAR_COUNT], space[NS_VAR_COUNT]; /* of what HDF5 writes of slots, H5I_INVALID_HID otherwise */
	hid_t memory, letter_type;                         /* space of block, type of the letters of an engine's name */
	struct ns_slots slots;
	size_t n_points, *slot; /* (n_points) of the sweep: where each stands in the file */
	double *block;
	size_t block_length;
	XXH3_state_t *hash;          /* of the slot that is being written */
	double last_sync, last_look; /* ns_log_clock() */
	char news[1024];
};

/* --- writing (slot.c) --- */

/* Status and slot_checksum of a slot. From any thread. */
enum ns_status ns_slot_put_truth(
	struct ns_store *store, size_t slot, uint64_t checksum, enum ns_point_status status, struct ns_error *error);

/* --- experiments after training (followups.c) --- */

/* What was computed from a slot's result does not count any more; before the result itself ceases to. From any thread. */
enum ns_status ns_followup_forget(struct ns_store *store, enum ns_followup followup, size_t slot, struct ns_error *error);
enum ns_status ns_followups_forget(struct ns_store *store, size_t slot, struct ns_error *error);

/* --- watching over the file (guard.c) --- */

/* Before a result or a mark is written: NS_FAILED if the file was cut short, for a write further on would give it its length
 * back, with zeros for what it had. From any thread. */
enum ns_status ns_guard_length(const struct ns_store *store, struct ns_error *error);

/* After a write: brings the file to disk and looks whether it still has its name, both now and then only. */
enum ns_status ns_guard(struct ns_store *store, struct ns_error *error);

enum ns_status ns_guard_sync(struct ns_store *store, struct ns_error *error);

/* At the end, on one rank: a file that has lost its name gets it back, or FILE.rescued.h5 if that is taken. NS_FAILED, saying
 * what happened, if so. */
enum ns_status ns_guard_rescue(struct ns_store *store, struct ns_error *error);

#endif
