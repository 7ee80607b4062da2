/* The figures of a results file, drawn with gnuplot, and the table of everything that was recorded.
 *
 * A folder of figures holds, for each figure NAME, NAME.pdf (or .png, .svg), its data as NAME.txt and its script NAME.gnuplot,
 * besides what the scripts share. `gnuplot NAME.gnuplot` in that folder makes the figure again. */
#ifndef NODESCALE_FIGURES_H
#define NODESCALE_FIGURES_H

#include <nodescale/aggregate.h>
#include <nodescale/filter.h>
#include <nodescale/quantity.h>
#include <nodescale/reader.h>

enum ns_figure_format { NS_FIGURE_PDF, NS_FIGURE_PNG, NS_FIGURE_SVG };
extern const char *const ns_figure_format_names[]; /* NULL-terminated; also the files' extensions */

/* What the figures are to show. All zero: every point, every figure. */
struct ns_figure_options {
	struct ns_filter where; /* the points shown */
	const char *command;    /* the command that makes the figures again, for their metadata; NULL: none */
};

/* A figure that was drawn: NAME.FORMAT in the folder. */
struct ns_drawn_figure {
	char name[64];
	char title[160];    /* a few words */
	char caption[1024]; /* a sentence or two for people: what is shown, what is averaged */
};

struct ns_drawn_figures {
	size_t n;
	struct ns_drawn_figure *figures;
};
void ns_drawn_figures_finish(struct ns_drawn_figures *drawn); /* also of one that is all zero */

/* Draws every figure that applies to the file into folder, which is made if it is missing. Files of an earlier call are replaced,
 * each in one step, except the scripts: one that stands in the folder is somebody's adaptation, so it is kept and used. The same
 * results, options and scripts give the same bytes on the same machine. options may be NULL (defaults) and so may drawn, which is
 * otherwise initialised, to be released with ns_drawn_figures_finish, and left empty on failure. NS_BAD_INPUT: folder cannot be
 * written, or there are no points to show. NS_FAILED: gnuplot is missing or failed (the text has its message); the figure in
 * question is then not there, or still the earlier one. */
enum ns_status ns_figures_draw(struct ns_reader *reader, const char *folder, enum ns_figure_format format,
	const struct ns_figure_options *options, struct ns_drawn_figures *drawn, struct ns_error *error);

/* CSV by RFC 4180, one row per (point, recorded step), whatever became of the point: id (hexadecimal), gamma, alpha (empty at
 * gamma = 1), m, seed, status, step, then every quantity; those with a third dimension have one column per entry
 * (weight_delta_q50, weight_delta_top1). Numbers have 17 significant digits and read back to the same double; NaN is an empty
 * field. */
enum ns_status ns_export_csv(struct ns_reader *reader, FILE *out, struct ns_error *error);

#endif
