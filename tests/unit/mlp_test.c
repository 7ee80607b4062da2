/* The small network of the transfer experiment against plain loops, finite differences, and what its initialisation promises. */
#include "test.h"
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/memory.h>
#include <nodescale/mlp.h>
#include <nodescale/random.h>
#include <omp.h>
#include <stdbool.h>
#include <string.h>

enum { W = NS_MLP_WIDTH };

static double *gaussians(size_t count, uint64_t index)
{
	struct ns_stream stream;
	double *values = ns_alloc(count, sizeof *values);
	ns_stream_start(&stream, 5, NS_PURPOSE_TEST_SUITE, index);
	for (size_t e = 0; e < count; e++)
		values[e] = ns_stream_gaussian(&stream);
	return values;
}

/* The formulas of mlp.h, one sample after the other. */
static double plain_risk(const struct ns_mlp *mlp, size_t n, const double *h, const double *y, double *gradient)
{
	const size_t k = mlp->inputs;
	const double *w_1 = mlp->parameters, *b_1 = w_1 + k * W, *w_2 = b_1 + W, *b_2 = w_2 + W * W, *w_3 = b_2 + W,
		     *b_3 = w_3 + W;
	double *g_1 = gradient, *e_1 = g_1 + k * W, *g_2 = e_1 + W, *e_2 = g_2 + W * W, *g_3 = e_2 + W, *e_3 = g_3 + W;
	double risk = 0;
	memset(gradient, 0, mlp->n_parameters * sizeof *gradient);
	for (size_t i = 0; i < n; i++) {
		double a_1[W], a_2[W], d_2[W], out = *b_3;
		for (size_t u = 0; u < W; u++) {
			double z = b_1[u];
			for (size_t j = 0; j < k; j++)
				z += h[i * k + j] * w_1[j * W + u];
			a_1[u] = fmax(z, 0);
		}
		for (size_t v = 0; v < W; v++) {
			double z = b_2[v];
			for (size_t u = 0; u < W; u++)
				z += a_1[u] * w_2[u * W + v];
			a_2[v] = fmax(z, 0);
			out += a_2[v] * w_3[v];
		}
		const double rho = 2 * (out - y[i]) / (double)n;
		risk += (out - y[i]) * (out - y[i]) / (double)n;
		*e_3 += rho;
		for (size_t v = 0; v < W; v++) {
			d_2[v] = a_2[v] > 0 ? rho * w_3[v] : 0;
			g_3[v] += rho * a_2[v];
			e_2[v] += d_2[v];
		}
		for (size_t u = 0; u < W; u++) {
			double d_1 = 0;
			for (size_t v = 0; v < W; v++) {
				g_2[u * W + v] += a_1[u] * d_2[v];
				d_1 += a_1[u] > 0 ? w_2[u * W + v] * d_2[v] : 0;
			}
			e_1[u] += d_1;
			for (size_t j = 0; j < k; j++)
				g_1[j * W + u] += h[i * k + j] * d_1;
		}
	}
	return risk;
}

/* Blocks that are full, cut and single. Rounding of sums of n terms of order 1 / n. */
static void risk_and_gradient_are_those_of_plain_loops(void **unused)
{
	static const size_t sizes[][2] = {{1, 10}, {127, 20}, {128, 30}, {129, 100}, {300, 50}};
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct ns_error error;
		struct ns_mlp mlp;
		const size_t n = sizes[s][0], k = sizes[s][1];
		double *h = gaussians(n * k, 0), *y = gaussians(n, 1);
		assert_int_equal(ns_mlp_init(&mlp, k, s, &error), NS_OK);
		double *gradient = ns_alloc(mlp.n_parameters, sizeof *gradient),
		       *plain = ns_alloc(mlp.n_parameters, sizeof *plain);
		const double risk = ns_mlp_risk(&mlp, n, h, y, gradient);
		assert_true(fabs(risk - plain_risk(&mlp, n, h, y, plain)) < 1e-14 * (1 + risk));
		for (size_t e = 0; e < mlp.n_parameters; e++)
			if (!(fabs(gradient[e] - plain[e]) < 1e-14))
				fail_msg(
					"n %zu, k %zu: gradient %zu is %.17g, plain loops %.17g", n, k, e, gradient[e], plain[e]);
		assert_true(ns_mlp_risk(&mlp, n, h, y, NULL) == risk);
		ns_free(gradient);
		ns_free(plain);
		ns_free(h);
		ns_free(y);
		ns_mlp_finish(&mlp);
	}
}

/* Central differences: no ReLU of these samples is within the shift of its kink but at a few parameters, whose share is bounded.
 */
static void gradient_is_the_slope_of_the_risk(void **unused)
{
	enum { N = 40, K = 10 };
	const double shift = 1e-6;
	struct ns_error error;
	struct ns_mlp mlp;
	double *h = gaussians(N * K, 2), *y = gaussians(N, 3);
	assert_int_equal(ns_mlp_init(&mlp, K, 7, &error), NS_OK);
	double *gradient = ns_alloc(mlp.n_parameters, sizeof *gradient);
	ns_mlp_risk(&mlp, N, h, y, gradient);
	size_t wrong = 0;
	for (size_t e = 0; e < mlp.n_parameters; e++) {
		const double at = mlp.parameters[e];
		mlp.parameters[e] = at + shift;
		double slope = ns_mlp_risk(&mlp, N, h, y, NULL);
		mlp.parameters[e] = at - shift;
		slope = (slope - ns_mlp_risk(&mlp, N, h, y, NULL)) / (2 * shift);
		mlp.parameters[e] = at;
		wrong += !(fabs(slope - gradient[e]) < 1e-8);
	}
	if (wrong > mlp.n_parameters / 500)
		fail_msg("%zu of %zu entries of the gradient are wrong", wrong, mlp.n_parameters);
	ns_free(gradient);
	ns_free(h);
	ns_free(y);
	ns_mlp_finish(&mlp);
}

