/* Synthetic data: the laws of inputs and targets, what the seed decides, and the digest. */
#include "test.h"
#include <float.h>
#include <math.h>
#include <nodescale/data.h>
#include <stdio.h>
#include <string.h>

static const enum ns_data_kind kinds[] = {NS_DATA_SPHERE_SINE, NS_DATA_GAUSSIAN_SINE, NS_DATA_CUBE_SINE};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct ns_experiment experiment_of(enum ns_data_kind kind)
{
	return (struct ns_experiment){.data_kind = kind, .n_train = 4000, .n_test = 3000, .d = 20, .noise = 0.1, .data_seed = 1};
}

static struct ns_data make(const struct ns_experiment *experiment)
{
	struct ns_data data;
	struct ns_error error;
	if (ns_data_load(&data, experiment, &error) != NS_OK)
		fail_msg("%s", error.text);
	assert_int_equal(data.d, experiment->d);
	assert_int_equal(data.train.n, experiment->n_train);
	assert_int_equal(data.validation.n, 0);
	assert_int_equal(data.test.n, experiment->n_test);
	return data;
}

static bool same_inputs(const struct ns_part *a, const struct ns_part *b, size_t n, size_t d)
{
	return memcmp(a->x, b->x, n * d * sizeof *a->x) == 0;
}

static bool same_targets(const struct ns_part *a, const struct ns_part *b, size_t n)
{
	return memcmp(a->y, b->y, n * sizeof *a->y) == 0;
}

static double square_norm(const double *x, size_t d)
{
	double sum = 0;
	for (size_t k = 0; k < d; k++)
		sum += x[k] * x[k];
	return sum;
}

static void inputs_on_the_sphere_have_norm_one(void **unused)
{
	const struct ns_experiment experiment = experiment_of(NS_DATA_SPHERE_SINE);
	struct ns_data data = make(&experiment);
	const struct ns_part *parts[] = {&data.train, &data.test};
	for (int p = 0; p < 2; p++)
		for (size_t i = 0; i < parts[p]->n; i++) /* d additions, rounded each */
			assert_true(fabs(square_norm(parts[p]->x + i * data.d, data.d) - 1) <= (double)data.d * DBL_EPSILON);
	ns_data_finish(&data);
}

/* An estimate within four of its standard errors: for these seeds it either always passes or never. */
static void assert_estimate(const char *what, double estimate, double expected, double standard_error)
{
	if (!(fabs(estimate - expected) <= 4 * standard_error))
		fail_msg("%s is %g, not %g +- %g", what, estimate, expected, standard_error);
}

static void inputs_have_their_moments(void **unused)
{
	/* variance of |x|^2, times d, and E x_k^4, times d^2; on the sphere 3 d / (d + 2) of the Gaussian's */
	static const double square_spread[] = {0, 2, 0.8};
	for (int k = 0; k < KINDS; k++) {
		const struct ns_experiment experiment = experiment_of(kinds[k]);
		struct ns_data data = make(&experiment);
		const double n = (double)data.train.n, d = (double)data.d;
		const double fourth[] = {3 * d / (d + 2), 3, 1.8};
		double sum = 0, square = 0, quartic = 0, eighth = 0;
		for (size_t i = 0; i < data.train.n * data.d; i++) {
			const double x = data.train.x[i] * sqrt(d), power = x * x * x * x;
			sum += x;
			square += x * x;
			quartic += power;
			eighth += power * power;
		}
		assert_estimate("mean x_k sqrt(d)", sum / (n * d), 0, 1 / sqrt(n * d));
		assert_estimate("mean |x|^2", square / (n * d), 1, sqrt(square_spread[k] / (n * d)) + d * n * DBL_EPSILON);
		/* entries of one sample are nearly independent, so their spread gives the error */
		assert_estimate("mean x_k^4 d^2", quartic / (n * d), fourth[k],
			sqrt((eighth / (n * d) - fourth[k] * fourth[k]) / (n * d)));
		ns_data_finish(&data);
	}
}

