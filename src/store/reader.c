#include "reader_private.h"
#include <math.h>
#include <nodescale/flight.h>
#include <nodescale/memory.h>
#include <nodescale/provenance.h>
#include <stdio.h>
#include <string.h>

size_t ns_reader_point_count(const struct ns_reader *reader)
{
	return reader->extents.length[NS_DIM_POINT];
}

size_t ns_reader_record_count(const struct ns_reader *reader)
{
	return reader->extents.length[NS_DIM_RECORD];
}

const uint64_t *ns_reader_steps(const struct ns_reader *reader)
{
	return reader->steps;
}

const struct ns_point *ns_reader_points(const struct ns_reader *reader)
{
	return reader->points;
}

const uint8_t *ns_reader_status(const struct ns_reader *reader)
{
	return reader->status;
}

const uint8_t *ns_reader_status_bytes(const struct ns_reader *reader)
{
	return reader->status_bytes;
}

const char *ns_reader_spec_text(const struct ns_reader *reader)
{
	return reader->spec_text;
}

const char *ns_reader_spec_name(const struct ns_reader *reader)
{
	return reader->experiment.name;
}

const struct ns_experiment *ns_reader_experiment(const struct ns_reader *reader)
{
	return &reader->experiment;
}

static enum ns_status read_selection(
	struct ns_reader *reader, enum ns_variable variable, hid_t memory, hid_t file, void *values, struct ns_error *error)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	const hid_t type = ns_hdf_type(info.type, reader->extents.text_length);
	enum ns_status status = NS_OK;
	if (H5Dread(reader->variable[variable], type, memory, file, H5P_DEFAULT, values) < 0)
		status = ns_hdf_error(error, NS_FAILED, "variable %s cannot be read", info.name);
	H5Tclose(type);
	return status;
}

enum ns_status ns_reader_whole(struct ns_reader *reader, enum ns_variable variable, void *values, struct ns_error *error)
{
	return read_selection(reader, variable, H5S_ALL, H5S_ALL, values, error);
}

enum ns_status ns_reader_rows(
	struct ns_reader *reader, enum ns_variable variable, struct ns_rows rows, void *values, struct ns_error *error)
{
	const hsize_t length = rows.count * ns_row_length(&reader->extents, variable);
	const hid_t file = ns_rows_space(&reader->extents, variable), memory = H5Screate_simple(1, &length, NULL);
	enum ns_status status;
	if (ns_rows_select(file, rows) < 0)
		status = ns_hdf_error(error, NS_FAILED, "variable %s cannot be read", ns_schema_variable(variable).name);
	else
		status = read_selection(reader, variable, memory, file, values, error);
	H5Sclose(memory);
	H5Sclose(file);
	return status;
}

/* Results are read only from slots that are whole. */
static enum ns_status check_slots(struct ns_reader *reader, size_t first, size_t count, struct ns_error *error)
{
	struct ns_slot_batch batch;
	enum ns_status status = ns_slot_batch_init(&batch, &reader->slots, error);
	for (size_t p = first; p < first + count && status == NS_OK; p++) {
		if (!ns_point_is_finished((enum ns_point_status)reader->status[p]))
			continue;
		if (p >= batch.first + batch.count)
			status = ns_slot_batch_read(&batch, reader->descriptor, p, first + count - p, error);
		if (status != NS_OK)
			break;
		struct ns_slot_verdict verdict = ns_slot_judge(&batch, p, NULL);
		if (verdict.state == NS_SLOT_DAMAGED) /* once more: a run may just be writing a new result */
			status = ns_slot_batch_read(&batch, reader->descriptor, p, 1, error);
		if (verdict.state == NS_SLOT_DAMAGED && status == NS_OK)
			verdict = ns_slot_judge(&batch, p, NULL);
		if (verdict.state == NS_SLOT_DAMAGED && status == NS_OK)
			status = ns_error_set(error, NS_FAILED,
				"the result of point %zu is damaged: `nodescale verify` tells more, `nodescale run` trains it "
				"again",
				p);
		else
			reader->status[p] = verdict.state == NS_SLOT_FINISHED ? (uint8_t)verdict.status : NS_POINT_MISSING;
	}
	ns_slot_batch_finish(&batch);
	return status;
}

enum ns_status ns_reader_check(struct ns_reader *reader, struct ns_error *error)
{
	const enum ns_status status = reader->checked ? NS_OK : check_slots(reader, 0, ns_reader_point_count(reader), error);
	reader->checked = status == NS_OK;
	return status;
}

