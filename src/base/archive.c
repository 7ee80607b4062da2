/* Layout: header, payload, trailer. The hash is of everything before it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <nodescale/archive.h>
#include <nodescale/fault.h>
#include <nodescale/memory.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { BUFFER_BYTES = 1 << 18 };

struct header {
	char magic[8];
	uint64_t version, key;
};

struct trailer {
	uint64_t length; /* of header and payload */
	uint64_t hash;
};

static const char magic[8] = {'N', 'S', 'S', 'T', 'A', 'T', 'E', '\n'};

/* Bytes at .. filled of the buffer are loaded and not yet handed out; bytes 0 .. at are to be saved. */
struct ns_archive {
	bool loading;
	int file; /* -1: none open */
	char *path, *temporary;
	unsigned char *buffer;
	size_t at, filled;
	uint64_t offset, end; /* in the file: of the next read or write; loading: of the trailer */
	XXH3_state_t *hash;
	struct ns_error error; /* the first; its status is NS_OK until then */
};

static const char temporary_ending[] = ".part";

static void fail(struct ns_archive *archive, enum ns_status status, const char *what)
{
	if (archive->error.status == NS_OK)
		ns_error_set(&archive->error, status, "%.1000s %s", archive->path, what);
}

static void fail_by_errno(struct ns_archive *archive, enum ns_status status, const char *what)
{
	const int reason = errno;
	if (archive->error.status == NS_OK)
		ns_error_set(&archive->error, status, "%.1000s %s: %s", archive->path, what, strerror(reason));
}

static void release(struct ns_archive *archive)
{
	if (archive->file >= 0)
		close(archive->file);
	XXH3_freeState(archive->hash);
	ns_free(archive->buffer);
	free(archive->path);
	free(archive->temporary);
	ns_free(archive);
}

static struct ns_archive *allocate(const char *path, bool loading)
{
	struct ns_archive *archive = ns_alloc(1, sizeof *archive);
	if (archive == NULL)
		return NULL;
	*archive = (struct ns_archive){.loading = loading,
		.file = -1,
		.path = strdup(path),
		.buffer = ns_alloc(BUFFER_BYTES, 1),
		.hash = XXH3_createState()};
	if (asprintf(&archive->temporary, "%s%s", path, temporary_ending) < 0)
		archive->temporary = NULL;
	if (archive->path && archive->temporary && archive->buffer && archive->hash) {
		XXH3_64bits_reset(archive->hash);
		return archive;
	}
	release(archive);
	return NULL;
}

/* Gives the archive to the caller, or its error. */
static enum ns_status deliver(struct ns_archive *archive, struct ns_archive **to, struct ns_error *error)
{
	const enum ns_status status = ns_archive_status(archive, error);
	if (status == NS_OK)
		*to = archive;
	else
		release(archive);
	return status;
}

/* --- saving --- */

static bool write_all(int file, const unsigned char *bytes, size_t count)
{
	if (ns_fault_happens(NS_FAULT_CHECKPOINT_WRITE)) {
		errno = EIO;
		return false;
	}
	while (count > 0) {
		const ssize_t written = write(file, bytes, count);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		count -= (size_t)written;
	}
	return true;
}

static int sync_folder_of(char *path)
{
	const int folder = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -1;
	const int synced = fsync(folder), reason = errno;
	close(folder);
	errno = reason;
	return synced == 0 || reason == EINVAL ? 0 : -1; /* EINVAL: folders cannot be synced there */
}

static void flush_buffer(struct ns_archive *archive)
{
	XXH3_64bits_update(archive->hash, archive->buffer, archive->at);
	if (archive->error.status == NS_OK && !write_all(archive->file, archive->buffer, archive->at))
		fail_by_errno(archive, NS_FAILED, "cannot be written");
	archive->offset += archive->at;
	archive->at = 0;
}

