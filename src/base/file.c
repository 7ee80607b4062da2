#include <errno.h>
#include <fcntl.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_PIECE = 1 << 16 };

static enum ns_status open_input(const char *path, int *file, size_t *expected, struct ns_error *error)
{
	struct stat info;
	*file = open(path, O_RDONLY | O_CLOEXEC);
	if (*file < 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
	if (fstat(*file, &info) != 0 || S_ISDIR(info.st_mode)) {
		close(*file);
		return ns_error_set(error, NS_BAD_INPUT, "%s: is a folder; expected a file", path);
	}
	*expected = S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
	return NS_OK;
}

static enum ns_status read_all(
	int file, const char *path, size_t expected, size_t limit, char **text, size_t *length, struct ns_error *error)
{
	/* One byte more than expected lets the end of file show without growing; one more is the final 0's. */
	size_t room = expected > FIRST_PIECE ? expected + 2 : FIRST_PIECE;
	*length = 0;
	*text = ns_alloc(room, 1);
	while (*text != NULL) {
		const ssize_t got = read(file, *text + *length, room - 1 - *length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ns_error_set(error, NS_BAD_INPUT, "%s: cannot be read: %s", path, strerror(errno));
		if (got == 0)
			return NS_OK;
		*length += (size_t)got;
		if (*length > limit)
			return ns_error_set(
				error, NS_BAD_INPUT, "%s: is larger than %zu MiB, the most that is read", path, limit >> 20);
		if (*length == room - 1) {
			char *larger = ns_grow(*text, *length, 2 * room, 1);
			if (larger == NULL)
				break;
			*text = larger;
			room *= 2;
		}
	}
	return ns_error_memory(error, path, (double)room);
}

enum ns_status ns_file_read(const char *path, size_t limit, char **text, size_t *length, struct ns_error *error)
{
	int file;
	size_t expected = 0;
	*text = NULL;
	enum ns_status status = open_input(path, &file, &expected, error);
	if (status != NS_OK)
		return status;
	if (expected > limit)
		status =
			ns_error_set(error, NS_BAD_INPUT, "%s: is larger than %zu MiB, the most that is read", path, limit >> 20);
	else
		status = read_all(file, path, expected, limit, text, length, error);
	close(file);
	if (status != NS_OK) {
		ns_free(*text);
		*text = NULL;
	}
	return status;
}