static void the_cube_is_filled_to_its_faces(void **unused)
{
	const struct ns_experiment experiment = experiment_of(NS_DATA_CUBE_SINE);
	struct ns_data data = make(&experiment);
	const double side = sqrt(3 / (double)data.d);
	double least = 0, most = 0;
	for (size_t i = 0; i < data.train.n * data.d; i++) {
		least = fmin(least, data.train.x[i]);
		most = fmax(most, data.train.x[i]);
	}
	/* the largest of 80,000 uniform numbers misses the end by 1/80,000 on average */
	assert_true(least >= -side && least < -0.999 * side && most <= side && most > 0.999 * side);
	ns_data_finish(&data);
}

static void targets_without_noise_are_the_sine(void **unused)
{
	for (int k = 0; k < KINDS; k++) {
		struct ns_experiment experiment = experiment_of(kinds[k]);
		experiment.noise = 0;
		struct ns_data data = make(&experiment);
		const struct ns_part *parts[] = {&data.train, &data.test};
		for (int p = 0; p < 2; p++)
			for (size_t i = 0; i < parts[p]->n; i++) {
				const double *x = parts[p]->x + i * data.d;
				long double sum = 0, error = 0;
				for (size_t c = 0; c < data.d; c++) {
					sum += sinl(acosl(-1) * x[c]);
					/* of pi and of pi x, of the sine, and of the sums it enters */
					error += (2 * M_PI * fabs(x[c]) + 1 + (double)data.d) * DBL_EPSILON;
				}
				assert_true(fabsl(parts[p]->y[i] - 5.0L / data.d * sum) <= 5.0L / data.d * error);
			}
		ns_data_finish(&data);
	}
}

static void noise_has_its_standard_deviation(void **unused)
{
	for (int k = 0; k < KINDS; k++) {
		struct ns_experiment experiment = experiment_of(kinds[k]);
		struct ns_data noisy = make(&experiment);
		experiment.noise = 0;
		struct ns_data clean = make(&experiment);
		const struct ns_part *parts[][2] = {{&noisy.train, &clean.train}, {&noisy.test, &clean.test}};
		for (int p = 0; p < 2; p++) {
			const double n = (double)parts[p][0]->n;
			double sum = 0, squares = 0;
			assert_true(same_inputs(parts[p][0], parts[p][1], parts[p][0]->n, noisy.d));
			for (size_t i = 0; i < parts[p][0]->n; i++) {
				const double noise = (parts[p][0]->y[i] - parts[p][1]->y[i]) / 0.1;
				sum += noise;
				squares += noise * noise;
			}
			assert_estimate("mean noise", sum / n, 0, 1 / sqrt(n));
			assert_estimate("noise variance", squares / n, 1, sqrt(2 / n));
		}
		ns_data_finish(&noisy);
		ns_data_finish(&clean);
	}
}

static void the_seed_decides_the_samples(void **unused)
{
	for (int k = 0; k < KINDS; k++) {
		struct ns_experiment experiment = experiment_of(kinds[k]);
		struct ns_data data = make(&experiment), again = make(&experiment);
		experiment.data_seed = 2;
		struct ns_data other = make(&experiment);
		assert_true(ns_data_digest(&data) == ns_data_digest(&again));
		for (size_t i = 0; i < data.test.n * data.d; i++) /* exact hits of continuous numbers */
			assert_true(data.train.x[i] != other.train.x[i] && data.test.x[i] != other.test.x[i] &&
				    data.train.x[i] != data.test.x[i]);
		ns_data_finish(&data);
		ns_data_finish(&again);
		ns_data_finish(&other);
	}
}

static void noise_of_training_and_test_differs(void **unused)
{
	/* in one dimension the sphere is two points, so targets differ by their noise alone where inputs agree */
	struct ns_experiment experiment = experiment_of(NS_DATA_SPHERE_SINE);
	experiment.d = 1;
	struct ns_data data = make(&experiment);
	for (size_t i = 0; i < data.test.n; i++)
		assert_true(data.train.x[i] != data.test.x[i] || data.train.y[i] != data.test.y[i]);
	ns_data_finish(&data);
}

