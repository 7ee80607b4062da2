/* Opening a results file. Nothing in it is trusted: sizes are checked against each other and against the file's own. */
#include "attributes.h"
#include "reader_private.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* HDF5 sees a file only when its seal is intact. */
static enum ns_status open_file(struct ns_reader *reader, const char *path, struct ns_error *error)
{
	char reason[256];
	struct ns_seal seal;
	reader->descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (reader->descriptor < 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s cannot be read: %s", path, strerror(errno));
	const enum ns_seal_state state = ns_seal_check(reader->descriptor, &seal, reason, sizeof reason);
	if (state != NS_SEAL_INTACT)
		return ns_error_set(error, state == NS_SEAL_BROKEN ? NS_FAILED : NS_BAD_INPUT, "%s %s", path, reason);
	const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_file_locking(access, false, true); /* reading must never hinder a run */
	reader->file = H5Fopen(path, H5F_ACC_RDONLY, access);
	const enum ns_status status =
		reader->file >= 0 ? NS_OK : ns_hdf_error(error, NS_BAD_INPUT, "%s is not a results file, or is damaged", path);
	H5Pclose(access);
	return status == NS_OK ? ns_slots_init(&reader->slots, reader->descriptor, &seal, NULL, error) : status;
}

static enum ns_status read_identity(struct ns_reader *reader, struct ns_error *error)
{
	char source[32], digest[32];
	int32_t format, numerics;
	if (ns_hdf_get_text(reader->file, "source", source, sizeof source, error) != NS_OK || strcmp(source, "nodescale") != 0)
		return ns_error_set(error, NS_BAD_INPUT, "it was not written by nodescale");
	enum ns_status status = ns_hdf_get(reader->file, "format_version", H5T_NATIVE_INT32, 1, &format, error);
	if (status != NS_OK)
		return status;
	if (format != NS_FORMAT_VERSION)
		return ns_error_set(error, NS_BAD_INPUT, "it has format %" PRId32 ", this program reads format %d%s", format,
			NS_FORMAT_VERSION, format > NS_FORMAT_VERSION ? ": a newer nodescale wrote it" : "");
	status = ns_hdf_get(reader->file, "numerics_version", H5T_NATIVE_INT32, 1, &numerics, error);
	reader->numerics_version = numerics;
	if (status == NS_OK)
		status = ns_hdf_get_text(reader->file, "data_digest", digest, sizeof digest, error);
	if (status == NS_OK)
		reader->data_digest = strtoull(digest, NULL, 16);
	if (status == NS_OK)
		status = ns_attributes_read(reader->file, &reader->experiment, error);
	if (status == NS_OK)
		status = ns_hdf_get_text(reader->file, "title", reader->experiment.name, sizeof reader->experiment.name, error);
	if (status == NS_OK && reader->experiment.record_every == 0)
		return ns_error_set(error, NS_BAD_INPUT, "attribute every is 0");
	return status;
}

/* Takes a dimension's length from the first variable that has it; all others must agree. */
static bool agree_on_length(struct ns_extents *extents, enum ns_dimension dimension, hsize_t length)
{
	if (extents->length[dimension] == 0)
		extents->length[dimension] = length;
	return length > 0 && extents->length[dimension] == length;
}

static bool has_right_shape(struct ns_reader *reader, enum ns_variable variable)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	const hid_t space = H5Dget_space(reader->variable[variable]);
	hsize_t length[NS_MAX_RANK];
	bool right = space >= 0 && H5Sget_simple_extent_ndims(space) == info.rank &&
		     H5Sget_simple_extent_dims(space, length, NULL) == info.rank;
	for (int k = 0; k < info.rank && right; k++)
		right = agree_on_length(&reader->extents, info.dimensions[k], length[k]);
	if (space >= 0)
		H5Sclose(space);
	return right;
}

static bool has_right_type(struct ns_reader *reader, enum ns_variable variable)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	const hid_t type = H5Dget_type(reader->variable[variable]);
	if (type < 0)
		return false;
	if (info.type == NS_STORED_TEXT && H5Tis_variable_str(type) == 0)
		reader->extents.text_length = H5Tget_size(type);
	const hid_t expected = ns_hdf_type(info.type, reader->extents.text_length);
	const bool right = H5Tequal(type, expected) > 0;
	H5Tclose(expected);
	H5Tclose(type);
	return right;
}

/* Its bytes stand in one piece within the file, so that memory for them cannot exceed what the file really holds, and where the
 * seal says, by which slots are read past HDF5. */
static bool is_in_its_place(struct ns_reader *reader, enum ns_variable variable, hsize_t file_size)
{
	const struct ns_region sealed = reader->slots.seal.variable[variable];
	const hid_t dataset = reader->variable[variable], properties = H5Dget_create_plist(dataset);
	const bool contiguous = properties >= 0 && H5Pget_layout(properties) == H5D_CONTIGUOUS;
	if (properties >= 0)
		H5Pclose(properties);
	size_t bytes;
	if (!contiguous || !ns_schema_elements(&reader->extents, variable, &bytes) ||
		__builtin_mul_overflow(bytes, ns_schema_element_size(&reader->extents, variable), &bytes))
		return false;
	const haddr_t offset = H5Dget_offset(dataset);
	return offset != HADDR_UNDEF && H5Dget_storage_size(dataset) == bytes && offset <= file_size &&
	       bytes <= file_size - offset && sealed.offset == offset && sealed.bytes == bytes;
}

