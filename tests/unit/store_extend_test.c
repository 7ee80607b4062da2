/* Files that grow, and files that are merged: every finished point goes along with all its numbers, and nothing else changes. */
#include "store_fixture.h"
#include "test.h"
#include <hdf5.h>
#include <nodescale/memory.h>
#include <nodescale/reader.h>
#include <nodescale/schema.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POINTS = 12 };
static const char path[] = "extend.h5", other[] = "other.h5", merged[] = "merged.h5";

/* A description of some of the fixture's points, in an order of its own. */
struct part {
	struct ns_point points[POINTS];
	struct ns_sweep_description sweep;
};

static void part_init(struct part *part, const struct ns_store_fixture *fixture, const size_t *which, size_t n)
{
	part->sweep = fixture->sweep;
	part->sweep.points = part->points;
	part->sweep.n_points = n;
	for (size_t k = 0; k < n; k++)
		part->points[k] = fixture->points[which[k]];
}

/* Writes the results of those points of the part for which write is true, as fixture has them. */
static void write_part(const char *file, const struct ns_store_fixture *fixture, const struct part *part, const size_t *which,
	const bool *write, const char *news)
{
	struct ns_error error;
	struct ns_store *store;
	if (ns_store_open(&store, file, &part->sweep, MPI_COMM_SELF, &error) != NS_OK)
		fail_msg("%s", error.text);
	assert_string_equal(ns_store_news(store), news);
	for (size_t k = 0; k < part->sweep.n_points; k++) {
		struct ns_result result;
		if (!write[k])
			continue;
		ns_store_fixture_result(fixture, which[k], &result);
		assert_int_equal(ns_store_write(store, k, &result, &error), NS_OK);
		ns_result_finish(&result);
	}
	assert_int_equal(ns_store_close(store, &error), NS_OK);
}

/* The file holds just the points named, in this order, finished ones with their results; verify is content. */
static void assert_holds(
	const char *file, const struct ns_store_fixture *fixture, const size_t *which, const bool *finished, size_t n)
{
	struct ns_error error;
	struct ns_reader *reader;
	size_t n_bad;
	uint64_t digest;
	assert_int_equal(ns_reader_open(&reader, file, &error), NS_OK);
	assert_int_equal(ns_reader_verify(reader, stderr, &n_bad, &digest, &error), NS_OK);
	assert_int_equal(n_bad, 0);
	assert_int_equal(ns_reader_point_count(reader), n);
	for (size_t k = 0; k < n; k++) {
		struct ns_result is, expected;
		assert_int_equal(ns_point_id(&ns_reader_points(reader)[k]), ns_point_id(&fixture->points[which[k]]));
		assert_int_equal(ns_reader_status(reader)[k] != NS_POINT_MISSING, finished[k]);
		if (!finished[k])
			continue;
		assert_int_equal(ns_reader_result(reader, k, &is, &error), NS_OK);
		ns_store_fixture_result(fixture, which[k], &expected);
		assert_int_equal(ns_result_checksum(&fixture->points[which[k]], &is),
			ns_result_checksum(&fixture->points[which[k]], &expected));
		assert_true(is.wall_seconds == expected.wall_seconds);
		assert_string_equal(is.engine, expected.engine);
		ns_result_finish(&is);
		ns_result_finish(&expected);
	}
	ns_reader_close(reader);
}

static uint64_t digest_of(const char *file)
{
	struct ns_error error;
	struct ns_reader *reader;
	size_t n_bad;
	uint64_t digest;
	assert_int_equal(ns_reader_open(&reader, file, &error), NS_OK);
	assert_int_equal(ns_reader_verify(reader, stderr, &n_bad, &digest, &error), NS_OK);
	ns_reader_close(reader);
	return digest;
}

static ino_t identity(const char *file)
{
	struct stat about;
	assert_int_equal(stat(file, &about), 0);
	return about.st_ino;
}

