/* Damage to a results file, anywhere: it is found, or it changes nothing that anybody can read; and going on keeps exactly the
 * results none of whose bytes was harmed. Where a point's bytes stand is asked of HDF5, not of the code under test. */
#include "store_fixture.h"
#include "test.h"
#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <nodescale/reader.h>
#include <nodescale/schema.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the random places: with the sanitizers, under which each takes ten times as long, every fifth. */
#ifdef __SANITIZE_ADDRESS__
enum { SHARE = 5 };
#else
enum { SHARE = 1 };
#endif

enum { POINTS = 9, CONSTANT = -1, OWNERS = (1 + NS_FOLLOWUP_COUNT) * POINTS };
static const char path[] = "damage.h5", aside[] = "damage.h5.damaged";

static struct ns_store_fixture fixture;
static unsigned char *pristine, *harmed;
static int *owner; /* of each byte: the point p in whose slot it stands, CONSTANT, or of what experiment f after training has
		      yielded for it, (1 + f) POINTS + p */
static size_t size;

static bool is_written(size_t point)
{
	return point % 3 != 2;
}

/* Points 4 and 9 have diverged. Of point 3 nothing was transferred. */
static bool is_computed(enum ns_followup followup, size_t point)
{
	return is_written(point) && point % 5 != 4 && (followup == NS_PRUNE || point != 3);
}

static void write_file(const unsigned char *bytes, size_t length)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	assert_int_equal(write(file, bytes, length), length);
	close(file);
}

static size_t read_file(const char *name, unsigned char *bytes, size_t room)
{
	const int file = open(name, O_RDONLY);
	if (file < 0)
		return 0;
	const ssize_t length = read(file, bytes, room);
	close(file);
	return (size_t)length;
}

/* --- the file that is harmed --- */

static void find_owners(void)
{
	const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	for (size_t b = 0; b < size; b++)
		owner[b] = CONSTANT;
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const struct ns_variable_info info = ns_schema_variable((enum ns_variable)v);
		if (!ns_schema_in_slot((enum ns_variable)v) || H5Lexists(file, info.name, H5P_DEFAULT) <= 0)
			continue;
		const hid_t dataset = H5Dopen2(file, info.name, H5P_DEFAULT);
		size_t at = H5Dget_offset(dataset), nodes = 0;
		for (size_t p = 0; p < POINTS; p++)
			nodes += fixture.points[p].m;
		for (size_t p = 0; p < POINTS; p++) {
			const bool by_node = info.dimensions[0] == NS_DIM_KEPT_NODE;
			const size_t bytes =
				H5Dget_storage_size(dataset) * (by_node ? fixture.points[p].m : 1) / (by_node ? nodes : POINTS);
			const int kind = (int)ns_schema_slot((enum ns_variable)v) - NS_SLOT_OF_TRAINING;
			for (size_t b = 0; b < bytes; b++)
				owner[at++] = kind * POINTS + (int)p;
		}
		H5Dclose(dataset);
	}
	H5Fclose(file);
}

static int set_up(void **unused)
{
	struct ns_error error;
	struct ns_store *store;
	struct stat about;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	if (ns_store_open(&store, path, &fixture.sweep, MPI_COMM_SELF, &error) != NS_OK)
		return 1;
	for (size_t p = 0; p < POINTS; p++) {
		struct ns_result result;
		if (!is_written(p))
			continue;
		ns_store_fixture_result(&fixture, p, &result);
		if (ns_store_write(store, p, &result, &error) != NS_OK)
			return 1;
		ns_result_finish(&result);
		for (enum ns_followup f = 0; f < NS_FOLLOWUP_COUNT; f++) {
			struct ns_followup_result computed;
			ns_store_fixture_followup(p, f, &computed);
			if (is_computed(f, p) && ns_store_write_followup(store, p, f, &computed, &error) != NS_OK)
				return 1;
		}
	}
	if (ns_store_close(store, &error) != NS_OK || stat(path, &about) != 0)
		return 1;
	size = (size_t)about.st_size;
	pristine = ns_alloc(size, 1);
	harmed = ns_alloc(size, 1);
	owner = ns_alloc(size, sizeof *owner);
	read_file(path, pristine, size);
	find_owners();
	return 0;
}

static int tear_down(void **unused)
{
	unlink(path);
	ns_free(pristine);
	ns_free(harmed);
	ns_free(owner);
	ns_store_fixture_finish(&fixture);
	return 0;
}

/* --- what can be read of it --- */

