/* Pruning against the network's definition evaluated plainly, and which samples and nodes a transfer takes. */
#include "test.h"
#include <math.h>
#include <nodescale/followup.h>
#include <nodescale/memory.h>
#include <nodescale/mlp.h>
#include <nodescale/problem.h>
#include <nodescale/random.h>
#include <string.h>

struct trained {
	struct ns_experiment experiment;
	struct ns_data data;
	struct ns_point point;
	double *weights, *sign;
	struct ns_trained view;
};

static void fill(double *values, size_t count, uint64_t index)
{
	struct ns_stream stream;
	ns_stream_start(&stream, 3, NS_PURPOSE_TEST_SUITE, index);
	for (size_t e = 0; e < count; e++)
		values[e] = ns_stream_gaussian(&stream);
}

static void fill_part(struct ns_part *part, size_t d, uint64_t index)
{
	fill(part->x, part->n * d, index);
	fill(part->y, part->n, index + 1);
}

static void trained_init(struct trained *t, double gamma, uint64_t m, size_t n_validation, size_t n_test)
{
	struct ns_error error;
	const size_t d = 3;
	*t = (struct trained){
		.experiment = {.leak = 0.1, .weights = NS_WEIGHTS_FINAL}, .point = {gamma, gamma < 1 ? 0.6 : NAN, m, 9}};
	assert_int_equal(ns_data_init(&t->data, d, 25, n_validation, n_test, &error), NS_OK);
	fill_part(&t->data.train, d, 0);
	fill_part(&t->data.validation, d, 10);
	fill_part(&t->data.test, d, 20);
	t->weights = ns_alloc(m, d * sizeof(double));
	t->sign = ns_alloc(m, sizeof(double));
	fill(t->weights, m * d, 30);
	ns_output_signs(9, m, t->sign);
	t->view = (struct ns_trained){&t->experiment, &t->data, &t->point, t->weights, t->sign};
}

static void trained_finish(struct trained *t)
{
	ns_data_finish(&t->data);
	ns_free(t->weights);
	ns_free(t->sign);
}

/* Risk of the network whose lambda is 0 for all but the `kept` first nodes, by the formulas of model.md. */
static double plain_risk(const struct trained *t, const struct ns_part *part, size_t kept)
{
	const size_t d = t->data.d, m = t->point.m;
	double *lambda = ns_alloc(m, sizeof *lambda), risk = 0;
	ns_node_scaling(t->point.gamma, t->point.alpha, m, lambda);
	for (size_t i = 0; i < part->n; i++) {
		double f = 0;
		for (size_t j = 0; j < kept; j++) {
			double z = 0;
			for (size_t k = 0; k < d; k++)
				z += t->weights[j * d + k] * part->x[i * d + k] / sqrt((double)d);
			f += sqrt(lambda[j]) * t->sign[j] * ns_activation_value(t->experiment.activation, t->experiment.leak, z);
		}
		risk += (f - part->y[i]) * (f - part->y[i]) / (double)part->n;
	}
	ns_free(lambda);
	return risk;
}

static void pruning_is_leaving_out_nodes(void **unused)
{
	static const uint64_t widths[] = {1, 7, 20, 333, 2000};
	for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
		for (int activation = 0; activation < NS_ACTIVATION_COUNT; activation++) {
			struct trained t;
			struct ns_error error;
			struct ns_followup_result result;
			const uint64_t m = widths[w];
			trained_init(&t, activation % 2 ? 0.3 : 1, m, 0, 12);
			t.experiment.activation = (enum ns_activation)activation;
			assert_int_equal(ns_prune(&t.view, &result, &error), NS_OK);
			for (size_t level = 0; level < NS_PRUNE_LEVELS; level++) {
				const size_t kept = m - m * level / 20;
				assert_true(fabs(result.train_risk[level] - plain_risk(&t, &t.data.train, kept)) < 1e-13);
				assert_true(fabs(result.test_risk[level] - plain_risk(&t, &t.data.test, kept)) < 1e-13);
			}
			trained_finish(&t);
		}
}

static void the_number_pruned_does_not_overflow(void **unused)
{
	assert_int_equal(ns_prune_nodes(2000, 1), 100);
	assert_int_equal(ns_prune_nodes(2000, 20), 2000);
	assert_int_equal(ns_prune_nodes(19, 1), 0);
	assert_int_equal(ns_prune_nodes(39, 1), 1);
	assert_int_equal(ns_prune_nodes(UINT64_MAX, 20), UINT64_MAX);
	for (uint64_t m = 1; m < 200; m++)
		for (size_t level = 0; level < NS_PRUNE_LEVELS; level++)
			assert_int_equal(ns_prune_nodes(m, level), m * level / 20);
}