static void a_file_grows_and_keeps_what_the_spec_no_longer_names(void **unused)
{
	const size_t first[] = {3, 1, 7, 5}, second[] = {5, 0, 1, 2, 9}, after[] = {3, 1, 7, 5, 0, 2, 9};
	const bool three[] = {true, true, false, true}, finished[] = {true, true, false, true, false, false, false},
		   new[] = {false, true, false, true, true}, at_last[] = {true, true, false, true, true, true, true};
	struct ns_store_fixture fixture;
	struct part part;
	for (enum ns_weights_kept weights = NS_WEIGHTS_NONE; weights <= NS_WEIGHTS_ENDS; weights++) {
		ns_store_fixture_init(&fixture, POINTS, weights);
		part_init(&part, &fixture, first, 4);
		write_part(path, &fixture, &part, first, three, "");
		part_init(&part, &fixture, second, 5);
		write_part(path, &fixture, &part, second, (bool[5]){false},
			"extend.h5 grows from 4 to 7 points; 3 finished ones are taken over");
		assert_holds(path, &fixture, after, finished, 7);
		write_part(path, &fixture, &part, second, new, "");
		assert_holds(path, &fixture, after, at_last, 7);
		/* the same results written in another file at once: the same digest */
		const size_t six[] = {9, 2, 0, 5, 1, 3};
		part_init(&part, &fixture, six, 6);
		write_part(other, &fixture, &part, six, (bool[6]){true, true, true, true, true, true}, "");
		assert_int_equal(digest_of(other), digest_of(path));
		unlink(path);
		unlink(other);
		ns_store_fixture_finish(&fixture);
	}
}

static void cosmetic_changes_rewrite_nothing(void **unused)
{
	const size_t first[] = {0, 1, 2, 3}, turned[] = {3, 1, 2}, after[] = {0, 1, 2, 3};
	const bool all[] = {true, true, true, true};
	struct ns_store_fixture fixture;
	struct part part;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	part_init(&part, &fixture, first, 4);
	write_part(path, &fixture, &part, first, all, "");
	const ino_t before = identity(path);
	part_init(&part, &fixture, turned, 3);
	part.sweep.spec_text = "# a comment\nname: another name\n";
	part.sweep.command_line = "nodescale run renamed.yaml";
	struct ns_experiment experiment = fixture.experiment;
	snprintf(experiment.name, sizeof experiment.name, "another name");
	experiment.leak = 0.5; /* without meaning for ReLU */
	part.sweep.experiment = &experiment;
	write_part(path, &fixture, &part, turned, (bool[3]){false}, "");
	assert_int_equal(identity(path), before);
	assert_holds(path, &fixture, after, all, 4);
	unlink(path);
	ns_store_fixture_finish(&fixture);
}

/* Whatever the texts: the places that a file without a seal is read at. */
static void places_depend_on_sizes_only(void **unused)
{
	struct ns_store_fixture fixture;
	haddr_t offsets[2][NS_VAR_COUNT] = {0};
	static char long_text[50000];
	memset(long_text, '#', sizeof long_text - 1);
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	for (int pass = 0; pass < 2; pass++) {
		struct ns_error error;
		assert_int_equal(ns_store_create(path, &fixture.sweep, MPI_COMM_SELF, &error), NS_OK);
		const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
		for (int v = 0; v < NS_VAR_COUNT; v++) {
			if (!ns_schema_in_slot((enum ns_variable)v))
				continue;
			const hid_t dataset = H5Dopen2(file, ns_schema_variable((enum ns_variable)v).name, H5P_DEFAULT);
			offsets[pass][v] = H5Dget_offset(dataset);
			H5Dclose(dataset);
		}
		H5Fclose(file);
		unlink(path);
		fixture.sweep.spec_text = long_text;
		fixture.sweep.command_line = long_text;
		memset(fixture.experiment.name, 'n', sizeof fixture.experiment.name - 1);
	}
	assert_memory_equal(offsets[0], offsets[1], sizeof offsets[0]);
	ns_store_fixture_finish(&fixture);
}

static void marks_stay_and_give_way_to_results(void **unused)
{
	const size_t first[] = {0, 1, 2}, more[] = {0, 1, 2, 4};
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_store *store;
	struct part part;
	enum ns_point_status states[POINTS];
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	part_init(&part, &fixture, first, 3);
	write_part(path, &fixture, &part, first, (bool[3]){true, false, false}, "");
	assert_int_equal(ns_store_open(&store, path, &part.sweep, MPI_COMM_SELF, &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 1, NS_POINT_CRASHED, &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 2, NS_POINT_CRASHED, &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 2, NS_POINT_MISSING, &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 2, NS_POINT_DONE, &error), NS_FAILED);
	assert_int_equal(ns_store_close(store, &error), NS_OK);
	part_init(&part, &fixture, more, 4);
	for (int pass = 0; pass < 2; pass++) { /* extended, then as it is */
		assert_int_equal(ns_store_open(&store, path, &part.sweep, MPI_COMM_SELF, &error), NS_OK);
		assert_int_equal(ns_store_read_status(store, states, &error), NS_OK);
		assert_int_equal(states[0], NS_POINT_DONE);
		assert_int_equal(states[1], NS_POINT_CRASHED);
		assert_int_equal(states[2], NS_POINT_MISSING);
		assert_int_equal(states[3], NS_POINT_MISSING);
		assert_int_equal(ns_store_close(store, &error), NS_OK);
	}
	write_part(path, &fixture, &part, more, (bool[4]){false, true, true, true}, "");
	assert_holds(path, &fixture, more, (bool[4]){true, true, true, true}, 4);
	unlink(path);
	ns_store_fixture_finish(&fixture);
}

