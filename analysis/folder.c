#include "folder.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ns_status refuse(const char *path, int reason, struct ns_error *error)
{
	return ns_error_set(error, NS_BAD_INPUT, "%s: cannot be used as a folder for figures: %s", path, strerror(reason));
}

enum ns_status ns_folder_make(const char *path, struct ns_error *error)
{
	char above[PATH_MAX];
	if (*path == 0 || strlen(path) >= sizeof above)
		return refuse(path, *path == 0 ? ENOENT : ENAMETOOLONG, error);
	strcpy(above, path);
	for (char *slash = strchr(above + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(above, 0777) != 0 && errno != EEXIST)
			return refuse(above, errno, error);
		*slash = '/';
	}
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return refuse(path, errno, error);
	struct stat found;
	if (stat(path, &found) != 0)
		return refuse(path, errno, error);
	if (!S_ISDIR(found.st_mode))
		return refuse(path, ENOTDIR, error);
	return access(path, W_OK | X_OK) == 0 ? NS_OK : refuse(path, errno, error);
}

enum ns_status ns_draft_init(struct ns_draft *draft, const char *folder, const char *name, struct ns_error *error)
{
	/* The extension stays last: gnuplot and people tell by it what the file is. */
	const int length =
		snprintf(draft->temporary_path, sizeof draft->temporary_path, "%s/.%ld.%s", folder, (long)getpid(), name);
	if (length < 0 || (size_t)length >= sizeof draft->temporary_path)
		return refuse(folder, ENAMETOOLONG, error);
	snprintf(draft->path, sizeof draft->path, "%s/%s", folder, name);
	draft->temporary_name = strrchr(draft->temporary_path, '/') + 1;
	return NS_OK;
}

enum ns_status ns_draft_publish(struct ns_draft *draft, struct ns_error *error)
{
	if (rename(draft->temporary_path, draft->path) == 0)
		return NS_OK;
	const int reason = errno;
	ns_draft_discard(draft);
	return ns_error_set(error, NS_FAILED, "%s: cannot be put in place: %s", draft->path, strerror(reason));
}

void ns_draft_discard(struct ns_draft *draft)
{
	unlink(draft->temporary_path); /* if it was never written there is nothing to do */
}

FILE *ns_draft_open(struct ns_draft *draft, const char *folder, const char *name, struct ns_error *error)
{
	if (ns_draft_init(draft, folder, name, error) != NS_OK)
		return NULL;
	FILE *file = fopen(draft->temporary_path, "w");
	if (file == NULL)
		ns_error_set(error, NS_BAD_INPUT, "%s: cannot be written: %s", draft->path, strerror(errno));
	return file;
}

enum ns_status ns_draft_close(struct ns_draft *draft, FILE *file, struct ns_error *error)
{
	const bool failed = ferror(file) != 0;
	if (fclose(file) == 0 && !failed)
		return ns_draft_publish(draft, error);
	const int reason = errno;
	ns_draft_discard(draft);
	return ns_error_set(error, NS_FAILED, "%s: cannot be written: %s", draft->path, strerror(reason));
}