enum ns_status ns_reader_quantity(struct ns_reader *reader, enum ns_quantity quantity, double *out, struct ns_error *error)
{
	const enum ns_variable variable = (enum ns_variable)(NS_VAR_QUANTITY + quantity);
	enum ns_status status = ns_reader_check(reader, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, variable, out, error);
	const size_t row = ns_row_length(&reader->extents, variable);
	for (size_t p = 0; p < ns_reader_point_count(reader) && status == NS_OK; p++)
		for (size_t e = 0; !ns_point_is_finished(reader->status[p]) && e < row; e++)
			out[p * row + e] = NAN; /* a slot that is being written, or whose writer died */
	return status;
}

enum ns_status ns_reader_bookkeeping(struct ns_reader *reader, uint64_t *steps_done, double *wall_seconds, struct ns_error *error)
{
	enum ns_status status = ns_reader_check(reader, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_STEPS_DONE, steps_done, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_WALL_SECONDS, wall_seconds, error);
	for (size_t p = 0; p < ns_reader_point_count(reader) && status == NS_OK; p++)
		if (!ns_point_is_finished((enum ns_point_status)reader->status[p])) {
			steps_done[p] = 0;
			wall_seconds[p] = NAN;
		}
	return status;
}

bool ns_reader_provenance(struct ns_reader *reader, size_t item, const char **name, char *text, size_t size)
{
	static const char *const before[] = {"data_digest", "numerics_version"};
	enum { BEFORE = sizeof before / sizeof *before };
	size_t described = 0;
	while (ns_provenance[described].name != NULL)
		described++;
	if (item > BEFORE + described)
		return false;
	*name = item < BEFORE ? before[item] : item < BEFORE + described ? ns_provenance[item - BEFORE].name : "command_line";
	struct ns_error ignored;
	if (item == 1)
		snprintf(text, size, "%d", reader->numerics_version);
	else if (ns_hdf_get_text(reader->file, *name, text, size, &ignored) != NS_OK)
		*text = 0;
	return true;
}

static enum ns_status read_bookkeeping(struct ns_reader *reader, size_t point, struct ns_result *result, struct ns_error *error)
{
	const struct ns_rows row = {point, 1};
	enum ns_status status = ns_reader_rows(reader, NS_VAR_ENGINE, row, result->engine, error);
	result->engine[NS_ENGINE_NAME_LENGTH - 1] = 0;
	if (status == NS_OK)
		status = ns_reader_rows(reader, NS_VAR_STEPS_DONE, row, &result->steps_done, error);
	if (status == NS_OK)
		status = ns_reader_rows(reader, NS_VAR_WALL_SECONDS, row, &result->wall_seconds, error);
	return status;
}

enum ns_status ns_reader_result(struct ns_reader *reader, size_t point, struct ns_result *result, struct ns_error *error)
{
	const enum ns_status status = check_slots(reader, point, 1, error);
	return status == NS_OK ? ns_reader_load(reader, point, result, error) : status;
}

enum ns_status ns_reader_load(struct ns_reader *reader, size_t point, struct ns_result *result, struct ns_error *error)
{
	const enum ns_weights_kept weights = reader->extents.weights;
	enum ns_status status = ns_result_init(result, ns_reader_record_count(reader), reader->points[point].m,
		reader->extents.length[NS_DIM_INPUT], weights == NS_WEIGHTS_ENDS, weights != NS_WEIGHTS_NONE, error);
	if (status != NS_OK)
		return status;
	result->status = (enum ns_point_status)reader->status[point];
	if (!ns_point_is_finished(result->status))
		return NS_OK;
	for (int v = 0; v < NS_VAR_COUNT && status == NS_OK; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		double *values = (double *)ns_result_values(result, variable);
		if (values != NULL)
			status = ns_reader_rows(
				reader, variable, ns_rows_of_point(variable, point, reader->first_node), values, error);
	}
	if (status == NS_OK)
		status = read_bookkeeping(reader, point, result, error);
	if (status != NS_OK)
		ns_result_finish(result);
	return status;
}

