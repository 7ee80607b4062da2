/* Archives: what was saved comes back, what is damaged is refused, a save that fails or is killed changes nothing. */
#include "test.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/archive.h>
#include <nodescale/fault.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 42, HEADER = 24, TRAILER = 16, BIG = 700001 };

static char folder[] = "/tmp/nodescale_archive_XXXXXX", path[64];

static int make_folder(void **unused)
{
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/state", folder);
	return 0;
}

static int remove_folder(void **unused)
{
	ns_archive_remove(path);
	return rmdir(folder); /* fails if a temporary file was left */
}

static unsigned char *random_bytes(size_t count, uint64_t seed)
{
	struct ns_stream stream;
	unsigned char *bytes = ns_alloc(count, 1);
	ns_stream_start(&stream, seed, NS_PURPOSE_TEST_SUITE, count);
	for (size_t b = 0; b < count; b++)
		bytes[b] = (unsigned char)ns_stream_below(&stream, 256);
	return bytes;
}

/* In pieces of all sizes, larger than any buffer among them. */
static void transfer_in_pieces(struct ns_archive *archive, unsigned char *bytes, size_t count)
{
	for (size_t at = 0, piece = 0; at < count; at += piece) {
		piece = piece == 0 ? 1 : 3 * piece;
		piece = piece < count - at ? piece : count - at;
		ns_archive_transfer(archive, bytes + at, piece);
		ns_archive_transfer(archive, bytes + at, 0);
	}
}

static enum ns_status save(const char *to, unsigned char *bytes, size_t count, struct ns_error *error)
{
	struct ns_archive *archive;
	const enum ns_status status = ns_archive_create(&archive, to, KEY, error);
	if (status != NS_OK)
		return status;
	assert_false(ns_archive_is_loading(archive));
	transfer_in_pieces(archive, bytes, count);
	return ns_archive_close(archive, error);
}

/* Loads count bytes and compares them; only what is whole may get that far. */
static enum ns_status load(const unsigned char *expected, size_t count, struct ns_error *error)
{
	struct ns_archive *archive;
	enum ns_status status = ns_archive_open(&archive, path, KEY, error);
	if (status != NS_OK)
		return status;
	unsigned char *bytes = ns_alloc(count, 1);
	assert_true(ns_archive_is_loading(archive));
	transfer_in_pieces(archive, bytes, count);
	status = ns_archive_close(archive, error);
	if (status == NS_OK)
		assert_memory_equal(bytes, expected, count);
	ns_free(bytes);
	return status;
}

static void assert_refused(const unsigned char *bytes, size_t count, const char *what)
{
	struct ns_error error;
	assert_int_equal(load(bytes, count, &error), NS_BAD_INPUT);
	if (strstr(error.text, what) == NULL || strstr(error.text, path) == NULL)
		fail_msg("\"%s\" does not say \"%s\" of %s", error.text, what, path);
}

static void write_file(const char *name, const char *bytes, size_t count)
{
	FILE *file = fopen(name, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static void what_was_saved_comes_back(void **unused)
{
	static const size_t counts[] = {0, 1, 7, 1000, 1 << 18, (1 << 18) - HEADER, (1 << 18) - HEADER - TRAILER + 8, BIG};
	struct ns_error error;
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		unsigned char *bytes = random_bytes(counts[c], c);
		struct stat info;
		assert_int_equal(save(path, bytes, counts[c], &error), NS_OK);
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_size, HEADER + counts[c] + TRAILER);
		assert_int_equal(load(bytes, counts[c], &error), NS_OK);
		ns_free(bytes);
	}
}

static void every_cut_and_every_bit_is_noticed(void **unused)
{
	enum { COUNT = 150 };
	struct ns_error error;
	char *file;
	size_t length;
	unsigned char *bytes = random_bytes(COUNT, 1);
	assert_int_equal(save(path, bytes, COUNT, &error), NS_OK);
	assert_int_equal(ns_file_read(path, 1 << 20, &file, &length, &error), NS_OK);
	for (size_t cut = 0; cut < length; cut++) {
		write_file(path, file, cut);
		assert_refused(bytes, COUNT, "is damaged");
	}
	write_file(path, file, length + 1); /* with the 0 behind the text */
	assert_refused(bytes, COUNT, "is damaged");
	for (size_t bit = 0; bit < 8 * length; bit++) {
		file[bit / 8] ^= (char)(1 << bit % 8);
		write_file(path, file, length);
		assert_refused(bytes, COUNT, "is damaged");
		file[bit / 8] ^= (char)(1 << bit % 8);
	}
	write_file(path, file, length);
	assert_int_equal(load(bytes, COUNT, &error), NS_OK);
	ns_free(file);
	ns_free(bytes);
}

