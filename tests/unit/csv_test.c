/* Data from CSV files: what is read, in which order and scale, and that every mistake is told with its place. */
#include "test.h"
#include <math.h>
#include <nodescale/data.h>
#include <nodescale/table.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIVE_ROWS "x,y\n0,0\n1,10\n2,20\n3,30\n4,40\n"

static int enter_folder(void **folder)
{
	static char name[] = "/tmp/nodescale-csv-XXXXXX";
	*folder = mkdtemp(name);
	return *folder == NULL || chdir(*folder) != 0;
}

static int leave_folder(void **folder)
{
	unlink("data.csv");
	unlink("order.csv");
	return rmdir("a_folder") != 0 || chdir("/") != 0 || rmdir(*folder) != 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void name_file(char field[NS_TEXT_LENGTH], const char *text)
{
	snprintf(field, NS_TEXT_LENGTH, "%s", text);
}

/* Of data.csv, with the published split; numbers as they are. */
static struct ns_experiment plain_experiment(void)
{
	return (struct ns_experiment){
		.data_kind = NS_DATA_CSV, .file = "data.csv", .target = "last", .permutation_seed = 1, .split = {0.4, 0.4, 0.2}};
}

static struct ns_data read_data(const struct ns_experiment *experiment)
{
	struct ns_data data;
	struct ns_error error;
	if (ns_data_load(&data, experiment, &error) != NS_OK)
		fail_msg("%s", error.text);
	return data;
}

/* Whether reading fails with a text that starts so and holds the phrase; prints what came instead. */
static bool is_told(const struct ns_experiment *experiment, const char *input, const char *start, const char *phrase)
{
	struct ns_data data;
	struct ns_error error = {0};
	const enum ns_status status = ns_data_load(&data, experiment, &error);
	if (status == NS_OK)
		ns_data_finish(&data);
	if (status == NS_BAD_INPUT && strncmp(error.text, start, strlen(start)) == 0 && strstr(error.text, phrase) != NULL)
		return true;
	print_error("%s--\nexpected %s ...%s\nbut got  %s\n", input, start, phrase, error.text);
	return false;
}

struct mistake {
	const char *text, *place, *phrase;
};

static const struct mistake data_mistakes[] = {
	/* rows of another length */
	{"a,b\n1,2\n3\n", "3:2", "the row ends after 1 of 2 fields; expected a number for column b"},
	{"a,b\r\n1,2\r\n3\r\n", "3:2", "the row ends after 1 of 2 fields"},
	{"a,b\n1,2\n3", "3:2", "the row ends after 1 of 2 fields"},
	{"a,b\n1,2,3\n", "2:5", "one field too many; expected 2 fields, as the header has"},
	{"a,b\n1,2,\n", "2:5", "one field too many"},
	/* no numbers */
	{"a,b\n1,2\n3,x\n", "3:3", "column b has \"x\"; expected a finite number"},
	{"a,b\n1,  4 5\n", "2:5", "column b has \"4 5\""},
	{"a,b\n,2\n", "2:1", "column a has \"\""},
	{"a,b\n1,\n", "2:3", "column b has \"\""},
	{"a,b\nnan,2\n", "2:1", "column a has \"nan\"; expected a finite number"},
	{"a,b\n1,NA\n", "2:3", "column b has \"NA\""},
	{"a,b\n1,-inf\n", "2:3", "column b has \"-inf\"; expected a finite number"},
	{"a,b\n1,1e999\n", "2:3", "column b has \"1e999\"; expected a finite number"},
	{"a,b\n1,0x10\n", "2:3", "column b has \"0x10\""},
	{"a,b\n1;2\n", "2:1", "column a has \"1;2\""},
	{"\"a\n,\",b\n1,x\n", "3:3", "column b has \"x\""},
	{"a,b\r1,x\r", "2:3", "column b has \"x\""},
	/* quotes */
	{"a,b\n1,2\n3,\"4\n5,6\n", "3:3", "a quote that is never closed"},
	{"a,b\n\"1\"2,3\n", "2:4", "a misplaced quote"},
	{"\xef\xbb\xbf\xc3\xa9,b\"\n1,2\n", "1:4", "a misplaced quote"},
	/* no header, no rows, no inputs */
	{"", "1:1", "the file is empty; expected a line of column names and rows of numbers"},
	{"\n  \n", "1:1", "the file is empty"},
	{"a,b\n", "2:1", "the file ends after its header; expected rows of numbers"},
	{"a,b", "1:4", "the file ends after its header"},
	{"1,2\n3,4\n", "1:1", "the first line holds numbers; expected the names of the columns"},
	{"a\n1\n2\n3\n", "1:1", "one column only; expected inputs and a target"},
	/* too few rows to train on: 0.4 of 2 is none */
	{"a,b\n1,2\n3,4\n", "3:1", "the file ends after 2 rows, of which a fraction of 0.4 is no training sample"},
};

static void mistakes_in_the_data_are_told_with_their_place(void **unused)
{
	const struct ns_experiment experiment = plain_experiment();
	size_t n_untold = 0;
	for (size_t c = 0; c < sizeof data_mistakes / sizeof *data_mistakes; c++) {
		const struct mistake *mistake = data_mistakes + c;
		char start[64];
		snprintf(start, sizeof start, "data.csv:%s: ", mistake->place);
		write_file("data.csv", mistake->text);
		n_untold += !is_told(&experiment, mistake->text, start, mistake->phrase);
	}
	assert_int_equal(n_untold, 0);
}

static const struct mistake order_mistakes[] = {
	{"row\n0\n1\n1\n2\n3\n", "4:1", "row 1 again, as in line 3; expected every row once"},
	{"row\n0\n1\n5\n2\n3\n", "4:1", "row is 5; expected a whole number from 0 to 4"},
	{"row\n0\n1\n-1\n2\n3\n", "4:1", "row is -1; expected a whole number from 0 to 4"},
	{"row\n0\n0.5\n1\n2\n3\n", "3:1", "row is 0.5; expected a whole number"},
	{"row\n0\n1\n2\n3\n", "5:1", "ends after 4 row numbers; expected 5, as the data has rows"},
	{"row\n0\n1\n2\n3\n4\n4\n", "7:1", "one row number too many; expected 5, as the data has rows"},
	{"row\n0\nzero\n", "3:1", "column row has \"zero\"; expected a finite number"},
	{"0\n1\n2\n3\n4\n", "1:1", "the first line holds numbers"},
	{"rows\n0\n1\n2\n3\n4\n", "1:1", "not a permutation; expected one column named row"},
	{"row,set\n0,1\n1,1\n2,1\n3,1\n4,1\n", "1:1", "not a permutation; expected one column named row"},
	{"", "1:1", "the file is empty"},
};

static void mistakes_in_the_permutation_are_told_with_their_place(void **unused)
{
	struct ns_experiment experiment = plain_experiment();
	size_t n_untold = 0;
	name_file(experiment.permutation, "order.csv");
	write_file("data.csv", FIVE_ROWS);
	for (size_t c = 0; c < sizeof order_mistakes / sizeof *order_mistakes; c++) {
		const struct mistake *mistake = order_mistakes + c;
		char start[64];
		snprintf(start, sizeof start, "order.csv:%s: ", mistake->place);
		write_file("order.csv", mistake->text);
		n_untold += !is_told(&experiment, mistake->text, start, mistake->phrase);
	}
	assert_int_equal(n_untold, 0);
}

static void targets_that_are_no_column_are_told(void **unused)
{
	static const struct {
		const char *target, *start, *phrase;
	} cases[] = {
		{"z", "data.csv:2:1: no column is the target \"z\"", "a name from this line, or a number from 1 to 3"},
		{"0", "data.csv:2:1: no column is the target \"0\"", "a number from 1 to 3"},
		{"4", "data.csv:2:1: no column is the target \"4\"", "a number from 1 to 3"},
		{"-1", "data.csv:2:1: no column is the target \"-1\"", "a number from 1 to 3"},
		{"x", "data.csv:2:1: 2 columns are named x", "expected one, the target"},
	};
	struct ns_experiment experiment = plain_experiment();
	write_file("data.csv", "\nx,x,y\n1,2,3\n1,2,3\n1,2,3\n");
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		name_file(experiment.target, cases[c].target);
		assert_true(is_told(&experiment, cases[c].target, cases[c].start, cases[c].phrase));
	}
}

