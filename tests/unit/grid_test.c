/* The grid: values of axes, and the union of blocks. */
#include "test.h"
#include <math.h>
#include <nodescale/grid.h>
#include <nodescale/memory.h>
#include <nodescale/spec.h>
#include <stdio.h>
#include <string.h>

/* A spec whose grid is the given YAML. */
static struct ns_spec read_grid(const char *grid)
{
	struct ns_spec spec;
	struct ns_error error;
	char text[2048];
	snprintf(text, sizeof text, "name: t\ndata: {kind: sphere_sine}\ntrain: {steps: 1}\ngrid: %s\n", grid);
	if (ns_spec_parse(&spec, "a.yaml", text, strlen(text), &error) != NS_OK)
		fail_msg("%s--\n%s", text, error.text);
	return spec;
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void expect_points(const char *grid, const struct ns_point *expected, size_t n_points)
{
	struct ns_spec spec = read_grid(grid);
	assert_int_equal(spec.n_points, n_points);
	for (size_t p = 0; p < n_points; p++) {
		const struct ns_point *point = spec.points + p;
		if (!same(point->gamma, expected[p].gamma) || !same(point->alpha, expected[p].alpha) ||
			point->m != expected[p].m || point->seed != expected[p].seed)
			fail_msg("%s: point %zu is gamma %g alpha %g m %llu seed %llu", grid, p, point->gamma, point->alpha,
				(unsigned long long)point->m, (unsigned long long)point->seed);
	}
	ns_spec_finish(&spec);
}

static void blocks_are_products_with_the_seed_innermost(void **unused)
{
	const struct ns_point expected[] = {
		{0, 0.4, 10, 7},
		{0, 0.4, 10, 8},
		{0, 0.4, 20, 7},
		{0, 0.4, 20, 8},
		{0, 0.3, 10, 7},
		{0, 0.3, 10, 8},
		{0, 0.3, 20, 7},
		{0, 0.3, 20, 8},
		{0.5, 0.4, 10, 7},
		{0.5, 0.4, 10, 8},
		{0.5, 0.4, 20, 7},
		{0.5, 0.4, 20, 8},
		{0.5, 0.3, 10, 7},
		{0.5, 0.3, 10, 8},
		{0.5, 0.3, 20, 7},
		{0.5, 0.3, 20, 8},
	};
	expect_points("[{seed: {from: 7, count: 2}, m: [10, 20], alpha: [0.4, 0.3], gamma: [0, 0.5]}]", expected, 16);
}

static void repeats_run_once_in_order_of_first_mention(void **unused)
{
	const struct ns_point expected[] = {{0.5, 0.4, 10, 1}, {0.5, 0.4, 10, 0}, {0.5, 0.4, 10, 2}, {0, 0.4, 10, 0}};
	expect_points("[{gamma: 0.5, alpha: 0.4, m: 10, seed: [1, 0, 1]}, {gamma: [0.50, 5e-1], alpha: 0.4, m: 10, seed: {from: "
		      "0, count: "
		      "3}}, {gamma: [0, -0.0], alpha: 0.4, m: 10, seed: 0}]",
		expected, 4);
}

static void alpha_has_no_effect_at_gamma_one(void **unused)
{
	const struct ns_point expected[] = {{1, NAN, 10, 0}, {0.5, 0.4, 10, 0}, {0.5, 0.3, 10, 0}};
	expect_points("[{gamma: [1, 0.5], alpha: [0.4, 0.3], m: 10, seed: 0}, {gamma: 1.0, m: 10, seed: 0}]", expected, 3);
}

static void ranges_have_exact_ends_and_plain_values(void **unused)
{
	const struct ns_point tenths[] = {{0.1, 0.5, 1, 0}, {0.2, 0.5, 1, 0}, {0.3, 0.5, 1, 0}, {0.4, 0.5, 1, 0},
		{0.5, 0.5, 1, 0}, {0.6, 0.5, 1, 0}, {0.7, 0.5, 1, 0}, {0.8, 0.5, 1, 0}, {0.9, 0.5, 1, 0}};
	expect_points("[{gamma: {from: 0.1, to: 0.9, count: 9}, alpha: 0.5, m: 1, seed: 0}]", tenths, 9);

	const struct ns_point ends[] = {{1. / 3, 0.5, 1, 0}, {0.666666666666667, 0.5, 1, 0}, {1, NAN, 1, 0}};
	expect_points("[{gamma: {from: 0.33333333333333331, to: 1, count: 3}, alpha: 0.5, m: 1, seed: 0}]", ends, 3);

	const struct ns_point decades[] = {{0.001, 0.5, 1, 0}, {0.01, 0.5, 1, 0}, {0.1, 0.5, 1, 0}};
	expect_points("[{gamma: {from: 1e-3, to: 0.1, count: 3, scale: log}, alpha: 0.5, m: 1, seed: 0}]", decades, 3);
}

static void widths_are_rounded_and_merge(void **unused)
{
	const struct ns_point doubled[] = {
		{1, NAN, 250, 0}, {1, NAN, 500, 0}, {1, NAN, 1000, 0}, {1, NAN, 2000, 0}, {1, NAN, 4000, 0}};
	expect_points("[{gamma: 1, m: {from: 250, to: 4000, count: 5, scale: log}, seed: 0}]", doubled, 5);

	/* 1, 1.5, 2, 2.5, 3, 3.5, 4 round to 1, 2, 2, 3, 3, 4, 4 */
	const struct ns_point merged[] = {{1, NAN, 1, 0}, {1, NAN, 2, 0}, {1, NAN, 3, 0}, {1, NAN, 4, 0}};
	expect_points("[{gamma: 1, m: {from: 1, to: 4, count: 7, scale: linear}, seed: 0}]", merged, 4);
}

static void extreme_seeds_are_kept(void **unused)
{
	const struct ns_point expected[] = {{1, NAN, 1, UINT64_MAX - 1}, {1, NAN, 1, UINT64_MAX}, {1, NAN, 1, (1ull << 53) + 1}};
	expect_points(
		"[{gamma: 1, m: 1, seed: {from: 18446744073709551614, count: 2}}, {gamma: 1, m: 1, seed: 9007199254740993}]",
		expected, 3);
}

static void a_million_points_are_a_set(void **unused)
{
	struct ns_spec spec =
		read_grid("[{gamma: {from: 0, to: 1, count: 101}, alpha: {from: 0.1, to: 0.9, count: 10}, m: [10, 20],"
			  " seed: {from: 0, count: 500}}, {gamma: [0, 1], alpha: 0.1, m: 20, seed: {from: 400, count: 200}}]");
	/* 100 gammas below 1 with 10 alphas, gamma = 1 with none; of the second block half of the seeds are new */
	assert_int_equal(spec.n_points, (100 * 10 + 1) * 2 * 500 + 2 * 100);
	ns_spec_finish(&spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_products_with_the_seed_innermost),
		cmocka_unit_test(repeats_run_once_in_order_of_first_mention),
		cmocka_unit_test(alpha_has_no_effect_at_gamma_one),
		cmocka_unit_test(ranges_have_exact_ends_and_plain_values),
		cmocka_unit_test(widths_are_rounded_and_merge),
		cmocka_unit_test(extreme_seeds_are_kept),
		cmocka_unit_test(a_million_points_are_a_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
