/* Progress and messages as a file gets them, and the bar as a terminal does. */
#include "test.h"
#include <nodescale/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ns_log start_log(int rank)
{
	struct ns_log log;
	FILE *stream = tmpfile();
	assert_non_null(stream);
	unsetenv("OMPI_COMM_WORLD_RANK"); /* under mpirun a pipe counts as a terminal if mpirun has one */
	ns_log_init(&log, stream, rank, 4);
	assert_false(log.terminal);
	return log;
}

/* Closes the log and returns all that was written to it, in text. */
static char *written(struct ns_log *log, char *text, size_t size)
{
	rewind(log->stream);
	const size_t length = fread(text, 1, size - 1, log->stream);
	text[length] = '\0';
	fclose(log->stream);
	return text;
}

/* Makes the run look a thousand hours and half a minute old, so that no delay of this test changes what is printed. */
static void make_old(struct ns_log *log)
{
	log->started -= 3600030;
	log->last_drawn -= 3600030;
}

static void lines_are_stamped_with_the_rank(void **unused)
{
	char text[256];
	struct ns_log log = start_log(0);
	ns_log_line(&log, "%d points", 8);
	ns_log_line(&log, "done");
	assert_string_equal(written(&log, text, sizeof text), "8 points\ndone\n");
	log = start_log(3);
	ns_log_line(&log, "%d points", 8);
	assert_string_equal(written(&log, text, sizeof text), "[rank 3] 8 points\n");
}

static void progress_is_a_line_now_and_then(void **unused)
{
	char text[512];
	struct ns_log log = start_log(0);
	ns_log_progress(&log, 1, 14400120, 0, 1, 4); /* too early */
	make_old(&log);
	ns_log_progress(&log, 7200060, 14400120, 0, 1, 3);
	ns_log_progress(&log, 7200061, 14400120, 0, 1, 3); /* too soon after */
	assert_string_equal(
		written(&log, text, sizeof text), "7200060/14400120 points, 2 points/s, elapsed 1000h00m, left 2000h01m\n");
}

static void nothing_is_foretold_before_any_work_is_done(void **unused)
{
	char text[512];
	struct ns_log log = start_log(0);
	make_old(&log);
	ns_log_progress(&log, 0, 8, 0, 0, 100);
	assert_string_equal(written(&log, text, sizeof text), "0/8 points, elapsed 1000h00m\n");
}

static void work_beyond_the_estimate_leaves_nothing(void **unused)
{
	char text[512];
	struct ns_log log = start_log(0);
	make_old(&log);
	ns_log_progress(&log, 7200060, 7200061, 0, 120, 100);
	assert_string_equal(written(&log, text, sizeof text), "7200060/7200061 points, 2 points/s, elapsed 1000h00m, left 0s\n");
}

static void the_last_line_tells_what_became_of_the_points(void **unused)
{
	char text[512];
	struct ns_log log = start_log(0);
	make_old(&log);
	ns_log_progress_end(&log, 3600030, 3600030, 2);
	assert_string_equal(
		written(&log, text, sizeof text), "3600030/3600030 points, 2 diverged, 1 points/s, elapsed 1000h00m\n");
}

static void a_bar_is_redrawn_in_place_and_cleared_for_lines(void **unused)
{
	char text[1024];
	struct ns_log log = start_log(0);
	log.terminal = true;
	make_old(&log);
	ns_log_progress(&log, 3600030, 7200060, 0, 1, 2);
	ns_log_line(&log, "a message");
	ns_log_line(&log, "another");
	ns_log_progress_end(&log, 7200060, 7200060, 0);
	assert_string_equal(written(&log, text, sizeof text),
		"\r\033[K[###############...............] 3600030/7200060 points, 1 points/s, elapsed 1000h00m, left 1000h00m"
		"\r\033[Ka message\nanother\n"
		"\r\033[K[##############################] 7200060/7200060 points, 2 points/s, elapsed 1000h00m\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_stamped_with_the_rank),
		cmocka_unit_test(progress_is_a_line_now_and_then),
		cmocka_unit_test(nothing_is_foretold_before_any_work_is_done),
		cmocka_unit_test(work_beyond_the_estimate_leaves_nothing),
		cmocka_unit_test(the_last_line_tells_what_became_of_the_points),
		cmocka_unit_test(a_bar_is_redrawn_in_place_and_cleared_for_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
