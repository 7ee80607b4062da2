/* Exponents and their intervals, on made-up drifts whose law is known. */
#include "test.h"
#include <math.h>
#include <nodescale/exponent.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <string.h>

enum { WIDTHS = 7, SEEDS = 5, RUNS = WIDTHS * SEEDS };

/* What makes a run deviate from the law, as standard deviations of log(drift). */
struct noise {
	double run;   /* of each run for itself */
	double seed;  /* shared by all widths of a seed */
	double tilt;  /* of the exponents of seeds */
	bool foreign; /* the widths have seeds of their own */
};

/* Runs of m = 250 2^w with drift 3 m^exponent times noise; replication names the random numbers. */
static void make_runs(struct ns_width_run *runs, size_t n_seeds, double exponent, struct noise noise, uint64_t replication)
{
	struct ns_stream stream;
	ns_stream_start(&stream, 1, NS_PURPOSE_TEST_SUITE, replication);
	for (size_t s = 0; s < n_seeds; s++) {
		const double shift = noise.seed * ns_stream_gaussian(&stream), tilt = noise.tilt * ns_stream_gaussian(&stream);
		for (size_t w = 0; w < WIDTHS; w++) {
			const uint64_t m = 250u << w;
			const double log_drift =
				log(3) + shift + (exponent + tilt) * log((double)m) + noise.run * ns_stream_gaussian(&stream);
			runs[s * WIDTHS + w] = (struct ns_width_run){m, noise.foreign ? s * WIDTHS + w : s, exp(log_drift)};
		}
	}
}

static struct ns_slope fit(const struct ns_width_run *runs, size_t n)
{
	struct ns_slope slope;
	struct ns_error error;
	assert_int_equal(ns_slope_fit(&slope, runs, n, &error), NS_OK);
	return slope;
}

static void a_law_without_noise_is_found(void **unused)
{
	struct ns_width_run runs[RUNS];
	make_runs(runs, SEEDS, -0.4, (struct noise){0}, 0);
	const struct ns_slope slope = fit(runs, RUNS);
	assert_true(fabs(slope.exponent + 0.4) < 1e-13 && fabs(slope.intercept - log(3)) < 1e-12);
	assert_true(fabs(slope.low + 0.4) < 1e-13 && fabs(slope.high + 0.4) < 1e-13);
	assert_int_equal(slope.n_widths, WIDTHS);
	assert_int_equal(slope.n_seeds, SEEDS);
	assert_int_equal(slope.n_runs, RUNS);
	assert_int_equal(slope.least_m, 250);
}

/* Two widths at which one seed rises by 1 and the other by 3, in units of log 2; a third, between, that pulls at nothing. */
static void the_slope_is_the_least_squares_line(void **unused)
{
	const struct ns_width_run runs[] = {{100, 1, 1}, {100, 2, 1}, {200, 1, 2}, {200, 2, 2}, {400, 1, 2}, {400, 2, 8}};
	assert_true(fabs(fit(runs, 6).exponent - 1) < 1e-15);
}

/* A shift shared by all widths of a seed is no noise of the slope: the interval closes on a point. */
static void seeds_are_resampled_whole(void **unused)
{
	struct ns_width_run runs[RUNS];
	make_runs(runs, SEEDS, 0, (struct noise){.seed = 0.5}, 0);
	const struct ns_slope shared = fit(runs, RUNS);
	assert_true(shared.high - shared.low < 1e-12);
	for (int r = 0; r < RUNS; r++)
		runs[r].seed = (uint64_t)r;
	const struct ns_slope foreign = fit(runs, RUNS); /* the same numbers, of seeds that have nothing to do with each other */
	assert_true(foreign.high - foreign.low > 0.05);
	assert_true(shared.exponent == foreign.exponent);
}

/* Standard error of a slope of seeds with independent tilts: their standard deviation over sqrt(seeds), with Student's t. The
 * bootstrap's own noise is 1 / sqrt(2 * 2000) of it. */
