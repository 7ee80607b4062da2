/* Writing slots: independent writes into a file whose every byte has its place already. */
#include "extents.h"
#include "hdf.h"
#include "match.h"
#include "rows.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <nodescale/agree.h>
#include <nodescale/flight.h>
#include <nodescale/memory.h>
#include <nodescale/reader.h>
#include <nodescale/store.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_LEAST = 8192 }; /* doubles: weights go to the file in blocks of about this size */

struct ns_store {
	MPI_Comm comm;
	hid_t file;
	struct ns_extents extents;
	hid_t variable[NS_VAR_COUNT], space[NS_VAR_COUNT]; /* of what slots write, H5I_INVALID_HID otherwise */
	hid_t memory, letter_type;                         /* space of block, type of the letters of an engine's name */
	struct ns_point *points;
	size_t *first_node; /* see rows.h */
	double *block;
	size_t block_length;
	int plain_file; /* the same file without HDF5, for the status bytes, which stand from status_offset */
	off_t status_offset;
};

static bool is_slot_variable(enum ns_variable variable)
{
	return variable >= NS_VAR_QUANTITY || (variable >= NS_VAR_STATUS && variable <= NS_VAR_CHECKSUM) ||
	       (variable >= NS_VAR_OUTPUT_SIGN && variable <= NS_VAR_INITIAL_WEIGHTS);
}

static void store_free(struct ns_store *store)
{
	ns_free(store->points);
	ns_free(store->first_node);
	ns_free(store->block);
	ns_free(store);
}

/* Memory first, so that nothing collective has begun when it is short. */
static enum ns_status store_allocate(struct ns_store **out, const struct ns_sweep_description *sweep, struct ns_error *error)
{
	struct ns_store *store = ns_alloc(1, sizeof *store);
	if (store == NULL)
		return ns_error_memory(error, "the results file's bookkeeping", sizeof *store);
	const enum ns_status status = ns_extents_of_sweep(sweep, &store->extents, error);
	if (status != NS_OK) {
		store_free(store);
		return status;
	}
	store->block_length = BLOCK_LEAST;
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		store->variable[v] = store->space[v] = H5I_INVALID_HID;
		const size_t row = ns_row_length(&store->extents, (enum ns_variable)v);
		store->block_length = row > store->block_length ? row : store->block_length;
	}
	store->points = ns_alloc(sweep->n_points, sizeof *store->points);
	store->first_node = ns_alloc(sweep->n_points + 1, sizeof *store->first_node);
	store->block = ns_alloc(store->block_length, sizeof *store->block);
	if (store->points == NULL || store->first_node == NULL || store->block == NULL) {
		store_free(store);
		return ns_error_memory(error, "the results file's bookkeeping", 40.0 * (double)sweep->n_points);
	}
	memcpy(store->points, sweep->points, sweep->n_points * sizeof *store->points);
	if (store->extents.weights != NS_WEIGHTS_NONE)
		ns_rows_of_nodes(store->points, sweep->n_points, store->first_node);
	store->plain_file = -1;
	*out = store;
	return NS_OK;
}

static enum ns_status open_variables(struct ns_store *store, struct ns_error *error)
{
	const hsize_t length = store->block_length;
	store->memory = H5Screate_simple(1, &length, NULL);
	store->letter_type = ns_hdf_type(NS_STORED_CHAR, 0);
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		if (!is_slot_variable(variable) || !ns_schema_has(&store->extents, variable))
			continue;
		store->variable[v] = H5Dopen2(store->file, ns_schema_variable(variable).name, H5P_DEFAULT);
		store->space[v] = ns_rows_space(&store->extents, variable);
		if (store->variable[v] < 0 || store->space[v] < 0)
			return ns_hdf_error(error, NS_FAILED, "variable %s cannot be opened", ns_schema_variable(variable).name);
	}
	return NS_OK;
}

static enum ns_status open_plain(struct ns_store *store, const char *path, struct ns_error *error)
{
	const haddr_t offset = H5Dget_offset(store->variable[NS_VAR_STATUS]);
	store->plain_file = open(path, O_RDWR | O_CLOEXEC);
	if (store->plain_file < 0 || offset == HADDR_UNDEF)
		return ns_error_set(error, NS_FAILED, "%s cannot be opened for writing: %s", path,
			offset == HADDR_UNDEF ? "variable status has no place" : strerror(errno));
	store->status_offset = (off_t)offset;
	return NS_OK;
}

