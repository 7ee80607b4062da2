/* Opening a results file for writing, by all ranks. */
#include "extents.h"
#include "pieces.h"
#include "prepare.h"
#include "store_private.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/agree.h>
#include <nodescale/log.h>
#include <nodescale/memory.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_LEAST = 8192 }; /* doubles: weights go to the file in blocks of about this size */

static void store_free(struct ns_store *store)
{
	if (store == NULL)
		return;
	if (store->descriptor >= 0)
		close(store->descriptor);
	ns_slots_finish(&store->slots);
	XXH3_freeState(store->hash);
	ns_free(store->slot);
	ns_free(store->block);
	ns_free(store);
}

/* Where each point of the sweep stands in the file. */
static enum ns_status find_slots(struct ns_store *store, const struct ns_sweep_description *sweep, struct ns_error *error)
{
	struct ns_index index;
	enum ns_status status = ns_index_init(&index, store->slots.points, store->slots.n, error);
	if (status != NS_OK)
		return status;
	for (size_t p = 0; p < sweep->n_points && status == NS_OK; p++) {
		store->slot[p] = ns_index_find(&index, ns_point_id(&sweep->points[p]));
		if (store->slot[p] == SIZE_MAX)
			status = ns_error_set(error, NS_FAILED, "%s lacks point %zu of the sweep", store->path, p);
	}
	ns_index_finish(&index);
	return status;
}

static enum ns_status store_init(struct ns_store *store, const char *path, const struct ns_sweep_description *sweep,
	const struct ns_seal *seal, struct ns_error *error)
{
	snprintf(store->path, sizeof store->path, "%s", path);
	store->descriptor = open(path, O_RDWR | O_CLOEXEC);
	if (store->descriptor < 0)
		return ns_error_set(error, NS_FAILED, "%s cannot be opened: %s", path, strerror(errno));
	enum ns_status status = ns_slots_init(&store->slots, store->descriptor, seal, NULL, error);
	if (status == NS_OK)
		status = ns_extents_of_sweep(sweep, &store->extents, error);
	if (status != NS_OK)
		return status;
	store->extents.length[NS_DIM_POINT] = store->slots.n;
	store->extents.length[NS_DIM_KEPT_NODE] = store->slots.first_node[store->slots.n];
	store->block_length = BLOCK_LEAST;
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const size_t row = ns_row_length(&store->extents, (enum ns_variable)v);
		store->block_length = row > store->block_length ? row : store->block_length;
	}
	store->n_points = sweep->n_points;
	store->slot = ns_alloc(sweep->n_points, sizeof *store->slot);
	store->block = ns_alloc(store->block_length, sizeof *store->block);
	store->hash = XXH3_createState();
	if (store->slot == NULL || store->block == NULL || store->hash == NULL)
		return ns_error_memory(error, "the results file's bookkeeping", 8.0 * (double)sweep->n_points);
	store->last_sync = store->last_look = ns_log_clock();
	return find_slots(store, sweep, error);
}

static enum ns_status store_create(struct ns_store **out, const char *path, const struct ns_sweep_description *sweep,
	const struct ns_seal *seal, struct ns_error *error)
{
	struct ns_store *store = ns_alloc(1, sizeof *store);
	if (store == NULL)
		return ns_error_memory(error, "the results file's bookkeeping", sizeof *store);
	store->file = H5I_INVALID_HID;
	for (int v = 0; v < NS_VAR_COUNT; v++)
		store->variable[v] = store->space[v] = H5I_INVALID_HID;
	*out = store;
	return store_init(store, path, sweep, seal, error);
}

static enum ns_status open_variables(struct ns_store *store, struct ns_error *error)
{
	const hsize_t length = store->block_length;
	store->memory = H5Screate_simple(1, &length, NULL);
	store->letter_type = ns_hdf_type(NS_STORED_CHAR, 0);
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		if (ns_schema_slot(variable) != NS_SLOT_OF_TRAINING || !ns_schema_has(&store->extents, variable) ||
			variable == NS_VAR_STATUS || variable == NS_VAR_SLOT_CHECKSUM) /* all others are written past HDF5 */
			continue;
		store->variable[v] = H5Dopen2(store->file, ns_schema_variable(variable).name, H5P_DEFAULT);
		store->space[v] = ns_rows_space(&store->extents, variable);
		if (store->variable[v] < 0 || store->space[v] < 0)
			return ns_hdf_error(error, NS_FAILED, "variable %s cannot be opened", ns_schema_variable(variable).name);
	}
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
	return H5Fclose(store->file) >= 0 && good;
}

