/* The results file: what is written comes back, what is damaged is found, what is foreign is refused. */
#include "../../src/store/seal.h"
#include "store_fixture.h"
#include "test.h"
#include <fcntl.h>
#include <hdf5.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/flight.h>
#include <nodescale/reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POINTS = 11 };
static const char path[] = "store_test.h5";

static void create(const struct ns_store_fixture *fixture)
{
	struct ns_error error;
	unlink(path);
	assert_int_equal(ns_store_create(path, &fixture->sweep, MPI_COMM_SELF, &error), NS_OK);
}

/* Points 0, 1, .. but every third one. */
static void write_some(const struct ns_store_fixture *fixture)
{
	struct ns_error error;
	struct ns_store *store;
	assert_int_equal(ns_store_open(&store, path, &fixture->sweep, MPI_COMM_SELF, &error), NS_OK);
	for (size_t p = 0; p < fixture->sweep.n_points; p++) {
		struct ns_result result;
		if (p % 3 == 2)
			continue;
		ns_store_fixture_result(fixture, p, &result);
		assert_int_equal(ns_store_write(store, p, &result, &error), NS_OK);
		ns_result_finish(&result);
	}
	assert_int_equal(ns_store_close(store, &error), NS_OK);
}

static size_t count_bad(uint64_t *digest)
{
	struct ns_error error;
	struct ns_reader *reader;
	size_t n_bad;
	assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
	uint64_t stored;
	assert_int_equal(ns_reader_verify(reader, NULL, &n_bad, digest, &error), NS_OK);
	assert_true(ns_reader_digest(reader, &stored, &error) == NS_OK ? stored == *digest || n_bad > 0 : n_bad > 0);
	ns_reader_close(reader);
	return n_bad;
}

static void assert_same_part(const struct ns_part *is, const struct ns_part *expected, size_t d)
{
	assert_int_equal(is->n, expected->n);
	assert_memory_equal(is->x, expected->x, is->n * d * sizeof *is->x);
	assert_memory_equal(is->y, expected->y, is->n * sizeof *is->y);
}

static void assert_result_is_back(struct ns_reader *reader, const struct ns_store_fixture *fixture, size_t point)
{
	struct ns_error error;
	struct ns_result is, expected;
	ns_store_fixture_result(fixture, point, &expected);
	assert_int_equal(ns_reader_result(reader, point, &is, &error), NS_OK);
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		assert_memory_equal(is.values[q], expected.values[q], is.n_records * ns_quantities[q].width * sizeof(double));
	assert_memory_equal(is.output_sign, expected.output_sign, is.m * sizeof(double));
	assert_memory_equal(is.final_weights, expected.final_weights, is.m * is.d * sizeof(double));
	assert_memory_equal(is.initial_weights, expected.initial_weights, is.m * is.d * sizeof(double));
	assert_int_equal(is.status, expected.status);
	assert_int_equal(is.steps_done, expected.steps_done);
	assert_true(is.wall_seconds == expected.wall_seconds);
	assert_string_equal(is.engine, expected.engine);
	ns_result_finish(&is);
	ns_result_finish(&expected);
}

static void what_is_written_comes_back(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_reader *reader;
	struct ns_data data;
	double train_risk[POINTS][11];
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	create(&fixture);
	write_some(&fixture);
	assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
	assert_memory_equal(ns_reader_experiment(reader), &fixture.experiment, sizeof fixture.experiment);
	assert_string_equal(ns_reader_spec_text(reader), fixture.sweep.spec_text);
	assert_int_equal(ns_reader_steps(reader)[10], 95);
	assert_int_equal(ns_reader_quantity(reader, NS_TRAIN_RISK, train_risk[0], &error), NS_OK);
	for (size_t p = 0; p < POINTS; p++) {
		assert_int_equal(ns_point_id(&ns_reader_points(reader)[p]), ns_point_id(&fixture.points[p]));
		if (p % 3 == 2) {
			assert_int_equal(ns_reader_status(reader)[p], NS_POINT_MISSING);
			assert_true(isnan(train_risk[p][0]));
		} else {
			assert_result_is_back(reader, &fixture, p);
			assert_false(isnan(train_risk[p][0]));
		}
	}
	assert_int_equal(ns_reader_data(reader, &data, &error), NS_OK);
	assert_same_part(&data.train, &fixture.data.train, 3);
	assert_same_part(&data.validation, &fixture.data.validation, 3);
	assert_same_part(&data.test, &fixture.data.test, 3);
	ns_data_finish(&data);
	ns_reader_close(reader);
	ns_store_fixture_finish(&fixture);
}

