/* The rows of a results file: which trajectory and which point each is judged by, and how the rows are written. */
#include "fake_reader.h"
#include "test.h"
#include <math.h>
#include <nodescale/bounds.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 4, RECORDS = 3, N = 3, D = 3 };

static const struct ns_point points[POINTS] = {
	{1, NAN, 2000, 3}, {0.5, 0.7, 10, UINT64_MAX}, {0.25, 0.4, 1000000, 0}, {0, 0.4, 10, 0}};
static const uint8_t statuses[POINTS] = {NS_POINT_DONE, NS_POINT_DIVERGED, NS_POINT_MISSING, NS_POINT_DONE};
static const uint64_t steps[RECORDS] = {0, 10, 30};
static double x[N * D] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, y[N];
static const struct ns_data data = {.d = D, .train = {N, x, y}};
static const struct ns_experiment experiment = {.probes = 2, .activation = NS_RELU, .init_std = 1, .step_size = 0.1};
static struct ns_reader reader = {POINTS, RECORDS, points, statuses, steps, 1e-5, 0};

static struct ns_bounds bounds_of_reader(void)
{
	struct ns_bounds bounds;
	struct ns_error error;
	assert_int_equal(ns_bounds_init(&bounds, &reader, 0.05, &error), NS_OK);
	assert_int_equal(bounds.n_rows, POINTS);
	return bounds;
}

static void rows_are_judged_by_their_own_trajectory(void **unused)
{
	struct ns_bounds bounds = bounds_of_reader();
	for (size_t p = 0; p < POINTS; p++) {
		double risk[RECORDS], smallest[RECORDS], largest[RECORDS];
		for (size_t r = 0; r < RECORDS; r++) {
			risk[r] = ns_fake_value(&reader, NS_TRAIN_RISK, p, r, 0);
			smallest[r] = ns_fake_value(&reader, NS_NTK_MIN_EIG, p, r, 0);
			largest[r] = ns_fake_value(&reader, NS_NTK_MAX_EIG, p, r, 0);
		}
		const struct ns_trajectory run = {RECORDS, steps, risk, smallest, largest, p == 1};
		const struct ns_theory_check expected = ns_theory_hold(&bounds.theory, &points[p], &run);
		const struct ns_theory_check *found = &bounds.rows[p].check;
		assert_int_equal(found->start.verdict, expected.start.verdict);
		assert_int_equal(found->trajectory.verdict, expected.trajectory.verdict);
		assert_int_equal(found->decay.verdict, expected.decay.verdict);
		assert_memory_equal(&found->trajectory.worst, &expected.trajectory.worst, sizeof(double));
		assert_memory_equal(&found->decay.worst, &expected.decay.worst, sizeof(double));
		assert_true(found->trajectory.worst_at == expected.trajectory.worst_at);
	}
	assert_int_equal(bounds.rows[0].check.start.verdict, NS_BOUND_HOLDS);
	assert_int_equal(bounds.rows[1].check.decay.verdict, NS_BOUND_VIOLATED);
	assert_int_equal(bounds.rows[1].check.decay.violated_at, 10);
	assert_int_equal(bounds.rows[2].check.decay.verdict, NS_BOUND_UNSEEN);
	assert_int_equal(bounds.rows[3].check.decay.verdict, NS_BOUND_NONE);
	ns_bounds_finish(&bounds);
}

/* kappa is 1/6: the first condition is m >= 8 * 3 * log(12 / 0.05) / (1/6 * 3) = 263 for all, 143 for the two probes. */
static void widths_are_held_against_the_first_condition(void **unused)
{
	struct ns_bounds bounds = bounds_of_reader();
	assert_true(bounds.theory.all.width > 263 && bounds.theory.all.width < 264);
	const bool wide[POINTS] = {true, false, true, false};
	for (size_t p = 0; p < POINTS; p++)
		assert_true(bounds.rows[p].wide_enough == wide[p] && bounds.rows[p].wide_enough_for_probes == wide[p]);
	ns_bounds_finish(&bounds);
}

/* *text: free with free */
static void write_csv(const struct ns_bounds *bounds, char **text)
{
	size_t length;
	struct ns_error error;
	FILE *out = open_memstream(text, &length);
	assert_int_equal(ns_bounds_csv(bounds, out, &error), NS_OK);
	fclose(out);
}

static void rows_are_written_as_csv(void **unused)
{
	static const char head[] = "id,gamma,alpha,m,seed,status,wide_enough,wide_enough_for_probes,start,start_violated_at,"
				   "start_worst,start_worst_at,"
				   "trajectory,trajectory_violated_at,trajectory_worst,trajectory_worst_at,decay,decay_violated_"
				   "at,decay_worst,decay_worst_at\r\n";
	struct ns_bounds bounds = bounds_of_reader();
	char *text, expected[256];
	write_csv(&bounds, &text);
	assert_memory_equal(text, head, strlen(head));
	const char *row = strstr(text, "\r\n") + 2;
	snprintf(
		expected, sizeof expected, "%016llx,1,,2000,3,done,yes,yes,holds,,", (unsigned long long)ns_point_id(&points[0]));
	assert_memory_equal(row, expected, strlen(expected));
	assert_true(strtod(row + strlen(expected), NULL) == bounds.rows[0].check.start.worst);
	row = strstr(row, "\r\n") + 2;
	snprintf(expected, sizeof expected, "%016llx,0.5,", (unsigned long long)ns_point_id(&points[1]));
	assert_memory_equal(row, expected, strlen(expected));
	assert_non_null(strstr(row, ",violated,10,inf,10\r\n"));
	row = strstr(row, "\r\n") + 2;
	assert_non_null(strstr(row, ",0.40000000000000002,1000000,0,missing,yes,yes,unseen,,,,unseen,,,,unseen,,,\r\n"));
	row = strstr(row, "\r\n") + 2;
	assert_non_null(strstr(row, ",0.40000000000000002,10,0,done,no,no,none,,,,none,,,,none,,,\r\n"));
	assert_string_equal(strstr(row, "\r\n"), "\r\n");
	free(text);
	ns_bounds_finish(&bounds);
}

static void a_full_disk_is_an_error(void **unused)
{
	struct ns_bounds bounds = bounds_of_reader();
	struct ns_error error;
	FILE *full = fopen("/dev/full", "w");
	assert_int_equal(ns_bounds_csv(&bounds, full, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "No space left"));
	fclose(full);
	ns_bounds_finish(&bounds);
}

static void data_that_cannot_be_read_is_an_error(void **unused)
{
	struct ns_bounds bounds;
	struct ns_error error;
	ns_fake_data = NULL;
	assert_int_equal(ns_bounds_init(&bounds, &reader, 0.05, &error), NS_FAILED);
	ns_fake_data = &data;
}

int main(void)
{
	ns_fake_experiment = &experiment;
	ns_fake_data = &data;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_judged_by_their_own_trajectory),
		cmocka_unit_test(widths_are_held_against_the_first_condition),
		cmocka_unit_test(rows_are_written_as_csv),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(data_that_cannot_be_read_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
