#include "input.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Requests for absurd amounts fail as on a small machine, so that the paths for lack of memory run too. The fuzzer itself
 * needs 20 MB at once. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=64:detect_leaks=1";
}

void ns_input_expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

void ns_input_expect_told(enum ns_status status, const struct ns_error *error)
{
	ns_input_expect(status == NS_OK || error->status == status, "the error has the status that was returned");
	ns_input_expect(status == NS_OK || error->text[0] != '\0', "an error has a text");
	ns_input_expect(status == NS_OK || strlen(error->text) < sizeof error->text, "an error's text ends");
}

void ns_input_file_write(struct ns_input_file *file, const void *bytes, size_t length)
{
	if (file->descriptor == 0) {
		file->descriptor = memfd_create("input", MFD_CLOEXEC);
		ns_input_expect(file->descriptor > 0, "there is memory for a file");
		snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor);
	}
	ns_input_expect(ftruncate(file->descriptor, 0) == 0, "the file can be emptied");
	ns_input_expect(pwrite(file->descriptor, bytes, length, 0) == (ssize_t)length, "the file can be written");
}

struct ns_input_part ns_input_split(const uint8_t **bytes, size_t *length, uint8_t separator)
{
	const uint8_t *found = *length > 0 ? memchr(*bytes, separator, *length) : NULL;
	const struct ns_input_part part = {*bytes, found != NULL ? (size_t)(found - *bytes) : *length};
	const size_t used = part.length + (found != NULL);
	*bytes += used;
	*length -= used;
	return part;
}
