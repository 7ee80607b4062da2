/* The figures, drawn into a folder of their own and taken into the page. */
#include "page.h"
#include "svg.h"
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <nodescale/figures.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the drawings may take of the page: a figure that is larger, or comes when the whole is spent, is shown as pixels. */
enum {
	HEAVY = 100 << 10, /* a browser lays it out only when it comes into sight */
	MOST_SVG = 500 << 10,
	MOST_SVG_ALL = 5 << 19,
	MOST_PNG = 600 << 10
};

struct drawing {
	const struct ns_page *page;
	char folder[PATH_MAX];
	struct ns_drawn_figures figures;
	size_t svg_bytes; /* in the page so far */
	bool has_pixels;  /* the figures have been drawn as PNG, too */
};

static int delete_entry(const char *path, const struct stat *found, int kind, struct FTW *position)
{
	return remove(path);
}

static enum ns_status read_drawn(const struct drawing *drawing, const char *name, const char *extension, char **text,
	size_t *length, struct ns_error *error)
{
	char path[PATH_MAX + sizeof((struct ns_drawn_figure){0}.name) + 8];
	snprintf(path, sizeof path, "%s/%s.%s", drawing->folder, name, extension);
	return ns_file_read(path, INT_MAX, text, length, error);
}

static void write_base64(FILE *out, const unsigned char *bytes, size_t length)
{
	enum { AT_ONCE = 3 << 10 }; /* of three bytes four letters: whole groups but at the end */
	unsigned char letters[AT_ONCE / 3 * 4 + 1];
	for (size_t b = 0; b < length; b += AT_ONCE)
		fwrite(letters, 1,
			(size_t)EVP_EncodeBlock(letters, bytes + b, (int)(length - b < AT_ONCE ? length - b : AT_ONCE)), out);
}

/* The theory of the page, which has taken the cube of the samples, serves the figures too. */
static enum ns_status draw(
	struct drawing *drawing, enum ns_figure_format format, struct ns_drawn_figures *drawn, struct ns_error *error)
{
	const struct ns_page *page = drawing->page;
	const struct ns_figure_options options = {.theory = page->bounds.n_rows > 0 ? &page->bounds.theory : NULL};
	return ns_figures_draw(page->reader, drawing->folder, format, &options, drawn, error);
}

static enum ns_status write_pixels(
	struct drawing *drawing, const struct ns_drawn_figure *figure, FILE *out, struct ns_error *error)
{
	char *bytes;
	size_t length;
	enum ns_status status = NS_OK;
	if (!drawing->has_pixels)
		status = draw(drawing, NS_FIGURE_PNG, NULL, error);
	drawing->has_pixels = status == NS_OK;
	if (status == NS_OK)
		status = read_drawn(drawing, figure->name, "png", &bytes, &length, error);
	if (status != NS_OK)
		return status;
	if (length > MOST_PNG) {
		fputs("<p>Too large for a page: <code>nodescale figures</code> draws it.</p>", out);
	} else {
		fputs("<img alt=\"", out);
		ns_html_text(out, figure->title);
		fputs("\" src=\"data:image/png;base64,", out);
		write_base64(out, (const unsigned char *)bytes, length);
		fputs("\">", out);
	}
	ns_free(bytes);
	return NS_OK;
}

static enum ns_status write_drawing(struct drawing *drawing, const struct ns_drawn_figure *figure, const char *svg, size_t length,
	FILE *out, struct ns_error *error)
{
	if (length > MOST_SVG || drawing->svg_bytes + length > MOST_SVG_ALL)
		return write_pixels(drawing, figure, out, error);
	drawing->svg_bytes += length;
	return ns_svg_inline(out, svg, figure->name, figure->title, error);
}

/* A drawing of several panels is wider than a column of the page, in the units of all drawings. */
static bool is_wide(const char *svg)
{
	const char *box = strstr(svg, "viewBox=\"");
	double width = 0;
	return box != NULL && sscanf(box, "viewBox=\"%*f %*f %lf", &width) == 1 && width > 700;
}

static enum ns_status write_figure(
	struct drawing *drawing, const struct ns_drawn_figure *figure, FILE *out, struct ns_error *error)
{
	char *svg;
	size_t length;
	enum ns_status status = read_drawn(drawing, figure->name, "svg", &svg, &length, error);
	if (status != NS_OK)
		return status;
	fprintf(out, "<figure id=\"figure-%s\" class=\"%s%s\">\n<h3>", figure->name, is_wide(svg) ? "wide" : "narrow",
		length > HEAVY ? " heavy" : "");
	ns_html_text(out, figure->title);
	fputs("</h3>\n", out);
	status = write_drawing(drawing, figure, svg, length, out, error);
	ns_free(svg);
	fputs("\n<figcaption>", out);
	ns_html_text(out, figure->caption);
	fputs("</figcaption>\n</figure>\n", out);
	return status;
}

static enum ns_status make_folder(struct drawing *drawing, struct ns_error *error)
{
	const char *parent = getenv("TMPDIR");
	const int length = snprintf(drawing->folder, sizeof drawing->folder, "%s/nodescale-report-XXXXXX",
		parent != NULL && *parent != 0 ? parent : "/tmp");
	if (length >= 0 && (size_t)length < sizeof drawing->folder && mkdtemp(drawing->folder) != NULL)
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "%s: no folder can be made for the figures: %s", drawing->folder, strerror(errno));
}

static enum ns_status write_figures(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	struct drawing drawing = {.page = page};
	enum ns_status status = make_folder(&drawing, error);
	if (status != NS_OK)
		return status;
	status = draw(&drawing, NS_FIGURE_SVG, &drawing.figures, error);
	fputs("<div class=\"figures\">\n", out);
	for (size_t f = 0; f < drawing.figures.n && status == NS_OK; f++)
		status = write_figure(&drawing, &drawing.figures.figures[f], out, error);
	fputs("</div>\n", out);
	ns_drawn_figures_finish(&drawing.figures);
	nftw(drawing.folder, delete_entry, 8, FTW_DEPTH | FTW_PHYS);
	return status;
}

static bool has_results(const struct ns_page *page)
{
	return page->n_by_status[NS_POINT_DONE] > 0;
}

const struct ns_page_section ns_section_figures = {"figures", "Figures", has_results, write_figures};
