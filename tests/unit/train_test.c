/* Recorded quantities against their definitions in model.md, computed here in plain loops from the final weights; divergence. */
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/ntk.h>
#include <nodescale/train.h>
#include <string.h>

enum { N = 12, N_TEST = 5, D = 3, M = 41, PROBES = 8, STEPS = 60, EVERY = 25, RECORDS = 4 };

static struct ns_experiment experiment(enum ns_activation activation)
{
	return (struct ns_experiment){.data_kind = NS_DATA_GAUSSIAN_SINE,
		.n_train = N,
		.n_test = N_TEST,
		.d = D,
		.noise = 0.1,
		.data_seed = 3,
		.activation = activation,
		.leak = 0.1,
		.init_std = M_SQRT2,
		.step_size = 2,
		.steps = STEPS,
		.record_every = EVERY,
		.probes = PROBES,
		.weights = NS_WEIGHTS_ENDS};
}

static const struct ns_point point = {0.4, 0.6, M, 5};
static const struct ns_engine_options options = {.threads = 1};

static void train(const struct ns_experiment *e, const struct ns_engine *engine, struct ns_data *data, struct ns_result *result)
{
	struct ns_error error;
	assert_int_equal(ns_data_synthesise(data, e, &error), NS_OK);
	assert_int_equal(ns_result_init(result, ns_record_count(e), M, D, true, true, &error), NS_OK);
	assert_int_equal(ns_train_point(result, e, data, &point, engine, &options, NULL, (struct ns_tick){0}, &error), NS_OK);
}

/* Cyclic Jacobi: eigenvalues of a small symmetric matrix, without LAPACK. */
static void jacobi_eigenvalues(double a[PROBES][PROBES], double *smallest, double *largest)
{
	for (int sweep = 0; sweep < 30; sweep++)
		for (int p = 0; p < PROBES; p++)
			for (int q = p + 1; q < PROBES; q++) {
				if (a[p][q] == 0)
					continue;
				const double angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]), c = cos(angle), s = sin(angle);
				for (int k = 0; k < PROBES; k++) {
					const double x = a[k][p], y = a[k][q];
					a[k][p] = c * x - s * y;
					a[k][q] = s * x + c * y;
				}
				for (int k = 0; k < PROBES; k++) {
					const double x = a[p][k], y = a[q][k];
					a[p][k] = c * x - s * y;
					a[q][k] = s * x + c * y;
				}
			}
	*smallest = *largest = a[0][0];
	for (int k = 1; k < PROBES; k++) {
		*smallest = fmin(*smallest, a[k][k]);
		*largest = fmax(*largest, a[k][k]);
	}
}

static double preactivation(const double *w, const double *x)
{
	double z = 0;
	for (int k = 0; k < D; k++)
		z += w[k] * x[k] / sqrt(D);
	return z;
}

static void definition_of_kernel(
	const struct ns_experiment *e, const struct ns_data *data, const double *w, double theta[PROBES][PROBES])
{
	double lambda[M];
	ns_node_scaling(point.gamma, point.alpha, M, lambda);
	for (int i = 0; i < PROBES; i++)
		for (int k = 0; k < PROBES; k++) {
			const double *x = data->train.x + i * D, *v = data->train.x + k * D;
			double dot = 0, sum = 0;
			for (int c = 0; c < D; c++)
				dot += x[c] * v[c];
			for (int j = 0; j < M; j++)
				sum += lambda[j] * ns_activation_slope(e->activation, e->leak, preactivation(w + j * D, x)) *
				       ns_activation_slope(e->activation, e->leak, preactivation(w + j * D, v));
			theta[i][k] = dot / D * sum;
		}
}

static void assert_near(double is, double expected, const char *what)
{
	if (!(fabs(is - expected) <= 1e-12 * (1 + fabs(expected))))
		fail_msg("%s is %.16g, by definition %.16g", what, is, expected);
}

