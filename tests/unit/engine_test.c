/* Every engine against the definition: trajectories of the reference engine on random and awkward problems. */
#include "fixture.h"
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <stdlib.h>
#include <string.h>

struct iterate {
	double *f, *delta;
	uint8_t *pattern;
	uint64_t flips, taken;
};

static struct iterate run_with(
	const struct ns_engine *engine, const struct ns_problem *p, enum ns_isa isa, int threads, uint64_t steps)
{
	struct ns_error error;
	struct iterate end = {ns_alloc(p->n, 8), ns_alloc(p->m * p->d, 8), ns_alloc(p->m, p->n), 0, 0};
	const struct ns_engine_options options = {.threads = threads, .isa = isa};
	void *state;
	assert_int_equal(engine->create(&state, p, NULL, &options, &error), NS_OK);
	assert_int_equal(engine->advance(state, steps, &end.taken, &error), NS_OK);
	engine->outputs(state, end.f);
	engine->weight_change(state, 0, p->m, end.delta);
	engine->pattern(state, 0, p->m, end.pattern);
	end.flips = engine->flips(state);
	engine->destroy(state);
	return end;
}

static struct iterate run(const struct ns_engine *engine, const struct ns_problem *p, int threads, uint64_t steps)
{
	return run_with(engine, p, ns_isa_best(), threads, steps);
}

static void iterate_finish(struct iterate *end)
{
	ns_free(end->f);
	ns_free(end->delta);
	ns_free(end->pattern);
}

static double norm(const double *v, size_t count)
{
	double square = 0;
	for (size_t e = 0; e < count; e++)
		square += v[e] * v[e];
	return sqrt(square);
}

static double distance(const double *a, const double *b, size_t count)
{
	double square = 0;
	for (size_t e = 0; e < count; e++)
		square += (a[e] - b[e]) * (a[e] - b[e]);
	return sqrt(square);
}

static void compare_with_reference(const struct ns_engine *engine, const struct ns_fixture *fixture, uint64_t steps)
{
	struct ns_problem *problem = ns_fixture_problem(fixture);
	struct iterate is = run(engine, problem, 1, steps), expected = run(&ns_reference_engine, problem, 1, steps);
	const double f_error =
		distance(is.f, expected.f, problem->n) / (norm(expected.f, problem->n) + norm(problem->y, problem->n));
	const double delta_error =
		distance(is.delta, expected.delta, problem->m * problem->d) / (norm(problem->w0, problem->m * problem->d));
	const bool same_pattern = memcmp(is.pattern, expected.pattern, problem->m * problem->n) == 0;
	if (!(f_error < 1e-11 && delta_error < 1e-11) || !same_pattern || is.flips != expected.flips) {
		ns_fixture_print(fixture);
		fail_msg("engine %s: outputs differ by %.3g, weights by %.3g (relative), patterns %s, flips %llu instead of %llu",
			engine->name, f_error, delta_error, same_pattern ? "agree" : "differ", (unsigned long long)is.flips,
			(unsigned long long)expected.flips);
	}
	iterate_finish(&is);
	iterate_finish(&expected);
	ns_problem_destroy(problem);
}

static const struct ns_fixture shapes[] = {
	{.n = 1, .d = 1, .m = 1, .gamma = 1, .seed = 1},
	{.n = 1, .d = 5, .m = 37, .gamma = 0.5, .alpha = 0.7, .seed = 2},
	{.n = 7, .d = 1, .m = 50, .gamma = 0, .alpha = 0.4, .standardised = true, .seed = 3},
	{.n = 20, .d = 3, .m = 1, .gamma = 1, .seed = 4},
	{.n = 33, .d = 4, .m = 517, .gamma = 0.2, .alpha = 0.5, .seed = 5},
	{.n = 30, .d = 6, .m = 100, .gamma = 1, .duplicates = true, .zero_inputs = true, .seed = 6},
	{.n = 25, .d = 2, .m = 300, .gamma = 0, .alpha = 0.05, .standardised = true, .seed = 7}, /* most lambda round to 0 */
	{.n = 24,
		.d = 3,
		.m = 64,
		.gamma = 0.5,
		.alpha = 0.7,
		.antipodal = true,
		.collinear = true,
		.standardised = true,
		.seed = 8},
	{.n = 40, .d = 5, .m = 90, .gamma = 1, .activation = NS_LEAKY_RELU, .leak = 0.1, .seed = 9},
	{.n = 31, .d = 17, .m = 300, .gamma = 0.5, .alpha = 0.7, .standardised = true, .seed = 10},
	{.n = 40, .d = 20, .m = 90, .gamma = 1, .activation = NS_LEAKY_RELU, .leak = 0.1, .seed = 13},
};

