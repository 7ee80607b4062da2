/* Faults happen at the visit they were ordered for, once, and on the rank they were ordered for. */
#include "test.h"
#include <nodescale/fault.h>
#include <string.h>

static void assert_happens_at(enum ns_fault kind, int expected)
{
	for (int visit = 1; visit <= 5; visit++)
		assert_int_equal(ns_fault_happens(kind), visit == expected);
}

static void off_by_default(void **unused)
{
	struct ns_error error;
	assert_happens_at(NS_FAULT_WRITE, 0);
	assert_int_equal(ns_fault_start(NULL, 0, &error), NS_OK);
	assert_happens_at(NS_FAULT_WRITE, 0);
	assert_int_equal(ns_fault_start("", 0, &error), NS_OK);
	assert_happens_at(NS_FAULT_WRITE, 0);
}

static void happens_once_where_ordered(void **unused)
{
	struct ns_error error;
	assert_int_equal(ns_fault_start("write:3,fsync,short_write:2@1,checkpoint_write:2@0", 0, &error), NS_OK);
	assert_happens_at(NS_FAULT_WRITE, 3);
	assert_happens_at(NS_FAULT_FSYNC, 1);
	assert_happens_at(NS_FAULT_SHORT_WRITE, 0);
	assert_happens_at(NS_FAULT_CHECKPOINT_WRITE, 2);
	assert_happens_at(NS_FAULT_DIE, 0);
	assert_int_equal(ns_fault_start("short_write:2@1", 1, &error), NS_OK);
	assert_happens_at(NS_FAULT_SHORT_WRITE, 2);
	assert_happens_at(NS_FAULT_WRITE, 0); /* the order before is forgotten */
}

static void nonsense_is_refused(void **unused)
{
	static const char *const wrong[] = {"wrote:3", "write:", "write:0", "write:x", "write:-1", "write:1@", "write:1@x",
		"write,", ",", "write:99999999999999999999999", "writ", "write:1 "};
	struct ns_error error;
	for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
		if (ns_fault_start(wrong[w], 0, &error) != NS_BAD_INPUT)
			fail_msg("'%s' was accepted", wrong[w]);
		assert_non_null(strstr(error.text, wrong[w]));
	}
	assert_int_equal(ns_fault_start(NULL, 0, &error), NS_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_by_default),
		cmocka_unit_test(happens_once_where_ordered),
		cmocka_unit_test(nonsense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