static enum ns_status merge_two(struct ns_merged *what, struct ns_error *error)
{
	const char *const inputs[] = {path, other};
	return ns_store_merge(inputs, 2, merged, "nodescale merge", what, error);
}

static void parts_are_merged(void **unused)
{
	const size_t one[] = {0, 1, 2, 3, 4}, two[] = {8, 3, 2, 6}, after[] = {0, 1, 2, 3, 4, 8, 6};
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_merged what;
	struct part part;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	part_init(&part, &fixture, one, 5);
	write_part(path, &fixture, &part, one, (bool[5]){true, true, false, true, false}, "");
	part_init(&part, &fixture, two, 4);
	write_part(other, &fixture, &part, two, (bool[4]){true, true, true, false}, "");
	if (merge_two(&what, &error) != NS_OK)
		fail_msg("%s", error.text);
	assert_int_equal(what.points, 7);
	assert_int_equal(what.finished, 5);
	assert_holds(merged, &fixture, after, (bool[7]){true, true, true, true, false, true, false}, 7);
	/* its name is taken now */
	assert_int_equal(merge_two(&what, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "merged.h5 exists already"));
	unlink(merged);
	unlink(path);
	unlink(other);
	ns_store_fixture_finish(&fixture);
}

static void assert_not_merged(enum ns_status expected, const char *text)
{
	struct ns_error error;
	struct ns_merged what;
	assert_int_equal(merge_two(&what, &error), expected);
	if (strstr(error.text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, text);
	assert_int_not_equal(access(merged, F_OK), 0);
}

static void conflicts_are_not_merged(void **unused)
{
	const size_t one[] = {0, 1, 2, 3}, exchanged[] = {0, 1, 6, 3};
	const bool all[] = {true, true, true, true};
	struct ns_store_fixture fixture;
	struct part part;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	fixture.points[6].m = fixture.points[2].m;
	part_init(&part, &fixture, one, 4);
	write_part(path, &fixture, &part, one, all, "");
	write_part(other, &fixture, &part, exchanged, all, ""); /* point 2 with the numbers of point 6 */
	assert_not_merged(
		NS_BAD_INPUT, "extend.h5 and other.h5 hold different results of the point gamma 0.5, alpha 0.7, m 3, seed 2");
	unlink(other);
	fixture.experiment.step_size = 0.25;
	write_part(other, &fixture, &part, one, all, "");
	assert_not_merged(
		NS_BAD_INPUT, "extend.h5 and other.h5 hold different experiments: step_size: extend.h5 0.5, other.h5 0.25");
	struct stat about;
	assert_int_equal(stat(other, &about), 0);
	assert_int_equal(truncate(other, about.st_size - 1), 0);
	assert_not_merged(NS_FAILED, "other.h5 is damaged");
	unlink(other);
	assert_not_merged(NS_BAD_INPUT, "other.h5 cannot be read: No such file");
	unlink(path);
	ns_store_fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/nodescale-extend-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_grows_and_keeps_what_the_spec_no_longer_names),
		cmocka_unit_test(cosmetic_changes_rewrite_nothing),
		cmocka_unit_test(places_depend_on_sizes_only),
		cmocka_unit_test(marks_stay_and_give_way_to_results),
		cmocka_unit_test(parts_are_merged),
		cmocka_unit_test(conflicts_are_not_merged),
	};
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	MPI_Init(&argc, &argv);
	const int failures = cmocka_run_group_tests(tests, NULL, NULL);
	MPI_Finalize();
	const int left = rmdir(folder); /* fails if a file was left */
	return failures != 0 || left != 0;
}
