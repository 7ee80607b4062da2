/* The results file: one netCDF-4 readable HDF5 file for a whole sweep (architecture.md, "The file"), written through parallel
 * HDF5.
 *
 * Collective: ns_store_create, ns_store_open, ns_store_close. Everything else is independent, from one thread per process at a
 * time.
 *
 * What keeps results safe:
 *   - A file is made in full under a temporary name, brought to disk and renamed, its space allocated to the last byte. After
 * that only the points' slots are written, in place: data, then checksum, then status. A kill at any moment leaves every finished
 *     point intact (environment.md).
 *   - A seal in the file covers every byte that is not in a slot; a checksum in each slot covers every byte of it and names the
 *     experiment and the point that it is of. Both are checked when a file is opened for going on.
 *   - What is whole of a damaged file is taken over into a new one; the damaged file is kept beside it.
 *   - A file grows by a new one that takes over what is finished, and then takes its name: a kill leaves the one or the other. */
#ifndef NODESCALE_STORE_H
#define NODESCALE_STORE_H

#include <mpi.h>
#include <nodescale/data.h>
#include <nodescale/followup.h>
#include <nodescale/point.h>
#include <nodescale/result.h>

struct ns_store;

/* What a file is made from. Pointers are borrowed. */
struct ns_sweep_description {
	const struct ns_experiment *experiment;
	const struct ns_data *data;
	const struct ns_point *points;
	size_t n_points;
	const char *spec_text;
	const char *command_line;
};

/* Size of the file that ns_store_create would make, at most. NS_BAD_INPUT if there is nothing to store. */
enum ns_status ns_store_bytes(const struct ns_sweep_description *sweep, double *bytes, struct ns_error *error);

/* Creates path for this sweep with every point missing. NS_BAD_INPUT if the folder is not writable, NS_FAILED if the disk is too
 * small; never leaves a half-made file. All ranks return the same status and text. */
enum ns_status ns_store_create(const char *path, const struct ns_sweep_description *sweep, MPI_Comm comm, struct ns_error *error);

/* Opens path for writing slots of this sweep. A file that is not there is created. A point's number, here and below, is that in
 * sweep->points, wherever it stands in the file.
 *
 * A file that lacks some of the sweep's points is extended by them; points that only the file has stay in it. Names, order,
 * comments and paths of the spec may change at will: the file keeps the text that it was made or last extended with. What would
 * change the meaning of a finished point (any other attribute, the data, the numerics version) is refused with NS_BAD_INPUT
 * naming each field that differs with both values, even where no point is finished yet.
 *
 * Every slot is checked: damaged ones become missing. A damaged file is replaced by a new one with all slots whose bytes are
 * whole, and kept as PATH.damaged (or -2, -3, ..). NS_BAD_INPUT if path is not writable or is no results file. */
enum ns_status ns_store_open(struct ns_store **store, const char *path, const struct ns_sweep_description *sweep, MPI_Comm comm,
	struct ns_error *error);

/* What opening did to an existing file (extended, mended, damaged points), in a sentence for people; empty if nothing. */
const char *ns_store_news(const struct ns_store *store);

/* Status per point (n_points), read on the calling rank. */
enum ns_status ns_store_read_status(struct ns_store *store, enum ns_point_status *status, struct ns_error *error);

/* Writes the slot of a point that is done or diverged. NS_FAILED names the file and the reason; the point is missing then, others
 * stay as they are. Now and then (some seconds) this also brings the file to disk, and fails if it has lost its name. */
enum ns_status ns_store_write(struct ns_store *store, size_t point, const struct ns_result *result, struct ns_error *error);

/* What an experiment after training has yielded, written into its own slot of a point that is done: data, then checksum. A result
 * that is trained anew, or given up, takes with it what was computed from it. From any thread, one at a time. Otherwise as
 * ns_store_write.
 */
enum ns_status ns_store_write_followup(struct ns_store *store, size_t point, enum ns_followup followup,
	const struct ns_followup_result *result, struct ns_error *error);

/* computed (n_points): whether it is in the file. From any thread. */
enum ns_status ns_store_read_followups(struct ns_store *store, enum ns_followup followup, bool *computed, struct ns_error *error);

/* final_weights (m, d) and output_sign (m) of a point that is done, from a slot that is whole. From any thread. */
enum ns_status ns_store_read_weights(
	struct ns_store *store, size_t point, double *final_weights, double *output_sign, struct ns_error *error);

/* Sets a status without a result: taken up, released, set aside (flight.h). A result that the slot held is given up; a mark stays
 * while a result is written. From any thread. */
enum ns_status ns_store_mark(struct ns_store *store, size_t point, enum ns_point_status mark, struct ns_error *error);

/* Notes a death of the program: call it on one rank, before any point is taken up, with nobody else writing. Points that are in
 * flight become interrupted, or crashed if they were interrupted before. *n_crashed: how many were set aside now. */
enum ns_status ns_store_note_death(struct ns_store *store, size_t *n_interrupted, size_t *n_crashed, struct ns_error *error);

struct ns_merged {
	size_t points, finished;
};

/* Not collective: one process makes output of the points of all inputs (at least one), with every result that they hold.
 * NS_BAD_INPUT if output exists, an input is no results file, two are of different experiments (naming the fields that differ),
 * or hold different results of a point (naming it); NS_FAILED if one is damaged. Output appears whole or not at all. */
enum ns_status ns_store_merge(const char *const *inputs, size_t n_inputs, const char *output, const char *command_line,
	struct ns_merged *merged, struct ns_error *error);

/* Flushes, brings to disk and closes. A file that was removed or replaced meanwhile gets its name back, or if that is taken
 * PATH.rescued.h5; that is an error that says so. Accepts NULL. */
enum ns_status ns_store_close(struct ns_store *store, struct ns_error *error);

#endif
