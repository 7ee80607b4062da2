#include "publish.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void folder_of(const char *path, char folder[PATH_MAX])
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof copy, "%s", path);
	snprintf(folder, PATH_MAX, "%s", dirname(copy));
}

enum ns_status ns_publish_prepare(const char *path, double bytes, char temporary[PATH_MAX], struct ns_error *error)
{
	char folder[PATH_MAX], host[256] = "";
	struct stat existing;
	struct statvfs disk;
	gethostname(host, sizeof host - 1);
	if (snprintf(temporary, PATH_MAX, "%s.%s.%ld.tmp", path, host, (long)getpid()) >= PATH_MAX)
		return ns_error_set(error, NS_BAD_INPUT, "%.100s...: the name is too long", path);
	if (lstat(path, &existing) == 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s exists already", path);
	folder_of(path, folder);
	if (access(folder, W_OK | X_OK) != 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s: the folder %s is not writable: %s", path, folder, strerror(errno));
	if (statvfs(folder, &disk) != 0)
		return ns_error_set(error, NS_FAILED, "%s: the free space of %s is unknown: %s", path, folder, strerror(errno));
	const double room = (double)disk.f_bavail * (double)disk.f_frsize;
	if (room < bytes)
		return ns_error_set(error, NS_FAILED, "%s needs %.3g GiB, but %s has room for %.3g GiB", path, bytes / 0x1p30,
			folder, room / 0x1p30);
	return NS_OK;
}

static int sync_path(const char *path, int flags)
{
	const int descriptor = open(path, flags | O_CLOEXEC);
	if (descriptor < 0)
		return -1;
	const int synced = fsync(descriptor), reason = errno;
	close(descriptor);
	errno = reason;
	return synced;
}

/* Some network file systems have no renameat2 with flags; a hard link refuses a taken name as well. */
static int rename_unless_taken(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(from, to) == 0 ? unlink(from) : -1;
}

enum ns_status ns_publish(const char *temporary, const char *path, struct ns_error *error)
{
	char folder[PATH_MAX];
	folder_of(path, folder);
	if (sync_path(temporary, O_RDONLY) != 0)
		return ns_error_set(error, NS_FAILED, "%s cannot be brought to disk: %s", path, strerror(errno));
	if (rename_unless_taken(temporary, path) != 0) {
		const enum ns_status status = errno == EEXIST ? NS_BAD_INPUT : NS_FAILED;
		return ns_error_set(error, status, "%s cannot be given its name: %s", path, strerror(errno));
	}
	if (sync_path(folder, O_RDONLY | O_DIRECTORY) != 0 && errno != EINVAL) /* EINVAL: folders cannot be synced there */
		return ns_error_set(error, NS_FAILED, "the folder of %s cannot be brought to disk: %s", path, strerror(errno));
	return NS_OK;
}
