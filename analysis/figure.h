/* What a kind of figure is to the rest of analysis: an entry of ns_figures and a file of its own. Private to analysis. */
#ifndef NODESCALE_ANALYSIS_FIGURE_H
#define NODESCALE_ANALYSIS_FIGURE_H

#include <nodescale/figures.h>

/* One call of ns_figures_draw, as the figures see it. */
struct ns_drawing {
	struct ns_reader *reader;
	const char *folder;
	enum ns_figure_format format;
	const struct ns_figure_options *options; /* not NULL */
	const bool *selected;                    /* (point) what options->where accepts: never none */
	uint64_t digest;                         /* of the results, as `nodescale verify` prints it */
	struct ns_drawn_figures *drawn;          /* not NULL */
};

struct ns_figure {
	const char *name, *title; /* of its file, without extension; a few words */
	bool (*applies)(const struct ns_drawing *drawing);
	/* May draw more than one, each by ns_figure_make; figure is the entry itself. */
	enum ns_status (*draw)(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error);
	const void *settings; /* for whoever draws it; NULL if nothing */
};

extern const struct ns_figure *const ns_figures[]; /* in the order in which they are drawn, NULL at the end */

/* The kinds, each in its file. */
extern const struct ns_figure ns_train_risk_figure, ns_test_risk_figure, ns_weight_delta_figure, ns_ntk_drift_figure,
	ns_ntk_min_eig_figure; /* steps.c */
extern const struct ns_figure ns_prune_train_risk_figure, ns_prune_test_risk_figure, ns_transfer_train_risk_figure,
	ns_transfer_test_risk_figure;                   /* followups.c */
extern const struct ns_figure ns_phase_figure;          /* phase.c */
extern const struct ns_figure ns_generalisation_figure; /* generalisation.c */
extern const struct ns_figure ns_theory_figures;        /* bounds_figures.c */
extern const struct ns_figure ns_width_scaling_figures; /* exponent_figures.c */

bool ns_figure_applies_always(const struct ns_drawing *drawing);

/* A figure about to be made. Texts are copied where they must last. */
struct ns_figure_text {
	const char *name, *title, *caption;
	const char *script;   /* text of NAME.gnuplot; NULL: the one of that name in this folder */
	const char *settings; /* lines of gnuplot put before the script; NULL: none */
	const bool *shown;    /* (point) those that the figure shows; NULL: drawing->selected */
};

/* Writes NAME.txt with print (behind a head that says where the figure comes from), NAME.gnuplot and the scripts that it loads,
 * runs gnuplot, puts NAME.FORMAT in place and notes it in drawing->drawn. */
enum ns_status ns_figure_make(struct ns_drawing *drawing, const struct ns_figure_text *text,
	void (*print)(FILE *out, const void *data), const void *data, struct ns_error *error);

/* --- curves (curves.c, curves.gnuplot): mean and band of one standard deviation against anything --- */

/* A column of a table, for its head: "step", "gradient descent steps taken". */
struct ns_column {
	const char *name, *description;
};

struct ns_curves {
	const struct ns_aggregate *aggregate; /* (record) is here whatever x is */
	const double *x;                      /* (record) */
	struct ns_column x_column;
	const char *quantity, *unit, *description; /* of what is averaged */
	const double *guide; /* (curve, record) a line beside each curve, the table's fifth column; NULL: none */
	struct ns_column guide_column;
};

enum { NS_CURVES_MOST = 12 }; /* of many curves as many are shown, spread evenly over the grid, unless the points were chosen */

/* Adds to the caption how many curves are shown if not all are. The script sets name, logarithmic (y), x_label and perhaps
 * x_logarithmic, loads curves.gnuplot, labels y and plots @curves. */
enum ns_status ns_curves_make(
	struct ns_drawing *drawing, const struct ns_figure_text *text, const struct ns_curves *curves, struct ns_error *error);

/* "γ = 0.5, α = 0.7, m = 2 000 (4 of 5 runs)", in quotes: what tells the curve from the others. */
void ns_print_legend(FILE *out, const struct ns_aggregate *aggregate, const struct ns_curve *curve);

/* A column of a table, after a blank. */
void ns_print_number(FILE *out, double value);

/* 10 000: groups of three digits, a thin space between them. */
void ns_print_grouped(FILE *out, uint64_t number);

#endif
