/* Checkpoint files: any bytes, and any payload behind a right checksum.
 * Input: a letter that says what is asked of the archive, then the file's bytes; an odd letter: header and trailer are made
 * right. */
#include "input.h"
#include <nodescale/archive.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { KEY = 5, MOST = 1000 };

static struct ns_input_file file;

static void write_sealed(const uint8_t *bytes, size_t length)
{
	const uint64_t head[2] = {NS_ARCHIVE_VERSION, KEY}, total = 24 + length;
	uint8_t *whole = malloc(length + 40);
	ns_input_expect(whole != NULL, "there is memory");
	memcpy(whole, "NSSTATE\n", 8);
	memcpy(whole + 8, head, sizeof head);
	memcpy(whole + 24, bytes, length);
	memcpy(whole + total, &total, sizeof total);
	const uint64_t hash = XXH3_64bits(whole, total + 8);
	memcpy(whole + total + 8, &hash, sizeof hash);
	ns_input_file_write(&file, whole, total + 16);
	free(whole);
}

/* A state as an engine keeps it: numbers, then lists with their lengths. */
static void load_state(struct ns_archive *archive, unsigned n_numbers)
{
	uint64_t number;
	for (unsigned n = 0; n < n_numbers; n++)
		ns_archive_transfer(archive, &number, sizeof number);
	for (int list = 0; list < 3; list++) {
		const size_t count = ns_archive_count(archive, 0, MOST);
		ns_input_expect(count <= MOST, "no more than asked for");
		double *values = ns_alloc(count + 1, sizeof *values);
		ns_input_expect(values != NULL, "there is memory");
		ns_archive_transfer(archive, values, count * sizeof *values);
		ns_archive_require(archive, count == 0 || values[0] == values[0], "not a number");
		ns_free(values);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ns_archive *archive;
	struct ns_error error;
	if (length == 0)
		return 0;
	const unsigned letter = *bytes++;
	length--;
	if (letter & 1)
		write_sealed(bytes, length);
	else
		ns_input_file_write(&file, bytes, length);
	const enum ns_status status = ns_archive_open(&archive, file.path, KEY, &error);
	ns_input_expect_told(status, &error);
	ns_input_expect(!(letter & 1) || status == NS_OK, "a right archive opens");
	if (status != NS_OK)
		return 0;
	load_state(archive, letter / 2 % 7);
	ns_input_expect_told(ns_archive_status(archive, &error), &error);
	ns_input_expect_told(ns_archive_close(archive, &error), &error);
	return 0;
}