static void more_samples_keep_the_first(void **unused)
{
	for (int k = 0; k < KINDS; k++) {
		struct ns_experiment experiment = experiment_of(kinds[k]);
		struct ns_data data = make(&experiment);
		experiment.n_train = 100;
		experiment.n_test = 30;
		struct ns_data fewer = make(&experiment);
		assert_true(same_inputs(&data.train, &fewer.train, 100, data.d) && same_targets(&data.train, &fewer.train, 100));
		assert_true(same_inputs(&data.test, &fewer.test, 30, data.d) && same_targets(&data.test, &fewer.test, 30));
		ns_data_finish(&data);
		ns_data_finish(&fewer);
	}
}

enum { D = 3, SIZES = 3 };
static const size_t sizes[SIZES] = {4, 2, 3};

static struct ns_data numbered(size_t n_train, size_t n_validation, size_t n_test, size_t d)
{
	struct ns_data data;
	struct ns_error error;
	assert_int_equal(ns_data_init(&data, d, n_train, n_validation, n_test, &error), NS_OK);
	struct ns_part *parts[] = {&data.train, &data.validation, &data.test};
	double number = 0;
	for (int p = 0; p < 3; p++) {
		for (size_t i = 0; i < parts[p]->n * d; i++)
			parts[p]->x[i] = number++;
		for (size_t i = 0; i < parts[p]->n; i++)
			parts[p]->y[i] = number++;
	}
	return data;
}

static void assert_digest_sees(struct ns_data *data, double *number, uint64_t digest)
{
	const double kept = *number;
	*number = nextafter(kept, INFINITY);
	assert_true(ns_data_digest(data) != digest);
	*number = kept;
}

static void the_digest_sees_every_number(void **unused)
{
	struct ns_data data = numbered(sizes[0], sizes[1], sizes[2], D);
	struct ns_part *parts[] = {&data.train, &data.validation, &data.test};
	const uint64_t digest = ns_data_digest(&data);
	for (int p = 0; p < 3; p++) {
		for (size_t i = 0; i < parts[p]->n * D; i++)
			assert_digest_sees(&data, parts[p]->x + i, digest);
		for (size_t i = 0; i < parts[p]->n; i++)
			assert_digest_sees(&data, parts[p]->y + i, digest);
	}
	assert_true(ns_data_digest(&data) == digest);
	ns_data_finish(&data);
}

/* The same bytes in the same order, cut into parts and rows at other places. */
static void the_digest_sees_the_sizes(void **unused)
{
	static const size_t shapes[][4] = {{4, 2, 3, 3}, {3, 3, 3, 3}, {4, 3, 2, 3}, {9, 0, 0, 3}, {0, 9, 0, 3}, {12, 0, 0, 2},
		{18, 0, 0, 1}, {6, 6, 0, 2}, {4, 4, 4, 2}};
	enum { SHAPES = sizeof shapes / sizeof *shapes };
	uint64_t digests[SHAPES];
	for (int s = 0; s < SHAPES; s++) {
		struct ns_data data = numbered(shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3]);
		digests[s] = ns_data_digest(&data);
		ns_data_finish(&data);
		for (int other = 0; other < s; other++)
			assert_true(digests[s] != digests[other]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_on_the_sphere_have_norm_one),
		cmocka_unit_test(inputs_have_their_moments),
		cmocka_unit_test(the_cube_is_filled_to_its_faces),
		cmocka_unit_test(targets_without_noise_are_the_sine),
		cmocka_unit_test(noise_has_its_standard_deviation),
		cmocka_unit_test(the_seed_decides_the_samples),
		cmocka_unit_test(noise_of_training_and_test_differs),
		cmocka_unit_test(more_samples_keep_the_first),
		cmocka_unit_test(the_digest_sees_every_number),
		cmocka_unit_test(the_digest_sees_the_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