static void check_kernel(const struct ns_experiment *e, const struct ns_data *data, const struct ns_result *r, size_t last)
{
	double theta[PROBES][PROBES], start[PROBES][PROBES], norm = 0, start_norm = 0, drift = 0, aligned = 0, y_square = 0, low,
							     high;
	definition_of_kernel(e, data, r->final_weights, theta);
	definition_of_kernel(e, data, r->initial_weights, start);
	for (int i = 0; i < PROBES; i++) {
		y_square += data->train.y[i] * data->train.y[i];
		for (int k = 0; k < PROBES; k++) {
			norm += theta[i][k] * theta[i][k];
			start_norm += start[i][k] * start[i][k];
			start[i][k] -= theta[i][k];
			drift += start[i][k] * start[i][k];
			aligned += theta[i][k] * data->train.y[i] * data->train.y[k];
		}
	}
	assert_near(r->values[NS_NTK_DRIFT_FROBENIUS][last], sqrt(drift), "ntk_drift_frobenius");
	assert_near(r->values[NS_NTK_DRIFT_RELATIVE][last], sqrt(drift / start_norm), "ntk_drift_relative");
	assert_near(r->values[NS_NTK_ALIGNMENT][last], aligned / (sqrt(norm) * y_square), "ntk_alignment");
	jacobi_eigenvalues(theta, &low, &high);
	assert_near(r->values[NS_NTK_MIN_EIG][last], low, "ntk_min_eig");
	assert_near(r->values[NS_NTK_MAX_EIG][last], high, "ntk_max_eig");
	jacobi_eigenvalues(start, &low, &high);
	assert_near(r->values[NS_NTK_DRIFT_SPECTRAL][last], fmax(fabs(low), fabs(high)), "ntk_drift_spectral");
	assert_true(r->values[NS_NTK_DRIFT_SPECTRAL][last] > 1e-4); /* something did move */
}

static double definition_of_risk(const struct ns_experiment *e, const struct ns_part *part, const double *w)
{
	double lambda[M], sign[M], square = 0;
	ns_node_scaling(point.gamma, point.alpha, M, lambda);
	ns_output_signs(point.seed, M, sign);
	for (size_t i = 0; i < part->n; i++) {
		double f = 0;
		for (int j = 0; j < M; j++)
			f += sqrt(lambda[j]) * sign[j] *
			     ns_activation_value(e->activation, e->leak, preactivation(w + j * D, part->x + i * D));
		square += (f - part->y[i]) * (f - part->y[i]);
	}
	return square / (double)part->n;
}

static void check_weights_and_pattern(const struct ns_data *data, const struct ns_result *r, size_t last)
{
	size_t changed = 0, farthest = 0;
	double moved[M];
	for (int j = 0; j < M; j++) {
		const double *from = r->initial_weights + j * D, *to = r->final_weights + j * D;
		double square = 0;
		for (int k = 0; k < D; k++)
			square += (to[k] - from[k]) * (to[k] - from[k]);
		moved[j] = sqrt(square);
		farthest = moved[j] > moved[farthest] ? (size_t)j : farthest;
		for (int i = 0; i < N; i++)
			changed += (preactivation(from, data->train.x + i * D) > 0) !=
				   (preactivation(to, data->train.x + i * D) > 0);
	}
	assert_near(r->values[NS_PATTERN_CHANGED][last], (double)changed / (N * M), "pattern_changed");
	assert_near(r->values[NS_WEIGHT_DELTA_MAX][last], moved[farthest], "weight_delta_max");
	assert_near(r->values[NS_WEIGHT_DELTA_OF_MAX_NODE][last], moved[farthest], "weight_delta_of_max_node");
	for (int j = 0; j < NS_TOP_NODES; j++) {
		assert_near(r->values[NS_WEIGHT_DELTA_TOP][last * NS_TOP_NODES + (size_t)j], moved[j], "weight_delta_top");
		if ((size_t)j == farthest) /* the same node's trajectory stands in two places */
			assert_memory_equal(&r->values[NS_WEIGHT_DELTA_TOP][NS_TOP_NODES + (size_t)j],
				&r->values[NS_WEIGHT_DELTA_OF_MAX_NODE][1], 8);
	}
	for (int a = 0; a < M; a++) /* selection: the a-th smallest to place a */
		for (int b = a + 1; b < M; b++)
			if (moved[b] < moved[a]) {
				const double swap = moved[a];
				moved[a] = moved[b];
				moved[b] = swap;
			}
	/* (M - 1) / 4 = 10 is whole, .99 (M - 1) = 39.6 is not */
	const double *quantiles = r->values[NS_WEIGHT_DELTA_QUANTILE] + last * NS_QUANTILES;
	assert_near(quantiles[0], moved[0], "smallest change");
	assert_near(quantiles[1], moved[10], "quarter quantile");
	assert_near(quantiles[5], 0.4 * moved[39] + 0.6 * moved[40], "99 % quantile");
}

