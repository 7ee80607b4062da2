/* Slots of the experiments after training. Past HDF5 throughout, which serves one thread only: whoever computes writes. */
#include "pieces.h"
#include "store_private.h"
#include <errno.h>
#include <math.h>
#include <nodescale/fault.h>
#include <nodescale/memory.h>
#include <string.h>

/* --- the checksum --- */

uint64_t ns_followup_checksum(uint64_t meaning, uint64_t trained, enum ns_followup followup, const void *train_risk,
	const void *test_risk, size_t bytes)
{
	const uint64_t of[] = {trained, followup};
	uint64_t hash = XXH3_64bits_withSeed(of, sizeof of, meaning);
	hash = XXH3_64bits_withSeed(train_risk, bytes, hash);
	hash = XXH3_64bits_withSeed(test_risk, bytes, hash);
	return hash != 0 ? hash : 1;
}

/* A count in the slot; 0 if a forged seal leaves no room for one. */
static uint64_t count_in(const struct ns_slot_batch *batch, enum ns_variable variable, size_t slot)
{
	uint64_t count = 0;
	size_t length;
	const unsigned char *row = ns_slot_batch_rows(batch, variable, slot, 1, &length);
	if (length == sizeof count)
		memcpy(&count, row, sizeof count);
	return count;
}

enum ns_slot_state ns_followup_judge(const struct ns_slot_batch *batch, size_t slot, enum ns_followup followup,
	const struct ns_slot_verdict *training, uint64_t *checksum)
{
	size_t train_length, test_length;
	*checksum = count_in(batch, ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM), slot);
	if (*checksum == 0)
		return NS_SLOT_MISSING;
	if (training->state != NS_SLOT_FINISHED || training->status != NS_POINT_DONE)
		return NS_SLOT_DAMAGED;
	const unsigned char *train_risk =
		ns_slot_batch_rows(batch, ns_followup_variable(followup, NS_FOLLOWUP_TRAIN_RISK), slot, 1, &train_length);
	const unsigned char *test_risk =
		ns_slot_batch_rows(batch, ns_followup_variable(followup, NS_FOLLOWUP_TEST_RISK), slot, 1, &test_length);
	if (train_length != test_length)
		return NS_SLOT_DAMAGED;
	const uint64_t trained = count_in(batch, NS_VAR_CHECKSUM, slot);
	return *checksum == ns_followup_checksum(
				    batch->slots->seal.meaning, trained, followup, train_risk, test_risk, train_length)
		       ? NS_SLOT_FINISHED
		       : NS_SLOT_DAMAGED;
}

/* --- writing --- */

static enum ns_status put(struct ns_store *store, enum ns_variable variable, size_t slot, const void *row, struct ns_error *error)
{
	const struct ns_region place = ns_slots_rows(&store->slots, variable, slot, 1);
	if (ns_write_all(store->descriptor, row, place.bytes, place.offset))
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "%s: %s cannot be written: %s", store->path, ns_schema_variable(variable).name,
		strerror(errno));
}

static bool has(const struct ns_store *store, enum ns_followup followup)
{
	return store->slots.seal.variable[ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM)].bytes > 0;
}

enum ns_status ns_followup_forget(struct ns_store *store, enum ns_followup followup, size_t slot, struct ns_error *error)
{
	const uint64_t none = 0;
	return has(store, followup) ? put(store, ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM), slot, &none, error)
				    : NS_OK;
}

enum ns_status ns_followups_forget(struct ns_store *store, size_t slot, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int f = 0; f < NS_FOLLOWUP_COUNT && status == NS_OK; f++)
		status = ns_followup_forget(store, (enum ns_followup)f, slot, error);
	return status;
}

/* Every NaN goes to the file as the same bits, so that equal results are equal bytes. */
static void one_nan(double *values, size_t count)
{
	for (size_t e = 0; e < count; e++)
		if (isnan(values[e]))
			values[e] = NAN;
}

/* The state of a slot as its bytes tell it, and the slot in batch. */
static enum ns_status look_at(
	struct ns_store *store, size_t slot, struct ns_slot_batch *batch, struct ns_slot_verdict *verdict, struct ns_error *error)
{
	enum ns_status status = ns_slot_batch_init(batch, &store->slots, error);
	if (status == NS_OK)
		status = ns_slot_batch_read(batch, store->descriptor, slot, 1, error);
	if (status == NS_OK)
		*verdict = ns_slot_judge(batch, slot, NULL);
	return status;
}

