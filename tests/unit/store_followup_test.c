/* What the experiments after training yield, in the results file: it comes back, lives and dies with the result that it was
 * computed from, goes along when files grow and merge, and damage to it is found and harms nothing else. */
#include "../../src/store/seal.h"
#include "store_fixture.h"
#include "test.h"
#include <fcntl.h>
#include <math.h>
#include <nodescale/reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { POINTS = 6 }; /* of which point 4 diverges */
static const char path[] = "followup.h5", other[] = "other.h5", merged[] = "merged.h5";

static struct ns_store *open_store(const char *file, const struct ns_store_fixture *fixture)
{
	struct ns_error error;
	struct ns_store *store;
	if (ns_store_open(&store, file, &fixture->sweep, MPI_COMM_SELF, &error) != NS_OK)
		fail_msg("%s", error.text);
	return store;
}

static void close_store(struct ns_store *store)
{
	struct ns_error error;
	assert_int_equal(ns_store_close(store, &error), NS_OK);
}

/* Points 0 .. 4 trained. */
static void make(const char *file, const struct ns_store_fixture *fixture)
{
	struct ns_error error;
	struct ns_result result;
	unlink(file);
	struct ns_store *store = open_store(file, fixture);
	for (size_t p = 0; p < 5; p++) {
		ns_store_fixture_result(fixture, p, &result);
		assert_int_equal(ns_store_write(store, p, &result, &error), NS_OK);
		ns_result_finish(&result);
	}
	close_store(store);
}

static void compute(struct ns_store *store, enum ns_followup followup, size_t point)
{
	struct ns_error error;
	struct ns_followup_result result;
	ns_store_fixture_followup(point, followup, &result);
	if (ns_store_write_followup(store, point, followup, &result, &error) != NS_OK)
		fail_msg("%s", error.text);
}

/* Points of both kinds as texts, a letter each: P or T computed, . not; the numbers are checked. */
static void assert_computed(const char *file, const char *prune, const char *transfer)
{
	const char *const expected[] = {prune, transfer};
	struct ns_error error;
	struct ns_reader *reader;
	if (ns_reader_open(&reader, file, &error) != NS_OK)
		fail_msg("%s", error.text);
	for (enum ns_followup f = 0; f < NS_FOLLOWUP_COUNT; f++) {
		double train[POINTS * NS_FOLLOWUP_MOST], test[POINTS * NS_FOLLOWUP_MOST];
		const size_t length = ns_followups[f].length;
		size_t n_computed = 0, wanted = 0;
		if (ns_reader_followup(reader, f, train, test, &error) != NS_OK)
			fail_msg("%s", error.text);
		for (size_t p = 0; p < ns_reader_point_count(reader); p++) {
			struct ns_followup_result result;
			ns_store_fixture_followup(ns_reader_points(reader)[p].seed, f, &result);
			wanted += expected[f][p] != '.';
			if (isnan(train[p * length]) != (expected[f][p] == '.'))
				fail_msg("%s of point %zu: expected %s", ns_followups[f].noun, p, expected[f]);
			for (size_t x = 0; x < length; x++) {
				const double is[] = {train[p * length + x], test[p * length + x]},
					     should[] = {result.train_risk[x], result.test_risk[x]};
				for (int k = 0; k < 2; k++)
					assert_true(is[k] == should[k] ||
						    (isnan(is[k]) && (expected[f][p] == '.' || isnan(should[k]))));
			}
		}
		assert_int_equal(ns_reader_followup_count(reader, f, &n_computed, &error), NS_OK);
		assert_int_equal(n_computed, wanted);
	}
	ns_reader_close(reader);
}

static size_t count_bad(const char *file, uint64_t *digest)
{
	struct ns_error error;
	struct ns_reader *reader;
	size_t n_bad;
	assert_int_equal(ns_reader_open(&reader, file, &error), NS_OK);
	assert_int_equal(ns_reader_verify(reader, NULL, &n_bad, digest, &error), NS_OK);
	ns_reader_close(reader);
	return n_bad;
}

