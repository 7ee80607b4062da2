/* The interval engine: the same iterates as the reference and dense engines on random and awkward problems, the same bits from
 * every kernel and any number of threads, and an audit that notices. INTERVALS_CAMPAIGN=N in the environment sets how many random
 * problems of up to 5,000 samples and 2,000 steps there are besides the given ones (4; 100 take some minutes). */
#include "../../src/core/intervals/state.h"
#include "fixture.h"
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trial {
	uint64_t steps;
	struct ns_fixture fixture;
};

static const struct ns_engine_options one_thread = {.threads = 1, .isa = NS_ISA_PLAIN};

static struct ns_engine_options best_options(void)
{
	return (struct ns_engine_options){.threads = 1, .isa = ns_isa_best(), .audit = true};
}

static double norm(const double *v, size_t count)
{
	double square = 0;
	for (size_t e = 0; e < count; e++)
		square += v[e] * v[e];
	return sqrt(square);
}

static double risk(const struct ns_engine *engine, void *state, const struct ns_problem *p, double *f)
{
	double square = 0;
	engine->outputs(state, f);
	for (size_t i = 0; i < p->n; i++)
		square += (f[i] - p->y[i]) * (f[i] - p->y[i]);
	return square / (double)p->n;
}

static void *start(const struct ns_engine *engine, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options)
{
	struct ns_error error;
	void *state;
	if (engine->create(&state, problem, delta, options, &error) != NS_OK)
		fail_msg("%s", error.text);
	return state;
}

static const struct form *const forms[] = {&ns_runs_form, &ns_tables_form};
enum { FORMS = sizeof forms / sizeof *forms };

static void *start_in_form(const struct ns_problem *problem, const struct ns_engine_options *options, const struct form *form)
{
	struct ns_error error;
	void *state;
	if (ns_intervals_create(&state, problem, NULL, options, form, &error) != NS_OK)
		fail_msg("%s", error.text);
	return state;
}

static uint64_t advance(const struct ns_engine *engine, void *state, uint64_t steps)
{
	struct ns_error error;
	uint64_t taken;
	if (engine->advance(state, steps, &taken, &error) != NS_OK)
		fail_msg("%s", error.text);
	return taken;
}

/* Pairs whose signs differ although |z| is above 1e-12 of ||x|| (||w0|| + ||delta||): what rounds in w = w0 + delta is of that
 * size, however small their sum. */
static size_t wrong_signs(const struct ns_problem *p, const double *delta, const uint8_t *is, const uint8_t *expected)
{
	size_t wrong = 0;
	for (size_t j = 0; j < p->m; j++)
		for (size_t i = 0; i < p->n; i++) {
			if (is[j * p->n + i] == expected[j * p->n + i])
				continue;
			double z = 0;
			for (size_t k = 0; k < p->d; k++)
				z += p->x[i * p->d + k] * (p->w0[j * p->d + k] + delta[j * p->d + k]);
			const double scale = norm(p->w0 + j * p->d, p->d) + norm(delta + j * p->d, p->d);
			wrong += fabs(z) >= 1e-12 * norm(p->x + i * p->d, p->d) * scale;
		}
	return wrong;
}

struct ends {
	double *f, *delta, *delta_expected;
	uint8_t *pattern, *pattern_expected;
};

static struct ends ends_create(const struct ns_problem *p)
{
	return (struct ends){ns_alloc(p->n, 8), ns_alloc(p->m, 8 * p->d), ns_alloc(p->m, 8 * p->d), ns_alloc(p->m, p->n),
		ns_alloc(p->m, p->n)};
}

static void ends_finish(struct ends *ends)
{
	ns_free(ends->f);
	ns_free(ends->delta);
	ns_free(ends->delta_expected);
	ns_free(ends->pattern);
	ns_free(ends->pattern_expected);
}

/* Compares two states at the same step; says what differs. The risk may be off by 1e-10 of itself, the weights by 1e-9 of theirs,
 * flips by flips_spread; negative: by any number. */
