#include "figure.h"
#include "folder.h"
#include "gnuplot.h"
#include "metadata.h"
#include "scripts.h"
#include <inttypes.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* A script begins with a hash of the rest: one that still has it is as this program left it. */
static const char mark[] = "# nodescale figures: ";

static void mark_of(const char *text, char *line, size_t size)
{
	snprintf(line, size, "%s%016llx\n", mark, (unsigned long long)XXH3_64bits(text, strlen(text)));
}

/* Whether the script was changed by hand, or is none of this program's. */
static bool is_adapted(const char *path)
{
	char *text, line[64];
	size_t length;
	struct ns_error error;
	if (access(path, F_OK) != 0)
		return false;
	if (ns_file_read(path, 1 << 20, &text, &length, &error) != NS_OK)
		return true;
	const char *rest = strchr(text, '\n');
	if (rest != NULL)
		mark_of(rest + 1, line, sizeof line);
	const bool adapted = rest == NULL || strncmp(text, line, strlen(line)) != 0;
	ns_free(text);
	return adapted;
}

/* Leaves one that was adapted as it is. */
static enum ns_status write_script(const char *name, const char *text, const char *folder, struct ns_error *error)
{
	char line[64];
	struct ns_draft draft;
	enum ns_status status = ns_draft_init(&draft, folder, name, error);
	if (status == NS_OK && !is_adapted(draft.path)) {
		FILE *file = ns_draft_open(&draft, folder, name, error);
		if (file == NULL)
			return error->status;
		mark_of(text, line, sizeof line);
		fputs(line, file);
		fputs(text, file);
		status = ns_draft_close(&draft, file, error);
	}
	return status;
}

static bool loads(const char *text, const char *name)
{
	char line[80];
	snprintf(line, sizeof line, "load \"%s\"", name);
	return strstr(text, line) != NULL;
}

/* And those that they load, which load no others in a circle. */
static enum ns_status write_scripts(const char *name, const char *text, const char *folder, struct ns_error *error)
{
	enum ns_status status = write_script(name, text, folder, error);
	for (const struct ns_script *script = ns_scripts; script->name != NULL && status == NS_OK; script++)
		if (loads(text, script->name))
			status = write_scripts(script->name, script->text, folder, error);
	return status;
}