static void save(struct ns_archive *archive, const unsigned char *bytes, size_t count)
{
	while (count > 0) {
		if (archive->at == BUFFER_BYTES)
			flush_buffer(archive);
		const size_t room = BUFFER_BYTES - archive->at, piece = count < room ? count : room;
		memcpy(archive->buffer + archive->at, bytes, piece);
		archive->at += piece;
		bytes += piece;
		count -= piece;
	}
}

static void publish(struct ns_archive *archive)
{
	if (fsync(archive->file) != 0)
		fail_by_errno(archive, NS_FAILED, "cannot be brought to disk");
	else if (rename(archive->temporary, archive->path) != 0)
		fail_by_errno(archive, NS_FAILED, "cannot be given its name");
	else if (sync_folder_of(archive->temporary) != 0)
		fail_by_errno(archive, NS_FAILED, "has a folder that cannot be brought to disk");
}

static void finish_saving(struct ns_archive *archive)
{
	struct trailer trailer = {.length = archive->offset + archive->at};
	save(archive, (const unsigned char *)&trailer.length, sizeof trailer.length);
	flush_buffer(archive);
	trailer.hash = XXH3_64bits_digest(archive->hash);
	save(archive, (const unsigned char *)&trailer.hash, sizeof trailer.hash);
	flush_buffer(archive);
	if (archive->error.status == NS_OK)
		publish(archive);
	if (archive->error.status != NS_OK)
		unlink(archive->temporary);
}

