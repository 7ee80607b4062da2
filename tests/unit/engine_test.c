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

static struct iterate run(const struct ns_engine *engine, const struct ns_problem *p, int threads, uint64_t steps)
{
	struct ns_error error;
	struct iterate end = {ns_alloc(p->n, 8), ns_alloc(p->m * p->d, 8), ns_alloc(p->m, p->n), 0, 0};
	const struct ns_engine_options options = {.threads = threads, .isa = ns_isa_best()};
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

static void bits_do_not_depend_on_threads(void **unused)
{
	const struct ns_fixture fixture = {.n = 60, .d = 5, .m = 1201, .gamma = 0.5, .alpha = 0.7, .seed = 12};
	struct ns_problem *problem = ns_fixture_problem(&fixture);
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		struct iterate one = run(*engine, problem, 1, 50);
		for (int threads = 2; threads <= 3; threads++) {
			struct iterate more = run(*engine, problem, threads, 50);
			assert_memory_equal(one.f, more.f, problem->n * sizeof(double));
			assert_memory_equal(one.delta, more.delta, problem->m * problem->d * sizeof(double));
			assert_int_equal(one.flips, more.flips);
			iterate_finish(&more);
		}
		iterate_finish(&one);
	}
	ns_problem_destroy(problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_follow_reference),
		cmocka_unit_test(dense_follows_reference_for_every_activation),
		cmocka_unit_test(bits_do_not_depend_on_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
