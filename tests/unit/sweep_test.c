/* One rank of a running sweep with a sink that keeps books: each point begun is written or released, whatever happens. */
#include "test.h"
#include <dirent.h>
#include <math.h>
#include <nodescale/checkpoints.h>
#include <nodescale/data.h>
#include <nodescale/sweep.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POINTS = 12 };

struct book {
	_Atomic int begun[POINTS], released[POINTS], written[POINTS];
	_Atomic int n_written;
	int fails_at, stops_at; /* the write of this number fails, asks for a stop; 0: none */
	volatile sig_atomic_t stop;
};

static enum ns_status begin(void *context, size_t point, struct ns_error *error)
{
	((struct book *)context)->begun[point]++;
	return NS_OK;
}

static enum ns_status release(void *context, size_t point, struct ns_error *error)
{
	((struct book *)context)->released[point]++;
	return NS_OK;
}

static enum ns_status keep(void *context, size_t point, const struct ns_result *result, struct ns_error *error)
{
	struct book *book = context;
	const int number = ++book->n_written;
	if (number == book->stops_at)
		book->stop = NS_STOP_IN_ORDER;
	if (number == book->fails_at)
		return ns_error_set(error, NS_FAILED, "this book is full");
	assert_int_equal(result->status, NS_POINT_DONE);
	book->written[point]++;
	return NS_OK;
}

struct fixture {
	struct ns_experiment experiment;
	struct ns_data data;
	struct ns_point points[POINTS];
	bool selected[POINTS];
	struct ns_log log;
	FILE *stream;
	struct book book;
	struct ns_sweep sweep;
};

static void prepare(struct fixture *f, uint64_t steps, int lanes)
{
	struct ns_error error;
	*f = (struct fixture){.experiment = {.data_kind = NS_DATA_SPHERE_SINE,
				      .n_train = 10,
				      .n_test = 5,
				      .d = 3,
				      .noise = 0.1,
				      .init_std = 1,
				      .step_size = 0.5,
				      .steps = steps,
				      .record_every = steps,
				      .probes = 5}};
	assert_int_equal(ns_data_synthesise(&f->data, &f->experiment, &error), NS_OK);
	for (size_t p = 0; p < POINTS; p++) {
		f->points[p] = (struct ns_point){1, NAN, 20, p};
		f->selected[p] = p != 3;
	}
	f->stream = tmpfile();
	ns_log_init(&f->log, f->stream, 0, 1);
	f->sweep = (struct ns_sweep){.experiment = &f->experiment,
		.data = &f->data,
		.points = f->points,
		.n_points = POINTS,
		.selected = f->selected,
		.engine = &ns_reference_engine,
		.options = {.threads = 1, .isa = ns_isa_best()},
		.lanes = lanes,
		.sink = {begin, release, keep, &f->book},
		.checkpoint_seconds = INFINITY,
		.deadline = INFINITY,
		.stop = &f->book.stop,
		.log = &f->log};
}

static void finish(struct fixture *f)
{
	ns_data_finish(&f->data);
	fclose(f->stream);
}

static void require_balance(const struct book *book, int *begun)
{
	*begun = 0;
	for (size_t p = 0; p < POINTS; p++) {
		assert_true(book->begun[p] <= 1);
		assert_int_equal(book->written[p] + book->released[p], book->begun[p]);
		*begun += book->begun[p];
	}
}

static void every_selected_point_is_begun_and_written_once(void **unused)
{
	for (int lanes = 1; lanes <= 3; lanes++) {
		struct fixture f;
		struct ns_error error;
		struct ns_progress progress;
		int begun;
		prepare(&f, 50, lanes);
		assert_int_equal(ns_sweep_run(&f.sweep, MPI_COMM_WORLD, &progress, &error), NS_OK);
		require_balance(&f.book, &begun);
		assert_int_equal(f.book.n_written, POINTS - 1);
		assert_int_equal(f.book.begun[3], 0);
		assert_true(progress.done == POINTS - 1 && progress.released == 0);
		finish(&f);
	}
}