static bool close_handles(struct ns_store *store)
{
	bool good = true;
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		good = (store->variable[v] < 0 || H5Dclose(store->variable[v]) >= 0) && good;
		good = (store->space[v] < 0 || H5Sclose(store->space[v]) >= 0) && good;
	}
	H5Sclose(store->memory);
	H5Tclose(store->letter_type);
	if (store->plain_file >= 0)
		good = close(store->plain_file) == 0 && good;
	return H5Fclose(store->file) >= 0 && good;
}

static enum ns_status open_file(struct ns_store *store, const char *path, MPI_Comm comm, struct ns_error *error)
{
	const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
	store->file = H5Fopen(path, H5F_ACC_RDWR, access);
	enum ns_status status = NS_OK;
	if (store->file < 0)
		status = ns_hdf_error(error, NS_FAILED, "%s cannot be opened for writing", path);
	H5Pclose(access);
	return status;
}

enum ns_status ns_store_open(
	struct ns_store **out, const char *path, const struct ns_sweep_description *sweep, MPI_Comm comm, struct ns_error *error)
{
	struct ns_store *store = NULL;
	int rank;
	MPI_Comm_rank(comm, &rank);
	ns_hdf_silence();
	enum ns_status status = rank == 0 ? ns_match(path, sweep, error) : NS_OK;
	if (status == NS_OK)
		status = store_allocate(&store, sweep, error);
	status = ns_agree(comm, status, error);
	if (status != NS_OK) {
		if (store != NULL)
			store_free(store);
		return status;
	}
	status = ns_agree(comm, open_file(store, path, comm, error), error);
	if (status != NS_OK) {
		store_free(store); /* a file that some ranks could open stays open there: closing is collective */
		return status;
	}
	MPI_Comm_dup(comm, &store->comm);
	status = open_variables(store, error);
	if (status == NS_OK)
		status = open_plain(store, path, error);
	status = ns_agree(comm, status, error);
	if (status != NS_OK) {
		struct ns_error ignored;
		ns_store_close(store, &ignored);
		return status;
	}
	*out = store;
	return NS_OK;
}

enum ns_status ns_store_close(struct ns_store *store, struct ns_error *error)
{
	if (store == NULL)
		return NS_OK;
	enum ns_status status = NS_OK;
	if (H5Fflush(store->file, H5F_SCOPE_GLOBAL) < 0)
		status = ns_hdf_error(error, NS_FAILED, "the results file cannot be flushed");
	if (!close_handles(store) && status == NS_OK)
		status = ns_hdf_error(error, NS_FAILED, "the results file cannot be closed");
	status = ns_agree(store->comm, status, error);
	MPI_Comm_free(&store->comm);
	store_free(store);
	return status;
}

enum ns_status ns_store_read_status(struct ns_store *store, enum ns_point_status *status, struct ns_error *error)
{
	const size_t n_points = store->extents.length[NS_DIM_POINT];
	uint8_t *bytes = ns_alloc(n_points, 1);
	if (bytes == NULL)
		return ns_error_memory(error, "the status of the points", (double)n_points);
	const herr_t read = H5Dread(store->variable[NS_VAR_STATUS], H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
	for (size_t p = 0; p < n_points; p++) /* a number that no status has is damage: the point is due again */
		status[p] = bytes[p] < NS_POINT_STATUS_COUNT ? (enum ns_point_status)bytes[p] : NS_POINT_MISSING;
	ns_free(bytes);
	return read >= 0 ? NS_OK : ns_hdf_error(error, NS_FAILED, "the status of the points cannot be read");
}

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
	return ns_hdf_error(error, NS_FAILED, "%s cannot be written to the results file", ns_schema_variable(variable).name);
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
		status = put(store, variable, H5T_NATIVE_DOUBLE, (struct ns_rows){rows.first + done, count}, store->block, error);
		done += count;
	}
	return status;
}

static enum ns_status put_numbers(struct ns_store *store, size_t point, const struct ns_result *result, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int v = 0; v < NS_VAR_COUNT && status == NS_OK; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		const double *values = ns_result_values(result, variable);
		if (values != NULL && store->variable[v] >= 0)
			status = put_reals(store, variable, ns_rows_of_point(variable, point, store->first_node), values, error);
	}
	return status;
}