static void bookkeeping_and_provenance_come_back(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_reader *reader;
	uint64_t steps_done[POINTS];
	double seconds[POINTS];
	const char *name;
	char text[1024], digest[32];
	size_t items = 0, n_empty = 0;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	create(&fixture);
	write_some(&fixture);
	assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
	assert_int_equal(ns_reader_bookkeeping(reader, steps_done, seconds, &error), NS_OK);
	for (size_t p = 0; p < POINTS; p++) {
		struct ns_result expected;
		ns_store_fixture_result(&fixture, p, &expected);
		assert_int_equal(steps_done[p], p % 3 == 2 ? 0 : expected.steps_done);
		assert_true(p % 3 == 2 ? isnan(seconds[p]) : seconds[p] == expected.wall_seconds);
		ns_result_finish(&expected);
	}
	snprintf(digest, sizeof digest, "%016" PRIx64, ns_data_digest(&fixture.data));
	for (; ns_reader_provenance(reader, items, &name, text, sizeof text); items++) {
		n_empty += *text == 0;
		if (items == 0)
			assert_string_equal(text, digest);
	}
	assert_string_equal(name, "command_line"); /* the last */
	assert_string_equal(text, fixture.sweep.command_line);
	assert_true(items > 10 && n_empty == 0);
	ns_reader_close(reader);
	ns_store_fixture_finish(&fixture);
}

/* The digest must not see the order of writing, the engine or the time taken. */
static void digest_depends_on_results_only(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_store *store;
	uint64_t forwards, backwards, changed;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	for (int pass = 0; pass < 3; pass++) {
		create(&fixture);
		assert_int_equal(ns_store_open(&store, path, &fixture.sweep, MPI_COMM_SELF, &error), NS_OK);
		for (size_t k = 0; k < POINTS; k++) {
			const size_t p = pass == 1 ? POINTS - 1 - k : k;
			struct ns_result result;
			ns_store_fixture_result(&fixture, p, &result);
			result.wall_seconds += pass;
			result.engine[0] = pass == 1 ? 'X' : 'Y';
			result.steps_done += pass == 2 && p == 3;
			assert_int_equal(ns_store_write(store, p, &result, &error), NS_OK);
			ns_result_finish(&result);
		}
		assert_int_equal(ns_store_close(store, &error), NS_OK);
		assert_int_equal(count_bad(pass == 0 ? &forwards : pass == 1 ? &backwards : &changed), 0);
	}
	assert_true(forwards == backwards);
	assert_true(forwards != changed);
	ns_store_fixture_finish(&fixture);
}

static void every_nan_counts_as_one(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_result result;
	ns_store_fixture_init(&fixture, 1, NS_WEIGHTS_NONE);
	ns_store_fixture_result(&fixture, 0, &result);
	result.values[NS_TEST_RISK][4] = NAN;
	const uint64_t positive = ns_result_checksum(&fixture.points[0], &result);
	result.values[NS_TEST_RISK][4] = -NAN;
	assert_true(ns_result_checksum(&fixture.points[0], &result) == positive);
	result.values[NS_TEST_RISK][4] = 0;
	assert_true(ns_result_checksum(&fixture.points[0], &result) != positive);
	ns_result_finish(&result);
	ns_store_fixture_finish(&fixture);
}