static bool holds(struct ns_reader *reader, size_t slot, size_t point)
{
	struct ns_error error;
	struct ns_result is, expected;
	assert_int_equal(ns_reader_result(reader, slot, &is, &error), NS_OK);
	ns_store_fixture_result(&fixture, point, &expected);
	bool same = is.status == expected.status && is.steps_done == expected.steps_done &&
		    is.wall_seconds == expected.wall_seconds && strcmp(is.engine, expected.engine) == 0;
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		for (size_t e = 0; e < is.n_records * ns_quantities[q].width; e++)
			same = same && (is.values[q][e] == expected.values[q][e] ||
					       (isnan(is.values[q][e]) && isnan(expected.values[q][e])));
	same = same && memcmp(is.output_sign, expected.output_sign, is.m * sizeof(double)) == 0 &&
	       memcmp(is.final_weights, expected.final_weights, is.m * is.d * sizeof(double)) == 0 &&
	       memcmp(is.initial_weights, expected.initial_weights, is.m * is.d * sizeof(double)) == 0;
	ns_result_finish(&is);
	ns_result_finish(&expected);
	return same;
}

/* Which results of experiments after training the file holds; those that it holds must be right. */
static void read_followups(struct ns_reader *reader, bool held[NS_FOLLOWUP_COUNT][POINTS])
{
	struct ns_error error;
	for (enum ns_followup f = 0; f < NS_FOLLOWUP_COUNT; f++) {
		const size_t length = ns_followups[f].length;
		double train[POINTS * NS_FOLLOWUP_MOST], test[POINTS * NS_FOLLOWUP_MOST];
		assert_int_equal(ns_reader_followup(reader, f, train, test, &error), NS_OK);
		for (size_t p = 0; p < POINTS; p++) {
			struct ns_followup_result expected;
			ns_store_fixture_followup(p, f, &expected);
			held[f][p] = !isnan(train[p * length]);
			if (!held[f][p])
				continue;
			assert_memory_equal(train + p * length, expected.train_risk, (length - 1) * sizeof *train);
			assert_memory_equal(test + p * length, expected.test_risk, (length - 1) * sizeof *test);
			assert_true(isnan(train[p * length + length - 1]) && isnan(test[p * length + length - 1]));
		}
	}
}

static bool same_inputs(struct ns_reader *reader)
{
	struct ns_error error;
	struct ns_data data;
	assert_int_equal(ns_reader_data(reader, &data, &error), NS_OK);
	bool same = ns_data_digest(&data) == ns_data_digest(&fixture.data) &&
		    memcmp(ns_reader_experiment(reader), &fixture.experiment, sizeof fixture.experiment) == 0 &&
		    strcmp(ns_reader_spec_text(reader), fixture.sweep.spec_text) == 0;
	ns_data_finish(&data);
	for (size_t p = 0; p < POINTS; p++)
		same = same && ns_point_id(&ns_reader_points(reader)[p]) == ns_point_id(&fixture.points[p]);
	return same;
}

/* Whether opening or verifying says that something is wrong; if neither does, all that can be read must be as it was. */
static bool is_found(void)
{
	struct ns_error error;
	struct ns_reader *reader;
	size_t n_bad;
	uint64_t digest;
	if (ns_reader_open(&reader, path, &error) != NS_OK) {
		assert_non_null(strstr(error.text, path));
		return true;
	}
	assert_int_equal(ns_reader_verify(reader, NULL, &n_bad, &digest, &error), NS_OK);
	uint64_t stored; /* the digest that figures bear is never another where all is well */
	assert_true(n_bad > 0 || (ns_reader_digest(reader, &stored, &error) == NS_OK && stored == digest));
	bool same = n_bad > 0 || same_inputs(reader);
	for (size_t p = 0; p < POINTS && n_bad == 0; p++)
		same = same && (is_written(p) ? holds(reader, p, p) : ns_reader_status(reader)[p] == NS_POINT_MISSING);
	bool held[NS_FOLLOWUP_COUNT][POINTS];
	if (n_bad == 0)
		read_followups(reader, held);
	for (size_t f = 0; f < NS_FOLLOWUP_COUNT; f++)
		for (size_t p = 0; p < POINTS && n_bad == 0; p++)
			same = same && held[f][p] == is_computed((enum ns_followup)f, p);
	ns_reader_close(reader);
	assert_true(same);
	return n_bad > 0;
}

/* --- going on --- */

/* Opens for writing and closes; kept (POINTS): which points the file still has a result of. */
static enum ns_status go_on(bool kept[POINTS], char news[1024], struct ns_error *error)
{
	struct ns_store *store;
	enum ns_point_status states[POINTS];
	struct ns_error ignored;
	const enum ns_status status = ns_store_open(&store, path, &fixture.sweep, MPI_COMM_SELF, error);
	if (status != NS_OK)
		return status;
	assert_int_equal(ns_store_read_status(store, states, &ignored), NS_OK);
	for (size_t p = 0; p < POINTS; p++)
		kept[p] = states[p] != NS_POINT_MISSING;
	snprintf(news, 1024, "%s", ns_store_news(store));
	assert_int_equal(ns_store_close(store, &ignored), NS_OK);
	return NS_OK;
}