static enum ns_status put_bookkeeping(
	struct ns_store *store, size_t point, const struct ns_result *result, struct ns_error *error)
{
	const struct ns_rows row = {point, 1};
	const uint64_t checksum = ns_result_checksum(&store->points[point], result);
	enum ns_status status = put(store, NS_VAR_ENGINE, store->letter_type, row, result->engine, error);
	if (status == NS_OK)
		status = put(store, NS_VAR_STEPS_DONE, H5T_NATIVE_UINT64, row, &result->steps_done, error);
	if (status == NS_OK)
		status = put(store, NS_VAR_WALL_SECONDS, H5T_NATIVE_DOUBLE, row, &result->wall_seconds, error);
	if (status == NS_OK)
		status = put(store, NS_VAR_CHECKSUM, H5T_NATIVE_UINT64, row, &checksum, error);
	return status;
}

/* Past HDF5, which serves one thread only: lanes take points up themselves. The byte has had its place since the file was made.
 */
enum ns_status ns_store_mark(struct ns_store *store, size_t point, enum ns_point_status value, struct ns_error *error)
{
	const uint8_t byte = (uint8_t)value;
	if (pwrite(store->plain_file, &byte, 1, store->status_offset + (off_t)point) == 1)
		return NS_OK;
	return ns_error_set(
		error, NS_FAILED, "the status of point %zu cannot be written to the results file: %s", point, strerror(errno));
}

/* A slot that is about to be overwritten does not count meanwhile; one in flight stays so. */
static enum ns_status uncount(struct ns_store *store, size_t point, struct ns_error *error)
{
	uint8_t byte;
	if (pread(store->plain_file, &byte, 1, store->status_offset + (off_t)point) != 1)
		return ns_error_set(error, NS_FAILED, "the status of point %zu cannot be read: %s", point, strerror(errno));
	return ns_point_is_finished(byte) ? ns_store_mark(store, point, NS_POINT_MISSING, error) : NS_OK;
}

static bool result_fits(const struct ns_store *store, size_t point, const struct ns_result *result)
{
	if (point >= store->extents.length[NS_DIM_POINT] || result->n_records != store->extents.length[NS_DIM_RECORD])
		return false;
	const enum ns_weights_kept weights = store->extents.weights;
	const bool keeps_final = weights != NS_WEIGHTS_NONE, keeps_initial = weights == NS_WEIGHTS_ENDS;
	if ((result->final_weights != NULL) != keeps_final || (result->output_sign != NULL) != keeps_final ||
		(result->initial_weights != NULL) != keeps_initial)
		return false;
	return !keeps_final || (result->m == store->points[point].m && result->d == store->extents.length[NS_DIM_INPUT]);
}

enum ns_status ns_store_write(struct ns_store *store, size_t point, const struct ns_result *result, struct ns_error *error)
{
	if (!result_fits(store, point, result))
		return ns_error_set(error, NS_FAILED, "the result of point %zu does not fit into the results file", point);
	enum ns_status status = uncount(store, point, error);
	if (status == NS_OK)
		status = put_numbers(store, point, result, error);
	if (status == NS_OK)
		status = put_bookkeeping(store, point, result, error);
	return status == NS_OK ? ns_store_mark(store, point, result->status, error) : status;
}

enum ns_status ns_store_note_death(struct ns_store *store, size_t *n_interrupted, size_t *n_crashed, struct ns_error *error)
{
	const size_t n_points = store->extents.length[NS_DIM_POINT];
	enum ns_point_status *states = ns_alloc(n_points, sizeof *states);
	if (states == NULL)
		return ns_error_memory(error, "the status of the points", 4.0 * (double)n_points);
	*n_interrupted = *n_crashed = 0;
	enum ns_status status = ns_store_read_status(store, states, error);
	for (size_t p = 0; p < n_points && status == NS_OK; p++) {
		if (!ns_point_is_in_flight(states[p]))
			continue;
		const enum ns_point_status after = ns_flight_after_death(states[p]);
		status = ns_store_mark(store, p, after, error);
		*(after == NS_POINT_CRASHED ? n_crashed : n_interrupted) += 1;
	}
	ns_free(states);
	return status;
}