static void the_interval_of_tilted_seeds_is_students(void **unused)
{
	struct ns_width_run runs[RUNS];
	double slopes[SEEDS], mean = 0, square = 0;
	make_runs(runs, SEEDS, -0.2, (struct noise){.tilt = 0.1}, 4);
	for (int s = 0; s < SEEDS; s++) {
		slopes[s] = fit(runs + s * WIDTHS, WIDTHS).exponent;
		mean += slopes[s] / SEEDS;
	}
	for (int s = 0; s < SEEDS; s++)
		square += (slopes[s] - mean) * (slopes[s] - mean);
	const struct ns_slope slope = fit(runs, RUNS);
	const double expected = 2.776445 * sqrt(square / (SEEDS - 1) / SEEDS);
	assert_true(fabs(slope.exponent - mean) < 1e-13);
	assert_true(fabs((slope.high - slope.low) / 2 / expected - 1) < 4 / sqrt(2.0 * NS_EXPONENT_RESAMPLES));
	assert_true(fabs((slope.high + slope.low) / 2 - slope.exponent) < 1e-15);
}

static size_t count_covered(size_t n_seeds, struct noise noise, size_t replications)
{
	size_t covered = 0;
	struct ns_width_run *runs = ns_alloc(n_seeds * WIDTHS, sizeof *runs);
	for (size_t r = 0; r < replications; r++) {
		make_runs(runs, n_seeds, -0.5, noise, r);
		const struct ns_slope slope = fit(runs, n_seeds * WIDTHS);
		covered += slope.low <= -0.5 && -0.5 <= slope.high;
	}
	ns_free(runs);
	return covered;
}

/* The number covered is binomial with p = 0.95: within four standard deviations. */
static void intervals_cover_95_of_100(void **unused)
{
	enum { REPLICATIONS = 1000 };
	const struct {
		size_t n_seeds;
		struct noise noise;
	} cases[] = {
		{SEEDS, {.run = 0.1}},
		{SEEDS, {.run = 0.1, .seed = 0.3}},
		{SEEDS, {.run = 0.05, .seed = 0.3, .tilt = 0.02}},
		{3, {.run = 0.1, .tilt = 0.02}},
		{20, {.run = 0.1, .seed = 0.1}},
		{SEEDS, {.run = 0.1, .foreign = true}},
		{1, {.run = 0.1}},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		const size_t covered = count_covered(cases[c].n_seeds, cases[c].noise, REPLICATIONS);
		if (fabs((double)covered - 0.95 * REPLICATIONS) > 4 * sqrt(REPLICATIONS * 0.95 * 0.05))
			fail_msg("case %zu: %zu of %d intervals cover the exponent", c, covered, REPLICATIONS);
	}
}