static void what_is_computed_comes_back_and_leaves_the_digest(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	uint64_t before, after;
	bool computed[POINTS];
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	make(path, &fixture);
	assert_computed(path, "......", "......");
	assert_int_equal(count_bad(path, &before), 0);
	struct ns_store *store = open_store(path, &fixture);
	compute(store, NS_PRUNE, 0);
	compute(store, NS_PRUNE, 3);
	compute(store, NS_TRANSFER, 2);
	assert_int_equal(ns_store_read_followups(store, NS_PRUNE, computed, &error), NS_OK);
	assert_memory_equal(computed, ((bool[]){true, false, false, true, false, false}), POINTS);
	close_store(store);
	assert_computed(path, "P..P..", "..T...");
	assert_int_equal(count_bad(path, &after), 0);
	assert_true(before == after);
	store = open_store(path, &fixture);
	assert_string_equal(ns_store_news(store), "");
	close_store(store);
	assert_computed(path, "P..P..", "..T...");
	ns_store_fixture_finish(&fixture);
}

static void the_trained_weights_are_read_for_it(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_result result;
	double weights[12], sign[4];
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	make(path, &fixture);
	struct ns_store *store = open_store(path, &fixture);
	for (size_t p = 0; p < 4; p++) {
		const size_t m = fixture.points[p].m;
		ns_store_fixture_result(&fixture, p, &result);
		assert_int_equal(ns_store_read_weights(store, p, weights, sign, &error), NS_OK);
		assert_memory_equal(weights, result.final_weights, m * 3 * sizeof *weights);
		assert_memory_equal(sign, result.output_sign, m * sizeof *sign);
		ns_result_finish(&result);
	}
	assert_int_equal(ns_store_read_weights(store, 5, weights, sign, &error), NS_FAILED); /* not trained */
	close_store(store);
	ns_store_fixture_finish(&fixture);
}

/* By a new result, even the same again, and by a mark. */
static void a_point_trained_anew_loses_what_was_computed_from_it(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_result result;
	uint64_t digest;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	make(path, &fixture);
	struct ns_store *store = open_store(path, &fixture);
	for (size_t p = 0; p < 4; p++) {
		compute(store, NS_PRUNE, p);
		compute(store, NS_TRANSFER, p);
	}
	ns_store_fixture_result(&fixture, 1, &result);
	assert_int_equal(ns_store_write(store, 1, &result, &error), NS_OK);
	ns_result_finish(&result);
	assert_int_equal(ns_store_mark(store, 2, NS_POINT_RUNNING, &error), NS_OK);
	close_store(store);
	assert_computed(path, "P..P..", "T..T..");
	assert_int_equal(count_bad(path, &digest), 0);
	ns_store_fixture_finish(&fixture);
}

static void only_points_that_are_done_in_files_with_weights_have_any(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_followup_result result;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	make(path, &fixture);
	struct ns_store *store = open_store(path, &fixture);
	ns_followup_clear(&result);
	assert_int_equal(ns_store_write_followup(store, 4, NS_PRUNE, &result, &error), NS_FAILED); /* diverged */
	assert_int_equal(ns_store_write_followup(store, 5, NS_PRUNE, &result, &error), NS_FAILED); /* missing */
	close_store(store);
	ns_store_fixture_finish(&fixture);

	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	fixture.data.validation.n = 1; /* a half of which is empty */
	make(path, &fixture);
	store = open_store(path, &fixture);
	assert_int_equal(ns_store_write_followup(store, 0, NS_TRANSFER, &result, &error), NS_FAILED);
	compute(store, NS_PRUNE, 0);
	close_store(store);
	assert_computed(path, "P.....", "......");
	ns_store_fixture_finish(&fixture);

	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	make(path, &fixture);
	store = open_store(path, &fixture);
	for (enum ns_followup f = 0; f < NS_FOLLOWUP_COUNT; f++)
		assert_int_equal(ns_store_write_followup(store, 0, f, &result, &error), NS_FAILED);
	close_store(store);
	assert_computed(path, "......", "......");
	ns_store_fixture_finish(&fixture);
}

