/* Writing slots: independent writes into a file whose every byte has its place already. */
#include "pieces.h"
#include "store_private.h"
#include <errno.h>
#include <math.h>
#include <nodescale/fault.h>
#include <nodescale/memory.h>
#include <nodescale/reader.h>
#include <string.h>

/* The one place where slots are written. `values` are whole rows, at most block_length elements. */
static enum ns_status put(struct ns_store *store, enum ns_variable variable, hid_t type, struct ns_rows rows, const void *values,
	struct ns_error *error)
{
	const hsize_t start = 0, length = rows.count * ns_row_length(&store->extents, variable);
	const hid_t space = store->space[variable];
	if (ns_rows_select(space, rows) >= 0 &&
		H5Sselect_hyperslab(store->memory, H5S_SELECT_SET, &start, NULL, &length, NULL) >= 0 &&
		H5Dwrite(store->variable[variable], type, store->memory, space, H5P_DEFAULT, values) >= 0)
		return NS_OK;
	return ns_hdf_error(error, NS_FAILED, "%s: %s cannot be written", store->path, ns_schema_variable(variable).name);
}

/* Every NaN goes to the file as the same bits, so that equal results are equal bytes. */
static enum ns_status put_reals(
	struct ns_store *store, enum ns_variable variable, struct ns_rows rows, const double *values, struct ns_error *error)
{
	const size_t row = ns_row_length(&store->extents, variable), most = store->block_length / row;
	enum ns_status status = NS_OK;
	for (size_t done = 0; done < rows.count && status == NS_OK;) {
		const size_t count = rows.count - done < most ? rows.count - done : most;
		for (size_t e = 0; e < count * row; e++) {
			const double value = values[done * row + e];
			store->block[e] = isnan(value) ? NAN : value;
		}
		XXH3_64bits_update(store->hash, store->block, count * row * sizeof *store->block);
		status = put(store, variable, H5T_NATIVE_DOUBLE, (struct ns_rows){rows.first + done, count}, store->block, error);
		done += count;
	}
	return status;
}

/* A number, or the letters of the engine's name, of the slot's bookkeeping. */
static enum ns_status put_small(struct ns_store *store, enum ns_variable variable, size_t slot, const void *value, size_t bytes,
	hid_t type, struct ns_error *error)
{
	XXH3_64bits_update(store->hash, value, bytes);
	return put(store, variable, type, (struct ns_rows){slot, 1}, value, error);
}

static enum ns_status put_bookkeeping(
	struct ns_store *store, enum ns_variable variable, size_t slot, const struct ns_result *result, struct ns_error *error)
{
	const uint64_t checksum = ns_result_checksum(&store->slots.points[slot], result);
	char engine[NS_ENGINE_NAME_LENGTH] = "";
	switch (variable) {
	case NS_VAR_ENGINE:
		memcpy(engine, result->engine, strnlen(result->engine, sizeof engine - 1)); /* zeros behind the name */
		return put_small(store, variable, slot, engine, sizeof engine, store->letter_type, error);
	case NS_VAR_STEPS_DONE:
		return put_small(store, variable, slot, &result->steps_done, sizeof(uint64_t), H5T_NATIVE_UINT64, error);
	case NS_VAR_WALL_SECONDS:
		return put_small(store, variable, slot, &result->wall_seconds, sizeof(double), H5T_NATIVE_DOUBLE, error);
	default: /* checksum */
		return put_small(store, variable, slot, &checksum, sizeof checksum, H5T_NATIVE_UINT64, error);
	}
}

/* Everything but status and slot_checksum, in the order of the schema, which is that of the checksum. */
static enum ns_status put_rows(struct ns_store *store, size_t slot, const struct ns_result *result, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	XXH3_64bits_reset_withSeed(store->hash, store->slots.seal.meaning);
	for (int v = 0; v < NS_VAR_COUNT && status == NS_OK; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		if (store->variable[v] < 0)
			continue;
		if (variable == NS_VAR_QUANTITY + NS_QUANTITY_COUNT / 2) {
			ns_fault_die(NS_FAULT_DIE_IN_SLOT);
			if (ns_fault_happens(NS_FAULT_SHORT_WRITE))
				return ns_error_set(error, NS_FAILED, "%s cannot be written: %s", store->path, strerror(ENOSPC));
		}
		const double *values = ns_result_values(result, variable);
		status = values != NULL ? put_reals(store, variable, ns_rows_of_point(variable, slot, store->slots.first_node),
						  values, error)
					: put_bookkeeping(store, variable, slot, result, error);
	}
	return status;
}

/* Past HDF5, which serves one thread only: whoever trains a point marks it. The bytes have had their place since the file was
 * made. */
static enum ns_status put_plainly(
	struct ns_store *store, enum ns_variable variable, size_t slot, const void *value, size_t bytes, struct ns_error *error)
{
	if (ns_write_all(store->descriptor, value, bytes, ns_slots_rows(&store->slots, variable, slot, 1).offset))
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "%s: %s cannot be written: %s", store->path, ns_schema_variable(variable).name,
		strerror(errno));
}

