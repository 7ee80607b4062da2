#include "spec_reader.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <nodescale/spec.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum ns_status ns_spec_read_text(const char *path, char **text, size_t *length, struct ns_error *error)
{
	return ns_file_read(path, NS_SPEC_LARGEST, text, length, error);
}

static enum ns_status read_points(const struct ns_spec_document *document, const struct ns_spec_top *top, struct ns_spec *spec)
{
	struct ns_block *blocks;
	size_t n_blocks;
	enum ns_status status = ns_spec_read_grid(document, top, &blocks, &n_blocks);
	if (status == NS_OK)
		status = ns_grid_expand(blocks, n_blocks, &spec->points, &spec->n_points, document->error);
	for (size_t b = 0; b < n_blocks; b++)
		ns_block_finish(blocks + b);
	ns_free(blocks);
	return status;
}

static enum ns_status read_document(const struct ns_spec_document *document, struct ns_spec *spec)
{
	static const char *const names[] = {"name", "data", "model", "grid", "train", "record"};
	enum { COUNT = sizeof names / sizeof *names };
	struct ns_spec_key keys[COUNT] = {0};
	if (document->root == NULL)
		return ns_spec_fail(document, (yaml_mark_t){0}, "the spec is empty; expected name, data, grid and train");
	enum ns_status status = ns_spec_read_keys(document, document->root, "the spec", names, COUNT, keys);
	if (status != NS_OK)
		return status;
	const struct ns_spec_top top = {keys[0], keys[1], keys[2], keys[3], keys[4], keys[5]};
	status = ns_spec_read_experiment(document, &top, spec);
	return status == NS_OK ? read_points(document, &top, spec) : status;
}

enum ns_status ns_spec_parse(struct ns_spec *spec, const char *path, const char *text, size_t length, struct ns_error *error)
{
	struct ns_spec_document document;
	*spec = (struct ns_spec){.text_length = length, .text = ns_alloc(length + 1, 1)};
	if (spec->text == NULL)
		return ns_error_memory(error, "the spec", (double)length);
	memcpy(spec->text, text, length);
	enum ns_status status = ns_spec_document_load(&document, path, text, length, error);
	if (status == NS_OK) {
		status = read_document(&document, spec);
		ns_spec_document_finish(&document);
	}
	if (status != NS_OK)
		ns_spec_finish(spec);
	return status;
}

static enum ns_status check_file(
	const char *file, const char *what, const char *path, struct ns_spec_place place, struct ns_error *error)
{
	struct stat info;
	if (*file == '\0')
		return NS_OK;
	const int opened = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (opened < 0)
		return ns_error_set(error, NS_BAD_INPUT,
			"%s:%zu:%zu: %s %s cannot be opened: %s; paths start from the spec's folder", path, place.line,
			place.column, what, file, strerror(errno));
	const bool is_folder = fstat(opened, &info) == 0 && S_ISDIR(info.st_mode);
	close(opened);
	if (is_folder)
		return ns_error_set(error, NS_BAD_INPUT, "%s:%zu:%zu: %s %s is a folder; expected a file", path, place.line,
			place.column, what, file);
	return NS_OK;
}

enum ns_status ns_spec_check_files(const struct ns_spec *spec, const char *path, struct ns_error *error)
{
	const enum ns_status status = check_file(spec->experiment.file, "file", path, spec->file, error);
	return status == NS_OK ? check_file(spec->experiment.permutation, "permutation", path, spec->permutation, error) : status;
}

void ns_spec_finish(struct ns_spec *spec)
{
	ns_free(spec->points);
	ns_free(spec->text);
	*spec = (struct ns_spec){0};
}