static bool states_agree(const struct ns_problem *p, const struct ns_engine *engine, void *is, const struct ns_engine *definition,
	void *expected, long long flips_spread)
{
	struct ends ends = ends_create(p);
	engine->weight_change(is, 0, p->m, ends.delta);
	definition->weight_change(expected, 0, p->m, ends.delta_expected);
	engine->pattern(is, 0, p->m, ends.pattern);
	definition->pattern(expected, 0, p->m, ends.pattern_expected);
	for (size_t e = 0; e < p->m * p->d; e++)
		ends.delta_expected[e] -= ends.delta[e];
	const double weights_off = norm(ends.delta_expected, p->m * p->d) / norm(p->w0, p->m * p->d);
	const size_t signs_off = wrong_signs(p, ends.delta, ends.pattern, ends.pattern_expected);
	const double r = risk(engine, is, p, ends.f), r_expected = risk(definition, expected, p, ends.f);
	const double scale = norm(p->y, p->n) * norm(p->y, p->n) / (double)p->n;
	const uint64_t flips = engine->flips(is), flips_expected = definition->flips(expected);
	const bool agree =
		fabs(r - r_expected) <= 1e-10 * (r_expected + 1e-6 * scale) && weights_off < 1e-9 && signs_off == 0 &&
		(r_expected < 1e-20 * scale || flips_spread < 0 || llabs((long long)(flips - flips_expected)) <= flips_spread);
	if (!agree)
		fprintf(stderr, "risk %.17g instead of %.17g, weights off by %.3g, %zu signs wrong, %llu flips instead of %llu\n",
			r, r_expected, weights_off, signs_off, (unsigned long long)flips, (unsigned long long)flips_expected);
	ends_finish(&ends);
	return agree;
}

/* Two roundings of the same method tell how far flips may be apart. Where the iterate rests but for rounding they say nothing:
 * there pairs at z = 0 change sign by rounding, in any number. */
static long long flips_spread(void *reference, void *dense)
{
	return 10 * llabs((long long)(ns_reference_engine.flips(reference) - ns_dense_engine.flips(dense)));
}

/* Steps of the reference engine, in plain loops, on a problem of this size: too slow for the large ones, which are compared with
 * the dense engine. */
static bool reference_is_slow(const struct ns_problem *p, uint64_t steps)
{
	return (double)p->n * (double)p->m * (double)(p->d + 4) * (double)steps > 1e9;
}

static void run_trial(const struct trial *trial)
{
	enum { CHECKS = 4 };
	struct ns_problem *problem = ns_fixture_problem(&trial->fixture);
	const struct ns_engine_options options = best_options();
	const bool slow = reference_is_slow(problem, trial->steps);
	const struct ns_engine *definition = slow ? &ns_dense_engine : &ns_reference_engine;
	void *is[FORMS], *expected = start(definition, problem, NULL, &options);
	void *dense = start(&ns_dense_engine, problem, NULL, &options);
	for (size_t form = 0; form < FORMS; form++)
		is[form] = start_in_form(problem, &options, forms[form]);
	double *f = ns_alloc(problem->n, sizeof *f), last_risk = INFINITY;
	bool at_rest = false;
	for (int check = 0; check <= CHECKS; check++) {
		const uint64_t steps = check == 0 ? 0 : trial->steps / CHECKS, taken = advance(definition, expected, steps);
		advance(&ns_dense_engine, dense, slow ? 0 : steps);
		const double now = risk(definition, expected, problem, f);
		at_rest = at_rest || fabs(now - last_risk) <= 1e-12 * now;
		last_risk = now;
		const long long spread = at_rest ? -1 : slow ? 0 : flips_spread(expected, dense);
		for (size_t form = 0; form < FORMS; form++) {
			assert_int_equal(advance(&ns_interval_engine, is[form], steps), taken);
			if (states_agree(problem, &ns_interval_engine, is[form], definition, expected, spread))
				continue;
			ns_fixture_print(&trial->fixture);
			fail_msg("%s after %d/%d of %llu steps", forms[form]->name, check, CHECKS,
				(unsigned long long)trial->steps);
		}
	}
	for (size_t form = 0; form < FORMS; form++)
		ns_interval_engine.destroy(is[form]);
	definition->destroy(expected);
	ns_dense_engine.destroy(dense);
	ns_problem_destroy(problem);
	ns_free(f);
}