static void files_that_cannot_be_read_are_told(void **unused)
{
	struct ns_experiment experiment = plain_experiment();
	assert_int_equal(mkdir("a_folder", 0777), 0);
	name_file(experiment.file, "none.csv");
	assert_true(is_told(&experiment, "", "none.csv: ", "cannot be opened: No such file or directory"));
	name_file(experiment.file, "a_folder");
	assert_true(is_told(&experiment, "", "a_folder: ", "is a folder; expected a file"));
	name_file(experiment.file, "data.csv");
	write_file("data.csv", FIVE_ROWS);
	name_file(experiment.permutation, "none.csv");
	assert_true(is_told(&experiment, "", "none.csv: ", "cannot be opened: No such file or directory"));
}

/* The sums are sha256sum's. */
static void other_contents_than_the_sha256_says_are_told(void **unused)
{
	static const char of_data[] = "24630220e1346ed2e3c0e20d234816cf9990e2f19d47754826ed8396d42879c4",
			  of_order[] = "f9eaeae25220d155ceb7289f9e21bd21709c2c29d5e8eaaf78c77c0774286ce0";
	struct ns_experiment experiment = plain_experiment();
	name_file(experiment.permutation, "order.csv");
	name_file(experiment.permutation_sha256, of_order);
	name_file(experiment.sha256, of_data);
	write_file("data.csv", FIVE_ROWS);
	write_file("order.csv", "row\n4\n3\n2\n1\n0\n");
	struct ns_data data = read_data(&experiment);
	ns_data_finish(&data);
	experiment.sha256[63] = 'C'; /* in place of 4: capitals are fine, another digit is not */
	assert_true(is_told(&experiment, "",
		"data.csv: has the sha256 24630220e1346ed2e3c0e20d234816cf9990e2f19d47754826ed8396d42879c4;",
		"expected 24630220e1346ed2e3c0e20d234816cf9990e2f19d47754826ed8396d42879cC, which the spec gives"));
	name_file(experiment.sha256, of_data);
	experiment.sha256[14] = 'D';
	data = read_data(&experiment);
	ns_data_finish(&data);
	write_file("order.csv", "row\n4\n3\n2\n1\n0 \n");
	assert_true(is_told(&experiment, "", "order.csv: has the sha256 ", of_order));
}