static enum ns_status open_file(struct ns_store *store, MPI_Comm comm, struct ns_error *error)
{
	const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
	store->file = H5Fopen(store->path, H5F_ACC_RDWR, access);
	enum ns_status status = NS_OK;
	if (store->file < 0)
		status = ns_hdf_error(error, NS_FAILED, "%s cannot be opened for writing", store->path);
	H5Pclose(access);
	return status;
}

struct damage {
	unsigned long long points, followups; /* results of training; of what was computed from sound ones */
};

/* Brings one slot to what slots.h knows: its status byte behind its checksum, or missing if it is damaged. */
static enum ns_status mend_training(struct ns_store *store, const struct ns_slot_batch *batch, size_t slot,
	const struct ns_slot_verdict verdict, struct ns_error *error)
{
	size_t length;
	if (verdict.state == NS_SLOT_DAMAGED)
		return ns_slot_put_truth(store, slot, 0, NS_POINT_MISSING, error);
	if (*ns_slot_batch_rows(batch, NS_VAR_STATUS, slot, 1, &length) == verdict.status)
		return NS_OK;
	uint64_t checksum;
	memcpy(&checksum, ns_slot_batch_rows(batch, NS_VAR_SLOT_CHECKSUM, slot, 1, &length), sizeof checksum);
	return ns_slot_put_truth(store, slot, checksum, verdict.status, error);
}

/* What has been computed from a damaged result goes with it. */
static enum ns_status mend_slots(
	struct ns_store *store, const struct ns_slot_batch *batch, size_t slot, struct damage *damage, struct ns_error *error)
{
	const struct ns_slot_verdict verdict = ns_slot_judge(batch, slot, NULL);
	enum ns_status status = NS_OK;
	damage->points += verdict.state == NS_SLOT_DAMAGED;
	for (int f = 0; f < NS_FOLLOWUP_COUNT && status == NS_OK; f++) {
		uint64_t checksum;
		if (ns_followup_judge(batch, slot, (enum ns_followup)f, &verdict, &checksum) != NS_SLOT_DAMAGED)
			continue;
		damage->followups += verdict.state != NS_SLOT_DAMAGED;
		status = ns_followup_forget(store, (enum ns_followup)f, slot, error);
	}
	return status == NS_OK ? mend_training(store, batch, slot, verdict, error) : status;
}

static void tell_damage(struct ns_store *store, const struct damage *damage)
{
	char *news = store->news;
	if (damage->points > 0)
		snprintf(news, sizeof store->news, "%.900s: %llu point%s damaged and run%s again", store->path, damage->points,
			damage->points > 1 ? "s are" : " is", damage->points > 1 ? "" : "s");
	if (damage->followups > 0 && damage->points == 0)
		snprintf(news, sizeof store->news, "%.900s", store->path);
	if (damage->followups > 0)
		snprintf(news + strlen(news), sizeof store->news - strlen(news),
			"%s %llu result%s of pruning or transfer %s damaged and left out", damage->points > 0 ? ";" : ":",
			damage->followups, ns_plural(damage->followups), damage->followups > 1 ? "are" : "is");
}

/* Every rank looks at its share. */
static enum ns_status check_slots(struct ns_store *store, struct ns_error *error)
{
	int rank, n_ranks;
	MPI_Comm_rank(store->comm, &rank);
	MPI_Comm_size(store->comm, &n_ranks);
	const size_t n = store->slots.n, share = (n + (size_t)n_ranks - 1) / (size_t)n_ranks, start = share * (size_t)rank,
		     end = start + share < n ? start + share : n;
	struct ns_slot_batch batch;
	struct damage damage = {0};
	enum ns_status status = ns_slot_batch_init(&batch, &store->slots, error);
	for (size_t first = start; first < end && status == NS_OK; first += batch.count) {
		status = ns_slot_batch_read(&batch, store->descriptor, first, end - first, error);
		for (size_t k = 0; status == NS_OK && k < batch.count; k++)
			status = mend_slots(store, &batch, first + k, &damage, error);
	}
	ns_slot_batch_finish(&batch);
	MPI_Allreduce(MPI_IN_PLACE, &damage, 2, MPI_UNSIGNED_LONG_LONG, MPI_SUM, store->comm);
	tell_damage(store, &damage);
	return status;
}