enum ns_status ns_reader_data(struct ns_reader *reader, struct ns_data *data, struct ns_error *error)
{
	const size_t *length = reader->extents.length;
	enum ns_status status = ns_data_init(data, length[NS_DIM_INPUT], length[NS_DIM_TRAIN_SAMPLE],
		length[NS_DIM_VALIDATION_SAMPLE], length[NS_DIM_TEST_SAMPLE], error);
	if (status != NS_OK)
		return status;
	const struct {
		enum ns_variable variable;
		double *values;
	} inputs[] = {{NS_VAR_X_TRAIN, data->train.x}, {NS_VAR_Y_TRAIN, data->train.y}, {NS_VAR_X_VALIDATION, data->validation.x},
		{NS_VAR_Y_VALIDATION, data->validation.y}, {NS_VAR_X_TEST, data->test.x}, {NS_VAR_Y_TEST, data->test.y}};
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs && status == NS_OK; i++)
		if (reader->variable[inputs[i].variable] >= 0)
			status = ns_reader_whole(reader, inputs[i].variable, inputs[i].values, error);
	if (status != NS_OK)
		ns_data_finish(data);
	return status;
}

/* --- experiments after training --- */

size_t ns_reader_followup_length(const struct ns_reader *reader, enum ns_followup followup)
{
	return ns_followup_length(followup, reader->extents.weights, reader->extents.length[NS_DIM_VALIDATION_SAMPLE]);
}

/* Their checksums and those of the trained results they are of, (point) each; 0 where there is no trained result. */
static enum ns_status read_checksums(
	struct ns_reader *reader, enum ns_followup followup, uint64_t *computed, uint64_t *trained, struct ns_error *error)
{
	enum ns_status status = ns_reader_whole(reader, ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM), computed, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_CHECKSUM, trained, error);
	for (size_t p = 0; p < ns_reader_point_count(reader) && status == NS_OK; p++)
		if (reader->status[p] != NS_POINT_DONE)
			computed[p] = 0;
	return status;
}

enum ns_status ns_reader_followup_count(
	struct ns_reader *reader, enum ns_followup followup, size_t *n_computed, struct ns_error *error)
{
	const size_t n = ns_reader_point_count(reader);
	*n_computed = 0;
	if (ns_reader_followup_length(reader, followup) == 0)
		return NS_OK;
	uint64_t *checksums = ns_alloc(n, 2 * sizeof *checksums);
	if (checksums == NULL)
		return ns_error_memory(error, "the checksums of the points", 16.0 * (double)n);
	const enum ns_status status = read_checksums(reader, followup, checksums, checksums + n, error);
	for (size_t p = 0; p < n && status == NS_OK; p++)
		*n_computed += checksums[p] != 0;
	ns_free(checksums);
	return status;
}

/* Keeps the rows that have been computed and are whole. */
static enum ns_status check_followups(const struct ns_reader *reader, enum ns_followup followup, const uint64_t *computed,
	const uint64_t *trained, double *train_risk, double *test_risk, struct ns_error *error)
{
	const size_t length = ns_followups[followup].length;
	for (size_t p = 0; p < ns_reader_point_count(reader); p++) {
		double *train = train_risk + p * length, *test = test_risk + p * length;
		if (computed[p] != 0 && computed[p] != ns_followup_checksum(reader->slots.seal.meaning, trained[p], followup,
							       train, test, length * sizeof *train))
			return ns_error_set(error, NS_FAILED,
				"the result of %s of point %zu is damaged: `nodescale %s` computes it again",
				ns_followups[followup].noun, p, ns_followups[followup].name);
		for (size_t x = 0; computed[p] == 0 && x < length; x++)
			train[x] = test[x] = NAN;
	}
	return NS_OK;
}

enum ns_status ns_reader_followup(
	struct ns_reader *reader, enum ns_followup followup, double *train_risk, double *test_risk, struct ns_error *error)
{
	const size_t n = ns_reader_point_count(reader), length = ns_followups[followup].length;
	if (ns_reader_followup_length(reader, followup) == 0) {
		for (size_t e = 0; e < n * length; e++)
			train_risk[e] = test_risk[e] = NAN;
		return NS_OK;
	}
	uint64_t *checksums = ns_alloc(n, 2 * sizeof *checksums);
	if (checksums == NULL)
		return ns_error_memory(error, "the checksums of the points", 16.0 * (double)n);
	enum ns_status status = read_checksums(reader, followup, checksums, checksums + n, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, ns_followup_variable(followup, NS_FOLLOWUP_TRAIN_RISK), train_risk, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, ns_followup_variable(followup, NS_FOLLOWUP_TEST_RISK), test_risk, error);
	if (status == NS_OK)
		status = check_followups(reader, followup, checksums, checksums + n, train_risk, test_risk, error);
	ns_free(checksums);
	return status;
}
