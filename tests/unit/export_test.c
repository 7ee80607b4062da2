/* The exported table: its shape, and numbers that read back to the same double. */
#include "fake_reader.h"
#include "test.h"
#include <math.h>
#include <nodescale/figures.h>
#include <stdlib.h>
#include <string.h>

static const struct ns_point points[] = {{1, NAN, 2000, 3}, {0.1, 0.7, 10, UINT64_MAX}, {0.2, 0.4, 10, 0}};
static const uint8_t statuses[] = {NS_POINT_DONE, NS_POINT_DIVERGED, NS_POINT_MISSING};
static const uint64_t steps[] = {0, 1000};
static struct ns_reader reader = {3, 2, points, statuses, steps, 1e-5, 0};

/* The whole table; free with free. */
static char *export(void)
{
	char *text;
	size_t length;
	struct ns_error error;
	FILE *out = open_memstream(&text, &length);
	assert_int_equal(ns_export_csv(&reader, out, &error), NS_OK);
	fclose(out);
	return text;
}

/* Cuts the next field off the row, comma or line end included; *end tells which it was. */
static char *next_field(char **row, char *end)
{
	char *field = *row;
	const size_t length = strcspn(field, ",\r");
	*end = field[length];
	*row = field + length + (*end == '\r' ? 2 : 1);
	field[length] = 0;
	return field;
}

static void expect_number(char **row, double expected, char expected_end)
{
	char end;
	const char *field = next_field(row, &end);
	if (isnan(expected))
		assert_string_equal(field, "");
	else
		assert_true(strtod(field, NULL) == expected);
	assert_int_equal(end, expected_end);
}

static void expect_row(char **row, size_t p, size_t r)
{
	const char *const names[] = {"missing", "done", "diverged"};
	char end;
	assert_true(strtoull(next_field(row, &end), NULL, 16) == ns_point_id(&points[p]));
	expect_number(row, points[p].gamma, ',');
	expect_number(row, points[p].alpha, ',');
	assert_true(strtoull(next_field(row, &end), NULL, 10) == points[p].m);
	assert_true(strtoull(next_field(row, &end), NULL, 10) == points[p].seed);
	assert_string_equal(next_field(row, &end), names[statuses[p]]);
	assert_true(strtoull(next_field(row, &end), NULL, 10) == steps[r]);
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		for (size_t k = 0; k < ns_quantities[q].width; k++) {
			const bool last = q == NS_QUANTITY_COUNT - 1 && k == ns_quantities[q].width - 1;
			expect_number(row, ns_fake_value(&reader, (enum ns_quantity)q, p, r, k), last ? '\r' : ',');
		}
}

static void numbers_read_back_to_the_same_double(void **unused)
{
	char *text = export(), *row = strstr(text, "\r\n") + 2;
	for (size_t p = 0; p < reader.n_points; p++)
		for (size_t r = 0; r < reader.n_records; r++)
			expect_row(&row, p, r);
	assert_string_equal(row, "");
	free(text);
}

static void head_names_every_column(void **unused)
{
	static const char expected[] =
		"id,gamma,alpha,m,seed,status,step,train_risk,test_risk,ntk_drift_spectral,ntk_drift_frobenius,"
		"ntk_drift_relative,ntk_min_eig,ntk_max_eig,ntk_alignment,pattern_changed,pattern_flips,"
		"weight_delta_max,weight_delta_of_max_node,weight_delta_q0,weight_delta_q25,weight_delta_q50,"
		"weight_delta_q75,weight_delta_q90,weight_delta_q99,weight_delta_q100,weight_delta_top1,";
	char *text = export();
	assert_memory_equal(text, expected, strlen(expected));
	assert_memory_equal(strstr(text, "\r\n") - strlen(",weight_delta_top16"), ",weight_delta_top16", 19);
	assert_null(strchr(text, '"')); /* nothing needs quoting */
	free(text);
}

static void a_full_disk_is_an_error(void **unused)
{
	struct ns_error error;
	FILE *full = fopen("/dev/full", "w");
	assert_int_equal(ns_export_csv(&reader, full, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "No space left"));
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_read_back_to_the_same_double),
		cmocka_unit_test(head_names_every_column),
		cmocka_unit_test(a_full_disk_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