static void training_is_gradient_descent(void **unused)
{
	enum { N = 30, K = 20, STEPS = 7 };
	struct ns_error error;
	struct ns_mlp mlp, plain;
	double *h = gaussians(N * K, 4), *y = gaussians(N, 5);
	assert_int_equal(ns_mlp_init(&mlp, K, 1, &error), NS_OK);
	assert_int_equal(ns_mlp_init(&plain, K, 1, &error), NS_OK);
	double *gradient = ns_alloc(plain.n_parameters, sizeof *gradient);
	assert_int_equal(ns_mlp_train(&mlp, N, h, y, 0.1, STEPS, (struct ns_tick){0}, &error), NS_OK);
	for (int step = 0; step < STEPS; step++) {
		plain_risk(&plain, N, h, y, gradient);
		for (size_t e = 0; e < plain.n_parameters; e++)
			plain.parameters[e] -= 0.1 * gradient[e];
	}
	for (size_t e = 0; e < plain.n_parameters; e++)
		assert_true(fabs(mlp.parameters[e] - plain.parameters[e]) < 1e-13);
	ns_free(gradient);
	ns_free(h);
	ns_free(y);
	ns_mlp_finish(&mlp);
	ns_mlp_finish(&plain);
}

/* Uniform on +-1/sqrt(fan_in), another one for each seed and each number of inputs, and no unit like another. */
static void initial_parameters_fill_their_range(void **unused)
{
	struct ns_error error;
	struct ns_mlp mlp, other, narrower;
	assert_int_equal(ns_mlp_init(&mlp, 100, 3, &error), NS_OK);
	assert_int_equal(ns_mlp_init(&other, 100, 4, &error), NS_OK);
	assert_int_equal(ns_mlp_init(&narrower, 10, 3, &error), NS_OK);
	const struct {
		size_t start, count;
		double bound;
	} layers[] = {{0, 101 * W, 0.1}, {101 * W, (W + 1) * W, 0.125}, {101 * W + (W + 1) * W, W + 1, 0.125}};
	for (size_t l = 0; l < 3; l++) {
		double most = 0, sum = 0, square = 0;
		for (size_t e = 0; e < layers[l].count; e++) {
			const double w = mlp.parameters[layers[l].start + e] / layers[l].bound;
			most = fmax(most, fabs(w));
			sum += w;
			square += w * w;
		}
		const double count = (double)layers[l].count; /* mean 0, variance 1/3; five standard errors of both */
		assert_true(most <= 1 && most > 1 - 20 / count);
		assert_true(fabs(sum / count) < 5 * sqrt(1 / (3 * count)));
		assert_true(fabs(square / count - 1.0 / 3) < 5 * sqrt(4 / (45 * count)));
	}
	for (size_t e = 1; e < mlp.n_parameters; e++) {
		assert_true(mlp.parameters[e] != mlp.parameters[e - 1]);
		assert_true(mlp.parameters[e] != other.parameters[e]);
	}
	for (size_t e = 10 * W; e < narrower.n_parameters; e++)
		assert_true(narrower.parameters[e] != mlp.parameters[e + 90 * W]);
	ns_mlp_finish(&mlp);
	ns_mlp_finish(&other);
	ns_mlp_finish(&narrower);
}

static void the_bits_do_not_depend_on_threads(void **unused)
{
	enum { N = 150, K = 30 };
	double *h = gaussians(N * K, 6), *y = gaussians(N, 7), *alone = NULL;
	ns_blas_use_one_thread();
	for (int threads = 1; threads <= 4; threads += 3) {
		int different = 0;
#pragma omp parallel num_threads(threads) reduction(+ : different)
		{
			struct ns_error error;
			struct ns_mlp mlp;
			if (ns_mlp_init(&mlp, K, 11, &error) != NS_OK ||
				ns_mlp_train(&mlp, N, h, y, 0.1, 20, (struct ns_tick){0}, &error) != NS_OK)
				different++;
			else if (threads > 1)
				different += memcmp(mlp.parameters, alone, mlp.n_parameters * sizeof *alone) != 0;
			if (threads == 1)
				alone = mlp.parameters, mlp.parameters = NULL;
			ns_mlp_finish(&mlp);
		}
		assert_int_equal(different, 0);
	}
	ns_free(alone);
	ns_free(h);
	ns_free(y);
}

static enum ns_tick_answer stop_late(void *context, double fraction_done)
{
	int *calls = context;
	return ++*calls == 3 ? NS_TICK_STOP : NS_TICK_GO_ON;
}

static void a_stop_is_obeyed_between_steps(void **unused)
{
	int calls = 0;
	struct ns_error error;
	struct ns_mlp mlp;
	const double h[10] = {1}, y[1] = {1};
	assert_int_equal(ns_mlp_init(&mlp, 10, 1, &error), NS_OK);
	assert_int_equal(ns_mlp_train(&mlp, 1, h, y, 0.1, 1000000000, (struct ns_tick){stop_late, &calls}, &error), NS_STOPPED);
	assert_int_equal(calls, 3);
	ns_mlp_finish(&mlp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(risk_and_gradient_are_those_of_plain_loops),
		cmocka_unit_test(gradient_is_the_slope_of_the_risk),
		cmocka_unit_test(training_is_gradient_descent),
		cmocka_unit_test(initial_parameters_fill_their_range),
		cmocka_unit_test(the_bits_do_not_depend_on_threads),
		cmocka_unit_test(a_stop_is_obeyed_between_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
