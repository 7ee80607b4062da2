#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <nodescale/checkpoints.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 16 };

void ns_checkpoints_path(const char *folder, const struct ns_point *point, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%0*" PRIx64, folder, DIGITS, ns_point_id(point));
}

enum ns_status ns_checkpoints_make(const char *folder, struct ns_error *error)
{
	if (mkdir(folder, 0777) == 0 || errno == EEXIST)
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "the folder %s cannot be made: %s", folder, strerror(errno));
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Identities of finished points in rising order; NULL if memory is short: then nothing is tidied. */
static uint64_t *finished_ids(const struct ns_point *points, size_t n_points, const bool *finished, size_t *count)
{
	uint64_t *ids = ns_alloc(n_points, sizeof *ids);
	*count = 0;
	for (size_t p = 0; ids != NULL && p < n_points; p++)
		if (finished[p])
			ids[(*count)++] = ns_point_id(&points[p]);
	if (ids != NULL)
		qsort(ids, *count, sizeof *ids, by_value);
	return ids;
}

static bool is_stale(const char *name, const uint64_t *ids, size_t count)
{
	if (strspn(name, "0123456789abcdef") != DIGITS)
		return false;
	if (strcmp(name + DIGITS, ".part") == 0)
		return true;
	const uint64_t id = strtoull(name, NULL, 16);
	return name[DIGITS] == 0 && bsearch(&id, ids, count, sizeof *ids, by_value) != NULL;
}

void ns_checkpoints_tidy(const char *folder, const struct ns_point *points, size_t n_points, const bool *finished)
{
	DIR *entries = opendir(folder);
	if (entries == NULL)
		return;
	size_t count;
	uint64_t *ids = finished_ids(points, n_points, finished, &count);
	for (struct dirent *entry; ids != NULL && (entry = readdir(entries)) != NULL;)
		if (is_stale(entry->d_name, ids, count))
			unlinkat(dirfd(entries), entry->d_name, 0);
	ns_free(ids);
	closedir(entries);
	rmdir(folder); /* fails while anything is in it, as it should */
}
