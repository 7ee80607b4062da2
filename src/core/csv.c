/* Data from a CSV file: target column, order of the rows, split, standardisation. */
#include <float.h>
#include <math.h>
#include <nodescale/data.h>
#include <nodescale/memory.h>
#include <nodescale/number.h>
#include <nodescale/random.h>
#include <nodescale/table.h>
#include <stdbool.h>
#include <string.h>

static enum ns_status find_target(
	const struct ns_table *table, const struct ns_experiment *experiment, size_t *target, struct ns_error *error)
{
	const char *wanted = experiment->target, *path = experiment->file;
	size_t n_found = 0;
	uint64_t number;
	if (table->n_columns < 2)
		return ns_error_set(
			error, NS_BAD_INPUT, "%s:%zu:1: one column only; expected inputs and a target", path, table->header_line);
	if (strcmp(wanted, "last") == 0) {
		*target = table->n_columns - 1;
		return NS_OK;
	}
	for (size_t c = 0; c < table->n_columns; c++) {
		if (strcmp(table->names[c], wanted) != 0)
			continue;
		*target = c;
		n_found++;
	}
	if (n_found > 1)
		return ns_error_set(error, NS_BAD_INPUT, "%s:%zu:1: %zu columns are named %.80s; expected one, the target", path,
			table->header_line, n_found, wanted);
	if (n_found == 1)
		return NS_OK;
	if (ns_number_count(wanted, strlen(wanted), &number) == NS_NUMBER_OK && number >= 1 && number <= table->n_columns) {
		*target = number - 1;
		return NS_OK;
	}
	return ns_error_set(error, NS_BAD_INPUT,
		"%s:%zu:1: no column is the target \"%.80s\"; expected last, a name from this line, or a number from 1 to %zu",
		path, table->header_line, wanted, table->n_columns);
}

/* Puts row i of a permutation file at place i of order. line_of (n_rows) has the line of each row of the data so far, or 0. */
static enum ns_status place_row(const struct ns_table *table, const char *path, size_t i, size_t n_rows, size_t *order,
	size_t *line_of, struct ns_error *error)
{
	const double number = table->values[i];
	const size_t line = table->lines[i];
	if (i >= n_rows)
		return ns_error_set(error, NS_BAD_INPUT, "%s:%zu:1: one row number too many; expected %zu, as the data has rows",
			path, line, n_rows);
	if (number < 0 || number >= (double)n_rows || number != floor(number))
		return ns_error_set(error, NS_BAD_INPUT, "%s:%zu:1: row is %.17g; expected a whole number from 0 to %zu", path,
			line, number, n_rows - 1);
	const size_t row = (size_t)number;
	if (line_of[row] != 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s:%zu:1: row %zu again, as in line %zu; expected every row once", path,
			line, row, line_of[row]);
	order[i] = row;
	line_of[row] = line;
	return NS_OK;
}

/* order (n_rows) becomes the numbers in the file's only column, which must be 0 .. n_rows-1 in any order. */
static enum ns_status take_order(
	const struct ns_table *table, const char *path, size_t n_rows, size_t *order, struct ns_error *error)
{
	if (table->n_columns != 1 || strcmp(table->names[0], "row") != 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s:%zu:1: not a permutation; expected one column named row", path,
			table->header_line);
	size_t *line_of = ns_alloc(n_rows, sizeof *line_of);
	if (line_of == NULL)
		return ns_error_memory(error, path, (double)n_rows * sizeof *line_of);
	enum ns_status status = NS_OK;
	for (size_t i = 0; i < table->n_rows && status == NS_OK; i++)
		status = place_row(table, path, i, n_rows, order, line_of, error);
	if (status == NS_OK && table->n_rows < n_rows)
		status = ns_error_set(error, NS_BAD_INPUT,
			"%s:%zu:1: ends after %zu row numbers; expected %zu, as the data has rows", path,
			table->lines[table->n_rows - 1], table->n_rows, n_rows);
	ns_free(line_of);
	return status;
}

static enum ns_status read_order(const char *path, const char *sha256, size_t n_rows, size_t *order, struct ns_error *error)
{
	struct ns_table table;
	enum ns_status status = ns_table_read(&table, path, sha256, error);
	if (status != NS_OK)
		return status;
	status = take_order(&table, path, n_rows, order, error);
	ns_table_finish(&table);
	return status;
}

/* Fisher-Yates. */
static void draw_order(uint64_t seed, size_t n_rows, size_t *order)
{
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_PERMUTATION, 0);
	for (size_t i = 0; i < n_rows; i++)
		order[i] = i;
	for (size_t i = n_rows; i-- > 1;) {
		const size_t other = ns_stream_below(&stream, i + 1), row = order[i];
		order[i] = order[other];
		order[other] = row;
	}
}

