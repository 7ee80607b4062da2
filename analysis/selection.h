/* Figures that were asked for with --x, --y, --quantity. Private to analysis. */
#ifndef NODESCALE_ANALYSIS_SELECTION_H
#define NODESCALE_ANALYSIS_SELECTION_H

#include "figure.h"

/* NS_BAD_INPUT if the options contradict one another. */
enum ns_status ns_selection_check(const struct ns_figure_options *options, struct ns_error *error);

/* Curves along x, or maps over x and y, of the quantity that was asked for or else of those of the phase diagrams. */
enum ns_status ns_selection_draw(struct ns_drawing *drawing, struct ns_error *error);

#endif