enum ns_status ns_store_write_followup(struct ns_store *store, size_t point, enum ns_followup followup,
	const struct ns_followup_result *result, struct ns_error *error)
{
	const size_t length = ns_followups[followup].length, slot = store->slot[point];
	struct ns_followup_result row = *result;
	uint64_t trained;
	uint8_t byte;
	if (!has(store, followup))
		return ns_error_set(
			error, NS_FAILED, "%s has no place for results of %s", store->path, ns_followups[followup].noun);
	if (ns_fault_happens(NS_FAULT_WRITE))
		return ns_error_set(error, NS_FAILED, "%s cannot be written: %s", store->path, strerror(EIO));
	if (!ns_read_all(
		    store->descriptor, &trained, sizeof trained, ns_slots_rows(&store->slots, NS_VAR_CHECKSUM, slot, 1).offset) ||
		!ns_read_all(store->descriptor, &byte, 1, ns_slots_rows(&store->slots, NS_VAR_STATUS, slot, 1).offset))
		return ns_error_set(error, NS_FAILED, "%s: checksum cannot be read: %s", store->path, strerror(errno));
	if (byte != NS_POINT_DONE)
		return ns_error_set(error, NS_FAILED, "%s: point %zu is not done", store->path, point);
	one_nan(row.train_risk, length);
	one_nan(row.test_risk, length);
	const uint64_t checksum = ns_followup_checksum(
		store->slots.seal.meaning, trained, followup, row.train_risk, row.test_risk, length * sizeof(double));
	enum ns_status status = ns_guard_length(store, error);
	if (status == NS_OK)
		status = ns_followup_forget(store, followup, slot, error);
	if (status == NS_OK)
		status = put(store, ns_followup_variable(followup, NS_FOLLOWUP_TRAIN_RISK), slot, row.train_risk, error);
	if (status == NS_OK)
		status = put(store, ns_followup_variable(followup, NS_FOLLOWUP_TEST_RISK), slot, row.test_risk, error);
	ns_fault_die(NS_FAULT_DIE_IN_SLOT);
	if (status == NS_OK)
		status = put(store, ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM), slot, &checksum, error);
	if (status != NS_OK)
		return status;
	ns_fault_die(NS_FAULT_DIE);
	return ns_guard(store, error);
}

/* --- reading --- */

enum ns_status ns_store_read_followups(struct ns_store *store, enum ns_followup followup, bool *computed, struct ns_error *error)
{
	const struct ns_region place = store->slots.seal.variable[ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM)];
	memset(computed, 0, store->n_points);
	if (place.bytes == 0)
		return NS_OK;
	uint64_t *checksums = ns_alloc(store->slots.n, sizeof *checksums);
	if (checksums == NULL)
		return ns_error_memory(error, "the checksums of the points", (double)place.bytes);
	const bool read = ns_read_all(store->descriptor, checksums, place.bytes, place.offset);
	for (size_t p = 0; p < store->n_points; p++)
		computed[p] = checksums[store->slot[p]] != 0;
	ns_free(checksums);
	return read ? NS_OK
		    : ns_error_set(error, NS_FAILED, "%s: %s_checksum cannot be read: %s", store->path,
			      ns_followups[followup].name, strerror(errno));
}

static void copy_rows(const struct ns_slot_batch *batch, enum ns_variable variable, size_t slot, double *values)
{
	size_t length;
	const unsigned char *rows = ns_slot_batch_rows(batch, variable, slot, 1, &length);
	memcpy(values, rows, length);
}

enum ns_status ns_store_read_weights(
	struct ns_store *store, size_t point, double *final_weights, double *output_sign, struct ns_error *error)
{
	const size_t slot = store->slot[point];
	struct ns_slot_batch batch;
	struct ns_slot_verdict verdict;
	enum ns_status status = look_at(store, slot, &batch, &verdict, error);
	if (status == NS_OK && verdict.state != NS_SLOT_FINISHED)
		status = ns_error_set(error, NS_FAILED, "%s: the result of point %zu is damaged: `nodescale run` trains it again",
			store->path, slot);
	if (status == NS_OK) {
		copy_rows(&batch, NS_VAR_FINAL_WEIGHTS, slot, final_weights);
		copy_rows(&batch, NS_VAR_OUTPUT_SIGN, slot, output_sign);
	}
	ns_slot_batch_finish(&batch);
	return status;
}
