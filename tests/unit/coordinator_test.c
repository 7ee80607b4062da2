/* The coordinator hands out each missing point once, the longest first. */
#include "test.h"
#include <nodescale/coordinator.h>

static void longest_first_each_once(void **unused)
{
	const double cycles[] = {1, 5, 3, 5, 2};
	const bool missing[] = {true, true, false, true, true};
	struct ns_coordinator *c;
	struct ns_error error;
	assert_int_equal(ns_coordinator_create(&c, 5, cycles, missing, &error), NS_OK);
	const size_t expected[] = {1, 3, 4, 0, NS_NO_POINT, NS_NO_POINT}; /* equal costs in the order of the sweep */
	for (int k = 0; k < 6; k++)
		assert_true(ns_coordinator_take(c) == expected[k]);
	ns_coordinator_finished(c, 1, true);
	ns_coordinator_finished(c, 4, false);
	const struct ns_progress progress = ns_coordinator_progress(c);
	assert_int_equal(progress.total, 4);
	assert_int_equal(progress.done, 2);
	assert_int_equal(progress.diverged, 1);
	assert_true(progress.cycles_total == 13 && progress.cycles_done == 7);
	ns_coordinator_destroy(c);
}

static void nothing_after_a_stop(void **unused)
{
	const double cycles[] = {1, 2};
	const bool missing[] = {true, true};
	struct ns_coordinator *c;
	struct ns_error error;
	assert_int_equal(ns_coordinator_create(&c, 2, cycles, missing, &error), NS_OK);
	assert_true(ns_coordinator_take(c) == 1);
	ns_coordinator_stop(c);
	assert_true(ns_coordinator_take(c) == NS_NO_POINT);
	ns_coordinator_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_first_each_once),
		cmocka_unit_test(nothing_after_a_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