static enum ns_status put_status(struct ns_store *store, size_t slot, enum ns_point_status status, struct ns_error *error)
{
	const uint8_t byte = (uint8_t)status;
	return put_plainly(store, NS_VAR_STATUS, slot, &byte, sizeof byte, error);
}

/* In the order that slots.h promises: a status that says something stands only behind its checksum. */
enum ns_status ns_slot_put_truth(
	struct ns_store *store, size_t slot, uint64_t checksum, enum ns_point_status status, struct ns_error *error)
{
	enum ns_status result = status == NS_POINT_MISSING ? put_status(store, slot, status, error) : NS_OK;
	if (result == NS_OK)
		result = put_plainly(store, NS_VAR_SLOT_CHECKSUM, slot, &checksum, sizeof checksum, error);
	return result == NS_OK && status != NS_POINT_MISSING ? put_status(store, slot, status, error) : result;
}

/* A result that is about to be overwritten does not count meanwhile; a mark stays. */
static enum ns_status uncount(struct ns_store *store, size_t slot, struct ns_error *error)
{
	uint8_t byte;
	if (!ns_read_all(store->descriptor, &byte, 1, ns_slots_rows(&store->slots, NS_VAR_STATUS, slot, 1).offset))
		return ns_error_set(error, NS_FAILED, "%s: status cannot be read: %s", store->path, strerror(errno));
	if (!ns_point_is_finished((enum ns_point_status)byte))
		return NS_OK;
	const enum ns_status status = ns_followups_forget(store, slot, error);
	return status == NS_OK ? ns_slot_put_truth(store, slot, 0, NS_POINT_MISSING, error) : status;
}

static bool result_fits(const struct ns_store *store, size_t point, const struct ns_result *result)
{
	if (point >= store->n_points || result->n_records != store->extents.length[NS_DIM_RECORD] ||
		!ns_point_is_finished(result->status))
		return false;
	const enum ns_weights_kept weights = store->extents.weights;
	const bool keeps_final = weights != NS_WEIGHTS_NONE, keeps_initial = weights == NS_WEIGHTS_ENDS;
	if ((result->final_weights != NULL) != keeps_final || (result->output_sign != NULL) != keeps_final ||
		(result->initial_weights != NULL) != keeps_initial)
		return false;
	return !keeps_final ||
	       (result->m == store->slots.points[store->slot[point]].m && result->d == store->extents.length[NS_DIM_INPUT]);
}

enum ns_status ns_store_write(struct ns_store *store, size_t point, const struct ns_result *result, struct ns_error *error)
{
	if (!result_fits(store, point, result))
		return ns_error_set(error, NS_FAILED, "the result of point %zu does not fit into the results file", point);
	if (ns_fault_happens(NS_FAULT_WRITE))
		return ns_error_set(error, NS_FAILED, "%s cannot be written: %s", store->path, strerror(EIO));
	const size_t slot = store->slot[point];
	enum ns_status status = ns_guard_length(store, error);
	if (status == NS_OK)
		status = uncount(store, slot, error);
	if (status == NS_OK)
		status = put_rows(store, slot, result, error);
	if (status == NS_OK)
		status = ns_slot_put_truth(store, slot, ns_slot_checksum(store->hash, result->status, store->slots.ids[slot]),
			result->status, error);
	if (status != NS_OK)
		return status;
	ns_fault_die(NS_FAULT_DIE);
	return ns_guard(store, error);
}

enum ns_status ns_store_mark(struct ns_store *store, size_t point, enum ns_point_status mark, struct ns_error *error)
{
	if (point >= store->n_points || ns_point_is_finished(mark))
		return ns_error_set(error, NS_FAILED, "status %d of point %zu is none that stands without a result", mark, point);
	const size_t slot = store->slot[point];
	enum ns_status status = ns_guard_length(store, error);
	if (status == NS_OK)
		status = ns_followups_forget(store, slot, error);
	if (status != NS_OK)
		return status;
	return ns_slot_put_truth(
		store, slot, ns_mark_checksum(store->slots.seal.meaning, mark, store->slots.ids[slot]), mark, error);
}

enum ns_status ns_store_note_death(struct ns_store *store, size_t *n_interrupted, size_t *n_crashed, struct ns_error *error)
{
	enum ns_point_status *states = ns_alloc(store->n_points, sizeof *states);
	if (states == NULL)
		return ns_error_memory(error, "the status of the points", 4.0 * (double)store->n_points);
	*n_interrupted = *n_crashed = 0;
	enum ns_status status = ns_store_read_status(store, states, error);
	for (size_t p = 0; p < store->n_points && status == NS_OK; p++) {
		if (!ns_point_is_in_flight(states[p]))
			continue;
		const enum ns_point_status after = ns_flight_after_death(states[p]);
		status = ns_store_mark(store, p, after, error);
		*(after == NS_POINT_CRASHED ? n_crashed : n_interrupted) += 1;
	}
	ns_free(states);
	return status;
}