static void a_column_too_wide_for_double_is_told(void **unused)
{
	struct ns_experiment experiment = plain_experiment();
	experiment.standardise = true;
	experiment.split[0] = 1;
	write_file("data.csv", "a,b,c\n1,1e308,1\n2,-1e308,2\n3,1e308,3\n");
	assert_true(is_told(&experiment, "", "data.csv:1:1: column b cannot be standardised", "expected other units"));

	/* a test row too far from the training rows */
	experiment.split[0] = 0.7;
	experiment.split[1] = 0;
	experiment.split[2] = 0.3;
	snprintf(experiment.permutation, sizeof experiment.permutation, "order.csv");
	write_file("order.csv", "row\n0\n1\n2\n");
	write_file("data.csv", "a,b,c\n1,1e-9,1\n2,0,2\n3,1e308,3\n");
	assert_true(is_told(&experiment, "", "data.csv:1:1: column b cannot be standardised", "expected other units"));
}

static struct ns_table read_table(const char *text)
{
	struct ns_table table;
	struct ns_error error;
	write_file("data.csv", text);
	if (ns_table_read(&table, "data.csv", NULL, &error) != NS_OK)
		fail_msg("%s--\n%s", text, error.text);
	return table;
}

static void every_dialect_gives_the_same_numbers(void **unused)
{
	static const char *const texts[] = {
		"a,b\n1,-2.5\n3e2,.125\n",
		"a,b\n1,-2.5\n3e2,.125",
		"a,b\r\n1,-2.5\r\n3e2,.125\r\n",
		"a,b\r1,-2.5\r3e2,.125\r",
		"\xef\xbb\xbf"
		"a,b\n1,-2.5\n3e2,.125\n",
		"\"a\",\"b\"\n\"1\",\"-2.5\"\n\"3e2\",\".125\"\n",
		" a ,\tb\n 1 , -2.5\t\n\t3e2  ,.125 \n",
		"a,b\n1,-2.5\n3e2,.125\n\n\n  \n\r\n",
		"\n\na,b\n\n1,-2.5\n\n3e2,.125\n",
		"a,b\n+1.0,-25e-1\n3E+2,0.125\n",
	};
	static const double expected[] = {1, -2.5, 300, 0.125};
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		struct ns_table table = read_table(texts[t]);
		assert_int_equal(table.n_columns, 2);
		assert_int_equal(table.n_rows, 2);
		assert_string_equal(table.names[0], "a");
		assert_string_equal(table.names[1], "b");
		assert_memory_equal(table.values, expected, sizeof expected);
		ns_table_finish(&table);
	}
}