/* unharmed (1 + NS_FOLLOWUP_COUNT, POINTS): by owner */
static void assert_keeps(const bool *unharmed, size_t length)
{
	struct ns_error error;
	struct ns_reader *reader;
	bool kept[POINTS];
	char news[1024];
	size_t n_bad;
	uint64_t digest;
	if (go_on(kept, news, &error) != NS_OK)
		fail_msg("%s", error.text);
	assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
	assert_int_equal(ns_reader_verify(reader, stderr, &n_bad, &digest, &error), NS_OK);
	assert_int_equal(n_bad, 0);
	for (size_t p = 0; p < POINTS; p++) {
		if (kept[p] != (is_written(p) && unharmed[p]))
			fail_msg("point %zu is %s", p, kept[p] ? "kept, but was harmed" : "lost, but was unharmed");
		if (kept[p])
			assert_true(holds(reader, p, p));
	}
	bool held[NS_FOLLOWUP_COUNT][POINTS];
	read_followups(reader, held);
	for (int f = 0; f < NS_FOLLOWUP_COUNT; f++)
		for (size_t p = 0; p < POINTS; p++)
			if (held[f][p] != (kept[p] && is_computed((enum ns_followup)f, p) && unharmed[(1 + f) * POINTS + (int)p]))
				fail_msg("%s of point %zu is %s", ns_followups[f].noun, p,
					held[f][p] ? "kept, but was harmed" : "lost, but was unharmed");
	ns_reader_close(reader);
	static unsigned char copy[1 << 20];
	const size_t left = read_file(aside, copy, sizeof copy);
	if (left > 0) {
		assert_int_equal(left, length);
		assert_memory_equal(copy, harmed, length);
		assert_int_equal(unlink(aside), 0);
	}
}

static void flip(size_t place, unsigned bit, bool mend)
{
	bool unharmed[OWNERS];
	memcpy(harmed, pristine, size);
	harmed[place] ^= (unsigned char)(1u << bit);
	write_file(harmed, size);
	const bool found = is_found();
	if (!mend)
		return;
	for (int o = 0; o < OWNERS; o++)
		unharmed[o] = !found || o != owner[place];
	assert_keeps(unharmed, size);
}

static size_t draw_place(struct ns_stream *stream, bool constant)
{
	for (;;) {
		const size_t place = (size_t)ns_stream_below(stream, size);
		if ((owner[place] == CONSTANT) == constant)
			return place;
	}
}

static void flipped_bits_are_found_and_harm_only_their_point(void **unused)
{
	struct ns_stream stream;
	ns_stream_start(&stream, 1, NS_PURPOSE_TEST_SUITE, 99);
	for (int k = 0; k < 1000 / SHARE; k++)
		flip((size_t)ns_stream_below(&stream, size), (unsigned)ns_stream_below(&stream, 8), k % 10 == 0);
	for (int k = 0; k < 200 / SHARE; k++)
		flip(draw_place(&stream, true), (unsigned)ns_stream_below(&stream, 8), k % 10 == 0);
	for (int k = 0; k < 200 / SHARE; k++)
		flip(draw_place(&stream, false), (unsigned)ns_stream_below(&stream, 8), true);
}

/* Every bit of what is not numbers: status, engine, steps_done, wall_seconds, checksums of two points, and of what was computed
 * from them. */
static void every_bit_of_the_bookkeeping_is_covered(void **unused)
{
	for (size_t place = 0; place < size; place++)
		if (owner[place] != CONSTANT && (owner[place] % POINTS == 1 || owner[place] % POINTS == 2) && place < 4096)
			for (unsigned bit = 0; bit < 8; bit++)
				flip(place, bit, bit == 0);
}

static void cut(size_t length, bool mend)
{
	bool unharmed[OWNERS];
	memcpy(harmed, pristine, size);
	write_file(harmed, length);
	assert_true(is_found());
	if (!mend)
		return;
	for (size_t o = 0; o < OWNERS; o++)
		unharmed[o] = true;
	for (size_t b = length; b < size; b++)
		if (owner[b] != CONSTANT)
			unharmed[owner[b]] = false;
	if (length > 4096 && length < 8192) /* part of the seal's first copy, enough or not */
		return;
	if (length >= 8192) { /* a copy of the seal is left */
		assert_keeps(unharmed, length);
		return;
	}
	struct ns_error error; /* nothing left of it that says what it was */
	bool kept[POINTS];
	char news[1024];
	static unsigned char copy[1 << 20];
	assert_int_equal(go_on(kept, news, &error), NS_BAD_INPUT);
	assert_int_equal(read_file(path, copy, sizeof copy), length);
	assert_memory_equal(copy, harmed, length);
}

