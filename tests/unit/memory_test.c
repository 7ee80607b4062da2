/* Memory: sizes that overflow, alignment, zeros, and what growing keeps. */
#include "test.h"
#include <nodescale/memory.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static void sizes_that_overflow_give_nothing(void **unused)
{
	static const size_t sizes[][2] = {{SIZE_MAX / 8 + 1, 8}, {8, SIZE_MAX / 8 + 1}, {SIZE_MAX, SIZE_MAX}, {1, SIZE_MAX},
		{SIZE_MAX - 63, 1}, {SIZE_MAX / 2 + 1, 2}};
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		assert_null(ns_alloc(sizes[s][0], sizes[s][1]));
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void blocks_are_aligned_and_zeroed(void **unused)
{
	static const size_t sizes[] = {1, 63, 64, 65, 4097, (8 << 20) - 1, 8 << 20, (8 << 20) + 1};
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (int time = 0; time < 2; time++) { /* the second block is likely to be the first one's dirty memory */
			unsigned char *block = ns_alloc(sizes[s], 1);
			assert_non_null(block);
			assert_int_equal((uintptr_t)block % 64, 0);
			assert_true(is_zero(block, sizes[s]));
			memset(block, 0xff, sizes[s]);
			ns_free(block);
		}
}

static void no_bytes_are_a_block_too(void **unused)
{
	void *none = ns_alloc(0, 8), *empty = ns_alloc(8, 0);
	assert_non_null(none);
	assert_non_null(empty);
	assert_ptr_not_equal(none, empty);
	ns_free(none);
	ns_free(empty);
	ns_free(NULL);
}

static void growing_keeps_the_old_and_zeroes_the_new(void **unused)
{
	uint32_t *numbers = ns_grow(NULL, 0, 3, sizeof *numbers);
	assert_non_null(numbers);
	for (uint32_t i = 0; i < 3; i++)
		numbers[i] = i + 1;
	assert_null(ns_grow(numbers, 3, SIZE_MAX / 2, sizeof *numbers));
	numbers = ns_grow(numbers, 3, 100, sizeof *numbers);
	assert_non_null(numbers);
	assert_true(numbers[0] == 1 && numbers[1] == 2 && numbers[2] == 3);
	assert_true(is_zero((unsigned char *)(numbers + 3), 97 * sizeof *numbers));
	ns_free(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_that_overflow_give_nothing),
		cmocka_unit_test(blocks_are_aligned_and_zeroed),
		cmocka_unit_test(no_bytes_are_a_block_too),
		cmocka_unit_test(growing_keeps_the_old_and_zeroes_the_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
