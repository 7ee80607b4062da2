/* The figures of a results file, drawn with gnuplot, and the table of everything that was recorded.
 *
 * A folder of figures holds, for each NAME of ns_figures, NAME.pdf (or .png, .svg), its data as NAME.txt and its script
 * NAME.gnuplot, besides what the scripts share, style.gnuplot. `gnuplot NAME.gnuplot` in that folder makes the figure again. */
#ifndef NODESCALE_FIGURES_H
#define NODESCALE_FIGURES_H

#include <nodescale/aggregate.h>
#include <nodescale/quantity.h>
#include <nodescale/reader.h>

struct ns_figure {
	const char *name;
	enum ns_quantity quantity; /* of width 1 */
};

enum { NS_FIGURE_COUNT = 5 };
extern const struct ns_figure ns_figures[NS_FIGURE_COUNT];

enum ns_figure_format { NS_FIGURE_PDF, NS_FIGURE_PNG, NS_FIGURE_SVG };
extern const char *const ns_figure_format_names[]; /* NULL-terminated; also the files' extensions */

/* Draws every figure into folder, which is made if it is missing. Files of an earlier call are replaced, each in one step, except
 * the scripts: one that stands in the folder is somebody's adaptation, so it is kept and used. The same results and scripts give
 * the same bytes on the same machine. NS_BAD_INPUT: folder cannot be written, or the file holds no points. NS_FAILED: gnuplot is
 * missing or failed (the text has its message); the figure in question is then not there, or still the earlier one. */
enum ns_status ns_figures_draw(
	struct ns_reader *reader, const char *folder, enum ns_figure_format format, struct ns_error *error);

/* One of them, from curves (steps: (record)); folder exists. */
enum ns_status ns_figure_draw(const struct ns_figure *figure, const struct ns_aggregate *aggregate, const uint64_t *steps,
	const char *folder, enum ns_figure_format format, struct ns_error *error);

/* CSV by RFC 4180, one row per (point, recorded step), whatever became of the point: id (hexadecimal), gamma, alpha (empty at
 * gamma = 1), m, seed, status, step, then every quantity; those with a third dimension have one column per entry
 * (weight_delta_q50, weight_delta_top1). Numbers have 17 significant digits and read back to the same double; NaN is an empty
 * field. */
enum ns_status ns_export_csv(struct ns_reader *reader, FILE *out, struct ns_error *error);

#endif