static const struct trial trials[] = {
	{2000, {.n = 1, .d = 1, .m = 1, .gamma = 1, .seed = 1}},
	{2000, {.n = 1, .d = 16, .m = 3, .gamma = 0.5, .alpha = 0.7, .seed = 2}},
	{2000, {.n = 50, .d = 1, .m = 20, .gamma = 0.2, .alpha = 0.5, .standardised = true, .seed = 3}},
	{2000, {.n = 100, .d = 2, .m = 100, .gamma = 1, .seed = 4}},
	{2000, {.n = 64, .d = 3, .m = 65, .gamma = 0, .alpha = 0.4, .standardised = true, .seed = 5}},
	{2000, {.n = 65, .d = 4, .m = 64, .gamma = 0.5, .alpha = 0.7, .seed = 6}},
	{2000, {.n = 90, .d = 9, .m = 40, .gamma = 1, .standardised = true, .seed = 7}},
	{2000, {.n = 33, .d = 16, .m = 63, .gamma = 0.2, .alpha = 0.5, .seed = 8}},
	{2000, {.n = 60, .d = 3, .m = 60, .gamma = 1, .duplicates = true, .zero_inputs = true, .standardised = true, .seed = 9}},
	{2000, {.n = 120, .d = 2, .m = 50, .gamma = 0.5, .alpha = 0.7, .antipodal = true, .collinear = true, .seed = 10}},
	{2000, {.n = 70, .d = 10, .m = 30, .gamma = 1, .antipodal = true, .duplicates = true, .zero_inputs = true, .seed = 11}},
	{2000, {.n = 25, .d = 2, .m = 100, .gamma = 0, .alpha = 0.05, .standardised = true, .seed = 12}}, /* lambda round to 0 */
	{2000, {.n = 150, .d = 3, .m = 60, .gamma = 1, .activation = NS_LEAKY_RELU, .leak = 0.1, .seed = 13}},
	{2000, {.n = 40, .d = 12, .m = 60, .gamma = 0.2, .alpha = 0.5, .activation = NS_LEAKY_RELU, .leak = -0.5, .seed = 14}},
	{100, {.n = 412, .d = 8, .m = 100, .gamma = 1, .standardised = true, .seed = 15}},
	{40, {.n = 5000, .d = 3, .m = 100, .gamma = 1, .standardised = true, .seed = 16}},
	{20, {.n = 2000, .d = 16, .m = 100, .gamma = 0.5, .alpha = 0.7, .standardised = true, .seed = 17}},
	{8, {.n = 16377, .d = 2, .m = 30, .gamma = 1, .standardised = true, .step_size = 0.1, .seed = 19}}, /* 32-bit positions */
	{8, {.n = 16376, .d = 1, .m = 5, .gamma = 1, .standardised = true, .step_size = 0.1, .seed = 20}},  /* just 16-bit */
	{80, {.n = 300, .d = 4, .m = 1100, .gamma = 0.2, .alpha = 0.5, .seed = 18}},
};

static void iterates_are_those_of_the_definition(void **unused)
{
	for (size_t t = 0; t < sizeof trials / sizeof *trials; t++)
		run_trial(&trials[t]);
}

struct bits {
	double *f, *delta;
	uint64_t taken, flips;
};

static struct bits bits_of(const struct ns_problem *p, const struct form *form, enum ns_isa isa, int threads, uint64_t steps)
{
	const struct ns_engine_options options = {.threads = threads, .isa = isa};
	void *state = start_in_form(p, &options, form);
	struct bits bits = {ns_alloc(p->n, 8), ns_alloc(p->m, 8 * p->d), advance(&ns_interval_engine, state, steps), 0};
	ns_interval_engine.outputs(state, bits.f);
	ns_interval_engine.weight_change(state, 0, p->m, bits.delta);
	bits.flips = ns_interval_engine.flips(state);
	ns_interval_engine.destroy(state);
	return bits;
}

static void assert_same_bits(
	const struct ns_fixture *fixture, const struct ns_problem *p, enum ns_isa isa, int threads, uint64_t steps)
{
	for (size_t form = 0; form < FORMS; form++) {
		struct bits one = bits_of(p, forms[form], NS_ISA_PLAIN, 1, steps),
			    other = bits_of(p, forms[form], isa, threads, steps);
		if (memcmp(one.f, other.f, p->n * 8) != 0 || memcmp(one.delta, other.delta, p->m * p->d * 8) != 0 ||
			one.taken != other.taken || one.flips != other.flips) {
			ns_fixture_print(fixture);
			fail_msg("%s: bits of %s with %d threads differ from those of plain C with one", forms[form]->name,
				ns_isa_names[isa], threads);
		}
		ns_free(one.f);
		ns_free(one.delta);
		ns_free(other.f);
		ns_free(other.delta);
	}
}

