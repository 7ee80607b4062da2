#include "match.h"
#include "attributes.h"
#include "reader_private.h"
#include <inttypes.h>
#include <nodescale/numerics.h>
#include <string.h>
#include <unistd.h>

static void compare_points(const struct ns_reader *reader, const struct ns_sweep_description *sweep, char *text, size_t size)
{
	const size_t in_file = ns_reader_point_count(reader);
	if (in_file != sweep->n_points) {
		ns_text_add(text, size, "points: file %zu, spec %zu", in_file, sweep->n_points);
		return;
	}
	for (size_t p = 0; p < in_file; p++) {
		const struct ns_point *file = &reader->points[p], *spec = &sweep->points[p];
		if (ns_point_id(file) == ns_point_id(spec))
			continue;
		ns_text_add(text, size,
			"point %zu: file gamma %g alpha %g m %" PRIu64 " seed %" PRIu64 ", spec gamma %g alpha %g m %" PRIu64
			" seed %" PRIu64,
			p, file->gamma, file->alpha, file->m, file->seed, spec->gamma, spec->alpha, spec->m, spec->seed);
		return; /* the first says enough */
	}
}

static enum ns_status compare(
	const struct ns_reader *reader, const char *path, const struct ns_sweep_description *sweep, struct ns_error *error)
{
	char text[1536] = "", digest[32];
	ns_attributes_compare(&reader->experiment, sweep->experiment, text, sizeof text);
	if (reader->numerics_version != NS_NUMERICS_VERSION)
		ns_text_add(text, sizeof text, "numerics_version: file %d, this program %d", reader->numerics_version,
			NS_NUMERICS_VERSION);
	snprintf(digest, sizeof digest, "%016" PRIx64, ns_data_digest(sweep->data));
	if (strcmp(digest, reader->data_digest) != 0)
		ns_text_add(text, sizeof text, "data digest: file %s, spec %s", reader->data_digest, digest);
	compare_points(reader, sweep, text, sizeof text);
	if (text[0] == 0)
		return NS_OK;
	return ns_error_set(error, NS_BAD_INPUT, "%s holds another experiment: %s", path, text);
}

enum ns_status ns_match(const char *path, const struct ns_sweep_description *sweep, struct ns_error *error)
{
	struct ns_reader *reader;
	enum ns_status status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	status = compare(reader, path, sweep, error);
	ns_reader_close(reader);
	if (status == NS_OK && access(path, W_OK) != 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s is not writable", path);
	return status;
}
