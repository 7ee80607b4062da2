#include "pieces.h"
#include "publish.h"
#include "store_private.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/fault.h>
#include <nodescale/log.h>
#include <nodescale/memory.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };
static const double sync_seconds = 5, look_seconds = 1;

enum ns_status ns_guard_sync(struct ns_store *store, struct ns_error *error)
{
	store->last_sync = ns_log_clock();
	if (ns_fault_happens(NS_FAULT_FSYNC))
		errno = EIO;
	else if (fdatasync(store->descriptor) == 0)
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "%s cannot be brought to disk: %s", store->path, strerror(errno));
}

enum name_state { NAME_KEPT, NAME_REMOVED, NAME_TAKEN, CUT_SHORT };
static const char *const happened[] = {
	[NAME_REMOVED] = "removed", [NAME_TAKEN] = "replaced by another file", [CUT_SHORT] = "cut short"};

static enum name_state look(const struct ns_store *store)
{
	struct stat own, named;
	if (fstat(store->descriptor, &own) != 0)
		return NAME_KEPT;
	if ((uint64_t)own.st_size < store->slots.seal.file_bytes)
		return CUT_SHORT;
	if (stat(store->path, &named) != 0)
		return errno == ENOENT || errno == ENOTDIR ? NAME_REMOVED : NAME_KEPT;
	return own.st_ino == named.st_ino && own.st_dev == named.st_dev ? NAME_KEPT : NAME_TAKEN;
}

static enum ns_status cut_short(const struct ns_store *store, struct ns_error *error)
{
	return ns_error_set(error, NS_FAILED, "%s was %s while the run went on; run again: what is whole is kept", store->path,
		happened[CUT_SHORT]);
}

enum ns_status ns_guard_length(const struct ns_store *store, struct ns_error *error)
{
	struct stat own;
	if (fstat(store->descriptor, &own) != 0 || (uint64_t)own.st_size >= store->slots.seal.file_bytes)
		return NS_OK;
	return cut_short(store, error);
}

enum ns_status ns_guard(struct ns_store *store, struct ns_error *error)
{
	const double now = ns_log_clock();
	if (now - store->last_look > look_seconds) {
		store->last_look = now;
		const enum name_state state = look(store);
		if (state != NAME_KEPT)
			return ns_error_set(error, NS_FAILED, "%s was %s while the run went on", store->path, happened[state]);
	}
	return now - store->last_sync > sync_seconds ? ns_guard_sync(store, error) : NS_OK;
}

static enum ns_status copy_to(const struct ns_store *store, const char *path, struct ns_error *error)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	unsigned char *piece = ns_alloc(PIECE, 1);
	bool good = file >= 0 && piece != NULL;
	for (uint64_t at = 0; good && at < store->slots.seal.file_bytes; at += PIECE) {
		const uint64_t left = store->slots.seal.file_bytes - at;
		const size_t length = left < PIECE ? (size_t)left : PIECE;
		good = ns_read_all(store->descriptor, piece, length, at) && ns_write_all(file, piece, length, at);
	}
	if (!good)
		ns_error_set(error, NS_FAILED, "%s cannot be written: %s", path, strerror(errno));
	if (file >= 0)
		close(file);
	ns_free(piece);
	return good ? NS_OK : NS_FAILED;
}

/* The first free one of FILE, FILE.rescued.h5, FILE.rescued-2.h5, .. */
static enum ns_status give_name(const struct ns_store *store, const char *temporary, char *name, struct ns_error *error)
{
	enum ns_status status = NS_BAD_INPUT;
	snprintf(name, PATH_MAX, "%s", store->path);
	for (int attempt = 1; attempt < 1000 && status == NS_BAD_INPUT; attempt++) {
		status = ns_publish(temporary, name, NS_PUBLISH_NEW, error);
		if (status == NS_BAD_INPUT && attempt == 1)
			snprintf(name, PATH_MAX, "%.4000s.rescued.h5", store->path);
		else if (status == NS_BAD_INPUT)
			snprintf(name, PATH_MAX, "%.4000s.rescued-%d.h5", store->path, attempt);
	}
	return status;
}

enum ns_status ns_guard_rescue(struct ns_store *store, struct ns_error *error)
{
	char temporary[PATH_MAX], name[PATH_MAX];
	struct ns_error inner;
	const enum name_state state = look(store);
	if (state == NAME_KEPT)
		return NS_OK;
	if (state == CUT_SHORT)
		return cut_short(store, error);
	enum ns_status status =
		ns_publish_prepare(store->path, NS_PUBLISH_REPLACE, (double)store->slots.seal.file_bytes, temporary, &inner);
	if (status == NS_OK) {
		status = copy_to(store, temporary, &inner);
		if (status == NS_OK)
			status = give_name(store, temporary, name, &inner);
		if (status != NS_OK)
			unlink(temporary);
	}
	if (status != NS_OK)
		return ns_error_set(error, NS_FAILED,
			"%s was %s while the run went on, and its results could not be rescued: %.1000s", store->path,
			happened[state], inner.text);
	return ns_error_set(error, NS_FAILED, "%s was %s while the run went on; its results have been rescued as %s", store->path,
		happened[state], name);
}