static void damage(const char *file, enum ns_variable variable, size_t byte)
{
	struct ns_seal seal;
	unsigned char is;
	const int descriptor = open(file, O_RDWR);
	assert_int_equal(pread(descriptor, &seal, sizeof seal, NS_SEAL_PLACE), sizeof seal);
	const off_t place = (off_t)(seal.variable[variable].offset + byte);
	assert_int_equal(pread(descriptor, &is, 1, place), 1);
	is ^= 16;
	assert_int_equal(pwrite(descriptor, &is, 1, place), 1);
	close(descriptor);
}

/* What is damaged stays behind. */
static void it_goes_along_when_a_file_grows(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_store *store;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	struct ns_sweep_description small = fixture.sweep;
	small.n_points = 4;
	unlink(path);
	assert_int_equal(ns_store_open(&store, path, &small, MPI_COMM_SELF, &error), NS_OK);
	for (size_t p = 0; p < 4; p++) {
		struct ns_result result;
		ns_store_fixture_result(&fixture, p, &result);
		assert_int_equal(ns_store_write(store, p, &result, &error), NS_OK);
		ns_result_finish(&result);
	}
	compute(store, NS_PRUNE, 0);
	compute(store, NS_TRANSFER, 0);
	compute(store, NS_TRANSFER, 3);
	close_store(store);
	damage(path, NS_VAR_TRANSFER_TEST_RISK, 8 * 10 * 3);
	store = open_store(path, &fixture);
	assert_string_equal(
		ns_store_news(store), "followup.h5 grows from 4 to 6 points; 4 finished ones are taken over; 1 damaged results "
				      "of pruning or transfer are left out (kept in followup.h5.damaged)");
	close_store(store);
	unlink("followup.h5.damaged");
	assert_computed(path, "P.....", "T.....");
	ns_store_fixture_finish(&fixture);
}

static enum ns_status merge(struct ns_error *error)
{
	struct ns_merged what;
	const char *const inputs[] = {path, other};
	unlink(merged);
	return ns_store_merge(inputs, 2, merged, "nodescale merge", &what, error);
}

static void merging_joins_what_was_computed_apart(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_followup_result result;
	uint64_t digest;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	make(path, &fixture);
	make(other, &fixture);
	struct ns_store *store = open_store(path, &fixture), *second = open_store(other, &fixture);
	compute(store, NS_PRUNE, 0);
	compute(second, NS_PRUNE, 1);
	compute(store, NS_TRANSFER, 2);
	compute(second, NS_TRANSFER, 2);
	close_store(store);
	close_store(second);
	if (merge(&error) != NS_OK)
		fail_msg("%s", error.text);
	assert_computed(merged, "PP....", "..T...");
	assert_int_equal(count_bad(merged, &digest), 0);

	second = open_store(other, &fixture);
	ns_store_fixture_followup(0, NS_PRUNE, &result);
	result.test_risk[3] += 1;
	assert_int_equal(ns_store_write_followup(second, 0, NS_PRUNE, &result, &error), NS_OK);
	close_store(second);
	assert_int_equal(merge(&error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "followup.h5 and other.h5 hold different results of pruning the point gamma 1"));
	assert_int_not_equal(access(merged, F_OK), 0);
	ns_store_fixture_finish(&fixture);
}