static void damage_of_large_files_is_noticed(void **unused)
{
	struct ns_error error;
	struct ns_stream stream;
	unsigned char *bytes = random_bytes(BIG, 2);
	assert_int_equal(save(path, bytes, BIG, &error), NS_OK);
	ns_stream_start(&stream, 3, NS_PURPOSE_TEST_SUITE, 0);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	for (int trial = 0; trial < 300; trial++) {
		unsigned char byte;
		const off_t at = (off_t)ns_stream_below(&stream, HEADER + BIG + TRAILER);
		const unsigned char flip = (unsigned char)(1 << ns_stream_below(&stream, 8));
		assert_int_equal(pread(file, &byte, 1, at), 1);
		byte ^= flip;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
		assert_refused(bytes, BIG, "is damaged");
		byte ^= flip;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
	}
	assert_int_equal(load(bytes, BIG, &error), NS_OK);
	for (off_t end = HEADER + BIG + TRAILER - 1; end > 0; end -= end / 3 + 1) {
		assert_int_equal(ftruncate(file, end), 0);
		assert_refused(bytes, BIG, "is damaged");
	}
	close(file);
	ns_free(bytes);
}

static void what_is_no_archive_of_ours_is_refused(void **unused)
{
	struct ns_error error;
	struct ns_archive *archive;
	unsigned char byte = 7;
	ns_archive_remove(path);
	assert_false(ns_archive_exists(path));
	assert_refused(&byte, 1, "cannot be opened: No such file");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(ns_archive_exists(path));
	assert_refused(&byte, 1, "is not a file");
	assert_int_equal(save(path, &byte, 1, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "cannot be given its name"));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(&byte, 1, "is not a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(save(path, &byte, 1, &error), NS_OK);
	assert_true(ns_archive_exists(path));
	assert_int_equal(ns_archive_open(&archive, path, KEY + 1, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "belongs to something else"));
}

static void reading_past_the_end_fails_and_yields_zeros(void **unused)
{
	struct ns_error error;
	struct ns_archive *archive;
	unsigned char bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, none[8] = {0}, read[8];
	assert_int_equal(save(path, bytes, 8, &error), NS_OK);
	assert_refused(bytes, 9, "ends too early");
	assert_refused(bytes, 7, "holds more");
	assert_int_equal(ns_archive_open(&archive, path, KEY, &error), NS_OK);
	ns_archive_transfer(archive, read, 5);
	assert_memory_equal(read, bytes, 5);
	ns_archive_transfer(archive, read, 4);
	assert_memory_equal(read, none, 4);
	ns_archive_transfer(archive, read, 3); /* which are there, but an error stays */
	assert_memory_equal(read, none, 3);
	assert_int_equal(ns_archive_status(archive, &error), NS_BAD_INPUT);
	assert_int_equal(ns_archive_close(archive, &error), NS_BAD_INPUT);
}

static void counts_are_checked(void **unused)
{
	struct ns_error error;
	struct ns_archive *archive;
	assert_int_equal(ns_archive_create(&archive, path, KEY, &error), NS_OK);
	assert_int_equal(ns_archive_count(archive, 1000, 10), 1000); /* who saves knows best */
	assert_true(ns_archive_require(archive, false, "is not asked when saving"));
	assert_int_equal(ns_archive_close(archive, &error), NS_OK);
	for (size_t most = 999; most <= 1000; most++) {
		assert_int_equal(ns_archive_open(&archive, path, KEY, &error), NS_OK);
		assert_int_equal(ns_archive_count(archive, 0, most), most == 1000 ? 1000 : 0);
		assert_int_equal(ns_archive_close(archive, &error), most == 1000 ? NS_OK : NS_BAD_INPUT);
	}
	assert_int_equal(ns_archive_open(&archive, path, KEY, &error), NS_OK);
	ns_archive_count(archive, 0, 1000);
	assert_false(ns_archive_require(archive, false, "seven of nine"));
	assert_int_equal(ns_archive_close(archive, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "seven of nine"));
}

/* Ends without closing, as a kill would, or with an error while saving. */
static void save_in_vain(size_t count, bool killed)
{
	struct ns_error error;
	struct ns_archive *archive;
	unsigned char *bytes = random_bytes(count, 4);
	assert_int_equal(ns_archive_create(&archive, path, KEY, &error), NS_OK);
	ns_archive_transfer(archive, bytes, count);
	if (killed)
		_exit(0);
	ns_error_set(&error, NS_FAILED, "seven of nine");
	ns_archive_fail(archive, &error);
	assert_int_equal(ns_archive_close(archive, &error), NS_FAILED);
	assert_string_equal(error.text, "seven of nine");
	ns_free(bytes);
}

static void a_save_that_is_not_completed_changes_nothing(void **unused)
{
	static const size_t counts[] = {0, 100, 3 << 17, BIG};
	struct ns_error error;
	unsigned char old[5] = "old";
	char temporary[80];
	snprintf(temporary, sizeof temporary, "%s.part", path);
	for (size_t c = 0; c < 4; c++) {
		assert_int_equal(save(path, old, 5, &error), NS_OK);
		const pid_t child = fork();
		if (child == 0)
			save_in_vain(counts[c], true);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_int_equal(load(old, 5, &error), NS_OK);
		assert_int_equal(access(temporary, F_OK), 0);
		save_in_vain(counts[c], false);
		assert_int_equal(load(old, 5, &error), NS_OK);
		assert_int_not_equal(access(temporary, F_OK), 0);
	}
	const pid_t child = fork();
	if (child == 0)
		save_in_vain(100, true);
	assert_int_equal(waitpid(child, NULL, 0), child);
	ns_archive_remove(path);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(temporary, F_OK), 0);
}