static void quoted_names_keep_commas_newlines_and_quotes(void **unused)
{
	struct ns_table table = read_table("\"a, kg\",\"b\nMPa\",\"the \"\"c\"\"\"\n1,2,3\n\n4,5,6\n");
	assert_string_equal(table.names[0], "a, kg");
	assert_string_equal(table.names[1], "b\nMPa");
	assert_string_equal(table.names[2], "the \"c\"");
	assert_int_equal(table.lines[0], 3);
	assert_int_equal(table.lines[1], 5);
	ns_table_finish(&table);
}

static void the_target_is_found_by_name_number_or_place(void **unused)
{
	static const struct {
		const char *target;
		double x[2], y;
	} cases[] = {{"last", {1, 2}, 3}, {"5", {1, 2}, 3}, {"2", {1, 3}, 2}, {"3", {1, 2}, 3}, {"first", {2, 3}, 1}};
	struct ns_experiment experiment = plain_experiment();
	experiment.split[0] = 1;
	write_file("data.csv", "first,2nd,5\n1,2,3\n"); /* a name goes before a number */
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		name_file(experiment.target, cases[c].target);
		struct ns_data data = read_data(&experiment);
		assert_int_equal(data.d, 2);
		assert_memory_equal(data.train.x, cases[c].x, sizeof cases[c].x);
		assert_true(data.train.y[0] == cases[c].y);
		ns_data_finish(&data);
	}
}

static void write_counted_rows(size_t n_rows)
{
	FILE *file = fopen("data.csv", "w");
	assert_non_null(file);
	fputs("row,y\n", file);
	for (size_t i = 0; i < n_rows; i++)
		fprintf(file, "%zu,%zu\n", i, 2 * i);
	assert_int_equal(fclose(file), 0);
}

static void sizes_of_the_split(void **unused)
{
	static const struct {
		size_t n_rows;
		double split[3];
		size_t train, validation, test;
	} cases[] = {
		{1030, {0.4, 0.4, 0.2}, 412, 412, 206}, /* the published ones */
		{768, {0.4, 0.4, 0.2}, 307, 307, 154},
		{1503, {0.4, 0.4, 0.2}, 601, 601, 301},
		{9568, {0.4, 0.4, 0.2}, 3827, 3827, 1914},
		{100, {0.29, 0.58, 0.13}, 29, 58, 13}, /* 0.29 * 100 and 0.58 * 100 are less than 29 and 58 in double */
		{8, {0.5, 0.25, 0.125}, 4, 2, 1},
		{7, {1, 0, 0}, 7, 0, 0},
		{7, {0.5, 0.5, 0}, 3, 3, 1},
	};
	struct ns_experiment experiment = plain_experiment();
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		write_counted_rows(cases[c].n_rows);
		memcpy(experiment.split, cases[c].split, sizeof experiment.split);
		struct ns_data data = read_data(&experiment);
		assert_int_equal(data.train.n, cases[c].train);
		assert_int_equal(data.validation.n, cases[c].validation);
		assert_int_equal(data.test.n, cases[c].test);
		ns_data_finish(&data);
	}
}

static void rows_go_where_the_permutation_file_says(void **unused)
{
	static const double train[] = {3, 0}, validation[] = {4, 1}, test[] = {2};
	struct ns_experiment experiment = plain_experiment();
	name_file(experiment.permutation, "order.csv");
	write_file("data.csv", FIVE_ROWS);
	write_file("order.csv", "row\n3\n0\n4\n1\n2\n");
	struct ns_data data = read_data(&experiment);
	assert_memory_equal(data.train.x, train, sizeof train);
	assert_memory_equal(data.validation.x, validation, sizeof validation);
	assert_memory_equal(data.test.x, test, sizeof test);
	assert_true(data.train.y[0] == 30 && data.validation.y[0] == 40 && data.test.y[0] == 20);
	ns_data_finish(&data);
}

enum { DRAWN_ROWS = 1000 };

