/* kappa and the bounds of the theorem, on data whose kernel has a known spectrum and on trajectories made to break each bound. */
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/theory.h>
#include <string.h>

enum { N = 4, D = 8, RECORDS = 4 };

static const uint64_t steps[RECORDS] = {0, 10, 20, 40};

/* Input i is length_i e_i: orthogonal, so that Theta* is diagonal with |x_i|^2 / 2d. */
static struct ns_data orthogonal_data(const double length[N])
{
	struct ns_data data;
	struct ns_error error;
	assert_int_equal(ns_data_init(&data, D, N, 0, 0, &error), NS_OK);
	for (int i = 0; i < N; i++)
		data.train.x[i * D + i] = length[i];
	return data;
}

static struct ns_theory theory_of(const struct ns_experiment *experiment, const double length[N])
{
	struct ns_theory theory;
	struct ns_error error;
	struct ns_data data = orthogonal_data(length);
	assert_int_equal(ns_theory_init(&theory, experiment, &data, 0.05, &error), NS_OK);
	ns_data_finish(&data);
	return theory;
}

static const struct ns_experiment usual = {.probes = 2, .activation = NS_RELU, .init_std = 1, .step_size = 0.5};
static const double lengths[N] = {1, 0.8, 0.9, 0.5};

static void expect_near(double value, double expected, double relative)
{
	if (!(fabs(value - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g", value, expected);
}

static void orthogonal_inputs_have_a_diagonal_kernel(void **unused)
{
	const struct ns_theory theory = theory_of(&usual, lengths);
	expect_near(theory.all.kappa, 0.25 / (2 * D), 1e-15);
	expect_near(theory.all.largest, 1.0 / (2 * D), 1e-15);
	expect_near(theory.probes.kappa, 0.64 / (2 * D), 1e-15);
	assert_int_equal(theory.all.n, N);
	assert_int_equal(theory.probes.n, 2);
	assert_true(theory.ball == 1 && theory.largest_norm == 1);
	expect_near(theory.time_per_step, 2 * 0.5 / N, 1e-15);
	expect_near(theory.all.width, 8 * N * log(4 * N / 0.05) / (0.25 / (2 * D) * D), 1e-14);
	expect_near(theory.probes.width, 8 * 2 * log(4 * 2 / 0.05) / (0.64 / (2 * D) * D), 1e-14);
	assert_null(ns_theory_reservation(&theory));
}

static void all_samples_are_probes_if_they_are_few(void **unused)
{
	struct ns_experiment experiment = usual;
	experiment.probes = 100;
	const struct ns_theory theory = theory_of(&experiment, lengths);
	assert_int_equal(theory.probes.n, N);
	assert_true(theory.probes.kappa == theory.all.kappa && theory.probes.width == theory.all.width);
}

/* Scaled by 3, kappa is 9 times as large and the condition on the width the same: ReLU's kernel does not see the scale. */
static void inputs_outside_the_unit_ball_are_scaled_into_it(void **unused)
{
	const double tripled[N] = {3, 2.4, 2.7, 1.5};
	const struct ns_theory theory = theory_of(&usual, lengths), scaled = theory_of(&usual, tripled);
	expect_near(scaled.all.kappa, 9 * theory.all.kappa, 1e-15);
	expect_near(scaled.all.width, theory.all.width, 1e-14);
	expect_near(scaled.probes.width, theory.probes.width, 1e-14);
}

static void other_activations_have_their_own_kernel(void **unused)
{
	struct ns_experiment experiment = usual;
	experiment.activation = NS_LEAKY_RELU;
	experiment.leak = 0.5; /* mean of act'^2: (1 + leak^2) / 2 */
	expect_near(theory_of(&experiment, lengths).all.kappa, 0.25 / D * 0.625, 1e-15);
	experiment.activation = NS_ERF;
	experiment.init_std = 2; /* mean of act'^2: (4 / pi) / sqrt(1 + 4 Var z) */
	const struct ns_theory theory = theory_of(&experiment, lengths);
	expect_near(theory.all.kappa,
		fmin(0.25 / D * 4 / M_PI / sqrt(1 + 4 * 4 * 0.25 / D), 1.0 / D * 4 / M_PI / sqrt(1 + 4 * 4.0 / D)), 1e-14);
	expect_near(theory.ball, 4 / M_PI, 1e-15);
	experiment.activation = NS_TANH;
	const struct ns_theory unknown = theory_of(&experiment, lengths);
	assert_true(isnan(unknown.all.kappa) && isnan(unknown.probes.width));
	assert_non_null(strstr(ns_theory_reservation(&unknown), "no closed form"));
}

static void initialisations_that_the_theorem_is_not_about_are_named(void **unused)
{
	struct ns_experiment experiment = usual;
	experiment.init = NS_INIT_SPHERE; /* independent, uniform directions */
	struct ns_theory theory = theory_of(&experiment, lengths);
	assert_null(ns_theory_reservation(&theory));
	experiment.init = NS_INIT_ORTHOGONAL;
	theory = theory_of(&experiment, lengths);
	assert_non_null(strstr(ns_theory_reservation(&theory), "not independent"));
	experiment.init = NS_INIT_UNIFORM;
	theory = theory_of(&experiment, lengths);
	assert_non_null(strstr(ns_theory_reservation(&theory), "mean"));
	experiment.init = NS_INIT_SPHERE;
	experiment.activation = NS_ERF; /* sees the length of the weights */
	theory = theory_of(&experiment, lengths);
	assert_non_null(strstr(ns_theory_reservation(&theory), "mean"));
}

/* eig_min and risk of a run that keeps to every bound with this much to spare, at gamma 0.5. */
struct run {
	double risk[RECORDS], smallest[RECORDS], largest[RECORDS];
};

static struct run good_run(const struct ns_theory *theory, double spare)
{
	struct run run;
	for (int r = 0; r < RECORDS; r++) {
		run.smallest[r] = ns_theory_eigenvalue(theory, 0.5) * spare * (r == 0 ? 2 : 1);
		run.largest[r] = 1;
		run.risk[r] = 3 * (r == 0 ? 1 : ns_theory_decay(theory, 0.5, steps[r]) / spare);
	}
	return run;
}

static struct ns_theory_check hold(const struct ns_theory *theory, double gamma, const struct run *run, bool diverged)
{
	const struct ns_point point = {gamma, 0.5, 1000, 0};
	const struct ns_trajectory trajectory = {RECORDS, steps, run->risk, run->smallest, run->largest, diverged};
	return ns_theory_hold(theory, &point, &trajectory);
}

static void expect_bound(
	const struct ns_bound_check *check, enum ns_verdict verdict, uint64_t violated_at, double worst, uint64_t worst_at)
{
	assert_string_equal(ns_verdict_names[check->verdict], ns_verdict_names[verdict]);
	if (verdict == NS_BOUND_VIOLATED)
		assert_int_equal(check->violated_at, violated_at);
	expect_near(check->worst, worst, 1e-12);
	assert_int_equal(check->worst_at, worst_at);
}

static void bounds_have_their_closed_form(void **unused)
{
	const struct ns_theory theory = theory_of(&usual, lengths);
	/* tau of 40 steps: 40 * 2 * 0.5 / 4 = 10 */
	expect_near(ns_theory_decay(&theory, 0.5, 40), exp(-0.5 * (0.25 / 16) * 10 / 2), 1e-15);
	expect_near(ns_theory_eigenvalue(&theory, 0.5), 0.5 * (0.64 / 16) / 4, 1e-15);
	assert_true(ns_theory_decay(&theory, 0.5, 0) == 1);
	assert_true(isnan(ns_theory_decay(&theory, 0, 40)) && isnan(ns_theory_eigenvalue(&theory, 0)));
}

static void what_keeps_to_the_bounds_holds(void **unused)
{
	const struct ns_theory theory = theory_of(&usual, lengths);
	const struct run run = good_run(&theory, 1.25);
	const struct ns_theory_check check = hold(&theory, 0.5, &run, false);
	expect_bound(&check.start, NS_BOUND_HOLDS, 0, 1.25, 0);
	expect_bound(&check.trajectory, NS_BOUND_HOLDS, 0, 1.25, 10);
	expect_bound(&check.decay, NS_BOUND_HOLDS, 0, 0.8, 10);
}

/* Just at the bounds is within them, a part in 10^9 below is not: no tolerance hides it. */
static void each_bound_is_found_violated_alone(void **unused)
{
	const struct ns_theory theory = theory_of(&usual, lengths);
	const struct run at = good_run(&theory, 1);
	const double less = 1 - 1e-9;
	struct ns_theory_check check = hold(&theory, 0.5, &at, false);
	assert_true(check.start.verdict == NS_BOUND_HOLDS && check.trajectory.verdict == NS_BOUND_HOLDS &&
		    check.decay.verdict == NS_BOUND_HOLDS);
	struct run below = at;
	below.largest[0] = below.largest[2] = below.largest[3] = 0.1;
	below.smallest[0] *= less;
	check = hold(&theory, 0.5, &below, false);
	expect_bound(&check.start, NS_BOUND_VIOLATED, 0, less, 0);
	assert_true(check.trajectory.verdict == NS_BOUND_HOLDS && check.decay.verdict == NS_BOUND_HOLDS);
	below = at;
	below.smallest[2] *= less;
	below.smallest[3] *= less * less;
	check = hold(&theory, 0.5, &below, false);
	expect_bound(&check.trajectory, NS_BOUND_VIOLATED, 20, less * less, 40);
	assert_true(check.start.verdict == NS_BOUND_HOLDS && check.decay.verdict == NS_BOUND_HOLDS);
	below = at;
	below.risk[1] *= 1 + 1e-9;
	check = hold(&theory, 0.5, &below, false);
	expect_bound(&check.decay, NS_BOUND_VIOLATED, 10, 1 + 1e-9, 10);
	assert_true(check.start.verdict == NS_BOUND_HOLDS && check.trajectory.verdict == NS_BOUND_HOLDS);
}

/* An eigenvalue that is 0 comes out of LAPACK as -1e-17, a residual that is 0 as 1e-15: neither is a violation. */
static void rounding_is_no_violation(void **unused)
{
	struct ns_theory theory = theory_of(&usual, lengths);
	struct run run = good_run(&theory, 1);
	run.smallest[1] -= 1e-16;
	theory.time_per_step *= 1e6; /* the guaranteed risk is as good as 0 */
	run.risk[1] = run.risk[2] = run.risk[3] = 1e-27;
	const struct ns_theory_check check = hold(&theory, 0.5, &run, false);
	assert_int_equal(check.trajectory.verdict, NS_BOUND_HOLDS);
	assert_int_equal(check.decay.verdict, NS_BOUND_HOLDS);
	run.risk[3] = 1e-20; /* but this is more than rounding */
	assert_int_equal(hold(&theory, 0.5, &run, false).decay.violated_at, 40);
}

static void nothing_is_guaranteed_without_gamma_or_kappa(void **unused)
{
	const double with_zero[N] = {1, 1, 1, 0};
	const struct ns_theory theory = theory_of(&usual, lengths), singular = theory_of(&usual, with_zero);
	const struct run run = good_run(&theory, 0.1);
	struct ns_theory_check check = hold(&theory, 0, &run, false);
	assert_true(check.start.verdict == NS_BOUND_NONE && check.trajectory.verdict == NS_BOUND_NONE &&
		    check.decay.verdict == NS_BOUND_NONE);
	assert_true(isnan(check.decay.worst));
	check = hold(&singular, 0.5, &run, false); /* the probes have a kappa, all samples have none */
	assert_true(check.trajectory.verdict == NS_BOUND_VIOLATED && check.decay.verdict == NS_BOUND_NONE);
	assert_true(isinf(singular.all.width) && isfinite(singular.probes.width));
}

/* Three equal inputs: kappa is 0, but rounding may leave it on either side. */
static void equal_inputs_have_no_kappa(void **unused)
{
	bool all_above = false, probes_above = false;
	struct ns_experiment experiment = usual;
	experiment.probes = 3;
	for (int variant = 1; variant < 300; variant++) {
		struct ns_data data = orthogonal_data(lengths);
		struct ns_theory theory;
		struct ns_error error;
		for (int k = 0; k < D; k++)
			data.train.x[k] = data.train.x[D + k] = data.train.x[2 * D + k] = sin(variant * k + 1) / 3;
		assert_int_equal(ns_theory_init(&theory, &experiment, &data, 0.05, &error), NS_OK);
		ns_data_finish(&data);
		all_above = all_above || theory.all.kappa > 0;
		probes_above = probes_above || theory.probes.kappa > 0;
		assert_true(isinf(theory.all.width) && isinf(theory.probes.width));
		assert_true(isnan(ns_theory_decay(&theory, 1, 1)) && isnan(ns_theory_eigenvalue(&theory, 1)));
	}
	assert_true(all_above && probes_above);
}

static void divergence_violates_the_decay_and_gaps_are_passed_over(void **unused)
{
	const struct ns_theory theory = theory_of(&usual, lengths);
	struct run run = good_run(&theory, 1.25);
	run.risk[2] = run.smallest[2] = run.largest[2] = run.risk[3] = run.smallest[3] = run.largest[3] = NAN;
	struct ns_theory_check check = hold(&theory, 0.5, &run, true);
	assert_int_equal(check.decay.violated_at, 20);
	assert_true(check.decay.worst == INFINITY && check.decay.worst_at == 20);
	assert_int_equal(check.trajectory.verdict, NS_BOUND_HOLDS);
	assert_int_equal(hold(&theory, 0.5, &run, false).decay.verdict, NS_BOUND_HOLDS);
	run.risk[0] = run.smallest[0] = run.largest[0] = run.smallest[1] = run.largest[1] = NAN;
	check = hold(&theory, 0.5, &run, false);
	assert_true(check.start.verdict == NS_BOUND_UNSEEN && check.trajectory.verdict == NS_BOUND_UNSEEN &&
		    check.decay.verdict == NS_BOUND_UNSEEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orthogonal_inputs_have_a_diagonal_kernel),
		cmocka_unit_test(all_samples_are_probes_if_they_are_few),
		cmocka_unit_test(inputs_outside_the_unit_ball_are_scaled_into_it),
		cmocka_unit_test(other_activations_have_their_own_kernel),
		cmocka_unit_test(initialisations_that_the_theorem_is_not_about_are_named),
		cmocka_unit_test(bounds_have_their_closed_form),
		cmocka_unit_test(what_keeps_to_the_bounds_holds),
		cmocka_unit_test(each_bound_is_found_violated_alone),
		cmocka_unit_test(rounding_is_no_violation),
		cmocka_unit_test(nothing_is_guaranteed_without_gamma_or_kappa),
		cmocka_unit_test(equal_inputs_have_no_kappa),
		cmocka_unit_test(divergence_violates_the_decay_and_gaps_are_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
