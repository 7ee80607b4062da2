#include "pieces.h"
#include <errno.h>
#include <unistd.h>

size_t ns_read_most(int file, void *bytes, size_t length, uint64_t offset)
{
	size_t done = 0;
	while (done < length) {
		const ssize_t got = pread(file, (char *)bytes + done, length - done, (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

bool ns_read_all(int file, void *bytes, size_t length, uint64_t offset)
{
	return ns_read_most(file, bytes, length, offset) == length;
}

bool ns_write_all(int file, const void *bytes, size_t length, uint64_t offset)
{
	size_t done = 0;
	while (done < length) {
		const ssize_t put = pwrite(file, (const char *)bytes + done, length - done, (off_t)(offset + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		done += (size_t)put;
	}
	return true;
}
