#include "prepare.h"
#include "attributes.h"
#include "create.h"
#include "pieces.h"
#include "publish.h"
#include "reader_private.h"
#include "rebuild.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/memory.h>
#include <nodescale/numerics.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct preparation {
	const char *path;
	const struct ns_sweep_description *sweep;
	uint64_t meaning;
	struct ns_index index; /* of the sweep's points */
	struct ns_source source;
	enum ns_seal_state state;
	char reason[256]; /* if it is not intact */
	struct ns_prepared *prepared;
};

/* Refuses a file of another experiment. */
static enum ns_status compare(const struct preparation *p, struct ns_error *error)
{
	struct ns_reader *reader;
	char text[1536] = "";
	enum ns_status status = ns_reader_open(&reader, p->path, error);
	if (status != NS_OK)
		return status;
	const struct ns_meaning_of file = {"file", &reader->experiment, reader->data_digest, reader->numerics_version},
				   spec = {"spec", p->sweep->experiment, ns_data_digest(p->sweep->data), NS_NUMERICS_VERSION};
	if (ns_meaning_compare(&file, &spec, text, sizeof text) > 0)
		status = ns_error_set(error, NS_BAD_INPUT,
			"%s holds another experiment: %s. Give this one a file of its own with -o", p->path, text);
	ns_reader_close(reader);
	return status;
}

/* The file's points in their order, then what the sweep has beyond them. */
static enum ns_status unite(const struct preparation *p, struct ns_point **points, size_t *n, struct ns_error *error)
{
	const struct ns_slots *slots = &p->source.slots;
	bool *taken = ns_alloc(p->sweep->n_points, sizeof *taken);
	*points = ns_alloc(slots->n + p->sweep->n_points, sizeof **points);
	*n = 0;
	if (*points == NULL || taken == NULL) {
		ns_free(taken);
		ns_free(*points);
		return ns_error_memory(error, "the list of points", 33.0 * (double)(slots->n + p->sweep->n_points));
	}
	for (size_t k = 0; k < slots->n; k++) {
		const size_t place = ns_index_find(&p->index, slots->ids[k]);
		const bool whole = ns_point_id(&slots->points[k]) == slots->ids[k]; /* else this entry is damaged */
		if (whole && (place == SIZE_MAX || !taken[place]))
			(*points)[(*n)++] = slots->points[k];
		if (whole && place != SIZE_MAX)
			taken[place] = true;
	}
	for (size_t k = 0; k < p->sweep->n_points; k++)
		if (!taken[k])
			(*points)[(*n)++] = p->sweep->points[k];
	ns_free(taken);
	return NS_OK;
}

static void tell(const struct preparation *p, size_t before, size_t after, const struct ns_rebuilt *rebuilt, const char *aside)
{
	char *news = p->prepared->news;
	const size_t size = sizeof p->prepared->news;
	if (p->state == NS_SEAL_INTACT)
		snprintf(news, size, "%s grows from %zu to %zu points; %zu finished ones are taken over", p->path, before, after,
			rebuilt->kept);
	else
		snprintf(news, size, "%s %s. It is kept as %s; its %zu unharmed finished points are taken over", p->path,
			p->reason, aside, rebuilt->kept);
	if (rebuilt->lost > 0)
		snprintf(news + strlen(news), size - strlen(news), "; %zu damaged ones run again", rebuilt->lost);
	if (rebuilt->lost_followups > 0)
		snprintf(news + strlen(news), size - strlen(news), "; %zu damaged results of pruning or transfer are left out",
			rebuilt->lost_followups);
	if (p->state == NS_SEAL_INTACT && aside[0] != 0)
		snprintf(news + strlen(news), size - strlen(news), " (kept in %s)", aside);
}

static enum ns_status replace(const struct preparation *p, struct ns_error *error)
{
	struct ns_point *points;
	size_t n;
	char path[PATH_MAX]; /* of the file itself: a symbolic link stays one */
	struct stat about;
	snprintf(path, sizeof path, "%s", p->path);
	if (lstat(path, &about) != 0 || (S_ISLNK(about.st_mode) && realpath(p->path, path) == NULL))
		return ns_error_set(error, NS_FAILED, "%s cannot be found: %s", p->path, strerror(errno));
	enum ns_status status = unite(p, &points, &n, error);
	if (status != NS_OK)
		return status;
	struct ns_sweep_description whole = *p->sweep;
	whole.points = points;
	whole.n_points = n;
	char temporary[PATH_MAX], aside[PATH_MAX] = "";
	double bytes;
	struct ns_rebuilt rebuilt;
	status = ns_store_bytes(&whole, &bytes, error);
	if (status == NS_OK)
		status = ns_publish_prepare(path, NS_PUBLISH_REPLACE, bytes, temporary, error);
	if (status == NS_OK) {
		status = ns_rebuild(temporary, &whole, &p->source, 1, &rebuilt, error);
		if (status == NS_OK && (p->state != NS_SEAL_INTACT || rebuilt.lost + rebuilt.lost_followups > 0))
			status = ns_publish_aside(path, ".damaged", aside, error);
		if (status == NS_OK)
			status = ns_publish(temporary, path, NS_PUBLISH_REPLACE, error);
		if (status != NS_OK)
			unlink(temporary);
	}
	if (status == NS_OK) {
		tell(p, p->source.slots.n, n, &rebuilt, aside);
		p->prepared->checked = true;
	}
	ns_free(points);
	return status;
}

/* Of a file without a seal: whether it can have been a results file at all. Zeros are what crashes leave at a file's beginning.
 */