static long long place_of(const char *variable, size_t element_size, size_t element)
{
	const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, variable, H5P_DEFAULT);
	const haddr_t offset = H5Dget_offset(dataset);
	H5Dclose(dataset);
	H5Fclose(file);
	return (long long)(offset + element_size * element);
}

static void flip_bit(long long place, unsigned bit)
{
	unsigned char byte;
	const int file = open(path, O_RDWR);
	assert_int_equal(pread(file, &byte, 1, place), 1);
	byte ^= (unsigned char)(1u << bit);
	assert_int_equal(pwrite(file, &byte, 1, place), 1);
	close(file);
}

static bool opens(void)
{
	struct ns_error error;
	struct ns_reader *reader;
	const enum ns_status status = ns_reader_open(&reader, path, &error);
	if (status == NS_OK)
		ns_reader_close(reader);
	else
		assert_int_equal(status, NS_FAILED);
	return status == NS_OK;
}

/* Nothing is drawn or exported from a damaged slot. */
static void assert_not_readable(void)
{
	struct ns_error error;
	struct ns_reader *reader;
	double values[POINTS * 11];
	assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
	assert_int_equal(ns_reader_quantity(reader, NS_TEST_RISK, values, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "is damaged"));
	size_t refused = 0;
	for (size_t p = 0; p < POINTS; p++) {
		struct ns_result result;
		if (ns_reader_result(reader, p, &result, &error) == NS_OK)
			ns_result_finish(&result);
		else
			refused++;
	}
	assert_int_equal(refused, 1);
	ns_reader_close(reader);
}

/* One flipped bit in a finished slot is told by verify; one anywhere else is found before HDF5 sees the file (all of a file:
 * store_damage_test.c). */
static void flipped_bits_are_found(void **unused)
{
	static const struct {
		const char *variable;
		size_t element_size, element, byte;
		bool in_slot;
	} places[] = {{"train_risk", 8, 11 * 3, 0, true}, {"weight_delta_top", 8, 11 * 16 * 4 - 1, 5, true},
		{"steps_done", 8, 1, 0, true}, {"checksum", 8, 0, 7, true}, {"slot_checksum", 8, 0, 7, true},
		{"engine", 1, 3, 0, true}, {"wall_seconds", 8, 3, 0, true}, {"final_weights", 8, 0, 6, true},
		{"initial_weights", 8, 2, 3, true}, {"output_sign", 8, 0, 2, true}, {"gamma", 8, 4, 2, false},
		{"seed", 8, 2, 1, false}, {"point", 8, 0, 0, false}, {"x_train", 8, 17, 4, false},
		{"y_validation", 8, 1, 0, false}, {"spec", 1, 3, 0, false}, {"seal", 1, 0, 9, false},
		{"seal", 1, 4096 + 100, 0, false}, {"seal", 1, 4000, 0, false}};
	struct ns_store_fixture fixture;
	uint64_t digest;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	create(&fixture);
	write_some(&fixture);
	assert_int_equal(count_bad(&digest), 0);
	const uint64_t expected = digest;
	const long long status_byte = place_of("status", 1, 3); /* a copy of what the slot's checksum says: put right */
	flip_bit(status_byte, 1);
	assert_int_equal(count_bad(&digest), 0);
	assert_int_equal(digest, expected);
	flip_bit(status_byte, 1);
	long long offset[sizeof places / sizeof *places];
	for (size_t f = 0; f < sizeof places / sizeof *places; f++)
		offset[f] = place_of(places[f].variable, places[f].element_size, places[f].element) + (long long)places[f].byte;
	for (size_t f = 0; f < sizeof places / sizeof *places; f++) {
		flip_bit(offset[f], 1);
		if (places[f].in_slot)
			assert_not_readable();
		if (opens() != places[f].in_slot || (places[f].in_slot && count_bad(&digest) != 1))
			fail_msg("a flipped bit in %s was not found", places[f].variable);
		flip_bit(offset[f], 1);
	}
	assert_int_equal(count_bad(&digest), 0);
	ns_store_fixture_finish(&fixture);
}

