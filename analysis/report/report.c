#include "../folder.h"
#include "../scripts.h"
#include "page.h"
#include <nodescale/report.h>
#include <string.h>

/* In the order of the page. */
static const struct ns_page_section *const sections[] = {
	&ns_section_status,
	&ns_section_figures,
	&ns_section_configurations,
	&ns_section_after,
	&ns_section_exponents,
	&ns_section_theory,
	&ns_section_run,
	&ns_section_spec,
	&ns_section_points,
	&ns_section_provenance,
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static bool applies(const struct ns_page_section *section, const struct ns_page *page)
{
	return section->applies == NULL || section->applies(page);
}

/* A text of this folder that is built into the program. */
static const char *embedded(const char *name)
{
	const struct ns_script *script = ns_scripts;
	while (script->name != NULL && strcmp(script->name, name) != 0)
		script++;
	return script->name != NULL ? script->text : "";
}

/* The policy makes sure of what the page promises: it loads nothing, from nowhere. */
static void write_top(const struct ns_page *page, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>", out);
	ns_html_text(out, ns_reader_spec_name(page->reader));
	fputs(" – nodescale report</title>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
	      "script-src 'unsafe-inline'; img-src data:\">\n"
	      "<meta name=\"generator\" content=\"nodescale\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<style>\n",
		out);
	fputs(embedded("report.css"), out);
	fputs("</style>\n</head>\n<body>\n", out);
}

static void write_contents(const struct ns_page *page, FILE *out)
{
	fputs("<nav aria-label=\"Contents\">\n", out);
	for (int s = 0; s < SECTIONS; s++)
		if (applies(sections[s], page))
			fprintf(out, "<a href=\"#%s\">%s</a>\n", sections[s]->id, sections[s]->title);
	fputs("</nav>\n", out);
}

static enum ns_status write_sections(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	fputs("<main>\n", out);
	for (int s = 0; s < SECTIONS && status == NS_OK; s++) {
		if (!applies(sections[s], page))
			continue;
		fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", sections[s]->id, sections[s]->title);
		status = sections[s]->write(page, out, error);
		fputs("</section>\n", out);
	}
	fputs("</main>\n", out);
	return status;
}

static enum ns_status write_page(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	write_top(page, out);
	ns_page_write_head(page, out);
	write_contents(page, out);
	const enum ns_status status = write_sections(page, out, error);
	fputs("<script>\n", out);
	fputs(embedded("report.js"), out);
	fputs("</script>\n</body>\n</html>\n", out);
	return status;
}

static void split(const char *path, char *folder, size_t size, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		snprintf(folder, size, ".");
	else
		snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

enum ns_status ns_report_write(struct ns_reader *reader, const char *source, const char *path, struct ns_error *error)
{
	struct ns_page page = {0};
	struct ns_draft draft;
	const char *name;
	char folder[PATH_MAX];
	split(path, folder, sizeof folder, &name);
	FILE *out = ns_draft_open(&draft, folder, name, error); /* first: an unusable path need not wait for the figures */
	if (out == NULL)
		return error->status;
	enum ns_status status = ns_page_init(&page, reader, source, error);
	if (status == NS_OK)
		status = write_page(&page, out, error);
	ns_page_finish(&page);
	if (status == NS_OK)
		return ns_draft_close(&draft, out, error);
	fclose(out);
	ns_draft_discard(&draft);
	return status;
}
