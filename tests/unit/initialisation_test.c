/* Node scaling, random streams and initial weights against closed forms; the kernel at initialisation against its limit. */
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/ntk.h>
#include <nodescale/problem.h>
#include <nodescale/random.h>
#include <string.h>

static void scaling_is_the_zipf_mixture_on_a_grid(void **unused)
{
	enum { M = 1000 };
	const double gammas[] = {0, 0.2, 1}, alpha = 0.5;
	for (int g = 0; g < 3; g++) {
		double lambda[M], sum = 0;
		long double zipf = 0;
		for (int j = 1; j <= M; j++)
			zipf += 1.0L / (j * j); /* alpha = 1/2: exponent 2 */
		ns_node_scaling(gammas[g], alpha, M, lambda);
		for (int j = 0; j < M; j++) {
			const long double exact = gammas[g] / M + (1 - gammas[g]) / (zipf * (j + 1) * (j + 1));
			assert_true(fabsl(lambda[j] - exact) <= 0x1p-51);
			assert_true(ldexp(lambda[j], 51) == floor(ldexp(lambda[j], 51)));
			assert_true(j == 0 || lambda[j] <= lambda[j - 1]);
			sum += lambda[j]; /* exact: multiples of 2^-51 below 2 */
		}
		assert_true(fabs(sum - 1) <= M * 0x1p-52);
	}
}

/* The known answer of Random123's kat_vectors: philox4x64, 10 rounds, counter and key zero. */
static void streams_are_philox(void **unused)
{
	struct ns_stream stream;
	ns_stream_start(&stream, 0, (enum ns_purpose)0, 0);
	assert_true(ns_stream_bits(&stream) == 0x16554d9eca36314cull);
	assert_true(ns_stream_bits(&stream) == 0xdb20fe9d672d0fdcull);
	assert_true(ns_stream_bits(&stream) == 0xd7e772cee186176bull);
	assert_true(ns_stream_bits(&stream) == 0x7e68b68aec7ba23bull);
}

static void bounded_draws_are_uniform(void **unused)
{
	enum { DRAWS = 70000 };
	struct ns_stream stream;
	unsigned counts[7] = {0};
	double chi_square = 0;
	ns_stream_start(&stream, 4, NS_PURPOSE_TEST_SUITE, 1);
	for (int draw = 0; draw < DRAWS; draw++)
		counts[ns_stream_below(&stream, 7)]++;
	for (int c = 0; c < 7; c++)
		chi_square += pow(counts[c] - DRAWS / 7.0, 2) / (DRAWS / 7.0);
	assert_true(chi_square < 22.5); /* chi^2 with 6 degrees of freedom: 0.1 % */
}

/* Mean and variance of all entries within five standard errors, and each kind's own geometry. */
static void weights_have_their_moments(void **unused)
{
	enum { M = 6000, D = 5 };
	double *w = ns_alloc(M * D, sizeof *w);
	const double std = 1.5, entries = M * D;
	for (int init = NS_INIT_GAUSSIAN; init <= NS_INIT_SPHERE; init++) {
		struct ns_error error;
		double mean = 0, square = 0;
		assert_int_equal(ns_initial_weights((enum ns_initialisation)init, std, 8, M, D, w, &error), NS_OK);
		for (int e = 0; e < M * D; e++) {
			mean += w[e] / entries;
			square += w[e] * w[e] / entries;
		}
		assert_true(fabs(mean) < 5 * std / sqrt(entries));
		assert_true(fabs(square - std * std) < 5 * std * std * sqrt(2 / entries));
		for (int j = 0; j < M; j++) {
			double length = 0, next = 0;
			for (int k = 0; k < D; k++) {
				length += w[j * D + k] * w[j * D + k];
				next += j % D < D - 1 ? w[j * D + k] * w[(j + 1) * D + k] : 0;
				assert_true(init != NS_INIT_UNIFORM || fabs(w[j * D + k]) <= std * sqrt(3));
			}
			if (init == NS_INIT_SPHERE || init == NS_INIT_ORTHOGONAL)
				assert_true(fabs(length - std * std * D) < 1e-12 * D);
			if (init == NS_INIT_ORTHOGONAL)
				assert_true(fabs(next) < 1e-12 * D);
		}
	}
	ns_free(w);
}

static void a_node_does_not_depend_on_the_width(void **unused)
{
	enum { D = 4 };
	for (int init = NS_INIT_GAUSSIAN; init <= NS_INIT_SPHERE; init++) {
		double few[10 * D], many[40 * D], few_signs[10], many_signs[40];
		struct ns_error error;
		ns_initial_weights((enum ns_initialisation)init, 1, 3, 10, D, few, &error);
		ns_initial_weights((enum ns_initialisation)init, 1, 3, 40, D, many, &error);
		ns_output_signs(3, 10, few_signs);
		ns_output_signs(3, 40, many_signs);
		assert_memory_equal(few, many, sizeof few);
		assert_memory_equal(few_signs, many_signs, sizeof few_signs);
	}
}

/* E Theta(W_0) = Theta*: a mean over M independent nodes of |K_ik| times act' act', whose standard error is at most |K_ik| / 2
 * sqrt M times the range of act' act'. */
