/* What a figure's file says of itself: title, results, points, command. Private to analysis. */
#ifndef NODESCALE_ANALYSIS_METADATA_H
#define NODESCALE_ANALYSIS_METADATA_H

#include <nodescale/figures.h>

/* UTF-8; empty texts are left out. */
struct ns_metadata {
	const char *title, *description;
	const char *results; /* digest of the results */
	const char *points;  /* which are shown */
	const char *command; /* that makes the figure again */
};

/* Writes it into a figure as gnuplot left it: into the document information of a PDF, text chunks of a PNG, title, desc and
 * metadata of an SVG. NS_FAILED if the file cannot be changed or is not what its format says. */
enum ns_status ns_metadata_write(
	const char *path, enum ns_figure_format format, const struct ns_metadata *metadata, struct ns_error *error);

#endif