static void damage_is_found_and_costs_that_experiment_only(void **unused)
{
	static const struct {
		enum ns_variable variable;
		size_t byte;
		bool is_read; /* else nobody sees a difference but verify */
		const char *prune, *transfer;
	} harms[] = {
		{NS_VAR_PRUNE_CHECKSUM, 3, true, ".P....", "TT...."},
		{NS_VAR_PRUNE_TEST_RISK, 8 * 21 + 40, true, "P.....", "TT...."},
		{NS_VAR_TRANSFER_TRAIN_RISK, 79, true, "PP....", ".T...."},
		{NS_VAR_TRANSFER_CHECKSUM, 8 * 5, false, "PP....", "TT...."}, /* of a point that is not trained */
	};
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_reader *reader;
	uint64_t digest, damaged_digest;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	for (size_t h = 0; h < sizeof harms / sizeof *harms; h++) {
		double train[POINTS * NS_FOLLOWUP_MOST], test[POINTS * NS_FOLLOWUP_MOST];
		make(path, &fixture);
		struct ns_store *store = open_store(path, &fixture);
		for (size_t p = 0; p < 2; p++) {
			compute(store, NS_PRUNE, p);
			compute(store, NS_TRANSFER, p);
		}
		close_store(store);
		assert_int_equal(count_bad(path, &digest), 0);
		damage(path, harms[h].variable, harms[h].byte);
		assert_int_equal(count_bad(path, &damaged_digest), 1);
		assert_true(digest == damaged_digest);
		assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
		const enum ns_followup followup = ns_schema_slot(harms[h].variable) - NS_SLOT_OF_FOLLOWUP;
		assert_int_equal(ns_reader_followup(reader, followup, train, test, &error), harms[h].is_read ? NS_FAILED : NS_OK);
		ns_reader_close(reader);
		store = open_store(path, &fixture);
		assert_string_equal(ns_store_news(store), "followup.h5: 1 result of pruning or transfer is damaged and left out");
		close_store(store);
		assert_int_equal(count_bad(path, &damaged_digest), 0);
		assert_true(digest == damaged_digest);
		assert_computed(path, harms[h].prune, harms[h].transfer);
	}
	ns_store_fixture_finish(&fixture);
}

static void files_of_another_format_are_refused_and_left_alone(void **unused)
{
	static const char *const phrases[] = {
		"has format 1, this program reads format 2", "has format 3, this program reads format 2: a newer"};
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_store *store;
	struct ns_reader *reader;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	for (size_t k = 0; k < 2; k++) {
		struct ns_seal seal, again;
		make(path, &fixture);
		const int file = open(path, O_RDWR);
		assert_int_equal(pread(file, &seal, sizeof seal, NS_SEAL_PLACE), sizeof seal);
		seal.format = k == 0 ? 1 : 3;
		seal.checksum = XXH3_64bits(&seal, offsetof(struct ns_seal, checksum));
		for (int copy = 0; copy < NS_SEAL_COPIES; copy++)
			assert_int_equal(pwrite(file, &seal, sizeof seal, NS_SEAL_PLACE + copy * NS_SEAL_BYTES), sizeof seal);
		assert_int_equal(ns_reader_open(&reader, path, &error), NS_BAD_INPUT);
		assert_non_null(strstr(error.text, phrases[k]));
		assert_int_equal(ns_store_open(&store, path, &fixture.sweep, MPI_COMM_SELF, &error), NS_BAD_INPUT);
		assert_non_null(strstr(error.text, phrases[k]));
		assert_int_equal(pread(file, &again, sizeof again, NS_SEAL_PLACE), sizeof again);
		assert_memory_equal(&seal, &again, sizeof seal);
		close(file);
	}
	ns_store_fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/nodescale-followup-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_computed_comes_back_and_leaves_the_digest),
		cmocka_unit_test(the_trained_weights_are_read_for_it),
		cmocka_unit_test(a_point_trained_anew_loses_what_was_computed_from_it),
		cmocka_unit_test(only_points_that_are_done_in_files_with_weights_have_any),
		cmocka_unit_test(it_goes_along_when_a_file_grows),
		cmocka_unit_test(merging_joins_what_was_computed_apart),
		cmocka_unit_test(damage_is_found_and_costs_that_experiment_only),
		cmocka_unit_test(files_of_another_format_are_refused_and_left_alone),
	};
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	MPI_Init(&argc, &argv);
	const int failures = cmocka_run_group_tests(tests, NULL, NULL);
	MPI_Finalize();
	unlink(path);
	unlink(other);
	unlink(merged);
	const int left = rmdir(folder); /* fails if a file was left */
	return failures != 0 || left != 0;
}
