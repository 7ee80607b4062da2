/* A point's slots as bytes: its rows of all variables that ns_schema_in_slot names. What they say of themselves is enough to tell
 * whether they are whole, of which point, and of which experiment, without HDF5 and whatever else of the file is damaged.
 * Private to src/store.
 *
 * The slot of training. slot_checksum is the truth about it:
 *   a result:   XXH3 of the status, seeded by the XXH3 of the rows in the order of the schema, which is seeded by the meaning of
 *               the experiment; xor the point's identity
 *   a mark:     (a status without a result) XXH3 of the status, seeded by the meaning; xor the point's identity
 *   0:          missing
 * The status byte is a copy for people: one that says something is written behind its checksum, and goes before it does. What was
 * a result has gone before its rows are touched; a mark may stay. So a slot that a dying writer left behind is missing, marked or
 * whole; one with a changed bit is none of these, or has changed in its status byte alone, which is put right.
 *
 * The slot of an experiment after training. Its checksum is 0 (not computed) or the XXH3 of its rows, seeded by the meaning, the
 * experiment and the `checksum` of the trained result; it is written behind the rows, and goes before them or the trained result
 * do. */
#ifndef NODESCALE_STORE_SLOTS_H
#define NODESCALE_STORE_SLOTS_H

#include "index.h"
#include "seal.h"
#include <nodescale/flight.h>
#include <nodescale/followup.h>
#include <xxhash.h>

/* --- where slots stand --- */

struct ns_slots {
	struct ns_seal seal;
	size_t n;
	struct ns_point *points; /* (n) */
	uint64_t *ids;           /* (n) */
	size_t *first_node;      /* (n + 1) see rows.h; only where weights are kept */
};

/* Reads the points straight from the file, at the places the seal names. An entry that contradicts its own identity (in a damaged
 * file) is replaced by that of hint (n points, NULL: none). Release with ns_slots_finish. */
enum ns_status ns_slots_init(
	struct ns_slots *slots, int file, const struct ns_seal *seal, const struct ns_point *hint, struct ns_error *error);
void ns_slots_finish(struct ns_slots *slots);

/* Bytes of the rows of slots first .. first + count - 1 in the file; none if the file has no such variable. */
struct ns_region ns_slots_rows(const struct ns_slots *slots, enum ns_variable variable, size_t first, size_t count);

/* --- the checksum --- */

/* Of a result: begin with XXH3_64bits_reset_withSeed(hash, meaning), feed the rows, end with this. */
uint64_t ns_slot_checksum(const XXH3_state_t *rows, enum ns_point_status status, uint64_t id);

uint64_t ns_mark_checksum(uint64_t meaning, enum ns_point_status status, uint64_t id);

/* --- reading many --- */

struct ns_slot_batch {
	const struct ns_slots *slots;
	size_t first, count;
	unsigned char *bytes; /* the slots' rows, variable after variable */
	size_t room, start[NS_VAR_COUNT];
	XXH3_state_t *hash;
};

enum ns_status ns_slot_batch_init(struct ns_slot_batch *batch, const struct ns_slots *slots, struct ns_error *error);
void ns_slot_batch_finish(struct ns_slot_batch *batch);

/* Reads slots from `first` on: at most `most`, some MiB, at least one. What cannot be read is zero, and so missing or damaged. */
enum ns_status ns_slot_batch_read(struct ns_slot_batch *batch, int file, size_t first, size_t most, struct ns_error *error);

/* The rows of slots first .. first + count - 1, which are in the batch. */
unsigned char *ns_slot_batch_rows(
	const struct ns_slot_batch *batch, enum ns_variable variable, size_t first, size_t count, size_t *length);

enum ns_slot_state { NS_SLOT_MISSING, NS_SLOT_MARKED, NS_SLOT_FINISHED, NS_SLOT_DAMAGED };

struct ns_slot_verdict {
	enum ns_slot_state state;
	enum ns_point_status status; /* marked, finished: whatever its byte says; otherwise as the byte says */
	bool claims_result;          /* damaged: the status byte is that of a result */
	uint64_t id;                 /* marked, finished */
};

/* Of a slot in the batch. others: points besides the file's own entry that it may be of (NULL: none). */
struct ns_slot_verdict ns_slot_judge(const struct ns_slot_batch *batch, size_t slot, const struct ns_index *others);

/* --- experiments after training (followups.c) --- */

/* trained: the trained result's `checksum`; bytes: of each of the two rows. Never 0. */
uint64_t ns_followup_checksum(uint64_t meaning, uint64_t trained, enum ns_followup followup, const void *train_risk,
	const void *test_risk, size_t bytes);

/* Of a slot in the batch: missing, finished or damaged; training: of the same point. checksum: as it stands there. */
enum ns_slot_state ns_followup_judge(const struct ns_slot_batch *batch, size_t slot, enum ns_followup followup,
	const struct ns_slot_verdict *training, uint64_t *checksum);

#endif