static void cuts_lose_only_what_is_cut_off(void **unused)
{
	const int last = POINTS - 2;
	for (size_t length = 0; length < size; length++)
		if (owner[length] == last)
			cut(length, length == 0 || owner[length - 1] != last || length % 97 == 0);
	for (size_t length = 0; length < size; length += 1013)
		cut(length, true);
	cut(size - 1, true);
}

static void a_lost_seal_costs_nothing(void **unused)
{
	const struct {
		size_t start, end;
	} holes[] = {{4096, 12288}, {0, 512}, {0, 2048}, {0, 0}};
	bool all[OWNERS];
	memset(all, true, sizeof all);
	memcpy(harmed, pristine, size);
	for (size_t h = 0; holes[h].end > 0; h++) { /* one on top of the other */
		memset(harmed + holes[h].start, 0, holes[h].end - holes[h].start);
		write_file(harmed, size);
		assert_true(is_found());
		assert_keeps(all, size);
	}
}

/* One that is damaged in its table of points as well as one that is sound. */
static void results_of_another_experiment_are_never_taken_over(void **unused)
{
	struct ns_error error;
	bool kept[POINTS];
	char news[1024];
	static unsigned char copy[1 << 20];
	fixture.experiment.step_size = 0.25;
	for (int with_seal = 0; with_seal < 2; with_seal++) {
		memcpy(harmed, pristine, size);
		memset(harmed + (with_seal ? size - 100 : 4096), 0, with_seal ? 100 : 8192);
		write_file(harmed, size);
		assert_int_equal(go_on(kept, news, &error), NS_BAD_INPUT);
		assert_int_equal(read_file(path, copy, sizeof copy), size);
		assert_memory_equal(copy, harmed, size);
	}
	fixture.experiment.step_size = 0.5;
}

static void damaged_files_are_never_overwritten(void **unused)
{
	struct ns_error error;
	bool kept[POINTS];
	char news[1024];
	static const char *const names[] = {"damage.h5.damaged", "damage.h5.damaged-2", "damage.h5.damaged-3"};
	for (int k = 0; k < 3; k++) {
		write_file(pristine, size - 1 - (size_t)k);
		assert_int_equal(go_on(kept, news, &error), NS_OK);
		assert_non_null(strstr(news, names[k]));
	}
	for (int k = 0; k < 3; k++) {
		struct stat about;
		assert_int_equal(stat(names[k], &about), 0);
		assert_int_equal(about.st_size, size - 1 - (size_t)k);
		unlink(names[k]);
	}
}

static void news_say_what_was_lost(void **unused)
{
	struct ns_error error;
	bool kept[POINTS];
	char news[1024];
	write_file(pristine, size);
	assert_int_equal(go_on(kept, news, &error), NS_OK);
	assert_string_equal(news, "");
	size_t place = 0;
	while (owner[place] != 4 || place < 12288)
		place++;
	memcpy(harmed, pristine, size);
	harmed[place] ^= 1;
	write_file(harmed, size);
	assert_int_equal(go_on(kept, news, &error), NS_OK);
	assert_string_equal(news, "damage.h5: 1 point is damaged and runs again");
	size_t constant = size - 1;
	while (owner[constant] != CONSTANT)
		constant--;
	harmed[constant] ^= 1;
	write_file(harmed, size);
	assert_int_equal(go_on(kept, news, &error), NS_OK);
	assert_string_equal(news, "damage.h5 is damaged: bytes outside the points' results have changed. It is kept as "
				  "damage.h5.damaged; its 5 unharmed finished points are taken over; 1 damaged ones run again");
	unlink(aside);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/nodescale-damage-XXXXXX", in_memory[] = "/dev/shm/nodescale-damage-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flipped_bits_are_found_and_harm_only_their_point),
		cmocka_unit_test(every_bit_of_the_bookkeeping_is_covered),
		cmocka_unit_test(cuts_lose_only_what_is_cut_off),
		cmocka_unit_test(a_lost_seal_costs_nothing),
		cmocka_unit_test(results_of_another_experiment_are_never_taken_over),
		cmocka_unit_test(damaged_files_are_never_overwritten),
		cmocka_unit_test(news_say_what_was_lost),
	};
	const char *made = mkdtemp(in_memory) != NULL ? in_memory : mkdtemp(folder);
	if (made == NULL || chdir(made) != 0)
		return 1;
	MPI_Init(&argc, &argv);
	const int failures = cmocka_run_group_tests(tests, set_up, tear_down);
	MPI_Finalize();
	const int left = rmdir(made); /* fails if a file was left */
	return failures != 0 || left != 0;
}
