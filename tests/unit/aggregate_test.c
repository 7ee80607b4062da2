/* Aggregation over seeds, on numbers whose mean and deviation are exact. */
#include "test.h"
#include <math.h>
#include <nodescale/aggregate.h>
#include <nodescale/result.h>
#include <string.h>

enum { RECORDS = 2 };

static struct ns_aggregate aggregate_of(
	const struct ns_point *points, const uint8_t *status, size_t n_points, const double *values)
{
	struct ns_aggregate aggregate;
	struct ns_error error;
	assert_int_equal(ns_aggregate_init(&aggregate, points, status, n_points, values, RECORDS, &error), NS_OK);
	return aggregate;
}

static void groups_whatever_the_order_of_points(void **unused)
{
	const struct ns_point points[] = {{0.5, 0.7, 30, 1}, {1, NAN, 20, 0}, {0.5, 0.4, 20, 0}, {0.5, 0.7, 20, 0},
		{1, 0.3, 20, 1}, {0.5, 0.7, 30, 0}, {0, 0.7, 20, 0}};
	const uint8_t status[] = {1, 1, 1, 1, 1, 1, 1};
	const double values[] = {1, 10, 2, 20, 3, 30, 4, 40, 6, 60, 9, 50, 7, 70};
	struct ns_aggregate aggregate = aggregate_of(points, status, 7, values);
	const struct ns_curve *curves = aggregate.curves;
	const double gamma[] = {1, 0.5, 0.5, 0.5, 0}, alpha[] = {NAN, 0.7, 0.7, 0.4, 0.7}, mean[] = {4, 4, 5, 3, 7},
		     std[] = {2, 0, 4, 0, 0};
	const uint64_t m[] = {20, 20, 30, 20, 20};
	assert_int_equal(aggregate.n_curves, 5);
	assert_true(aggregate.m_varies);
	for (size_t c = 0; c < 5; c++) {
		assert_true(curves[c].gamma == gamma[c] && curves[c].m == m[c]);
		assert_true(isnan(alpha[c]) ? isnan(curves[c].alpha) : curves[c].alpha == alpha[c]);
		assert_true(curves[c].mean[0] == mean[c] && curves[c].std[0] == std[c]);
	}
	assert_true(curves[2].mean[1] == 30 && curves[2].std[1] == 20 && curves[2].n[1] == 2);
	ns_aggregate_finish(&aggregate);
}

static void excludes_and_counts_what_is_not_done(void **unused)
{
	const struct ns_point points[] = {
		{0, 0.4, 9, 0}, {0, 0.4, 9, 1}, {0, 0.4, 9, 2}, {0, 0.4, 9, 3}, {0, 0.4, 9, 4}, {0, 0.4, 9, 5}};
	const uint8_t status[] = {
		NS_POINT_DONE, NS_POINT_DIVERGED, NS_POINT_DONE, NS_POINT_MISSING, NS_POINT_CRASHED, NS_POINT_DONE};
	const double values[] = {1, 2, 1e300, NAN, 5, NAN, NAN, NAN, NAN, NAN, 6, INFINITY};
	struct ns_aggregate aggregate = aggregate_of(points, status, 6, values);
	const struct ns_curve *curve = aggregate.curves;
	assert_int_equal(curve->n_points, 6);
	assert_int_equal(curve->n_done, 3);
	assert_int_equal(curve->n_missing, 1);
	assert_int_equal(curve->n_diverged, 1);
	assert_int_equal(curve->n_crashed, 1);
	assert_int_equal(curve->n[0], 3);
	assert_true(curve->mean[0] == 4 && curve->std[0] == sqrt(14.0 / 3));
	assert_int_equal(curve->n[1], 1);
	assert_true(curve->mean[1] == 2 && curve->std[1] == 0);
	ns_aggregate_finish(&aggregate);
}