static enum ns_status open_variables(struct ns_reader *reader, hsize_t file_size, struct ns_error *error)
{
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		const char *name = ns_schema_variable(variable).name;
		if (H5Lexists(reader->file, name, H5P_DEFAULT) <= 0)
			continue;
		reader->variable[v] = H5Dopen2(reader->file, name, H5P_DEFAULT);
		if (reader->variable[v] < 0)
			return ns_hdf_error(error, NS_BAD_INPUT, "variable %s is damaged", name);
		if (!has_right_type(reader, variable) || !has_right_shape(reader, variable) ||
			!is_in_its_place(reader, variable, file_size))
			return ns_hdf_error(error, NS_BAD_INPUT, "variable %s has the wrong type, shape or place", name);
	}
	reader->extents.weights = reader->experiment.weights;
	struct ns_extents needed = reader->extents;
	for (int k = 0; k < NS_DIM_COUNT; k++)
		if (needed.length[k] == 0 && !ns_dimensions[k].may_be_empty)
			needed.length[k] = 1; /* all of its variables are missing */
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const bool expected = ns_schema_has(&needed, (enum ns_variable)v);
		if (expected != (reader->variable[v] >= 0))
			return ns_error_set(error, NS_BAD_INPUT, "variable %s %s", ns_schema_variable((enum ns_variable)v).name,
				expected ? "is missing" : "should not be there");
	}
	return NS_OK;
}

static enum ns_status check_fixed_lengths(const struct ns_reader *reader, struct ns_error *error)
{
	const size_t *length = reader->extents.length;
	const uint64_t n_train = length[NS_DIM_TRAIN_SAMPLE], probes = reader->experiment.probes;
	if (length[NS_DIM_QUANTILE] != NS_QUANTILES || length[NS_DIM_TOP_NODE] != NS_TOP_NODES ||
		length[NS_DIM_LETTER] != NS_ENGINE_NAME_LENGTH || length[NS_DIM_CANDIDATE] != NS_CANDIDATES ||
		length[NS_DIM_PROBE] != (probes < n_train ? probes : n_train))
		return ns_error_set(
			error, NS_BAD_INPUT, "dimension quantile, top_node, letter, candidate or probe has the wrong length");
	if (length[NS_DIM_PRUNE_LEVEL] !=
			ns_followup_length(NS_PRUNE, reader->extents.weights, length[NS_DIM_VALIDATION_SAMPLE]) ||
		length[NS_DIM_TRANSFER_DIMENSION] !=
			ns_followup_length(NS_TRANSFER, reader->extents.weights, length[NS_DIM_VALIDATION_SAMPLE]))
		return ns_error_set(error, NS_BAD_INPUT, "dimension prune_level or transfer_dimension has the wrong length");
	if (length[NS_DIM_RECORD] != ns_record_count(&reader->experiment))
		return ns_error_set(error, NS_BAD_INPUT, "dimension record has length %zu, but steps and every ask for %zu",
			length[NS_DIM_RECORD], ns_record_count(&reader->experiment));
	return NS_OK;
}

static enum ns_status read_points(struct ns_reader *reader, struct ns_error *error)
{
	const size_t n = reader->extents.length[NS_DIM_POINT];
	uint64_t *counts = ns_alloc(n, sizeof *counts);
	double *reals = ns_alloc(n, sizeof *reals);
	enum ns_status status = NS_OK;
	if (counts == NULL || reals == NULL)
		status = ns_error_memory(error, "the points", 16.0 * (double)n);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_GAMMA, reals, error);
	for (size_t p = 0; p < n && status == NS_OK; p++)
		reader->points[p].gamma = reals[p];
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_ALPHA, reals, error);
	for (size_t p = 0; p < n && status == NS_OK; p++)
		reader->points[p].alpha = reals[p];
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_M, counts, error);
	for (size_t p = 0; p < n && status == NS_OK; p++)
		reader->points[p].m = counts[p];
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_SEED, counts, error);
	for (size_t p = 0; p < n && status == NS_OK; p++)
		reader->points[p].seed = counts[p];
	ns_free(counts);
	ns_free(reals);
	return status;
}

/* A result's byte is taken at its word, as reading every slot would take too long here. Any other byte may be behind its
 * slot_checksum, which is the truth. */
