#include "fake_reader.h"
#include <math.h>
#include <string.h>

const struct ns_experiment *ns_fake_experiment;
const struct ns_data *ns_fake_data;

double ns_fake_value(const struct ns_reader *reader, enum ns_quantity quantity, size_t point, size_t record, size_t entry)
{
	if (reader->status[point] == NS_POINT_MISSING || (reader->status[point] == NS_POINT_DIVERGED && record > 0))
		return NAN;
	return reader->least + 1 + sin(1 + (double)quantity + 100 * (double)point + 10 * (double)record + 0.1 * (double)entry);
}

size_t ns_reader_point_count(const struct ns_reader *reader)
{
	return reader->n_points;
}

size_t ns_reader_record_count(const struct ns_reader *reader)
{
	return reader->n_records;
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

const struct ns_experiment *ns_reader_experiment(const struct ns_reader *reader)
{
	static const struct ns_experiment without_theory = {.activation = NS_SOFTPLUS};
	return ns_fake_experiment != NULL ? ns_fake_experiment : &without_theory;
}

enum ns_status ns_reader_data(struct ns_reader *reader, struct ns_data *data, struct ns_error *error)
{
	if (ns_fake_data == NULL)
		return ns_error_set(error, NS_FAILED, "there is no data");
	const struct ns_part *train = &ns_fake_data->train;
	const enum ns_status status = ns_data_init(data, ns_fake_data->d, train->n, 0, 0, error);
	if (status == NS_OK)
		memcpy(data->train.x, train->x, train->n * data->d * sizeof *train->x);
	return status;
}

enum ns_status ns_reader_quantity(struct ns_reader *reader, enum ns_quantity quantity, double *out, struct ns_error *error)
{
	const size_t width = ns_quantities[quantity].width;
	for (size_t p = 0; p < reader->n_points; p++)
		for (size_t r = 0; r < reader->n_records; r++)
			for (size_t k = 0; k < width; k++)
				*out++ = ns_fake_value(reader, quantity, p, r, k);
	return NS_OK;
}

enum ns_status ns_reader_result(struct ns_reader *reader, size_t point, struct ns_result *result, struct ns_error *error)
{
	const enum ns_status status = ns_result_init(result, reader->n_records, 1, 1, false, false, error);
	for (int q = 0; q < NS_QUANTITY_COUNT && status == NS_OK; q++)
		for (size_t r = 0; r < reader->n_records; r++)
			for (size_t k = 0; k < ns_quantities[q].width; k++)
				result->values[q][r * ns_quantities[q].width + k] =
					ns_fake_value(reader, (enum ns_quantity)q, point, r, k);
	return status;
}

enum ns_status ns_reader_digest(struct ns_reader *reader, uint64_t *digest, struct ns_error *error)
{
	*digest = 0x0123456789abcdef;
	return NS_OK;
}

/* Of the first n_followed points, if they are done. */
enum ns_status ns_reader_followup_count(
	struct ns_reader *reader, enum ns_followup followup, size_t *n_computed, struct ns_error *error)
{
	*n_computed = reader->n_followed;
	return NS_OK;
}

enum ns_status ns_reader_followup(
	struct ns_reader *reader, enum ns_followup followup, double *train_risk, double *test_risk, struct ns_error *error)
{
	const size_t length = ns_followups[followup].length;
	for (size_t p = 0; p < reader->n_points; p++)
		for (size_t k = 0; k < length; k++) {
			const bool computed = reader->status[p] == NS_POINT_DONE && p < reader->n_followed;
			train_risk[p * length + k] = computed ? ns_fake_value(reader, NS_TRAIN_RISK, p, k, followup) : NAN;
			test_risk[p * length + k] = computed ? ns_fake_value(reader, NS_TEST_RISK, p, k, followup) : NAN;
		}
	return NS_OK;
}