static void without_test_samples_there_is_no_test_risk(void **unused)
{
	struct trained t;
	struct ns_error error;
	struct ns_followup_result result;
	trained_init(&t, 0.5, 30, 0, 0);
	assert_int_equal(ns_prune(&t.view, &result, &error), NS_OK);
	assert_true(isnan(result.test_risk[0]) && isfinite(result.train_risk[0]));
	trained_finish(&t);
}

/* The same by hand: first half of the validation part, rounded down, for training; first k nodes. */
static void a_transfer_trains_on_the_first_half(void **unused)
{
	enum { N = 13, HALF = 6, K = 20 };
	struct trained t;
	struct ns_error error;
	struct ns_followup_result result;
	struct ns_mlp mlp;
	double h[N * K], lambda[31];
	trained_init(&t, 0.4, 31, N, 0);
	t.experiment.activation = NS_TANH;
	ns_followup_clear(&result);
	assert_int_equal(ns_transfer(&t.view, 1, (struct ns_tick){0}, &result, &error), NS_OK);
	ns_node_scaling(0.4, 0.6, 31, lambda);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < K; j++) {
			double z = 0;
			for (size_t k = 0; k < 3; k++)
				z += t.weights[j * 3 + k] * t.data.validation.x[i * 3 + k] / sqrt(3);
			h[i * K + j] = sqrt(lambda[j]) * tanh(z);
		}
	assert_int_equal(ns_mlp_init(&mlp, K, 9, &error), NS_OK);
	assert_int_equal(ns_mlp_train(&mlp, HALF, h, t.data.validation.y, 0.1, 5000, (struct ns_tick){0}, &error), NS_OK);
	const double train = ns_mlp_risk(&mlp, HALF, h, t.data.validation.y, NULL),
		     test = ns_mlp_risk(&mlp, N - HALF, h + HALF * K, t.data.validation.y + HALF, NULL);
	/* features that differ by rounding part by little in 5000 steps of a stable descent */
	if (!(fabs(result.train_risk[1] - train) < 1e-9 * (1 + train)))
		fail_msg("train risk %.17g, by hand %.17g", result.train_risk[1], train);
	if (!(fabs(result.test_risk[1] - test) < 1e-9 * (1 + test)))
		fail_msg("test risk %.17g, by hand %.17g", result.test_risk[1], test);
	for (size_t i = 0; i < NS_TRANSFER_DIMENSIONS; i++)
		assert_true(i == 1 || isnan(result.train_risk[i]));
	ns_mlp_finish(&mlp);
	trained_finish(&t);
}

static void there_is_no_transfer_of_more_features_than_nodes(void **unused)
{
	struct trained t;
	struct ns_error error;
	struct ns_followup_result result;
	trained_init(&t, 0.4, 29, 4, 0);
	ns_followup_clear(&result);
	for (size_t task = 0; task < ns_followups[NS_TRANSFER].tasks; task++)
		assert_int_equal(ns_followup_compute(NS_TRANSFER, &t.view, task, (struct ns_tick){0}, &result, &error), NS_OK);
	for (size_t i = 0; i < NS_TRANSFER_DIMENSIONS; i++) {
		assert_int_equal(isfinite(result.train_risk[i]) != 0, i < 2);
		assert_int_equal(isfinite(result.test_risk[i]) != 0, i < 2);
	}
	trained_finish(&t);
}

static void what_applies_depends_on_weights_and_validation(void **unused)
{
	assert_int_equal(ns_followup_length(NS_PRUNE, NS_WEIGHTS_NONE, 100), 0);
	assert_int_equal(ns_followup_length(NS_PRUNE, NS_WEIGHTS_FINAL, 0), 21);
	assert_int_equal(ns_followup_length(NS_TRANSFER, NS_WEIGHTS_ENDS, 2), 10);
	assert_int_equal(ns_followup_length(NS_TRANSFER, NS_WEIGHTS_ENDS, 1), 0);
	assert_int_equal(ns_followup_length(NS_TRANSFER, NS_WEIGHTS_NONE, 100), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pruning_is_leaving_out_nodes),
		cmocka_unit_test(the_number_pruned_does_not_overflow),
		cmocka_unit_test(without_test_samples_there_is_no_test_risk),
		cmocka_unit_test(a_transfer_trains_on_the_first_half),
		cmocka_unit_test(there_is_no_transfer_of_more_features_than_nodes),
		cmocka_unit_test(what_applies_depends_on_weights_and_validation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