/* Saves bytes of one value after those of another until it is killed. */
static void save_for_ever(unsigned char *bytes)
{
	struct ns_error error;
	for (unsigned char value = 0;; value++) {
		memset(bytes, value, BIG);
		if (save(path, bytes, BIG, &error) != NS_OK)
			_exit(1);
	}
}

static void a_kill_at_any_moment_leaves_one_that_is_whole(void **unused)
{
	struct ns_error error;
	struct ns_archive *archive;
	struct ns_stream stream;
	unsigned char *bytes = random_bytes(BIG, 6);
	ns_stream_start(&stream, 7, NS_PURPOSE_TEST_SUITE, 0);
	memset(bytes, 0, BIG);
	assert_int_equal(save(path, bytes, BIG, &error), NS_OK);
	for (int round = 0; round < 40; round++) {
		int outcome;
		const pid_t child = fork();
		if (child == 0)
			save_for_ever(bytes);
		usleep((useconds_t)ns_stream_below(&stream, 15000));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &outcome, 0), child);
		assert_true(WIFSIGNALED(outcome));
		assert_int_equal(ns_archive_open(&archive, path, KEY, &error), NS_OK);
		ns_archive_transfer(archive, bytes, BIG);
		assert_int_equal(ns_archive_close(archive, &error), NS_OK);
		for (size_t b = 1; b < BIG; b++)
			if (bytes[b] != bytes[0])
				fail_msg("byte %zu is not of the same save as the first", b);
	}
	ns_free(bytes);
}

static void a_disk_that_is_full_changes_nothing(void **unused)
{
	struct ns_error error;
	struct rlimit limit, before;
	unsigned char old[5] = "old", *bytes = random_bytes(BIG, 5);
	assert_int_equal(save(path, old, 5, &error), NS_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit = before;
	for (limit.rlim_cur = 0; limit.rlim_cur < HEADER + BIG + TRAILER; limit.rlim_cur += BIG / 5) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		assert_int_equal(save(path, bytes, BIG, &error), NS_FAILED);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_non_null(strstr(error.text, "cannot be written: File too large"));
		assert_int_equal(load(old, 5, &error), NS_OK);
	}
	assert_int_equal(save("/nonexistent/state", bytes, BIG, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "/nonexistent/state cannot be created: No such file"));
	ns_free(bytes);
}

static void a_write_that_fails_changes_nothing(void **unused)
{
	enum { COUNT = 5000000 };
	struct ns_error error;
	unsigned char *before = random_bytes(100, 1), *after = random_bytes(COUNT, 2);
	assert_int_equal(save(path, before, 100, &error), NS_OK);
	for (int visit = 1; visit <= 2; visit++) {
		char fault[32];
		snprintf(fault, sizeof fault, "checkpoint_write:%d", visit);
		assert_int_equal(ns_fault_start(fault, 0, &error), NS_OK);
		assert_int_equal(save(path, after, COUNT, &error), NS_FAILED);
		assert_non_null(strstr(error.text, "cannot be written: Input/output error"));
		assert_int_equal(load(before, 100, &error), NS_OK);
	}
	assert_int_equal(ns_fault_start(NULL, 0, &error), NS_OK);
	ns_free(before);
	ns_free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_saved_comes_back),
		cmocka_unit_test(every_cut_and_every_bit_is_noticed),
		cmocka_unit_test(damage_of_large_files_is_noticed),
		cmocka_unit_test(what_is_no_archive_of_ours_is_refused),
		cmocka_unit_test(reading_past_the_end_fails_and_yields_zeros),
		cmocka_unit_test(counts_are_checked),
		cmocka_unit_test(a_save_that_is_not_completed_changes_nothing),
		cmocka_unit_test(a_kill_at_any_moment_leaves_one_that_is_whole),
		cmocka_unit_test(a_disk_that_is_full_changes_nothing),
		cmocka_unit_test(a_write_that_fails_changes_nothing),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