/* The figure's own script: settings before what is built in or given. */
static enum ns_status write_own_script(
	const struct ns_figure_text *text, const char *name, const char *folder, struct ns_error *error)
{
	const struct ns_script *built_in = ns_scripts;
	while (built_in->name != NULL && strcmp(built_in->name, name) != 0)
		built_in++;
	const char *const parts[] = {
		text->settings != NULL ? text->settings : "", text->script != NULL ? text->script : built_in->text};
	const size_t size = strlen(parts[0]) + strlen(parts[1]) + 1;
	char *whole = ns_alloc(size, 1);
	if (whole == NULL)
		return ns_error_memory(error, "a script", (double)size);
	snprintf(whole, size, "%s%s", parts[0], parts[1]);
	const enum ns_status status = write_scripts(name, whole, folder, error);
	ns_free(whole);
	return status;
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Where a figure comes from: its points, in order of their identity. */
struct origin {
	size_t n;
	uint64_t *ids;
	char results[64], points[2048];
};

/* Few points are named; of many the table has the list. */
static void describe_points(struct origin *origin)
{
	enum { NAMED = 64 };
	const uint64_t hash = XXH3_64bits(origin->ids, origin->n * sizeof *origin->ids);
	int length = snprintf(origin->points, sizeof origin->points, "%zu, XXH3 of their sorted ids %016" PRIx64 "%s", origin->n,
		hash, origin->n > NAMED ? "" : ":");
	for (size_t k = 0; k < origin->n && origin->n <= NAMED; k++)
		length +=
			snprintf(origin->points + length, sizeof origin->points - (size_t)length, " %016" PRIx64, origin->ids[k]);
}

static enum ns_status origin_init(
	struct origin *origin, const struct ns_drawing *drawing, const bool *shown, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(drawing->reader);
	*origin = (struct origin){.ids = ns_alloc(n_points, sizeof *origin->ids)};
	if (origin->ids == NULL)
		return ns_error_memory(error, "the identities of points", 8.0 * (double)n_points);
	for (size_t p = 0; p < n_points; p++)
		if (shown[p])
			origin->ids[origin->n++] = ns_point_id(&ns_reader_points(drawing->reader)[p]);
	qsort(origin->ids, origin->n, sizeof *origin->ids, compare_ids);
	snprintf(origin->results, sizeof origin->results, "digest %016" PRIx64, drawing->digest);
	describe_points(origin);
	return NS_OK;
}

static void print_origin(FILE *out, const struct origin *origin, const char *command)
{
	fprintf(out, "# Results: %s\n", origin->results);
	if (command != NULL)
		fprintf(out, "# Command: %s\n", command);
	fprintf(out, "# Points: %zu, by id:", origin->n);
	for (size_t k = 0; k < origin->n; k++)
		fprintf(out, "%s%016" PRIx64, k % 7 == 0 ? "\n#   " : " ", origin->ids[k]);
	fputc('\n', out);
}

static enum ns_status write_table(const struct ns_drawing *drawing, const struct ns_figure_text *text,
	const struct origin *origin, void (*print)(FILE *out, const void *data), const void *data, struct ns_error *error)
{
	char name[NS_FIGURE_NAME_LENGTH + 16];
	struct ns_draft draft;
	snprintf(name, sizeof name, "%s.txt", text->name);
	FILE *file = ns_draft_open(&draft, drawing->folder, name, error);
	if (file == NULL)
		return error->status;
	print_origin(file, origin, drawing->options->command);
	print(file, data);
	return ns_draft_close(&draft, file, error);
}

static enum ns_status stamp(const struct ns_drawing *drawing, const struct ns_figure_text *text, const struct origin *origin,
	const char *path, struct ns_error *error)
{
	const struct ns_metadata metadata = {.title = text->title,
		.description = text->caption,
		.results = origin->results,
		.points = origin->points,
		.command = drawing->options->command};
	const enum ns_status status = drawing->format == NS_FIGURE_PDF ? ns_gnuplot_clear_pdf_date(path, error) : NS_OK;
	return status == NS_OK ? ns_metadata_write(path, drawing->format, &metadata, error) : status;
}

/* The names in settings are the program's own and the process id: there is nothing in them that gnuplot would take for syntax. */
static enum ns_status run_script(const struct ns_drawing *drawing, const struct ns_figure_text *text, const struct origin *origin,
	const char *script, struct ns_error *error)
{
	char name[NS_FIGURE_NAME_LENGTH + 16], settings[PATH_MAX + 64];
	struct ns_draft draft;
	snprintf(name, sizeof name, "%s.%s", text->name, ns_figure_format_names[drawing->format]);
	enum ns_status status = ns_draft_init(&draft, drawing->folder, name, error);
	if (status != NS_OK)
		return status;
	snprintf(settings, sizeof settings, "format = '%s'; output = '%s'", ns_figure_format_names[drawing->format],
		draft.temporary_name);
	status = ns_gnuplot_run(drawing->folder, settings, script, error);
	if (status == NS_OK && access(draft.temporary_path, F_OK) != 0)
		status = ns_error_set(
			error, NS_FAILED, "%s/%s: gnuplot ended well but did not write to `output`", drawing->folder, script);
	if (status == NS_OK)
		status = stamp(drawing, text, origin, draft.temporary_path, error);
	if (status == NS_OK)
		return ns_draft_publish(&draft, error);
	ns_draft_discard(&draft);
	return status;
}

static enum ns_status note(struct ns_drawn_figures *drawn, const struct ns_figure_text *text, struct ns_error *error)
{
	struct ns_drawn_figure *figures = ns_grow(drawn->figures, drawn->n, drawn->n + 1, sizeof *figures);
	if (figures == NULL)
		return ns_error_memory(error, "the list of figures", (double)((drawn->n + 1) * sizeof *figures));
	drawn->figures = figures;
	struct ns_drawn_figure *figure = &figures[drawn->n++];
	snprintf(figure->name, sizeof figure->name, "%s", text->name);
	snprintf(figure->title, sizeof figure->title, "%s", text->title);
	snprintf(figure->caption, sizeof figure->caption, "%s", text->caption);
	return NS_OK;
}

enum ns_status ns_figure_make(struct ns_drawing *drawing, const struct ns_figure_text *text,
	void (*print)(FILE *out, const void *data), const void *data, struct ns_error *error)
{
	char script[NS_FIGURE_NAME_LENGTH + 16];
	struct origin origin;
	snprintf(script, sizeof script, "%s.gnuplot", text->name);
	enum ns_status status = origin_init(&origin, drawing, text->shown != NULL ? text->shown : drawing->selected, error);
	if (status != NS_OK)
		return status;
	status = write_table(drawing, text, &origin, print, data, error);
	if (status == NS_OK)
		status = write_own_script(text, script, drawing->folder, error);
	if (status == NS_OK)
		status = run_script(drawing, text, &origin, script, error);
	ns_free(origin.ids);
	return status == NS_OK ? note(drawing->drawn, text, error) : status;
}