/* One for each width and form; with a step size of 1e3 weights grow until the risk overflows. */
static const struct ns_fixture widths[] = {
	{.n = 203, .d = 3, .m = 1100, .gamma = 0.5, .alpha = 0.7, .antipodal = true, .seed = 21},
	{.n = 50, .d = 4, .m = 517, .gamma = 1, .duplicates = true, .zero_inputs = true, .seed = 22},
	{.n = 700, .d = 5, .m = 517, .gamma = 1, .activation = NS_LEAKY_RELU, .leak = 0.2, .seed = 23},
	{.n = 90, .d = 8, .m = 1030, .gamma = 0.2, .alpha = 0.5, .standardised = true, .seed = 24},
	{.n = 77, .d = 13, .m = 333, .gamma = 0.5, .alpha = 0.7, .collinear = true, .seed = 25},
	{.n = 100, .d = 3, .m = 100, .gamma = 1, .step_size = 1e3, .seed = 26},
	{.n = 60, .d = 11, .m = 100, .gamma = 1, .step_size = 1e3, .seed = 27},
	{.n = 60, .d = 3, .m = 600, .gamma = 0, .alpha = 0.4, .standardised = true, .seed = 28},
};

static void bits_depend_neither_on_instructions_nor_on_threads(void **unused)
{
	for (size_t s = 0; s < sizeof widths / sizeof *widths; s++) {
		struct ns_problem *problem = ns_fixture_problem(&widths[s]);
		for (enum ns_isa isa = NS_ISA_PLAIN; isa <= ns_isa_best(); isa++)
			assert_same_bits(&widths[s], problem, isa, 1, 100);
		assert_same_bits(&widths[s], problem, ns_isa_best(), 2, 20);
		assert_same_bits(&widths[s], problem, ns_isa_best(), 3, 20);
		ns_problem_destroy(problem);
	}
}

/* Doubles of all kinds: random, huge, tiny, infinite, both zeros. */
static void fill_extremes(double *to, size_t count, uint64_t seed)
{
	static const double odd[] = {0.0, -0.0, INFINITY, -INFINITY, 1e308, -1e308, 5e-324, -5e-324, 1.0, -1.0};
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_TEST_SUITE, count);
	for (size_t e = 0; e < count; e++)
		to[e] = ns_stream_below(&stream, 4) == 0 ? odd[ns_stream_below(&stream, sizeof odd / sizeof *odd)]
							 : ns_stream_gaussian(&stream);
}

/* The products by look-up on rows, columns and shares that do not fill the last tile. */
static void products_have_the_same_bits(void **unused)
{
	enum { ROWS = 77, COLUMNS = 53, MOST = 16 };
	double *rows = ns_alloc(ROWS, MOST * 8), *sums = ns_alloc(COLUMNS, MOST * 8), *others = ns_alloc(COLUMNS, MOST * 8);
	double *scratch = ns_alloc(TILE * TABLE, MOST * 8);
	const size_t tiles = (ROWS + 8 * TILE - 1) / (8 * TILE);
	uint8_t *bits = ns_alloc(tiles * COLUMNS, TILE);
	struct ns_stream stream;
	ns_stream_start(&stream, 31, NS_PURPOSE_TEST_SUITE, 0);
	for (size_t b = 0; b < tiles * COLUMNS * TILE; b++)
		bits[b] = (uint8_t)ns_stream_below(&stream, 256);
	fill_extremes(rows, ROWS * MOST, 32);
	for (size_t d = 4; d <= MOST; d *= 2)
		for (enum ns_isa isa = NS_ISA_PLAIN; isa <= ns_isa_best(); isa++) {
			ns_interval_kernels(NS_ISA_PLAIN, d)->product(ROWS, rows, COLUMNS, bits, 0, COLUMNS, sums, scratch);
			ns_interval_kernels(isa, d)->product(ROWS, rows, COLUMNS, bits, 0, 16, others, scratch);
			ns_interval_kernels(isa, d)->product(ROWS, rows, COLUMNS, bits, 16, COLUMNS, others, scratch);
			assert_memory_equal(sums, others, COLUMNS * d * 8);
		}
	ns_free(rows);
	ns_free(sums);
	ns_free(others);
	ns_free(scratch);
	ns_free(bits);
}

