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

/* What an axis shows. */
enum ns_axis { NS_AXIS_DEFAULT, NS_AXIS_STEP, NS_AXIS_GAMMA, NS_AXIS_ALPHA, NS_AXIS_M, NS_AXIS_SEED };

/* The record that stands for a whole trajectory. */
enum ns_moment { NS_AT_LAST, NS_AT_BEST /* of each run: where its test risk is smallest */, NS_AT_STEP };

struct ns_theory;

/* What the figures are to show. All zero: every point, every figure that the file has something for. */
struct ns_figure_options {
	struct ns_filter where; /* the points shown */
	enum ns_axis x, y;      /* if x is given only these figures are drawn: with y a map, without curves */
	bool one_quantity;      /* only quantity is shown, entry `entry` of its third dimension */
	enum ns_quantity quantity;
	size_t entry;
	enum ns_moment at;
	uint64_t at_step;      /* a recorded one */
	bool over_given;       /* otherwise: over seeds, unless the seed is an axis */
	unsigned over;         /* NS_KEY_BIT of the keys averaged over */
	bool logarithms_given; /* otherwise: by range */
	bool logarithmic_x, logarithmic_y, logarithmic_value;
	const struct ns_theory
		*theory;     /* ns_bounds_theory of the file with NS_BOUNDS_DELTA, if it is known; NULL: found if needed */
	const char *command; /* the command that makes the figures again, for their metadata; NULL: none */
};

/* Reads an option as it stands on the command line: name is where, x, y, quantity, at, over or log. NS_BAD_INPUT says what was
 * expected. */
enum ns_status ns_figure_option_parse(
	struct ns_figure_options *options, const char *name, const char *text, struct ns_error *error);

enum { NS_FIGURE_NAME_LENGTH = 160, NS_FIGURE_TITLE_LENGTH = 256, NS_FIGURE_CAPTION_LENGTH = 1024 };

/* A figure that was drawn: NAME.FORMAT in the folder. */
struct ns_drawn_figure {
	char name[NS_FIGURE_NAME_LENGTH];
	char title[NS_FIGURE_TITLE_LENGTH];     /* a few words */
	char caption[NS_FIGURE_CAPTION_LENGTH]; /* a sentence or two for people: what is shown, what is averaged */
};

struct ns_drawn_figures {
	size_t n;
	struct ns_drawn_figure *figures;
};
void ns_drawn_figures_finish(struct ns_drawn_figures *drawn); /* also of one that is all zero */

/* Draws every figure that applies to the file, or those that options ask for, into folder, which is made if it is missing. Files
 * of an earlier call are replaced, each in one step, except scripts that were changed by hand: they are kept and used. The same
 * results, options and scripts give the same bytes on the same machine. Each figure says in its file what it shows: title,
 * caption, digest of the results (ns_reader_digest), ids of the points, command. options may be NULL (defaults) and so may drawn,
 * which is otherwise initialised, to be released with ns_drawn_figures_finish, and left empty on failure. NS_BAD_INPUT: folder
 * cannot be written, there are no points to show, or the options contradict one another or the file. NS_FAILED: a point is
 * damaged, or gnuplot is missing or failed (the text has its message); the figure in question is then not there, or still the
 * earlier one. */
enum ns_status ns_figures_draw(struct ns_reader *reader, const char *folder, enum ns_figure_format format,
	const struct ns_figure_options *options, struct ns_drawn_figures *drawn, struct ns_error *error);

/* CSV by RFC 4180, one row per (point, recorded step), whatever became of the point: id (hexadecimal), gamma, alpha (empty at
 * gamma = 1), m, seed, status, step, then every quantity; those with a third dimension have one column per entry
 * (weight_delta_q50, weight_delta_top1). Numbers have 17 significant digits and read back to the same double; NaN is an empty
 * field. */
enum ns_status ns_export_csv(struct ns_reader *reader, FILE *out, struct ns_error *error);

#endif