static void regimes_follow_from_the_interval(void **unused)
{
	const struct {
		double low, high;
		enum ns_regime regime;
	} cases[] = {{-0.6, -0.55, NS_REGIME_LAZY}, {-0.52, -0.48, NS_REGIME_LAZY}, {-0.5, -0.4, NS_REGIME_LAZY},
		{-0.49, -0.01, NS_REGIME_BETWEEN}, {-0.1, 0, NS_REGIME_FEATURES}, {0.1, 0.2, NS_REGIME_FEATURES},
		{-0.7, 0.1, NS_REGIME_UNDECIDED}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
		assert_string_equal(ns_regime_names[ns_regime_of(&(struct ns_slope){.low = cases[c].low, .high = cases[c].high})],
			ns_regime_names[cases[c].regime]);
}

/* Points of three configurations, shuffled, one of them with runs that do not count. */
static void exponents_are_of_the_runs_that_are_done(void **unused)
{
	enum { N = 3 * RUNS };
	struct ns_point points[N];
	uint8_t status[N];
	double values[N];
	struct ns_width_run runs[RUNS];
	struct ns_exponents exponents;
	struct ns_error error;
	const double gamma[] = {0, 1, 0}, alpha[] = {0.4, NAN, 0.7}, expected[] = {0, -0.5, -0.1};
	for (size_t c = 0; c < 3; c++) {
		make_runs(runs, SEEDS, expected[c], (struct noise){0}, 0);
		for (size_t r = 0; r < RUNS; r++) {
			const size_t p = (c * RUNS + r) * 11 % N; /* 11 and 105 have no common factor */
			points[p] = (struct ns_point){gamma[c], alpha[c], runs[r].m, runs[r].seed};
			status[p] = NS_POINT_DONE;
			values[p] = runs[r].value;
			if (c == 2 && r < 4) { /* left out: else they would spoil the law */
				status[p] = r < 2 ? NS_POINT_DIVERGED : NS_POINT_DONE;
				values[p] = r < 2 ? 1e9 : r == 2 ? 0 : NAN;
			}
			if (c == 2 && r >= 4 && runs[r].m > 1000)
				status[p] = NS_POINT_MISSING; /* widths 250, 500 and 1000 are left */
		}
	}
	assert_int_equal(ns_exponents_init(&exponents, NS_WEIGHT_DELTA_MAX, points, status, N, values, &error), NS_OK);
	assert_int_equal(exponents.n, 3);
	const double in_order[] = {-0.5, -0.1, 0};
	for (size_t e = 0; e < 3; e++) {
		assert_true(fabs(exponents.rows[e].all.exponent - in_order[e]) < 1e-13);
		assert_true(fabs(exponents.rows[e].large.exponent - in_order[e]) < 1e-13);
		assert_true(exponents.rows[e].gamma == (e == 0 ? 1 : 0));
	}
	assert_true(isnan(exponents.rows[0].alpha) && exponents.rows[1].alpha == 0.7);
	assert_int_equal(exponents.rows[0].large.n_widths, 4);
	assert_int_equal(exponents.rows[0].large.least_m, 2000);
	assert_int_equal(exponents.rows[0].largest_m, 16000);
	assert_int_equal(exponents.rows[1].all.n_widths, 3);
	assert_int_equal(exponents.rows[1].all.n_runs, 3 * (SEEDS - 1));
	assert_int_equal(exponents.rows[1].large.n_widths, 3);
	ns_exponents_finish(&exponents);
}

static void fewer_than_three_widths_have_no_exponent(void **unused)
{
	struct ns_exponents exponents;
	struct ns_error error;
	const struct ns_point points[] = {{1, NAN, 100, 0}, {1, NAN, 100, 1}, {1, NAN, 200, 0}, {1, NAN, 200, 1}};
	const uint8_t status[] = {1, 1, 1, 1};
	const double values[] = {1, 2, 3, 4};
	assert_int_equal(ns_exponents_init(&exponents, NS_WEIGHT_DELTA_MAX, points, status, 4, values, &error), NS_OK);
	assert_int_equal(exponents.n, 0);
	ns_exponents_finish(&exponents);
	assert_int_equal(ns_exponents_init(&exponents, NS_WEIGHT_DELTA_MAX, NULL, NULL, 0, NULL, &error), NS_OK);
	assert_int_equal(exponents.n, 0);
	ns_exponents_finish(&exponents);
}

/* The small widths of this law, 1 + 1000 / m, fall faster than its large ones. */
static void large_widths_have_a_slope_of_their_own(void **unused)
{
	struct ns_point points[WIDTHS];
	uint8_t status[WIDTHS];
	double values[WIDTHS];
	struct ns_exponents exponents;
	struct ns_error error;
	for (size_t w = 0; w < WIDTHS; w++) {
		points[w] = (struct ns_point){0, 0.5, 250u << w, 0};
		status[w] = NS_POINT_DONE;
		values[w] = 1 + 1000 / (double)points[w].m;
	}
	assert_int_equal(ns_exponents_init(&exponents, NS_WEIGHT_DELTA_MAX, points, status, WIDTHS, values, &error), NS_OK);
	assert_true(exponents.rows[0].all.exponent < -0.3 && exponents.rows[0].large.exponent > -0.2);
	assert_int_equal(ns_regime_of(&exponents.rows[0].all), NS_REGIME_LAZY);
	assert_int_equal(exponents.rows[0].regime, NS_REGIME_BETWEEN); /* the large ones decide */
	ns_exponents_finish(&exponents);
}

static void order_changes_no_bit(void **unused)
{
	struct ns_width_run runs[RUNS], reversed[RUNS];
	make_runs(runs, SEEDS, -0.3, (struct noise){.run = 0.1}, 0);
	for (int r = 0; r < RUNS; r++)
		reversed[r] = runs[RUNS - 1 - r];
	const struct ns_slope a = fit(runs, RUNS), b = fit(reversed, RUNS);
	assert_memory_equal(&a, &b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_law_without_noise_is_found),
		cmocka_unit_test(the_slope_is_the_least_squares_line),
		cmocka_unit_test(seeds_are_resampled_whole),
		cmocka_unit_test(the_interval_of_tilted_seeds_is_students),
		cmocka_unit_test(intervals_cover_95_of_100),
		cmocka_unit_test(regimes_follow_from_the_interval),
		cmocka_unit_test(exponents_are_of_the_runs_that_are_done),
		cmocka_unit_test(fewer_than_three_widths_have_no_exponent),
		cmocka_unit_test(large_widths_have_a_slope_of_their_own),
		cmocka_unit_test(order_changes_no_bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