static void samples_are_collected_alike(void **unused)
{
	enum { COUNT = 208, MOST = 20 };
	double *distance = ns_alloc(COUNT, 8);
	fill_extremes(distance, COUNT, 33);
	distance[5] = NAN;
	for (enum ns_isa isa = NS_ISA_PLAIN; isa <= ns_isa_best(); isa++)
		for (size_t most = 0; most <= MOST; most += 5) {
			uint32_t listed[MOST] = {0}, expected[MOST] = {0};
			size_t found = 0;
			for (uint32_t p = 0; p < COUNT; p++)
				if (distance[p] < 0.3 && found++ < most)
					expected[found - 1] = p;
			assert_int_equal(ns_interval_kernels(isa, 3)->collect(COUNT, distance, 0.3, most, listed), found);
			assert_memory_equal(listed, expected, sizeof listed);
		}
	ns_free(distance);
}

static void a_run_may_switch_from_the_dense_engine(void **unused)
{
	const struct ns_fixture fixture = {
		.n = 300, .d = 3, .m = 200, .gamma = 0.5, .alpha = 0.7, .standardised = true, .seed = 41};
	const struct ns_engine_options options = best_options();
	struct ns_problem *problem = ns_fixture_problem(&fixture);
	double *delta = ns_alloc(problem->m * problem->d, 8);
	void *dense = start(&ns_dense_engine, problem, NULL, &one_thread);
	advance(&ns_dense_engine, dense, 300);
	ns_dense_engine.weight_change(dense, 0, problem->m, delta);
	ns_dense_engine.destroy(dense);
	dense = start(&ns_dense_engine, problem, delta, &one_thread);
	void *state = start(&ns_interval_engine, problem, delta, &options);
	advance(&ns_dense_engine, dense, 300);
	advance(&ns_interval_engine, state, 300);
	assert_true(states_agree(problem, &ns_interval_engine, state, &ns_dense_engine, dense, 0));
	assert_true(ns_interval_engine.flips(state) > 0);
	ns_dense_engine.destroy(dense);
	ns_interval_engine.destroy(state);
	ns_free(delta);
	ns_problem_destroy(problem);
}

static void divergence_stops_at_the_same_step(void **unused)
{
	const struct ns_fixture fixture = {.n = 50, .d = 3, .m = 40, .gamma = 1, .step_size = 1e4, .seed = 51};
	struct ns_problem *problem = ns_fixture_problem(&fixture);
	void *expected = start(&ns_reference_engine, problem, NULL, &one_thread);
	const uint64_t taken = advance(&ns_reference_engine, expected, 10000);
	assert_true(taken > 10 && taken < 10000);
	for (size_t form = 0; form < FORMS; form++) {
		void *state = start_in_form(problem, &one_thread, forms[form]);
		assert_int_equal(advance(&ns_interval_engine, state, 10000), taken);
		assert_int_equal(advance(&ns_interval_engine, state, 1), 0);
		ns_interval_engine.destroy(state);
	}
	ns_reference_engine.destroy(expected);
	ns_problem_destroy(problem);
}

static void expect_audit_to_fail(struct intervals *state, const char *what)
{
	struct ns_error error = {.text = ""};
	uint64_t taken;
	assert_int_equal(ns_interval_engine.advance(state, 0, &taken, &error), NS_FAILED);
	assert_non_null(strstr(error.text, what));
}

static void audit_notices_a_corrupted_state(void **unused)
{
	const struct ns_fixture fixture = {.n = 100, .d = 3, .m = 30, .gamma = 1, .seed = 61};
	const struct ns_engine_options options = best_options();
	struct ns_problem *problem = ns_fixture_problem(&fixture);
	for (size_t form = 0; form < FORMS; form++) {
		struct intervals *state = start_in_form(problem, &options, forms[form]);
		advance(&ns_interval_engine, state, 50);
		uint8_t *byte = state->rows + state->place[7] * state->row_bytes + 2;
		*byte ^= 8;
		expect_audit_to_fail(state, "of node 7 is held to be");
		*byte ^= 8;
		state->near_now[state->place[3]] ^= 1;
		expect_audit_to_fail(state, "of node 3 is held to be");
		state->near_now[state->place[3]] ^= 1;
		state->f[11] *= 1 + 1e-6;
		expect_audit_to_fail(state, "the output on sample");
		ns_interval_engine.destroy(state);
	}
	ns_problem_destroy(problem);
}

