/* The tour of the samples: a permutation, short where the shortest is known, and one for all points with the same data. */
#include "../../src/core/intervals/shared.h"
#include "../../src/core/intervals/tour.h"
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <pthread.h>
#include <string.h>

static void fill_inputs(double *x, size_t n, size_t d)
{
	struct ns_stream stream;
	ns_stream_start(&stream, 71, NS_PURPOSE_TEST_SUITE, n);
	for (size_t e = 0; e < n * d; e++)
		x[e] = ns_stream_below(&stream, 5) == 0 ? 0 : ns_stream_gaussian(&stream);
	for (size_t e = 2 * d; e < n * d && e < 4 * d; e++)
		x[e] = -x[e - 2 * d];
}

static void tour_is_a_permutation_and_deterministic(void **unused)
{
	static const size_t sizes[] = {1, 2, 3, 4, 11, 500};
	struct ns_error error;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (size_t d = 1; d <= 5; d += 2) {
			const size_t n = sizes[s];
			double *x = ns_alloc(n * d, 8);
			fill_inputs(x, n, d);
			struct tour *tour, *again;
			uint8_t *seen = ns_alloc(n, 1);
			assert_int_equal(ns_tour_create(&tour, n, d, x, &error), NS_OK);
			assert_int_equal(ns_tour_create(&again, n, d, x, &error), NS_OK);
			for (size_t p = 0; p < n; p++) {
				assert_true(tour->order[p] < n && seen[tour->order[p]]++ == 0);
				assert_true(tour->sign[p] == 1 || tour->sign[p] == -1);
			}
			assert_memory_equal(tour->order, again->order, n * sizeof *tour->order);
			assert_memory_equal(tour->sign, again->sign, n);
			ns_tour_destroy(tour);
			ns_tour_destroy(again);
			ns_free(x);
			ns_free(seen);
		}
}

/* On a circle the tour must find its way round: a half-plane is then one run, but for where the tour starts. */
static void tour_goes_round_a_circle(void **unused)
{
	enum { N = 400 };
	struct ns_error error;
	struct tour *tour;
	double *x = ns_alloc(N, 16);
	struct ns_stream stream;
	ns_stream_start(&stream, 72, NS_PURPOSE_TEST_SUITE, 0);
	for (size_t i = 0; i < N; i++) {
		const double angle = 2 * M_PI * ns_stream_uniform(&stream);
		x[2 * i] = cos(angle);
		x[2 * i + 1] = sin(angle);
	}
	assert_int_equal(ns_tour_create(&tour, N, 2, x, &error), NS_OK);
	size_t changes = 0;
	for (size_t p = 1; p < N; p++)
		changes += (tour->sign[p] * x[2 * tour->order[p]] > 0) != (tour->sign[p - 1] * x[2 * tour->order[p - 1]] > 0);
	assert_true(changes <= 2);
	ns_tour_destroy(tour);
	ns_free(x);
}

struct request {
	struct ns_shared *shared;
	const double *x;
	const struct tour *tour;
};

static void *ask_for_tour(void *opaque)
{
	struct request *request = opaque;
	struct ns_error error;
	if (ns_shared_tour(request->shared, 300, 3, request->x, &request->tour, &error) != NS_OK)
		request->tour = NULL;
	return NULL;
}

static void points_share_a_tour(void **unused)
{
	double *x = ns_alloc(900, 8), *other = ns_alloc(900, 8);
	fill_inputs(x, 300, 3);
	memcpy(other, x, 900 * 8);
	other[899] = 0.25;
	struct ns_shared *shared = ns_shared_create();
	struct request requests[4] = {{shared, x, NULL}, {shared, x, NULL}, {shared, other, NULL}, {shared, other, NULL}};
	pthread_t threads[4];
	for (int t = 0; t < 4; t++)
		assert_int_equal(pthread_create(&threads[t], NULL, ask_for_tour, &requests[t]), 0);
	for (int t = 0; t < 4; t++)
		pthread_join(threads[t], NULL);
	assert_non_null(requests[0].tour);
	assert_non_null(requests[2].tour);
	assert_ptr_equal(requests[0].tour, requests[1].tour);
	assert_ptr_equal(requests[2].tour, requests[3].tour);
	assert_ptr_not_equal(requests[0].tour, requests[2].tour);
	ns_shared_destroy(shared);
	ns_free(x);
	ns_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tour_is_a_permutation_and_deterministic),
		cmocka_unit_test(tour_goes_round_a_circle),
		cmocka_unit_test(points_share_a_tour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
