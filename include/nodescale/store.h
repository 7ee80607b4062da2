/* The results file: one netCDF-4 readable HDF5 file for a whole sweep (architecture.md, "The file"), written through parallel
 * HDF5.
 *
 * Collective: ns_store_create, ns_store_open, ns_store_close. Everything else is independent, from one thread per process at a
 * time. A file is made in full under a temporary name, flushed, closed and renamed; after that a point's slot is written in
 * place, data before its one-byte status, so that a kill at any moment leaves every finished point intact (environment.md). */
#ifndef NODESCALE_STORE_H
#define NODESCALE_STORE_H

#include <mpi.h>
#include <nodescale/data.h>
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

/* Opens path for writing slots of this sweep. A file of another experiment (any attribute, point list or data digest that
 * differs) is refused with NS_BAD_INPUT naming each field with both values. index_of: the file's points stand in the order of
 * sweep->points. */
enum ns_status ns_store_open(struct ns_store **store, const char *path, const struct ns_sweep_description *sweep, MPI_Comm comm,
	struct ns_error *error);

/* Status per point (n_points), read on the calling rank. */
enum ns_status ns_store_read_status(struct ns_store *store, enum ns_point_status *status, struct ns_error *error);

/* Writes the status byte of a point alone: taken up, released, set aside (flight.h). From any thread. */
enum ns_status ns_store_mark(struct ns_store *store, size_t point, enum ns_point_status status, struct ns_error *error);

/* Notes a death of the program: call it on one rank, before any point is taken up, with nobody else writing. Points that are in
 * flight become interrupted, or crashed if they were interrupted before. *n_crashed: how many were set aside now. */
enum ns_status ns_store_note_death(struct ns_store *store, size_t *n_interrupted, size_t *n_crashed, struct ns_error *error);

/* Writes a point's slot: quantities, weights, bookkeeping, checksum, then status. */
enum ns_status ns_store_write(struct ns_store *store, size_t point, const struct ns_result *result, struct ns_error *error);

/* Flushes and closes. Accepts NULL. */
enum ns_status ns_store_close(struct ns_store *store, struct ns_error *error);

#endif