/* Rounded down, but 0.29 of 100 rows, which is 28.999999999999996 in double, is 29. */
static size_t share(double fraction, size_t n_rows)
{
	return (size_t)floor(fraction * (double)n_rows * (1 + 4 * DBL_EPSILON));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void split(const double fraction[3], size_t n_rows, size_t size[3])
{
	const bool is_whole = fabs(fraction[0] + fraction[1] + fraction[2] - 1) < 1e-9;
	size[0] = least(share(fraction[0], n_rows), n_rows);
	size[1] = least(share(fraction[1], n_rows), n_rows - size[0]);
	const size_t rest = n_rows - size[0] - size[1];
	size[2] = is_whole ? rest : least(share(fraction[2], n_rows), rest);
}

static void fill(struct ns_part *part, const struct ns_table *table, size_t target, const size_t *order)
{
	const size_t d = table->n_columns - 1;
	for (size_t i = 0; i < part->n; i++) {
		const double *row = table->values + order[i] * table->n_columns;
		memcpy(part->x + i * d, row, target * sizeof *row);
		memcpy(part->x + i * d + target, row + target + 1, (d - target) * sizeof *row);
		part->y[i] = row[target];
	}
}

struct scaling {
	double mean, std;
	bool is_constant; /* std may then be a rounding error instead of 0 */
};

/* Mean and standard deviation (ddof 0) of n numbers that lie `stride` apart. */
static struct scaling measure(const double *v, size_t n, size_t stride)
{
	double sum = 0, squares = 0;
	bool is_constant = true;
	for (size_t i = 0; i < n; i++) {
		sum += v[i * stride];
		is_constant = is_constant && v[i * stride] == v[0];
	}
	const double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (v[i * stride] - mean) * (v[i * stride] - mean);
	return (struct scaling){mean, sqrt(squares / (double)n), is_constant};
}

/* Whether all of it stayed finite: rows outside the training set may lie any number of standard deviations away. */
static bool standardise(double *v, size_t n, size_t stride, const struct scaling *scaling)
{
	bool finite = true;
	for (size_t i = 0; i < n; i++) {
		v[i * stride] = scaling->is_constant ? 0 : (v[i * stride] - scaling->mean) / scaling->std;
		finite = finite && isfinite(v[i * stride]);
	}
	return finite;
}

/* Column d of the parts is the target. */
static enum ns_status standardise_data(
	struct ns_data *data, const struct ns_table *table, size_t target, const char *path, struct ns_error *error)
{
	struct ns_part *const parts[] = {&data->train, &data->validation, &data->test};
	const size_t d = data->d;
	for (size_t c = 0; c <= d; c++) {
		const bool is_target = c == d;
		const struct scaling scaling =
			is_target ? measure(data->train.y, data->train.n, 1) : measure(data->train.x + c, data->train.n, d);
		bool finite = scaling.is_constant || (isfinite(scaling.mean) && isnormal(scaling.std));
		for (int p = 0; p < 3 && finite; p++)
			finite = standardise(is_target ? parts[p]->y : parts[p]->x + c, parts[p]->n, is_target ? 1 : d, &scaling);
		if (!finite)
			return ns_error_set(error, NS_BAD_INPUT,
				"%s:%zu:1: column %.80s cannot be standardised: its mean, its spread or a value in units of that "
				"is "
				"beyond double; expected other units",
				path, table->header_line, table->names[is_target ? target : c + (c >= target)]);
	}
	return NS_OK;
}

/* order (n_rows) is room for the permutation. */
static enum ns_status arrange(struct ns_data *data, const struct ns_experiment *experiment, const struct ns_table *table,
	size_t *order, struct ns_error *error)
{
	size_t target = 0, size[3];
	enum ns_status status = find_target(table, experiment, &target, error);
	if (status != NS_OK)
		return status;
	if (*experiment->permutation == '\0')
		draw_order(experiment->permutation_seed, table->n_rows, order);
	else
		status = read_order(experiment->permutation, experiment->permutation_sha256, table->n_rows, order, error);
	if (status != NS_OK)
		return status;
	split(experiment->split, table->n_rows, size);
	if (size[0] == 0)
		return ns_error_set(error, NS_BAD_INPUT,
			"%s:%zu:1: the file ends after %zu rows, of which a fraction of %g is no training sample; expected more "
			"rows",
			experiment->file, table->lines[table->n_rows - 1], table->n_rows, experiment->split[0]);
	status = ns_data_init(data, table->n_columns - 1, size[0], size[1], size[2], error);
	if (status != NS_OK)
		return status;
	fill(&data->train, table, target, order);
	fill(&data->validation, table, target, order + size[0]);
	fill(&data->test, table, target, order + size[0] + size[1]);
	if (experiment->standardise)
		status = standardise_data(data, table, target, experiment->file, error);
	if (status != NS_OK)
		ns_data_finish(data);
	return status;
}

enum ns_status ns_data_read_csv(struct ns_data *data, const struct ns_experiment *experiment, struct ns_error *error)
{
	struct ns_table table;
	enum ns_status status = ns_table_read(&table, experiment->file, experiment->sha256, error);
	if (status != NS_OK)
		return status;
	size_t *order = ns_alloc(table.n_rows, sizeof *order);
	if (order == NULL)
		status = ns_error_memory(error, "the order of the samples", (double)table.n_rows * sizeof *order);
	else
		status = arrange(data, experiment, &table, order, error);
	ns_free(order);
	ns_table_finish(&table);
	return status;
}
