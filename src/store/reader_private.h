/* A results file open for reading. Private to src/store. */
#ifndef NODESCALE_STORE_READER_PRIVATE_H
#define NODESCALE_STORE_READER_PRIVATE_H

#include "hdf.h"
#include "rows.h"
#include "slots.h"
#include <nodescale/reader.h>

struct ns_reader {
	int descriptor;        /* of the same file, for what is read without HDF5 */
	struct ns_slots slots; /* where it is */
	hid_t file;
	hid_t variable[NS_VAR_COUNT]; /* H5I_INVALID_HID where the file has none */
	struct ns_extents extents;
	struct ns_experiment experiment;
	int numerics_version;
	uint64_t data_digest;
	struct ns_point *points;
	uint8_t *status_bytes; /* as the slots' checksums say, see slots.h; in flight too */
	uint8_t *status; /* the same, but in flight is missing; of a damaged slot what its byte says if it claims a result */
	bool checked;    /* every slot has been looked at: status has no damaged ones */
	uint64_t *steps;
	size_t *first_node; /* see rows.h; only where weights are kept */
	char *spec_text;
};

/* Reads all of a variable. values: double, uint64_t, uint8_t or bytes, as its type says. */
enum ns_status ns_reader_whole(struct ns_reader *reader, enum ns_variable variable, void *values, struct ns_error *error);

/* Looks at every slot, once: NS_FAILED if one is damaged. */
enum ns_status ns_reader_check(struct ns_reader *reader, struct ns_error *error);

/* As ns_reader_result, of a slot that has been looked at. */
enum ns_status ns_reader_load(struct ns_reader *reader, size_t point, struct ns_result *result, struct ns_error *error);

/* Reads some rows of a variable. */
enum ns_status ns_reader_rows(
	struct ns_reader *reader, enum ns_variable variable, struct ns_rows rows, void *values, struct ns_error *error);

#endif