enum ns_status ns_archive_create(struct ns_archive **to, const char *path, uint64_t key, struct ns_error *error)
{
	struct ns_archive *archive = allocate(path, false);
	if (archive == NULL)
		return ns_error_memory(error, "an archive", BUFFER_BYTES);
	archive->file = open(archive->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (archive->file < 0)
		fail_by_errno(archive, NS_FAILED, "cannot be created");
	struct header header = {.version = NS_ARCHIVE_VERSION, .key = key};
	memcpy(header.magic, magic, sizeof magic);
	save(archive, (const unsigned char *)&header, sizeof header);
	return deliver(archive, to, error);
}

/* --- loading --- */

/* The next bytes of the file, up to `last`, into the buffer. False, with the reason said, if there are none. */
static bool read_piece(struct ns_archive *archive, uint64_t last)
{
	ssize_t got;
	const uint64_t left = last - archive->offset;
	do
		got = pread(archive->file, archive->buffer, left < BUFFER_BYTES ? left : BUFFER_BYTES, (off_t)archive->offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		fail_by_errno(archive, NS_BAD_INPUT, "cannot be read");
	if (got == 0)
		fail(archive, NS_BAD_INPUT, "has become shorter while it was read");
	archive->at = 0;
	archive->filled = got > 0 ? (size_t)got : 0;
	archive->offset += archive->filled;
	return got > 0;
}

static void load(struct ns_archive *archive, unsigned char *bytes, size_t count)
{
	const uint64_t left = archive->filled - archive->at + (archive->end - archive->offset);
	if (count > left)
		fail(archive, NS_BAD_INPUT, "does not fit: it ends too early");
	while (count > 0 && archive->error.status == NS_OK) {
		if (archive->at == archive->filled && !read_piece(archive, archive->end))
			break;
		const size_t ready = archive->filled - archive->at, piece = count < ready ? count : ready;
		memcpy(bytes, archive->buffer + archive->at, piece);
		archive->at += piece;
		bytes += piece;
		count -= piece;
	}
	memset(bytes, 0, count);
}

/* Reads the whole file once. */
static void check_hash(struct ns_archive *archive, uint64_t size)
{
	struct trailer trailer;
	const uint64_t hashed = size - sizeof trailer.hash;
	while (archive->offset < hashed && read_piece(archive, hashed))
		XXH3_64bits_update(archive->hash, archive->buffer, archive->filled);
	archive->at = archive->filled = 0;
	archive->offset = size - sizeof trailer;
	archive->end = size;
	load(archive, (unsigned char *)&trailer, sizeof trailer);
	archive->offset = 0;
	archive->end = size - sizeof trailer;
	if (trailer.hash != XXH3_64bits_digest(archive->hash) || trailer.length != archive->end)
		fail(archive, NS_BAD_INPUT, "is damaged: its checksum is wrong");
}

static void open_file(struct ns_archive *archive, uint64_t *size)
{
	struct stat info;
	archive->file = open(archive->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is not waited for */
	if (archive->file < 0 || fstat(archive->file, &info) != 0)
		fail_by_errno(archive, NS_BAD_INPUT, "cannot be opened");
	else if (!S_ISREG(info.st_mode))
		fail(archive, NS_BAD_INPUT, "is not a file");
	else if ((uint64_t)info.st_size < sizeof(struct header) + sizeof(struct trailer))
		fail(archive, NS_BAD_INPUT, "is damaged: it is too short");
	else
		*size = (uint64_t)info.st_size;
}

enum ns_status ns_archive_open(struct ns_archive **to, const char *path, uint64_t key, struct ns_error *error)
{
	struct ns_archive *archive = allocate(path, true);
	struct header header;
	uint64_t size = 0;
	if (archive == NULL)
		return ns_error_memory(error, "an archive", BUFFER_BYTES);
	open_file(archive, &size);
	if (archive->error.status == NS_OK)
		check_hash(archive, size);
	if (archive->error.status == NS_OK) {
		load(archive, (unsigned char *)&header, sizeof header);
		if (memcmp(header.magic, magic, sizeof magic) != 0)
			fail(archive, NS_BAD_INPUT, "is no archive");
		if (header.version != NS_ARCHIVE_VERSION)
			fail(archive, NS_BAD_INPUT, "was written by another version of the program");
		if (header.key != key)
			fail(archive, NS_BAD_INPUT, "belongs to something else");
	}
	return deliver(archive, to, error);
}

bool ns_archive_exists(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* --- either way --- */

bool ns_archive_is_loading(const struct ns_archive *archive)
{
	return archive->loading;
}

void ns_archive_transfer(struct ns_archive *archive, void *bytes, size_t count)
{
	if (archive->loading)
		load(archive, bytes, count);
	else
		save(archive, bytes, count);
}

size_t ns_archive_count(struct ns_archive *archive, size_t count, size_t most)
{
	uint64_t stored = count;
	ns_archive_transfer(archive, &stored, sizeof stored);
	if (!archive->loading)
		return count;
	return ns_archive_require(archive, stored <= most, "a number of things is too large") ? (size_t)stored : 0;
}

bool ns_archive_require(struct ns_archive *archive, bool possible, const char *text)
{
	if (archive->error.status == NS_OK && archive->loading && !possible)
		ns_error_set(&archive->error, NS_BAD_INPUT, "%.1000s does not fit: %s", archive->path, text);
	return archive->error.status == NS_OK;
}

void ns_archive_fail(struct ns_archive *archive, const struct ns_error *reason)
{
	if (archive->error.status == NS_OK)
		archive->error = *reason;
}

enum ns_status ns_archive_status(const struct ns_archive *archive, struct ns_error *error)
{
	if (archive->error.status != NS_OK)
		*error = archive->error;
	return archive->error.status;
}

enum ns_status ns_archive_close(struct ns_archive *archive, struct ns_error *error)
{
	if (!archive->loading)
		finish_saving(archive);
	else if (archive->at < archive->filled || archive->offset < archive->end)
		fail(archive, NS_BAD_INPUT, "does not fit: it holds more than was expected");
	const enum ns_status status = ns_archive_status(archive, error);
	release(archive);
	return status;
}

void ns_archive_remove(const char *path)
{
	char *temporary;
	unlink(path);
	if (asprintf(&temporary, "%s%s", path, temporary_ending) >= 0) {
		unlink(temporary);
		free(temporary);
	}
}