/* Advances by small steps until the audit finds a sign that no correct bound would have missed. */
static bool audit_fails_within(struct intervals *state, uint64_t steps)
{
	struct ns_error error;
	for (uint64_t done = 0, taken; done < steps; done += 10)
		if (ns_interval_engine.advance(state, 10, &taken, &error) != NS_OK)
			return strstr(error.text, "is held to be") != NULL;
	return false;
}

static void check_loosened_bounds(const struct ns_fixture *fixture, const struct form *form, double radii, double waits)
{
	const struct ns_engine_options options = best_options();
	struct ns_problem *problem = ns_fixture_problem(fixture);
	for (int loosened = 0; loosened < 2; loosened++) {
		struct intervals *state = start_in_form(problem, &options, form);
		if (loosened) {
			state->loosen_radii = radii;
			state->loosen_waits = waits;
		}
		if (audit_fails_within(state, 1500) != loosened)
			fail_msg("%s: bounds %g and %g times the right ones: the audit %s", form->name, loosened ? radii : 1,
				loosened ? waits : 1, loosened ? "noticed nothing" : "failed");
		ns_interval_engine.destroy(state);
	}
	ns_problem_destroy(problem);
}

static void loosened_bounds_are_noticed(void **unused)
{
	const struct ns_fixture moving = {.n = 300, .d = 3, .m = 100, .gamma = 1, .standardised = true, .seed = 62};
	const struct ns_fixture waiting = {
		.n = 64, .d = 3, .m = 1000, .gamma = 0, .alpha = 0.6, .standardised = true, .seed = 63};
	check_loosened_bounds(&moving, &ns_runs_form, 1.5, 1);
	check_loosened_bounds(&moving, &ns_tables_form, 1.5, 1);
	check_loosened_bounds(&waiting, &ns_runs_form, 1, 3);
}

static void unsuitable_problems_are_refused(void **unused)
{
	assert_null(ns_interval_engine.refusal(&(struct ns_shape){.n = 9, .d = 16, .m = 9, .activation = NS_LEAKY_RELU}));
	assert_non_null(ns_interval_engine.refusal(&(struct ns_shape){.n = 9, .d = 17, .m = 9, .activation = NS_RELU}));
	assert_non_null(ns_interval_engine.refusal(&(struct ns_shape){.n = 9, .d = 3, .m = 9, .activation = NS_TANH}));
}

static void random_problems_agree(void **unused)
{
	static const double gammas[] = {1, 0.5, 0.2, 0}, alphas[] = {0.5, 0.7, 0.5, 0.4};
	const char *asked = getenv("INTERVALS_CAMPAIGN");
	const int count = asked != NULL ? atoi(asked) : 4;
	for (int q = 0; q < count; q++) {
		struct ns_stream stream;
		ns_stream_start(&stream, (uint64_t)q, NS_PURPOSE_TEST_SUITE, 1);
		const uint64_t bits = ns_stream_bits(&stream), kind = ns_stream_below(&stream, 4);
		const size_t n = (size_t)exp(log(5001) * ns_stream_uniform(&stream));
		const size_t m = 1 + ns_stream_below(&stream, 2000000 / (n + 1000));
		const struct trial trial = {2000, {.n = n > 0 ? n : 1,
							  .d = 1 + ns_stream_below(&stream, 16),
							  .m = m,
							  .gamma = gammas[kind],
							  .alpha = alphas[kind],
							  .activation = bits & 1 ? NS_RELU : NS_LEAKY_RELU,
							  .leak = 0.1,
							  .standardised = bits & 2,
							  .duplicates = (bits & 12) == 12,
							  .zero_inputs = (bits & 48) == 48,
							  .antipodal = (bits & 192) == 192,
							  .collinear = (bits & 768) == 768,
							  .seed = 1000 + (uint64_t)q}};
		run_trial(&trial);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iterates_are_those_of_the_definition),
		cmocka_unit_test(random_problems_agree),
		cmocka_unit_test(bits_depend_neither_on_instructions_nor_on_threads),
		cmocka_unit_test(products_have_the_same_bits),
		cmocka_unit_test(samples_are_collected_alike),
		cmocka_unit_test(a_run_may_switch_from_the_dense_engine),
		cmocka_unit_test(divergence_stops_at_the_same_step),
		cmocka_unit_test(audit_notices_a_corrupted_state),
		cmocka_unit_test(loosened_bounds_are_noticed),
		cmocka_unit_test(unsuitable_problems_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