static void assert_refused(enum ns_status expected, const char *text)
{
	struct ns_error error;
	struct ns_reader *reader;
	const enum ns_status status = ns_reader_open(&reader, path, &error);
	assert_int_equal(status, expected);
	if (strstr(error.text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, text);
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void truncated_and_foreign_files_are_refused(void **unused)
{
	struct ns_store_fixture fixture;
	struct stat about;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	create(&fixture);
	assert_int_equal(stat(path, &about), 0);
	for (long long length = about.st_size - 1; length >= 0; length = length > 0 ? length * 3 / 4 : -1) {
		assert_int_equal(truncate(path, length), 0);
		if (length >= 12288)
			assert_refused(NS_FAILED, "damaged: it has");
		else if (length < 4096)
			assert_refused(NS_BAD_INPUT, length == 0  ? "is empty"
						     : length < 8 ? "is not a results file"
								  : "has no seal");
	}
	unlink(path);
	assert_refused(NS_BAD_INPUT, "No such file");
	const hid_t other = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
	H5Fclose(other);
	assert_refused(NS_BAD_INPUT, "has no seal");
	write_text("a letter to a friend, of more than a few words");
	assert_refused(NS_BAD_INPUT, "is not a results file");
	ns_store_fixture_finish(&fixture);
}

/* A seal whose checksums are right, but that HDF5 or arithmetic contradicts. */
static void forged_seals_are_refused(void **unused)
{
	static const struct {
		enum ns_variable variable;
		struct ns_region added;
		const char *phrase;
	} forgeries[] = {
		{NS_VAR_OUTPUT_SIGN, {0, -(uint64_t)(1 + 2 + 3 + 4) * sizeof(double)}, "contradicts itself"}, /* no nodes */
		{NS_VAR_FINAL_WEIGHTS, {0, -(uint64_t)1}, "contradicts itself"},
		{(NS_VAR_QUANTITY + NS_TRAIN_RISK), {0, 1}, "contradicts itself"},
		{(NS_VAR_QUANTITY + NS_TRAIN_RISK), {8, 0}, "train_risk has the wrong type, shape or place"},
		{NS_VAR_ENGINE, {0, -(uint64_t)4}, "engine has the wrong type, shape or place"},
		{NS_VAR_M, {-(uint64_t)8, 0}, "variable m has the wrong type, shape or place"},
	};
	struct ns_store_fixture fixture;
	ns_store_fixture_init(&fixture, 4, NS_WEIGHTS_FINAL);
	create(&fixture);
	const int file = open(path, O_RDWR);
	struct ns_seal seal;
	struct ns_error error;
	assert_int_equal(pread(file, &seal, sizeof seal, NS_SEAL_PLACE), sizeof seal);
	for (size_t f = 0; f < sizeof forgeries / sizeof *forgeries; f++) {
		struct ns_seal forged = seal;
		forged.variable[forgeries[f].variable].offset += forgeries[f].added.offset;
		forged.variable[forgeries[f].variable].bytes += forgeries[f].added.bytes;
		assert_int_equal(ns_seal_apply(file, &forged, &error), NS_OK);
		assert_refused(NS_BAD_INPUT, forgeries[f].phrase);
	}
	assert_int_equal(ns_seal_apply(file, &seal, &error), NS_OK);
	uint64_t digest;
	assert_int_equal(count_bad(&digest), 0);
	close(file);
	ns_store_fixture_finish(&fixture);
}

static void assert_open_refused(const struct ns_store_fixture *fixture, const char *text)
{
	struct ns_error error;
	struct ns_store *store;
	const enum ns_status status = ns_store_open(&store, path, &fixture->sweep, MPI_COMM_SELF, &error);
	assert_int_equal(status, NS_BAD_INPUT);
	if (strstr(error.text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, text);
}

static void other_experiments_are_refused_by_field(void **unused)
{
	struct ns_store_fixture fixture;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	create(&fixture);
	fixture.experiment.step_size = 0.1;
	fixture.experiment.activation = NS_TANH;
	assert_open_refused(&fixture, "activation: file relu, spec tanh; step_size: file 0.5, spec 0.1");
	fixture.experiment.step_size = 0.5;
	fixture.experiment.activation = NS_RELU;
	fixture.experiment.leak = 3; /* has no meaning for ReLU */
	fixture.data.train.x[5] += 1;
	assert_open_refused(&fixture, "data digest: file ");
	fixture.data.train.x[5] -= 1;
	fixture.experiment.weights = NS_WEIGHTS_FINAL;
	fixture.experiment.steps = 1000;
	assert_open_refused(&fixture, "steps: file 95, spec 1000; weights: file none, spec final");
	ns_store_fixture_finish(&fixture);
}

/* Every change of a status byte on the way through a sweep that dies twice, and what readers make of it. */
static void deaths_are_counted_by_the_status_alone(void **unused)
{
	static const enum ns_point_status after_one[] = {NS_POINT_INTERRUPTED, NS_POINT_MISSING, NS_POINT_DONE, NS_POINT_MISSING},
					  after_two[] = {NS_POINT_CRASHED, NS_POINT_MISSING, NS_POINT_DONE, NS_POINT_INTERRUPTED};
	enum ns_point_status states[POINTS];
	struct ns_store_fixture fixture;
	struct ns_store *store;
	struct ns_result result;
	struct ns_error error;
	size_t n_interrupted, n_crashed;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_NONE);
	create(&fixture);
	assert_int_equal(ns_store_open(&store, path, &fixture.sweep, MPI_COMM_SELF, &error), NS_OK);
	for (size_t p = 0; p < 3; p++)
		assert_int_equal(ns_store_mark(store, p, ns_flight_begun(NS_POINT_MISSING), &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 1, ns_flight_released(NS_POINT_RUNNING), &error), NS_OK);
	ns_store_fixture_result(&fixture, 2, &result);
	assert_int_equal(ns_store_write(store, 2, &result, &error), NS_OK);
	ns_result_finish(&result);
	assert_int_equal(ns_store_note_death(store, &n_interrupted, &n_crashed, &error), NS_OK);
	assert_true(n_interrupted == 1 && n_crashed == 0);
	assert_int_equal(ns_store_read_status(store, states, &error), NS_OK);
	for (size_t p = 0; p < 4; p++)
		assert_int_equal(states[p], after_one[p]);

	assert_int_equal(ns_store_mark(store, 0, ns_flight_begun(NS_POINT_INTERRUPTED), &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 0, ns_flight_released(NS_POINT_RUNNING_AGAIN), &error), NS_OK);
	assert_int_equal(ns_store_note_death(store, &n_interrupted, &n_crashed, &error), NS_OK);
	assert_true(n_interrupted == 0 && n_crashed == 0); /* a stop in good order is no death */
	assert_int_equal(ns_store_mark(store, 0, ns_flight_begun(NS_POINT_INTERRUPTED), &error), NS_OK);
	assert_int_equal(ns_store_mark(store, 3, ns_flight_begun(NS_POINT_MISSING), &error), NS_OK);
	assert_int_equal(ns_store_note_death(store, &n_interrupted, &n_crashed, &error), NS_OK);
	assert_true(n_interrupted == 1 && n_crashed == 1);
	assert_int_equal(ns_store_read_status(store, states, &error), NS_OK);
	for (size_t p = 0; p < 4; p++)
		assert_int_equal(states[p], after_two[p]);
	assert_int_equal(ns_store_close(store, &error), NS_OK);

	struct ns_reader *reader;
	assert_int_equal(ns_reader_open(&reader, path, &error), NS_OK);
	assert_int_equal(ns_reader_status(reader)[3], NS_POINT_MISSING);
	assert_int_equal(ns_reader_status_bytes(reader)[3], NS_POINT_INTERRUPTED);
	assert_int_equal(ns_reader_status(reader)[0], NS_POINT_CRASHED);
	size_t n_bad;
	uint64_t digest;
	assert_int_equal(ns_reader_verify(reader, NULL, &n_bad, &digest, &error), NS_OK);
	assert_true(n_bad == 0);
	ns_reader_close(reader);
	unlink(path);
	ns_store_fixture_finish(&fixture);
}

/* A write behind the new end would give the file its old length, and nobody would see what is missing. */
static void a_file_cut_short_is_not_written_to(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_store *store;
	struct ns_result result;
	struct ns_error error;
	struct stat about;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	create(&fixture);
	write_some(&fixture);
	ns_store_fixture_result(&fixture, POINTS - 1, &result);
	for (int way = 0; way < 3; way++) {
		assert_int_equal(ns_store_open(&store, path, &fixture.sweep, MPI_COMM_SELF, &error), NS_OK);
		assert_int_equal(stat(path, &about), 0);
		assert_int_equal(truncate(path, about.st_size / 2), 0);
		if (way == 0)
			assert_int_equal(ns_store_write(store, POINTS - 1, &result, &error), NS_FAILED);
		if (way == 1)
			assert_int_equal(ns_store_mark(store, 2, ns_flight_begun(NS_POINT_MISSING), &error), NS_FAILED);
		assert_true(way == 2 || strstr(error.text, "store_test.h5 was cut short while the run went on") != NULL);
		error.text[0] = 0;
		assert_int_equal(ns_store_close(store, &error), NS_FAILED);
		assert_non_null(strstr(error.text, "store_test.h5 was cut short while the run went on"));
		create(&fixture);
	}
	ns_result_finish(&result);
	unlink(path);
	ns_store_fixture_finish(&fixture);
}

static void creation_leaves_nothing_half_made(void **unused)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_sweep_description huge;
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_FINAL);
	create(&fixture);
	assert_int_equal(ns_store_create(path, &fixture.sweep, MPI_COMM_SELF, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "exists"));
	assert_int_equal(ns_store_create("no/such/folder.h5", &fixture.sweep, MPI_COMM_SELF, &error), NS_BAD_INPUT);
	unlink(path);
	fixture.points[0].m = 1ull << 50;
	huge = fixture.sweep;
	assert_int_equal(ns_store_create(path, &huge, MPI_COMM_SELF, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "has room for"));
	assert_int_not_equal(access(path, F_OK), 0);
	ns_store_fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/nodescale-store-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_comes_back),
		cmocka_unit_test(bookkeeping_and_provenance_come_back),
		cmocka_unit_test(digest_depends_on_results_only),
		cmocka_unit_test(every_nan_counts_as_one),
		cmocka_unit_test(flipped_bits_are_found),
		cmocka_unit_test(truncated_and_foreign_files_are_refused),
		cmocka_unit_test(forged_seals_are_refused),
		cmocka_unit_test(other_experiments_are_refused_by_field),
		cmocka_unit_test(deaths_are_counted_by_the_status_alone),
		cmocka_unit_test(a_file_cut_short_is_not_written_to),
		cmocka_unit_test(creation_leaves_nothing_half_made),
	};
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	MPI_Init(&argc, &argv);
	const int failures = cmocka_run_group_tests(tests, NULL, NULL);
	const bool all_closed = H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) == 0;
	MPI_Finalize();
	unlink(path);
	const int left = rmdir(folder); /* fails if a temporary file was left */
	return failures != 0 || !all_closed || left != 0;
}