/* What is collective from here on. */
static enum ns_status open_together(
	struct ns_store *store, const struct ns_prepared *prepared, MPI_Comm comm, struct ns_error *error)
{
	enum ns_status status = ns_agree(comm, open_file(store, comm, error), error);
	if (status != NS_OK) {
		store_free(store); /* a file that some ranks could open stays open there: closing is collective */
		return status;
	}
	MPI_Comm_dup(comm, &store->comm);
	memcpy(store->news, prepared->news, sizeof store->news);
	status = ns_agree(comm, open_variables(store, error), error);
	if (status == NS_OK && !prepared->checked)
		status = ns_agree(comm, check_slots(store, error), error);
	if (status != NS_OK) {
		struct ns_error ignored;
		ns_store_close(store, &ignored);
	}
	return status;
}

enum ns_status ns_store_open(
	struct ns_store **out, const char *path, const struct ns_sweep_description *sweep, MPI_Comm comm, struct ns_error *error)
{
	struct ns_store *store = NULL;
	struct ns_prepared prepared;
	int rank;
	MPI_Comm_rank(comm, &rank);
	ns_hdf_silence();
	enum ns_status status = ns_agree(comm, rank == 0 ? ns_prepare(path, sweep, &prepared, error) : NS_OK, error);
	if (status != NS_OK)
		return status;
	MPI_Bcast(&prepared, sizeof prepared, MPI_BYTE, 0, comm);
	status = ns_agree(comm, store_create(&store, path, sweep, &prepared.seal, error), error);
	if (status != NS_OK) {
		store_free(store);
		return status;
	}
	status = open_together(store, &prepared, comm, error);
	if (status == NS_OK)
		*out = store;
	return status;
}

const char *ns_store_news(const struct ns_store *store)
{
	return store->news;
}

enum ns_status ns_store_close(struct ns_store *store, struct ns_error *error)
{
	if (store == NULL)
		return NS_OK;
	int rank;
	enum ns_status status = ns_guard_length(store, error);
	const bool whole = status == NS_OK; /* else what follows may give the file its length back */
	MPI_Comm_rank(store->comm, &rank);
	if (H5Fflush(store->file, H5F_SCOPE_GLOBAL) < 0 && status == NS_OK)
		status = ns_hdf_error(error, NS_FAILED, "%s cannot be flushed", store->path);
	if (!close_handles(store) && status == NS_OK)
		status = ns_hdf_error(error, NS_FAILED, "%s cannot be closed", store->path);
	if (status == NS_OK)
		status = ns_guard_sync(store, error);
	MPI_Barrier(store->comm); /* nobody writes any more */
	if (rank == 0 && whole) {
		struct ns_error lost;
		const enum ns_status rescued = ns_guard_rescue(store, &lost);
		if (rescued != NS_OK) { /* says more than what it led to */
			status = rescued;
			*error = lost;
		}
	}
	status = ns_agree(store->comm, status, error);
	MPI_Comm_free(&store->comm);
	store_free(store);
	return status;
}

enum ns_status ns_store_read_status(struct ns_store *store, enum ns_point_status *status, struct ns_error *error)
{
	uint8_t *bytes = ns_alloc(store->slots.n, 1);
	if (bytes == NULL)
		return ns_error_memory(error, "the status of the points", (double)store->slots.n);
	const bool read = ns_read_all(store->descriptor, bytes, store->slots.n, store->slots.seal.variable[NS_VAR_STATUS].offset);
	for (size_t p = 0; p < store->n_points; p++) /* opening has brought the bytes to what their slots hold */
		status[p] = (enum ns_point_status)bytes[store->slot[p]];
	ns_free(bytes);
	return read ? NS_OK : ns_error_set(error, NS_FAILED, "%s: status cannot be read: %s", store->path, strerror(errno));
}