static void a_result_that_cannot_be_written_is_released(void **unused)
{
	struct fixture f;
	struct ns_error error;
	struct ns_progress progress;
	int begun;
	prepare(&f, 50, 2);
	f.book.fails_at = 4;
	assert_int_equal(ns_sweep_run(&f.sweep, MPI_COMM_WORLD, &progress, &error), NS_FAILED);
	assert_string_equal(error.text, "this book is full");
	require_balance(&f.book, &begun);
	assert_true(begun < POINTS - 1);
	finish(&f);
}

static void a_stop_releases_what_is_in_flight(void **unused)
{
	struct fixture f;
	struct ns_error error;
	struct ns_progress progress;
	int begun;
	prepare(&f, 100000, 3);
	f.book.stops_at = 1;
	assert_int_equal(ns_sweep_run(&f.sweep, MPI_COMM_WORLD, &progress, &error), NS_STOPPED);
	require_balance(&f.book, &begun);
	assert_true(begun < POINTS - 1);
	assert_true(progress.done + progress.released == (uint64_t)begun && progress.saved == 0);
	assert_non_null(strstr(error.text, "stopped in good order by a signal: "));
	finish(&f);
}

/* Stops at the deadline over and over, with checkpoints: nothing is done twice, and nothing is left behind at the end. */
static void deadlines_and_checkpoints_lead_to_the_end(void **unused)
{
	struct fixture f;
	struct ns_error error;
	struct ns_progress progress;
	enum ns_status status = NS_STOPPED;
	int begun, stops = 0;
	uint64_t saved = 0;
	char folder[] = "checkpoints";
	prepare(&f, 100000, 2);
	f.sweep.checkpoints = folder;
	f.sweep.checkpoint_seconds = 0.05;
	while (status == NS_STOPPED) {
		memset(&f.book, 0, sizeof f.book);
		f.sweep.deadline = ns_log_clock() + 0.3;
		status = ns_sweep_run(&f.sweep, MPI_COMM_WORLD, &progress, &error);
		require_balance(&f.book, &begun);
		for (size_t p = 0; p < POINTS; p++)
			f.selected[p] = f.selected[p] && !f.book.written[p];
		stops += status == NS_STOPPED;
		saved += progress.saved;
		assert_true(status != NS_STOPPED || strstr(error.text, "at the time limit") != NULL);
		assert_true(stops < 2000); /* a slow machine gets little done in 0.3 s */
	}
	assert_int_equal(status, NS_OK);
	assert_true(stops > 0 && saved > 0);
	assert_int_equal(rmdir(folder), 0); /* empty */
	finish(&f);
}

static void touch(const char *folder, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	fclose(fopen(path, "w"));
}

static void tidying_removes_what_is_of_no_use(void **unused)
{
	const struct ns_point points[] = {{1, NAN, 20, 0}, {1, NAN, 20, 1}};
	const bool finished[] = {true, false}, all[] = {true, true};
	char folder[] = "tidy", path[PATH_MAX];
	assert_int_equal(mkdir(folder, 0700), 0);
	for (int p = 0; p < 2; p++) {
		ns_checkpoints_path(folder, &points[p], path);
		touch(folder, strrchr(path, '/') + 1);
	}
	touch(folder, "0123456789abcdef.part");
	touch(folder, "0123456789abcdef"); /* of a point that is not of this sweep */
	ns_checkpoints_tidy(folder, points, 2, finished);
	int left = 0;
	DIR *entries = opendir(folder);
	while (readdir(entries) != NULL)
		left++;
	closedir(entries);
	assert_int_equal(left, 2 + 2); /* . and .. */
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink("tidy/0123456789abcdef"), 0);
	ns_checkpoints_tidy(folder, points, 2, all);
	assert_int_not_equal(access(folder, F_OK), 0);
	ns_checkpoints_tidy(folder, points, 2, all); /* no folder: nothing to do */
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/nodescale-sweep-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_selected_point_is_begun_and_written_once),
		cmocka_unit_test(a_result_that_cannot_be_written_is_released),
		cmocka_unit_test(a_stop_releases_what_is_in_flight),
		cmocka_unit_test(deadlines_and_checkpoints_lead_to_the_end),
		cmocka_unit_test(tidying_removes_what_is_of_no_use),
	};
	int provided;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	MPI_Finalize();
	return failed;
}