static bool may_be_ours(int file)
{
	static const unsigned char hdf5[8] = "\211HDF\r\n\032\n", zeros[512];
	unsigned char head[sizeof zeros];
	return ns_read_all(file, head, sizeof head, 0) &&
	       (memcmp(head, hdf5, sizeof hdf5) == 0 || memcmp(head, zeros, sizeof zeros) == 0);
}

/* Seal and points of a file whose seal is gone, supposing that it is of just this sweep: a fresh one has its slots at the same
 * places. */
static enum ns_status guess_places(struct preparation *p, struct ns_error *error)
{
	char twin[PATH_MAX];
	double bytes;
	struct ns_seal seal;
	enum ns_status status = ns_store_bytes(p->sweep, &bytes, error);
	if (status == NS_OK)
		status = ns_publish_prepare(p->path, NS_PUBLISH_REPLACE, bytes, twin, error);
	if (status != NS_OK)
		return status;
	status = ns_create_file(twin, p->sweep, &seal, error);
	unlink(twin);
	return status == NS_OK ? ns_slots_init(&p->source.slots, p->source.file, &seal, p->sweep->points, error) : status;
}

static enum ns_status has_whole_slot(const struct preparation *p, bool *any, struct ns_error *error)
{
	const struct ns_slots *slots = &p->source.slots;
	struct ns_slot_batch batch;
	enum ns_status status = ns_slot_batch_init(&batch, slots, error);
	*any = false;
	for (size_t first = 0; first < slots->n && status == NS_OK && !*any; first += batch.count) {
		status = ns_slot_batch_read(&batch, p->source.file, first, slots->n, error);
		for (size_t k = 0; k < batch.count && status == NS_OK && !*any; k++)
			*any = ns_slot_judge(&batch, first + k, &p->index).state == NS_SLOT_FINISHED;
	}
	ns_slot_batch_finish(&batch);
	return status;
}

static enum ns_status mend(struct preparation *p, struct ns_error *error)
{
	bool worth = p->state == NS_SEAL_BROKEN;
	enum ns_status status = NS_OK;
	if (worth && p->source.slots.seal.meaning != p->meaning)
		return ns_error_set(error, NS_BAD_INPUT,
			"%s %s, and holds another experiment: run it with the spec that it is of, or give this one a file of its "
			"own "
			"with -o",
			p->path, p->reason);
	if (!worth && may_be_ours(p->source.file)) {
		status = guess_places(p, error);
		if (status == NS_OK)
			status = has_whole_slot(p, &worth, error);
		snprintf(p->reason, sizeof p->reason, "is damaged: it has lost its seal");
	}
	if (status == NS_OK && !worth)
		return ns_error_set(error, NS_BAD_INPUT, "%s %s", p->path, p->reason);
	return status == NS_OK ? replace(p, error) : status;
}

static enum ns_status prepare_existing(struct preparation *p, struct ns_error *error)
{
	struct ns_seal seal;
	enum ns_status status = NS_OK;
	p->state = ns_seal_check(p->source.file, &seal, p->reason, sizeof p->reason);
	if (p->state == NS_SEAL_FOREIGN)
		return ns_error_set(error, NS_BAD_INPUT, "%s %s", p->path, p->reason);
	if (p->state != NS_SEAL_MISSING)
		status = ns_slots_init(&p->source.slots, p->source.file, &seal,
			p->state == NS_SEAL_BROKEN && seal.n_points == p->sweep->n_points ? p->sweep->points : NULL, error);
	if (status != NS_OK || p->state != NS_SEAL_INTACT)
		return status == NS_OK ? mend(p, error) : status;
	status = compare(p, error);
	size_t shared = 0;
	for (size_t k = 0; k < p->source.slots.n; k++)
		shared += ns_index_find(&p->index, p->source.slots.ids[k]) != SIZE_MAX;
	return status == NS_OK && shared < p->sweep->n_points ? replace(p, error) : status;
}

static enum ns_status open_existing(struct preparation *p, struct ns_error *error)
{
	struct stat about;
	if (stat(p->path, &about) == 0 && !S_ISREG(about.st_mode))
		return ns_error_set(error, NS_BAD_INPUT, "%s is not a file", p->path);
	p->source.file = open(p->path, O_RDWR | O_CLOEXEC);
	if (p->source.file < 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s is not writable: %s", p->path, strerror(errno));
	return NS_OK;
}

/* What others will rely on, read back from the file as it stands now. */
static enum ns_status read_seal(const char *path, struct ns_prepared *prepared, struct ns_error *error)
{
	char reason[256];
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return ns_error_set(error, NS_FAILED, "%s cannot be opened: %s", path, strerror(errno));
	const enum ns_seal_state state = ns_seal_check(file, &prepared->seal, reason, sizeof reason);
	close(file);
	return state == NS_SEAL_INTACT ? NS_OK : ns_error_set(error, NS_FAILED, "%s %s", path, reason);
}

enum ns_status ns_prepare(
	const char *path, const struct ns_sweep_description *sweep, struct ns_prepared *prepared, struct ns_error *error)
{
	struct preparation p = {.path = path,
		.sweep = sweep,
		.meaning = ns_meaning_of_sweep(sweep),
		.source = {.name = path, .file = -1},
		.prepared = prepared};
	*prepared = (struct ns_prepared){0};
	enum ns_status status = ns_index_init(&p.index, sweep->points, sweep->n_points, error);
	if (status != NS_OK)
		return status;
	if (access(path, F_OK) != 0) {
		status = ns_create_alone(path, sweep, error);
		prepared->checked = true;
	} else {
		status = open_existing(&p, error);
		if (status == NS_OK)
			status = prepare_existing(&p, error);
	}
	if (p.source.file >= 0)
		close(p.source.file);
	ns_slots_finish(&p.source.slots);
	ns_index_finish(&p.index);
	return status == NS_OK ? read_seal(path, prepared, error) : status;
}
