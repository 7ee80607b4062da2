/* One step of every engine against what a step is: finite differences of the risk, and the scaling of the first move. */
#include "fixture.h"
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static const struct ns_engine_options options = {.threads = 1, .isa = NS_ISA_PLAIN};

static double risk_at(const struct ns_engine *engine, const struct ns_problem *p, const double *delta)
{
	struct ns_error error;
	void *state;
	double *f = ns_alloc(p->n, sizeof *f), square = 0;
	assert_int_equal(engine->create(&state, p, delta, &options, &error), NS_OK);
	engine->outputs(state, f);
	engine->destroy(state);
	for (size_t i = 0; i < p->n; i++)
		square += (f[i] - p->y[i]) * (f[i] - p->y[i]);
	ns_free(f);
	return square / (double)p->n;
}

/* delta (m, d) after one step from W0. */
static void first_step(const struct ns_engine *engine, const struct ns_problem *p, double *delta)
{
	struct ns_error error;
	uint64_t taken;
	void *state;
	assert_int_equal(engine->create(&state, p, NULL, &options, &error), NS_OK);
	assert_int_equal(engine->advance(state, 1, &taken, &error), NS_OK);
	assert_int_equal(taken, 1);
	engine->weight_change(state, 0, p->m, delta);
	engine->destroy(state);
}

static bool applies(const struct ns_engine *engine, const struct ns_problem *p)
{
	const struct ns_shape shape = ns_problem_shape(p);
	return engine->refusal(&shape) == NULL;
}

/* W moves by -step_size dL/dW. Central differences with spacing h err by h^2 (smooth activations have third derivatives of order
 * 1) and by rounding, 1e-16 / h; no pre-activation of this fixture is within h of zero. */
static void check_gradient(const struct ns_engine *engine, const struct ns_fixture *fixture)
{
	struct ns_problem *p = ns_fixture_problem(fixture);
	const size_t count = p->m * p->d;
	const double h = 1e-5;
	double *step = ns_alloc(count, sizeof *step), *shifted = ns_alloc(count, sizeof *shifted);
	if (applies(engine, p)) {
		first_step(engine, p, step);
		for (size_t e = 0; e < count; e += 7) {
			shifted[e] = h;
			double slope = risk_at(engine, p, shifted);
			shifted[e] = -h;
			slope = (slope - risk_at(engine, p, shifted)) / (2 * h);
			shifted[e] = 0;
			const double gradient = -step[e] / p->step_size;
			if (!(fabs(gradient - slope) < 1e-9)) {
				ns_fixture_print(fixture);
				fail_msg("engine %s: gradient %zu is %.12g, finite difference %.12g", engine->name, e, gradient,
					slope);
			}
		}
	}
	ns_free(step);
	ns_free(shifted);
	ns_problem_destroy(p);
}

static void step_is_minus_gradient(void **unused)
{
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++)
		for (int activation = 0; activation < NS_ACTIVATION_COUNT; activation++) {
			const struct ns_fixture fixture = {.n = 9,
				.d = 4,
				.m = 21,
				.gamma = 0.5,
				.alpha = 0.7,
				.standardised = true,
				.activation = (enum ns_activation)activation,
				.leak = 0.1,
				.step_size = 0.5,
				.seed = 21};
			check_gradient(*engine, &fixture);
		}
}

/* d w_j = -c_j X^T (s_j o rho): nodes with one pattern move in proportion to c_j. All inputs in one half-space make such nodes.
 */
static void first_move_is_proportional_to_root_lambda(void **unused)
{
	const struct ns_fixture fixture = {.n = 6, .d = 3, .m = 200, .gamma = 0.3, .alpha = 0.5, .step_size = 0.7, .seed = 22};
	struct ns_problem *p = ns_fixture_problem(&fixture);
	double *step = ns_alloc(p->m * p->d, sizeof *step);
	uint8_t *pattern = ns_alloc(p->m, p->n);
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		struct ns_error error;
		void *state;
		size_t pairs = 0;
		assert_int_equal((*engine)->create(&state, p, NULL, &options, &error), NS_OK);
		(*engine)->pattern(state, 0, p->m, pattern);
		(*engine)->destroy(state);
		first_step(*engine, p, step);
		for (size_t a = 0; a < p->m; a++)
			for (size_t b = 0; b < a; b++) {
				if (memcmp(pattern + a * p->n, pattern + b * p->n, p->n) != 0)
					continue;
				pairs++;
				for (size_t k = 0; k < p->d;
					k++) /* step_a / c_a = step_b / c_b up to the rounding of a sum of n */
					assert_true(fabs(step[a * p->d + k] / p->c[a] - step[b * p->d + k] / p->c[b]) < 1e-14);
			}
		assert_true(pairs > 100);
	}
	ns_free(step);
	ns_free(pattern);
	ns_problem_destroy(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(step_is_minus_gradient),
		cmocka_unit_test(first_move_is_proportional_to_root_lambda),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