static void engines_follow_reference(void **unused)
{
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++)
		for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
			const struct ns_shape shape = {.n = shapes[s].n,
				.d = shapes[s].d,
				.m = shapes[s].m,
				.gamma = shapes[s].gamma,
				.alpha = shapes[s].alpha,
				.activation = shapes[s].activation};
			if (*engine != &ns_reference_engine && (*engine)->refusal(&shape) == NULL)
				compare_with_reference(*engine, &shapes[s], 200);
		}
}

static void dense_follows_reference_for_every_activation(void **unused)
{
	for (int activation = 0; activation < NS_ACTIVATION_COUNT; activation++) {
		const struct ns_fixture fixture = {.n = 23,
			.d = 4,
			.m = 70,
			.gamma = 0.5,
			.alpha = 0.6,
			.activation = (enum ns_activation)activation,
			.leak = 0.2,
			.standardised = true,
			.step_size = 0.3,
			.seed = 11};
		compare_with_reference(&ns_dense_engine, &fixture, 100);
	}
}

/* The dense engine has its own passes for each number of inputs up to 16. */
static void dense_follows_reference_for_any_number_of_inputs(void **unused)
{
	for (size_t d = 1; d <= 18; d++) {
		struct ns_fixture fixture = {.n = 30 + d, .d = d, .m = 20 + d, .gamma = 1, .standardised = true, .seed = 100 + d};
		compare_with_reference(&ns_dense_engine, &fixture, 100);
		fixture.activation = NS_LEAKY_RELU;
		fixture.leak = -0.3;
		compare_with_reference(&ns_dense_engine, &fixture, 100);
	}
}

static void assert_same_bits(const struct ns_problem *p, struct iterate *is, const struct iterate *expected)
{
	assert_memory_equal(is->f, expected->f, p->n * sizeof(double));
	assert_memory_equal(is->delta, expected->delta, p->m * p->d * sizeof(double));
	assert_int_equal(is->flips, expected->flips);
	assert_int_equal(is->taken, expected->taken);
	iterate_finish(is);
}

/* A step size of 1e3 lets weights grow until the risk overflows. */
static void bits_of_narrow_passes_do_not_depend_on_instructions(void **unused)
{
	for (size_t d = 1; d <= 16; d++)
		for (int kind = 0; kind < 3; kind++) {
			const struct ns_fixture fixture = {.n = 20 + 3 * d,
				.d = d,
				.m = 131,
				.gamma = 0.5,
				.alpha = 0.7,
				.activation = kind == 1 ? NS_LEAKY_RELU : NS_RELU,
				.leak = 0.1,
				.step_size = kind == 2 ? 1e3 : 0,
				.zero_inputs = true,
				.seed = 200 + d};
			struct ns_problem *problem = ns_fixture_problem(&fixture);
			struct iterate plain = run_with(&ns_dense_engine, problem, NS_ISA_PLAIN, 1, 100);
			for (enum ns_isa isa = NS_ISA_PLAIN; isa <= ns_isa_best(); isa++) {
				struct iterate other = run_with(&ns_dense_engine, problem, isa, 1, 100);
				assert_same_bits(problem, &other, &plain);
			}
			iterate_finish(&plain);
			ns_problem_destroy(problem);
		}
}

static void check_threads(size_t d)
{
	const struct ns_fixture fixture = {.n = 60, .d = d, .m = 1201, .gamma = 0.5, .alpha = 0.7, .seed = 12};
	struct ns_problem *problem = ns_fixture_problem(&fixture);
	const struct ns_shape shape = ns_problem_shape(problem);
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		if ((*engine)->refusal(&shape) != NULL)
			continue;
		struct iterate one = run(*engine, problem, 1, 50);
		for (int threads = 2; threads <= 3; threads++) {
			struct iterate more = run(*engine, problem, threads, 50);
			assert_same_bits(problem, &more, &one);
		}
		iterate_finish(&one);
	}
	ns_problem_destroy(problem);
}

static void bits_do_not_depend_on_threads(void **unused)
{
	check_threads(5);
	check_threads(20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_follow_reference),
		cmocka_unit_test(dense_follows_reference_for_every_activation),
		cmocka_unit_test(dense_follows_reference_for_any_number_of_inputs),
		cmocka_unit_test(bits_of_narrow_passes_do_not_depend_on_instructions),
		cmocka_unit_test(bits_do_not_depend_on_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
