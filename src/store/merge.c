#include "attributes.h"
#include "publish.h"
#include "reader_private.h"
#include "rebuild.h"
#include <nodescale/memory.h>
#include <unistd.h>

struct merger {
	size_t n;
	struct ns_reader *first; /* the one that stays open: two descriptors a file would be too many for a large array of jobs */
	struct ns_source *sources;
	struct ns_point *points; /* of all files, without repeats */
	size_t n_points;
};

static struct ns_meaning_of meaning_of(const char *path, const struct ns_reader *reader)
{
	return (struct ns_meaning_of){path, &reader->experiment, reader->data_digest, reader->numerics_version};
}

static enum ns_status take_input(
	struct merger *merger, struct ns_source *source, struct ns_reader *reader, struct ns_error *error)
{
	char text[1024] = "";
	const struct ns_meaning_of first = meaning_of(merger->sources[0].name, merger->first),
				   this = meaning_of(source->name, reader);
	if (ns_meaning_compare(&first, &this, text, sizeof text) > 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s and %s hold different experiments: %s", merger->sources[0].name,
			source->name, text);
	source->file = reader->descriptor;
	source->slots = reader->slots;
	reader->descriptor = -1;
	reader->slots = (struct ns_slots){0};
	merger->n_points += source->slots.n;
	return NS_OK;
}

static enum ns_status open_inputs(struct merger *merger, const char *const *inputs, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (size_t k = 0; k < merger->n && status == NS_OK; k++) {
		struct ns_reader *reader;
		merger->sources[k] = (struct ns_source){.name = inputs[k], .file = -1};
		status = ns_reader_open(&reader, inputs[k], error);
		if (status != NS_OK)
			return status;
		if (k == 0)
			merger->first = reader;
		status = take_input(merger, &merger->sources[k], reader, error);
		if (k > 0)
			ns_reader_close(reader);
	}
	return status;
}

/* In the order of first mention. */
static enum ns_status unite(struct merger *merger, struct ns_error *error)
{
	struct ns_point *points = ns_alloc(merger->n_points, sizeof *points);
	if (points == NULL)
		return ns_error_memory(error, "the list of points", 32.0 * (double)merger->n_points);
	merger->points = points;
	merger->n_points = 0;
	enum ns_status status = NS_OK;
	for (size_t k = 0; k < merger->n && status == NS_OK; k++) {
		const struct ns_slots *slots = &merger->sources[k].slots;
		struct ns_index so_far;
		status = ns_index_init(&so_far, points, merger->n_points, error);
		for (size_t p = 0; p < slots->n && status == NS_OK; p++)
			if (ns_index_find(&so_far, slots->ids[p]) == SIZE_MAX)
				points[merger->n_points++] = slots->points[p];
		if (status == NS_OK)
			ns_index_finish(&so_far);
	}
	return status;
}

static enum ns_status write_output(const struct merger *merger, const struct ns_sweep_description *sweep, const char *output,
	struct ns_merged *merged, struct ns_error *error)
{
	char temporary[PATH_MAX];
	double bytes;
	struct ns_rebuilt rebuilt;
	enum ns_status status = ns_store_bytes(sweep, &bytes, error);
	if (status == NS_OK)
		status = ns_publish_prepare(output, NS_PUBLISH_NEW, bytes, temporary, error);
	if (status != NS_OK)
		return status;
	status = ns_rebuild(temporary, sweep, merger->sources, merger->n, &rebuilt, error);
	if (status == NS_OK && rebuilt.lost + rebuilt.lost_followups > 0)
		status = ns_error_set(error, NS_FAILED,
			"%s holds damaged points: `nodescale verify` lists them, `nodescale run` mends it",
			merger->sources[rebuilt.lost_in].name);
	if (status == NS_OK)
		status = ns_publish(temporary, output, NS_PUBLISH_NEW, error);
	if (status != NS_OK)
		unlink(temporary);
	*merged = (struct ns_merged){sweep->n_points, rebuilt.kept};
	return status;
}

static enum ns_status merge(struct merger *merger, const char *const *inputs, const char *output, const char *command_line,
	struct ns_merged *merged, struct ns_error *error)
{
	struct ns_data data;
	enum ns_status status = open_inputs(merger, inputs, error);
	if (status == NS_OK)
		status = unite(merger, error);
	if (status == NS_OK)
		status = ns_reader_data(merger->first, &data, error);
	if (status != NS_OK)
		return status;
	const struct ns_sweep_description sweep = {.experiment = &merger->first->experiment,
		.data = &data,
		.points = merger->points,
		.n_points = merger->n_points,
		.spec_text = merger->first->spec_text,
		.command_line = command_line};
	status = write_output(merger, &sweep, output, merged, error);
	ns_data_finish(&data);
	return status;
}

enum ns_status ns_store_merge(const char *const *inputs, size_t n_inputs, const char *output, const char *command_line,
	struct ns_merged *merged, struct ns_error *error)
{
	struct merger merger = {.n = n_inputs, .sources = ns_alloc(n_inputs, sizeof *merger.sources)};
	if (merger.sources == NULL)
		return ns_error_memory(error, "the list of files", 100.0 * (double)n_inputs);
	for (size_t k = 0; k < n_inputs; k++)
		merger.sources[k].file = -1;
	const enum ns_status status = merge(&merger, inputs, output, command_line, merged, error);
	for (size_t k = 0; k < n_inputs; k++) {
		if (merger.sources[k].file >= 0)
			close(merger.sources[k].file);
		ns_slots_finish(&merger.sources[k].slots);
	}
	ns_reader_close(merger.first);
	ns_free(merger.sources);
	ns_free(merger.points);
	return status;
}