static void nothing_done_is_nan_not_zero(void **unused)
{
	const struct ns_point point = {0, 0.4, 9, 0};
	const uint8_t diverged = NS_POINT_DIVERGED;
	const double values[] = {1, NAN};
	struct ns_aggregate aggregate = aggregate_of(&point, &diverged, 1, values);
	for (size_t r = 0; r < RECORDS; r++)
		assert_true(isnan(aggregate.curves->mean[r]) && isnan(aggregate.curves->std[r]) && aggregate.curves->n[r] == 0);
	assert_false(aggregate.m_varies);
	ns_aggregate_finish(&aggregate);
	aggregate = aggregate_of(NULL, NULL, 0, NULL);
	assert_int_equal(aggregate.n_curves, 0);
	ns_aggregate_finish(&aggregate);
}

/* 0.1 + 0.2 + 0.3 has other bits than 0.3 + 0.2 + 0.1. */
static void bits_do_not_depend_on_the_order_of_points(void **unused)
{
	const struct ns_point up[] = {{1, NAN, 9, 0}, {1, NAN, 9, 1}, {1, NAN, 9, 2}}, down[] = {up[2], up[1], up[0]};
	const uint8_t status[] = {1, 1, 1};
	const double rising[] = {0.1, 0, 0.2, 0, 0.3, 0}, falling[] = {0.3, 0, 0.2, 0, 0.1, 0};
	struct ns_aggregate a = aggregate_of(up, status, 3, rising), b = aggregate_of(down, status, 3, falling);
	assert_memory_equal(a.values, b.values, 2 * RECORDS * sizeof *a.values);
	ns_aggregate_finish(&a);
	ns_aggregate_finish(&b);
}

static void other_keys_and_chosen_points(void **unused)
{
	const struct ns_point points[] = {{1, NAN, 9, 0}, {1, NAN, 8, 0}, {0.5, 0.7, 9, 3}, {0.5, 0.2, 9, 4}, {0.5, 0.2, 9, 5}};
	const uint8_t status[] = {1, 1, 1, 1, NS_POINT_MISSING};
	const double values[] = {1, 3, 10, 30, NAN};
	const bool selected[] = {true, true, false, true, true};
	struct ns_aggregate aggregate;
	struct ns_error error;
	struct ns_grouping grouping = {.selected = selected, .over = NS_KEY_BIT(NS_KEY_M)};
	assert_int_equal(ns_aggregate_grouped(&aggregate, &grouping, points, status, 5, values, 1, &error), NS_OK);
	assert_int_equal(aggregate.n_curves, 3); /* seeds apart, widths together */
	assert_true(aggregate.curves[0].gamma == 1 && aggregate.curves[0].mean[0] == 2 && aggregate.curves[0].n[0] == 2);
	assert_true(aggregate.curves[0].m == 0 && aggregate.curves[0].seed == 0 && !aggregate.m_varies);
	assert_true(aggregate.curves[1].seed == 4 && aggregate.curves[1].mean[0] == 30);
	assert_true(aggregate.curves[2].seed == 5 && aggregate.curves[2].n_missing == 1);
	ns_aggregate_finish(&aggregate);
	grouping = (struct ns_grouping){.over = NS_KEY_BIT(NS_KEY_GAMMA) | NS_KEY_BIT(NS_KEY_ALPHA) | NS_KEY_BIT(NS_KEY_SEED)};
	assert_int_equal(ns_aggregate_grouped(&aggregate, &grouping, points, status, 5, values, 1, &error), NS_OK);
	assert_int_equal(aggregate.n_curves, 2);
	assert_true(aggregate.curves[0].m == 8 && isnan(aggregate.curves[0].gamma) && isnan(aggregate.curves[0].alpha));
	assert_true(aggregate.curves[1].n_points == 4 && aggregate.curves[1].n[0] == 3 && aggregate.m_varies);
	ns_aggregate_finish(&aggregate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_whatever_the_order_of_points),
		cmocka_unit_test(excludes_and_counts_what_is_not_done),
		cmocka_unit_test(nothing_done_is_nan_not_zero),
		cmocka_unit_test(other_keys_and_chosen_points),
		cmocka_unit_test(bits_do_not_depend_on_the_order_of_points),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
