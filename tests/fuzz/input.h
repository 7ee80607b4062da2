/* What the fuzz targets share. libFuzzer calls LLVMFuzzerTestOneInput with inputs of its own making; whatever they are, a reader
 * must come back with a result or an error, without touching foreign memory, losing its own, or computing with undefined values.
 */
#ifndef NODESCALE_FUZZ_INPUT_H
#define NODESCALE_FUZZ_INPUT_H

#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A file in memory, for readers that want a path. */
struct ns_input_file {
	int descriptor;
	char path[64];
};

/* Gives the file these bytes; makes it first if descriptor is 0. Aborts if the system has no memory. */
void ns_input_file_write(struct ns_input_file *file, const void *bytes, size_t length);

/* What holds for every status a reader returns: anything but NS_OK comes with a text. Aborts otherwise. */
void ns_input_expect_told(enum ns_status status, const struct ns_error *error);

/* Like assert, in every build. */
void ns_input_expect(bool holds, const char *what);

/* The part of the input before the first separator; bytes and length move behind it. */
struct ns_input_part {
	const uint8_t *bytes;
	size_t length;
};
struct ns_input_part ns_input_split(const uint8_t **bytes, size_t *length, uint8_t separator);

#endif
