/* Heat maps: numbers over two keys of the points, on the true grid. Private to analysis. */
#ifndef NODESCALE_ANALYSIS_MAP_H
#define NODESCALE_ANALYSIS_MAP_H

#include "figure.h"
#include "keys.h"

enum { NS_MAP_PANELS = 4 };

/* One number per cell: mean or standard deviation of a gathering with one record. */
struct ns_panel {
	const struct ns_aggregate *aggregate;
	bool spread;        /* its standard deviation */
	const char *title;  /* above the panel */
	const char *unit;   /* on the colour bar; empty if none */
	const char *column; /* in the table */
	int like;           /* number of an earlier panel whose colours it shares, or its own */
	bool integer;       /* a step: never with an exponent */
};

struct ns_map {
	enum ns_key x, y;
	size_t n_panels;
	struct ns_panel panels[NS_MAP_PANELS]; /* gathered over the same keys: their curves correspond */
	double fixed[NS_KEY_COUNT];            /* value of each key that is neither averaged over nor an axis; NaN: any */
	const char *what;                      /* for the table's head */
};

/* Draws it. Cells are bounded half way between the values of the grid (on a logarithmic axis in the logarithm); a cell without a
 * finished run shows why; a run without alpha (gamma = 1) fills its row. text->script is made here. */
enum ns_status ns_map_make(
	struct ns_drawing *drawing, const struct ns_figure_text *text, const struct ns_map *map, struct ns_error *error);

/* Whether the selected points make a map over two keys: three values of each, and points in half of the cells at least. */
bool ns_map_applies(const struct ns_drawing *drawing, enum ns_key x, enum ns_key y);

/* The keys of a map of the file, gamma and alpha if they will do, else gamma and m, else alpha and m; false: none will. */
bool ns_map_axes(const struct ns_drawing *drawing, enum ns_key *x, enum ns_key *y);

/* The edges of n cells around rising values: edges (n + 1). */
void ns_map_edges(const double *values, size_t n, bool logarithmic, double *edges);

/* One combination of the keys that are neither averaged over nor x nor y: a map of its own. */
struct ns_facet {
	double fixed[NS_KEY_COUNT]; /* as in ns_map */
	char suffix[48], words[96]; /* for names of files: "_m2000", if it varies; for captions: "; m = 2 000" */
};

/* In the order of the aggregate's curves; free with ns_free. */
enum ns_status ns_facets_init(struct ns_facet **facets, size_t *n_facets, const struct ns_aggregate *aggregate, enum ns_key x,
	enum ns_key y, struct ns_error *error);

#endif
