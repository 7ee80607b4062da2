/* The spec: a YAML file that describes a sweep (architecture.md; sweeps/reference.yaml documents every key). */
#ifndef NODESCALE_SPEC_H
#define NODESCALE_SPEC_H

#include <nodescale/experiment.h>
#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stddef.h>

enum { NS_SPEC_LARGEST = 16 << 20 }; /* bytes */

/* A place in the spec, from 1; line 0: none. */
struct ns_spec_place {
	size_t line, column;
};

struct ns_spec {
	struct ns_experiment experiment;
	struct ns_point *points; /* the union of the grid's blocks without repeats, in the order of first mention */
	size_t n_points;
	char *text; /* the file as it was read, 0-terminated */
	size_t text_length;
	struct ns_spec_place file, permutation; /* where the data's paths are named */
};

/* Reads a whole file into *text (0-terminated, free with ns_free). Missing, unreadable, a folder, larger than 16 MiB:
 * NS_BAD_INPUT. */
enum ns_status ns_spec_read_text(const char *path, char **text, size_t *length, struct ns_error *error);

/* Parses text, which it copies. path names the file in errors and is where relative paths start from; the file is not opened.
 * Every error is NS_BAD_INPUT and says path:line:column, what is wrong and what was expected. Release with ns_spec_finish. */
enum ns_status ns_spec_parse(struct ns_spec *spec, const char *path, const char *text, size_t length, struct ns_error *error);

/* What can be known to be wrong only by looking at the disk: data files that are missing or unreadable, with the line of the key
 * that names them. Rank 0 only. */
enum ns_status ns_spec_check_files(const struct ns_spec *spec, const char *path, struct ns_error *error);

void ns_spec_finish(struct ns_spec *spec);

#endif
