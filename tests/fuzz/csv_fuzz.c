/* The reader of data in CSV files, with permutations.
 * Input: a letter that says what is asked for, the data, 0x1e, the permutation's file (none: drawn), 0x1e, the target's name. */
#include "input.h"
#include <math.h>
#include <nodescale/data.h>
#include <nodescale/table.h>
#include <stdio.h>
#include <string.h>

enum { SEPARATOR = 0x1e };

static struct ns_input_file data_file, order_file;

static void read_table(void)
{
	struct ns_table table;
	struct ns_error error;
	const enum ns_status status = ns_table_read(&table, data_file.path, NULL, &error);
	ns_input_expect_told(status, &error);
	if (status != NS_OK)
		return;
	ns_input_expect(table.n_columns > 0 && table.n_rows > 0, "a table is not empty");
	for (size_t v = 0; v < table.n_rows * table.n_columns; v++)
		ns_input_expect(isfinite(table.values[v]), "numbers are finite");
	for (size_t r = 1; r < table.n_rows; r++)
		ns_input_expect(table.lines[r] > table.lines[r - 1], "each row starts in a line of its own");
	ns_table_finish(&table);
}

static void expect_finite(const struct ns_part *part, size_t d)
{
	for (size_t v = 0; v < part->n * d; v++)
		ns_input_expect(isfinite(part->x[v]), "inputs are finite");
	for (size_t i = 0; i < part->n; i++)
		ns_input_expect(isfinite(part->y[i]), "targets are finite");
}

static void read_data(const struct ns_experiment *experiment)
{
	struct ns_data data;
	struct ns_error error;
	const enum ns_status status = ns_data_load(&data, experiment, &error);
	ns_input_expect_told(status, &error);
	if (status != NS_OK)
		return;
	ns_input_expect(data.d > 0 && data.train.n > 0, "there is something to train on");
	expect_finite(&data.train, data.d);
	expect_finite(&data.validation, data.d);
	expect_finite(&data.test, data.d);
	ns_data_finish(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const targets[] = {"last", "1", "3"};
	if (length == 0)
		return 0;
	const unsigned letter = *bytes++;
	length--;
	const struct ns_input_part data = ns_input_split(&bytes, &length, SEPARATOR),
				   order = ns_input_split(&bytes, &length, SEPARATOR);
	struct ns_experiment experiment = {
		.data_kind = NS_DATA_CSV, .permutation_seed = 1, .standardise = letter & 1, .split = {0.4, 0.4, 0.2}};
	ns_input_file_write(&data_file, data.bytes, data.length);
	ns_input_file_write(&order_file, order.bytes, order.length);
	snprintf(experiment.file, sizeof experiment.file, "%s", data_file.path);
	if (order.length > 0)
		snprintf(experiment.permutation, sizeof experiment.permutation, "%s", order_file.path);
	if (length > 0)
		snprintf(experiment.target, sizeof experiment.target, "%.*s", (int)(length < 1000 ? length : 1000), bytes);
	else
		snprintf(experiment.target, sizeof experiment.target, "%s", targets[letter / 2 % 3]);
	read_table();
	read_data(&experiment);
	return 0;
}