/* order (DRAWN_ROWS): row numbers in the order of training, validation, test. */
static void draw(uint64_t seed, double *order)
{
	struct ns_experiment experiment = plain_experiment();
	experiment.permutation_seed = seed;
	struct ns_data data = read_data(&experiment);
	const struct ns_part *parts[] = {&data.train, &data.validation, &data.test};
	for (int p = 0; p < 3; p++)
		for (size_t i = 0; i < parts[p]->n; i++) {
			assert_true(parts[p]->y[i] == 2 * parts[p]->x[i]);
			*order++ = parts[p]->x[i];
		}
	ns_data_finish(&data);
}

static void a_permutation_seed_draws_one_of_all_orders(void **unused)
{
	double order[DRAWN_ROWS], again[DRAWN_ROWS], other[DRAWN_ROWS];
	bool is_there[DRAWN_ROWS] = {0};
	size_t n_fixed = 0, n_common = 0;
	write_counted_rows(DRAWN_ROWS);
	draw(1, order);
	draw(1, again);
	draw(2, other);
	assert_memory_equal(order, again, sizeof order);
	for (size_t i = 0; i < DRAWN_ROWS; i++) {
		assert_false(is_there[(size_t)order[i]]);
		is_there[(size_t)order[i]] = true;
		n_fixed += order[i] == (double)i;
		n_common += order[i] == other[i];
	}
	/* Poisson with mean 1 for random orders: 10 or more come once in nine million seeds. */
	assert_in_range(n_fixed, 0, 9);
	assert_in_range(n_common, 0, 9);
}

/* Training columns have mean 2 and standard deviation 1 or, the target, mean 1 and standard deviation 3, all exact in double. The
 * second column is constant in training, and six times 0.1 over six is not 0.1. */
static const char to_be_standardised[] = "a,constant,y\n"
					 "1,0.1,-2\n3,0.1,4\n1,0.1,-2\n3,0.1,4\n1,0.1,-2\n3,0.1,4\n"
					 "5,0.7,1\n2,0.1,1\n2,0.1,1\n2,0.1,1\n2,0.1,1\n2,0.1,7\n"
					 "-1,0.7,1\n2,0.1,1\n2,0.1,-5\n";

static void all_parts_are_standardised_by_the_training_rows(void **unused)
{
	struct ns_experiment experiment = plain_experiment();
	experiment.standardise = true;
	name_file(experiment.permutation, "order.csv");
	write_file("data.csv", to_be_standardised);
	write_file("order.csv", "row\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n");
	struct ns_data data = read_data(&experiment);
	for (size_t i = 0; i < 6; i++) {
		assert_true(data.train.x[2 * i] == (i % 2 == 0 ? -1 : 1));
		assert_true(data.train.x[2 * i + 1] == 0);
		assert_true(data.train.y[i] == (i % 2 == 0 ? -1 : 1));
	}
	assert_true(data.validation.x[0] == 3 && data.validation.x[1] == 0 && data.validation.y[0] == 0);
	assert_true(data.validation.x[10] == 0 && data.validation.y[5] == 2);
	assert_true(data.test.x[0] == -3 && data.test.x[1] == 0 && data.test.y[2] == -2);
	ns_data_finish(&data);

	experiment.standardise = false;
	data = read_data(&experiment);
	assert_true(data.train.x[0] == 1 && data.train.x[1] == 0.1 && data.train.y[0] == -2 && data.test.x[1] == 0.7);
	ns_data_finish(&data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_in_the_data_are_told_with_their_place),
		cmocka_unit_test(mistakes_in_the_permutation_are_told_with_their_place),
		cmocka_unit_test(targets_that_are_no_column_are_told),
		cmocka_unit_test(files_that_cannot_be_read_are_told),
		cmocka_unit_test(other_contents_than_the_sha256_says_are_told),
		cmocka_unit_test(a_column_too_wide_for_double_is_told),
		cmocka_unit_test(every_dialect_gives_the_same_numbers),
		cmocka_unit_test(quoted_names_keep_commas_newlines_and_quotes),
		cmocka_unit_test(the_target_is_found_by_name_number_or_place),
		cmocka_unit_test(sizes_of_the_split),
		cmocka_unit_test(rows_go_where_the_permutation_file_says),
		cmocka_unit_test(a_permutation_seed_draws_one_of_all_orders),
		cmocka_unit_test(all_parts_are_standardised_by_the_training_rows),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