/* Who trained the point, and what every engine would have counted for it. */
static void check_choice(const struct ns_experiment *e, const struct ns_result *r)
{
	const struct ns_shape shape = {
		.n = N, .d = D, .m = M, .gamma = point.gamma, .alpha = point.alpha, .activation = e->activation};
	assert_string_equal(r->engine, "reference");
	for (size_t a = 0; ns_engines[a] != NULL; a++)
		if (ns_engines[a]->refusal(&shape) == NULL)
			assert_near(r->engine_cycles[a], ns_engines[a]->cycles_per_step(&shape), "engine_cycles");
		else
			assert_true(isnan(r->engine_cycles[a]));
}

static void quantities_are_what_the_model_says(void **unused)
{
	const enum ns_activation activations[] = {NS_RELU, NS_LEAKY_RELU, NS_TANH, NS_GELU};
	for (size_t a = 0; a < sizeof activations / sizeof *activations; a++) {
		const struct ns_experiment e = experiment(activations[a]);
		struct ns_data data;
		struct ns_result r;
		train(&e, &ns_reference_engine, &data, &r);
		const size_t last = r.n_records - 1;
		assert_int_equal(r.n_records, RECORDS);
		assert_int_equal(r.status, NS_POINT_DONE);
		assert_int_equal(r.steps_done, STEPS);
		assert_near(r.values[NS_TRAIN_RISK][last], definition_of_risk(&e, &data.train, r.final_weights), "train_risk");
		assert_near(r.values[NS_TEST_RISK][last], definition_of_risk(&e, &data.test, r.final_weights), "test_risk");
		assert_near(
			r.values[NS_TRAIN_RISK][0], definition_of_risk(&e, &data.train, r.initial_weights), "train_risk at 0");
		check_kernel(&e, &data, &r, last);
		check_weights_and_pattern(&data, &r, last);
		check_choice(&e, &r);
		ns_result_finish(&r);
		ns_data_finish(&data);
	}
}

static void divergence_is_a_result(void **unused)
{
	struct ns_experiment e = experiment(NS_RELU);
	e.step_size = 1e4;
	e.steps = 5000;
	e.record_every = 10;
	struct ns_data data;
	struct ns_result r;
	train(&e, &ns_dense_engine, &data, &r);
	assert_int_equal(r.status, NS_POINT_DIVERGED);
	assert_true(r.steps_done > 0 && r.steps_done < 5000);
	const size_t last_finite = (r.steps_done - 1) / 10;
	assert_true(isfinite(r.values[NS_TRAIN_RISK][last_finite]));
	for (size_t record = last_finite + 1; record < r.n_records; record++)
		for (int q = 0; q < NS_QUANTITY_COUNT; q++)
			assert_true(isnan(r.values[q][record * ns_quantities[q].width]));
	ns_result_finish(&r);
	ns_data_finish(&data);
}

static enum ns_tick_answer stop_at_once(void *context, double fraction)
{
	return NS_TICK_STOP;
}

static void tick_stops_a_point(void **unused)
{
	const struct ns_experiment e = experiment(NS_RELU);
	struct ns_data data;
	struct ns_result r;
	struct ns_error error;
	assert_int_equal(ns_data_synthesise(&data, &e, &error), NS_OK);
	assert_int_equal(ns_result_init(&r, RECORDS, M, D, false, false, &error), NS_OK);
	assert_int_equal(
		ns_train_point(&r, &e, &data, &point, NULL, &options, NULL, (struct ns_tick){stop_at_once, NULL}, &error),
		NS_STOPPED);
	assert_int_equal(r.status, NS_POINT_MISSING);
	ns_result_finish(&r);
	ns_data_finish(&data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_are_what_the_model_says),
		cmocka_unit_test(divergence_is_a_result),
		cmocka_unit_test(tick_stops_a_point),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