static void expect_limit_as_mean(enum ns_activation activation, double leak, double std, double range)
{
	enum { M = 200000, N = 6, D = 3 };
	double x[N * D], limit[N * N], *w = ns_alloc(M * D, sizeof *w);
	struct ns_error error;
	struct ns_stream stream;
	ns_stream_start(&stream, 1, NS_PURPOSE_TEST_SUITE, 0);
	for (int e = 0; e < N * D; e++)
		x[e] = e < D ? 0 : ns_stream_gaussian(&stream); /* the first input is zero */
	memcpy(x + 2 * D, x + D, D * sizeof *x);                /* one is duplicated */
	for (int k = 0; k < D; k++)
		x[3 * D + k] = -x[D + k]; /* one is its opposite */
	assert_true(ns_ntk_limit(activation, leak, std, N, D, x, limit));
	ns_initial_weights(NS_INIT_GAUSSIAN, std, 12, M, D, w, &error);
	double theta[N][N] = {{0}}, dots[N][N] = {{0}};
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++)
			for (int c = 0; c < D; c++)
				dots[i][k] += x[i * D + c] * x[k * D + c];
	for (int j = 0; j < M; j++) {
		double slope[N];
		for (int i = 0; i < N; i++) {
			double z = 0;
			for (int c = 0; c < D; c++)
				z += w[j * D + c] * x[i * D + c];
			slope[i] = ns_activation_slope(activation, leak, z);
		}
		for (int i = 0; i < N; i++)
			for (int k = 0; k < N; k++)
				theta[i][k] += dots[i][k] * slope[i] * slope[k] / M;
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++)
			assert_true(fabs(theta[i][k] - limit[i * N + k]) <= 5 * range * fabs(dots[i][k]) / (2 * sqrt(M)) + 1e-15);
	ns_free(w);
}

static void kernel_at_initialisation_has_the_limit_as_mean(void **unused)
{
	expect_limit_as_mean(NS_RELU, 0, M_SQRT2, 1);
	expect_limit_as_mean(NS_LEAKY_RELU, 0.3, M_SQRT2, 1);
	expect_limit_as_mean(NS_ERF, 0, 0.7, 4 / M_PI);
	double x = 1, limit = 17;
	assert_false(ns_ntk_limit(NS_GELU, 0, 1, 1, 1, &x, &limit));
	assert_true(limit == 17);
}

/* Two inputs at an angle of 1e-9, whose cosine is 1 in double: Theta* has the small eigenvalue |x|^2 angle / 4 pi, to first
 * order; and 0 if they are equal. */
static void limit_sees_close_inputs_apart(void **unused)
{
	const double angle = 1e-9, x[] = {0.6, 0.8, 0.6 - 0.8 * angle, 0.8 + 0.6 * angle};
	double limit[4];
	assert_true(ns_ntk_limit(NS_RELU, 0, 1, 2, 2, x, limit));
	assert_true(fabs((limit[0] - limit[1]) / (angle / (2 * M_PI)) - 1) < 1e-6);
	assert_true(ns_ntk_limit(NS_RELU, 0, 1, 2, 2, (const double[]){0.6, 0.8, 0.6, 0.8}, limit));
	assert_true(limit[0] == limit[1] && limit[0] == limit[3]);
}

static void eigenvalues_of_a_known_matrix(void **unused)
{
	/* the discrete Laplacian's eigenvalues are 2 - 2 cos(k pi / (n + 1)) */
	enum { N = 20 };
	double matrix[N * N] = {0}, smallest, largest;
	struct ns_error error;
	for (int i = 0; i < N; i++) {
		matrix[i * N + i] = 2;
		if (i > 0)
			matrix[i * N + i - 1] = matrix[(i - 1) * N + i] = -1;
	}
	assert_int_equal(ns_extreme_eigenvalues(N, matrix, &smallest, &largest, &error), NS_OK);
	assert_true(fabs(smallest - (2 - 2 * cos(M_PI / (N + 1)))) < 1e-14);
	assert_true(fabs(largest - (2 - 2 * cos(N * M_PI / (N + 1)))) < 1e-14);
	double one = -3;
	assert_int_equal(ns_extreme_eigenvalues(1, &one, &smallest, &largest, &error), NS_OK);
	assert_true(smallest == -3 && largest == -3);
	double none[N * N] = {0};
	assert_int_equal(ns_extreme_eigenvalues(N, none, &smallest, &largest, &error), NS_OK);
	assert_true(smallest == 0 && largest == 0);
}

static void eigenvalues_of_what_is_not_finite_are_refused(void **unused)
{
	enum { N = 20 };
	double smallest, largest;
	struct ns_error error;
	for (int bad = 0; bad < 2; bad++) {
		double matrix[N * N] = {0};
		matrix[7 * N + 3] = matrix[3 * N + 7] = bad == 0 ? NAN : INFINITY;
		assert_int_equal(ns_extreme_eigenvalues(N, matrix, &smallest, &largest, &error), NS_FAILED);
		assert_non_null(strstr(error.text, "not finite"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scaling_is_the_zipf_mixture_on_a_grid),
		cmocka_unit_test(streams_are_philox),
		cmocka_unit_test(bounded_draws_are_uniform),
		cmocka_unit_test(weights_have_their_moments),
		cmocka_unit_test(a_node_does_not_depend_on_the_width),
		cmocka_unit_test(kernel_at_initialisation_has_the_limit_as_mean),
		cmocka_unit_test(limit_sees_close_inputs_apart),
		cmocka_unit_test(eigenvalues_of_a_known_matrix),
		cmocka_unit_test(eigenvalues_of_what_is_not_finite_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