static enum ns_status read_status(struct ns_reader *reader, struct ns_error *error)
{
	const size_t n = reader->extents.length[NS_DIM_POINT];
	uint64_t *checksum = ns_alloc(n, sizeof *checksum);
	struct ns_slot_batch batch;
	if (checksum == NULL)
		return ns_error_memory(error, "the checksums of the points", 8.0 * (double)n);
	enum ns_status status = ns_slot_batch_init(&batch, &reader->slots, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_STATUS, reader->status_bytes, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_SLOT_CHECKSUM, checksum, error);
	for (size_t p = 0; p < n && status == NS_OK; p++) {
		if (ns_point_is_finished(reader->status_bytes[p]))
			continue;
		reader->status_bytes[p] = NS_POINT_MISSING;
		if (checksum[p] == 0)
			continue;
		status = ns_slot_batch_read(&batch, reader->descriptor, p, 1, error);
		if (status != NS_OK)
			break;
		const struct ns_slot_verdict verdict = ns_slot_judge(&batch, p, NULL);
		if (verdict.state == NS_SLOT_MARKED || verdict.state == NS_SLOT_FINISHED)
			reader->status_bytes[p] = (uint8_t)verdict.status;
	}
	for (size_t p = 0; p < n; p++) /* in flight is missing */
		reader->status[p] = reader->status_bytes[p] <= NS_POINT_CRASHED ? reader->status_bytes[p] : NS_POINT_MISSING;
	ns_slot_batch_finish(&batch);
	ns_free(checksum);
	return status;
}

static enum ns_status read_small(struct ns_reader *reader, struct ns_error *error)
{
	const size_t n = reader->extents.length[NS_DIM_POINT];
	enum ns_status status = read_points(reader, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_STEP, reader->steps, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_SPEC, reader->spec_text, error);
	if (status == NS_OK)
		status = read_status(reader, error);
	if (status != NS_OK)
		return status;
	for (size_t r = 0; r < reader->extents.length[NS_DIM_RECORD]; r++)
		if (reader->steps[r] != ns_record_step(&reader->experiment, r))
			return ns_error_set(error, NS_BAD_INPUT, "step %zu is damaged", r);
	if (reader->extents.weights != NS_WEIGHTS_NONE &&
		(!ns_rows_of_nodes(reader->points, n, reader->first_node) ||
			reader->first_node[n] != reader->extents.length[NS_DIM_KEPT_NODE]))
		return ns_error_set(error, NS_BAD_INPUT, "the points' m do not add up to the nodes whose weights are kept");
	return NS_OK;
}

static enum ns_status allocate(struct ns_reader *reader, struct ns_error *error)
{
	const size_t n = reader->extents.length[NS_DIM_POINT];
	reader->points = ns_alloc(n, sizeof *reader->points);
	reader->status = ns_alloc(n, 1);
	reader->status_bytes = ns_alloc(n, 1);
	reader->steps = ns_alloc(reader->extents.length[NS_DIM_RECORD], sizeof *reader->steps);
	reader->first_node = ns_alloc(n + 1, sizeof *reader->first_node);
	reader->spec_text = ns_alloc(reader->extents.text_length + 1, 1);
	if (reader->points == NULL || reader->status == NULL || reader->status_bytes == NULL || reader->steps == NULL ||
		reader->first_node == NULL || reader->spec_text == NULL)
		return ns_error_memory(error, "the points of the results file", 50.0 * (double)n);
	return NS_OK;
}

static enum ns_status read_file(struct ns_reader *reader, struct ns_error *error)
{
	hsize_t file_size = 0;
	enum ns_status status = read_identity(reader, error);
	if (status == NS_OK && H5Fget_filesize(reader->file, &file_size) < 0)
		status = ns_hdf_error(error, NS_FAILED, "its size cannot be determined");
	if (status == NS_OK)
		status = open_variables(reader, file_size, error);
	if (status == NS_OK)
		status = check_fixed_lengths(reader, error);
	if (status == NS_OK)
		status = allocate(reader, error);
	return status == NS_OK ? read_small(reader, error) : status;
}

enum ns_status ns_reader_open(struct ns_reader **out, const char *path, struct ns_error *error)
{
	struct ns_reader *reader = ns_alloc(1, sizeof *reader);
	if (reader == NULL)
		return ns_error_memory(error, "a reader", sizeof *reader);
	for (int v = 0; v < NS_VAR_COUNT; v++)
		reader->variable[v] = H5I_INVALID_HID;
	reader->descriptor = -1;
	ns_hdf_silence();
	enum ns_status status = open_file(reader, path, error);
	if (status == NS_OK) {
		struct ns_error inner;
		status = read_file(reader, &inner);
		if (status != NS_OK)
			ns_error_set(error, status, "%s: %s", path, inner.text);
	}
	if (status != NS_OK) {
		ns_reader_close(reader);
		return status;
	}
	*out = reader;
	return NS_OK;
}

void ns_reader_close(struct ns_reader *reader)
{
	if (reader == NULL)
		return;
	for (int v = 0; v < NS_VAR_COUNT; v++)
		if (reader->variable[v] >= 0)
			H5Dclose(reader->variable[v]);
	if (reader->file > 0)
		H5Fclose(reader->file);
	if (reader->descriptor >= 0)
		close(reader->descriptor);
	ns_slots_finish(&reader->slots);
	ns_free(reader->points);
	ns_free(reader->status);
	ns_free(reader->status_bytes);
	ns_free(reader->steps);
	ns_free(reader->first_node);
	ns_free(reader->spec_text);
	ns_free(reader);
}
