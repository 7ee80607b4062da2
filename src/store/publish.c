#include "publish.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <nodescale/fault.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Temporary files of this name whose maker, a process of this host, is no more. */
static void remove_leftovers(const char *path, const char *folder, const char *host)
{
	const char *slash = strrchr(path, '/');
	char prefix[PATH_MAX], leftover[2 * PATH_MAX];
	const int length = snprintf(prefix, sizeof prefix, "%s.%s.", slash != NULL ? slash + 1 : path, host);
	DIR *listing = opendir(folder);
	for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
		char *end;
		if (strncmp(entry->d_name, prefix, (size_t)length) != 0)
			continue;
		const long maker = strtol(entry->d_name + length, &end, 10);
		if (maker <= 0 || strcmp(end, ".tmp") != 0 || kill((pid_t)maker, 0) == 0 || errno != ESRCH)
			continue;
		snprintf(leftover, sizeof leftover, "%s/%s", folder, entry->d_name);
		unlink(leftover);
	}
	if (listing != NULL)
		closedir(listing);
}

enum ns_status ns_publish_prepare(
	const char *path, enum ns_publish how, double bytes, char temporary[PATH_MAX], struct ns_error *error)
{
	char folder[PATH_MAX], host[256] = "";
	struct stat existing;
	struct statvfs disk;
	gethostname(host, sizeof host - 1);
	if (snprintf(temporary, PATH_MAX, "%s.%s.%ld.tmp", path, host, (long)getpid()) >= PATH_MAX)
		return ns_error_set(error, NS_BAD_INPUT, "%.100s...: the name is too long", path);
	if (how == NS_PUBLISH_NEW && lstat(path, &existing) == 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s exists already", path);
	folder_of(path, folder);
	if (access(folder, W_OK | X_OK) != 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s: the folder %s is not writable: %s", path, folder, strerror(errno));
	remove_leftovers(path, folder, host);
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

enum ns_status ns_publish(const char *temporary, const char *path, enum ns_publish how, struct ns_error *error)
{
	char folder[PATH_MAX];
	folder_of(path, folder);
	if (sync_path(temporary, O_RDONLY) != 0)
		return ns_error_set(error, NS_FAILED, "%s cannot be brought to disk: %s", path, strerror(errno));
	ns_fault_die(NS_FAULT_DIE_IN_PUBLISH);
	if ((how == NS_PUBLISH_NEW ? rename_unless_taken(temporary, path) : rename(temporary, path)) != 0) {
		const enum ns_status status = errno == EEXIST ? NS_BAD_INPUT : NS_FAILED;
		return ns_error_set(error, status, "%s cannot be given its name: %s", path, strerror(errno));
	}
	ns_fault_die(NS_FAULT_DIE_IN_PUBLISH);
	if (sync_path(folder, O_RDONLY | O_DIRECTORY) != 0 && errno != EINVAL) /* EINVAL: folders cannot be synced there */
		return ns_error_set(error, NS_FAILED, "the folder of %s cannot be brought to disk: %s", path, strerror(errno));
	return NS_OK;
}

/* A copy by name: a second link, or where the file system has none, the file itself moved away. */
static int link_or_move(const char *from, const char *to)
{
	if (link(from, to) == 0)
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
		return -1;
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

enum ns_status ns_publish_aside(const char *path, const char *ending, char name[PATH_MAX], struct ns_error *error)
{
	for (int number = 1; number < 10000; number++) {
		char suffix[16] = "";
		if (number > 1)
			snprintf(suffix, sizeof suffix, "-%d", number);
		if (snprintf(name, PATH_MAX, "%s%s%s", path, ending, suffix) >= PATH_MAX)
			return ns_error_set(error, NS_BAD_INPUT, "%.100s...: the name is too long", path);
		if (link_or_move(path, name) == 0)
			return NS_OK;
		if (errno != EEXIST)
			break;
	}
	return ns_error_set(error, NS_FAILED, "%s cannot be kept as %s: %s", path, name, strerror(errno));
}
