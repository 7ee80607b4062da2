#include "map.h"
#include "values.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

/* A map laid out: which curve of the aggregates fills which cell. */
struct layout {
	const struct ns_map *map;
	const struct ns_drawing *drawing;
	bool x_logarithmic, y_logarithmic;
	size_t nx, ny;
	double *xs, *ys, *x_edges, *y_edges;
	const struct ns_curve **cells; /* (y, x), of the first panel's aggregate; NULL: no point there */
};

static double between(double a, double b, bool logarithmic)
{
	return logarithmic ? sqrt(a) * sqrt(b) : (a + b) / 2;
}

void ns_map_edges(const double *values, size_t n, bool logarithmic, double *edges)
{
	for (size_t k = 1; k < n; k++)
		edges[k] = between(values[k - 1], values[k], logarithmic);
	if (n == 1) {
		edges[0] = logarithmic ? values[0] / 2 : values[0] - 0.5;
		edges[1] = logarithmic ? values[0] * 2 : values[0] + 0.5;
		return;
	}
	/* the outermost cells reach as far out as in */
	edges[0] = logarithmic ? values[0] * (values[0] / edges[1]) : 2 * values[0] - edges[1];
	edges[n] = logarithmic ? values[n - 1] * (values[n - 1] / edges[n - 1]) : 2 * values[n - 1] - edges[n - 1];
}

static bool belongs(const struct ns_map *map, const struct ns_curve *curve)
{
	for (int key = 0; key < NS_KEY_COUNT; key++) {
		const double value = ns_key_of_curve(curve, (enum ns_key)key);
		if (!isnan(map->fixed[key]) && !isnan(value) && value != map->fixed[key])
			return false;
	}
	return true;
}

/* A curve without a value for an axis (alpha at gamma = 1) stands for all of them, where no other curve does. */
static void place(struct layout *layout, const struct ns_curve *curve)
{
	const double x = ns_key_of_curve(curve, layout->map->x), y = ns_key_of_curve(curve, layout->map->y);
	const bool fills = isnan(x) || isnan(y);
	for (size_t j = 0; j < layout->ny; j++)
		for (size_t i = 0; i < layout->nx; i++) {
			const struct ns_curve **cell = &layout->cells[j * layout->nx + i];
			if ((isnan(x) || layout->xs[i] == x) && (isnan(y) || layout->ys[j] == y) && (!fills || *cell == NULL))
				*cell = curve;
		}
}

static void layout_finish(struct layout *layout)
{
	ns_free(layout->xs);
	ns_free(layout->ys);
	ns_free(layout->x_edges);
	ns_free(layout->y_edges);
	ns_free(layout->cells);
}

static enum ns_status find_values(struct layout *layout, struct ns_error *error)
{
	const struct ns_drawing *drawing = layout->drawing;
	const struct ns_map *map = layout->map;
	const struct ns_figure_options *options = drawing->options;
	const struct ns_point *points = ns_reader_points(drawing->reader);
	const size_t n = ns_reader_point_count(drawing->reader);
	enum ns_status status = ns_key_values(points, drawing->selected, n, map->x, &layout->xs, &layout->nx, error);
	if (status == NS_OK)
		status = ns_key_values(points, drawing->selected, n, map->y, &layout->ys, &layout->ny, error);
	if (status != NS_OK)
		return status;
	layout->x_logarithmic = ns_key_is_logarithmic(drawing, options->logarithmic_x, map->x, layout->xs, layout->nx);
	layout->y_logarithmic = ns_key_is_logarithmic(drawing, options->logarithmic_y, map->y, layout->ys, layout->ny);
	status = ns_key_check_logarithm(layout->x_logarithmic, "x", map->x, layout->xs, layout->nx, error);
	if (status == NS_OK)
		status = ns_key_check_logarithm(layout->y_logarithmic, "y", map->y, layout->ys, layout->ny, error);
	if (status == NS_OK && (layout->nx == 0 || layout->ny == 0))
		status = ns_error_set(error, NS_BAD_INPUT, "no selected point has a value of %s: at gamma = 1 there is none",
			ns_keys[NS_KEY_ALPHA].name);
	return status;
}

static enum ns_status layout_init(
	struct layout *layout, const struct ns_drawing *drawing, const struct ns_map *map, struct ns_error *error)
{
	*layout = (struct layout){.map = map, .drawing = drawing};
	enum ns_status status = find_values(layout, error);
	if (status == NS_OK) {
		layout->x_edges = ns_alloc(layout->nx + 1, sizeof *layout->x_edges);
		layout->y_edges = ns_alloc(layout->ny + 1, sizeof *layout->y_edges);
		layout->cells = ns_alloc(layout->nx, layout->ny * sizeof *layout->cells);
		if (layout->x_edges == NULL || layout->y_edges == NULL || layout->cells == NULL)
			status = ns_error_memory(error, "the cells of a map", 8.0 * (double)layout->nx * (double)layout->ny);
	}
	if (status != NS_OK) {
		layout_finish(layout);
		return status;
	}
	ns_map_edges(layout->xs, layout->nx, layout->x_logarithmic, layout->x_edges);
	ns_map_edges(layout->ys, layout->ny, layout->y_logarithmic, layout->y_edges);
	const struct ns_aggregate *aggregate = map->panels[0].aggregate;
	for (int filling = 0; filling < 2; filling++) /* those with a place of their own first */
		for (size_t c = 0; c < aggregate->n_curves; c++) {
			const struct ns_curve *curve = &aggregate->curves[c];
			const bool fills = isnan(ns_key_of_curve(curve, map->x)) || isnan(ns_key_of_curve(curve, map->y));
			if (fills == filling && belongs(map, curve))
				place(layout, curve);
		}
	return NS_OK;
}

static const char *state_of(const struct ns_curve *curve)
{
	if (curve == NULL)
		return "absent";
	if (curve->n_done == curve->n_points)
		return "done";
	return curve->n_done > 0 ? "partial" : curve->n_diverged > 0 ? "diverged" : curve->n_crashed > 0 ? "crashed" : "missing";
}

static double panel_value(const struct layout *layout, const struct ns_panel *panel, const struct ns_curve *curve)
{
	if (curve == NULL)
		return NAN;
	const struct ns_curve *own = &panel->aggregate->curves[curve - layout->map->panels[0].aggregate->curves];
	if (panel->spread)
		return own->n[0] > 1 ? own->std[0] : NAN; /* of one run there is none */
	return own->mean[0];
}

static void print_head(FILE *out, const struct layout *layout)
{
	const struct ns_map *map = layout->map;
	fprintf(out, "# %s\n", map->what);
	fputs("# One line per cell of the grid, a blank line between rows. Columns:\n", out);
	fprintf(out, "#   x y                      values of %s and %s\n", ns_keys[map->x].name, ns_keys[map->y].name);
	fputs("#   x_low x_high y_low y_high  bounds of the cell\n"
	      "#   state                    done; partial: some of its runs are lacking; missing, diverged, crashed: all are; "
	      "absent: not "
	      "in the sweep\n"
	      "#   n runs                   runs averaged, and runs in the sweep\n",
		out);
	for (size_t p = 0; p < map->n_panels; p++)
		fprintf(out, "#   %-24s %s\n", map->panels[p].column, map->panels[p].title);
}

static void print_table(FILE *out, const void *data)
{
	const struct layout *layout = data;
	const struct ns_map *map = layout->map;
	print_head(out, layout);
	for (size_t j = 0; j < layout->ny; j++) {
		fputc('\n', out);
		for (size_t i = 0; i < layout->nx; i++) {
			const struct ns_curve *curve = layout->cells[j * layout->nx + i];
			fprintf(out, "%.15g %.15g %.15g %.15g %.15g %.15g %s %zu %zu", layout->xs[i], layout->ys[j],
				layout->x_edges[i], layout->x_edges[i + 1], layout->y_edges[j], layout->y_edges[j + 1],
				state_of(curve), curve != NULL ? curve->n[0] : 0, curve != NULL ? curve->n_points : 0);
			for (size_t p = 0; p < map->n_panels; p++)
				ns_print_number(out, panel_value(layout, &map->panels[p], curve));
			fputc('\n', out);
		}
	}
}

/* By its range, unless told. */
static bool is_logarithmic(const struct layout *layout, size_t panel)
{
	const struct ns_panel *shown = &layout->map->panels[panel];
	double least = INFINITY, most = 0;
	if (layout->drawing->options->logarithms_given)
		return layout->drawing->options->logarithmic_value && !shown->integer;
	for (size_t k = 0; k < layout->nx * layout->ny; k++) {
		const double value = panel_value(layout, shown, layout->cells[k]);
		if (isfinite(value) && value < least)
			least = value;
		if (isfinite(value) && value > most)
			most = value;
	}
	return least > 0 && most >= 8 * least;
}

static void print_array(
	FILE *out, const struct layout *layout, const char *name, const char *(*text)(const struct ns_panel *panel))
{
	fprintf(out, "array panel_%s[%zu] = [", name, layout->map->n_panels);
	for (size_t p = 0; p < layout->map->n_panels; p++)
		fprintf(out, "%s\"%s\"", p > 0 ? ", " : "", text(&layout->map->panels[p]));
	fputs("]\n", out);
}

static const char *title_of(const struct ns_panel *panel)
{
	return panel->title;
}

static const char *unit_of(const struct ns_panel *panel)
{
	return panel->unit;
}

static const char *palette_of(const struct ns_panel *panel)
{
	return panel->spread ? "cividis" : "viridis";
}

static void print_script(FILE *out, const struct layout *layout, const char *name)
{
	const struct ns_map *map = layout->map;
	fprintf(out, "name = \"%s\"\n", name);
	fprintf(out, "x_label = \"%s\"; x_logarithmic = %d\n", ns_keys[map->x].label, layout->x_logarithmic);
	fprintf(out, "y_label = \"%s\"; y_logarithmic = %d\n", ns_keys[map->y].label, layout->y_logarithmic);
	print_array(out, layout, "title", title_of);
	print_array(out, layout, "unit", unit_of);
	print_array(out, layout, "palette", palette_of);
	fprintf(out, "array panel_logarithmic[%zu] = [", map->n_panels);
	for (size_t p = 0; p < map->n_panels; p++)
		fprintf(out, "%s%d", p > 0 ? ", " : "", is_logarithmic(layout, (size_t)map->panels[p].like));
	fprintf(out, "]\narray panel_contours[%zu] = [", map->n_panels);
	for (size_t p = 0; p < map->n_panels; p++)
		fprintf(out, "%s%d", p > 0 ? ", " : "", !map->panels[p].spread && !map->panels[p].integer);
	fprintf(out, "] # those of a spread or a step would show its noise\narray panel_like[%zu] = [", map->n_panels);
	for (size_t p = 0; p < map->n_panels; p++)
		fprintf(out, "%s%d", p > 0 ? ", " : "", map->panels[p].like + 1);
	fputs("] # the panel whose colours it shares\nload \"map.gnuplot\"\n", out);
}

/* The points of a map: those that have the values which it fixes. */
static void find_points(const struct ns_drawing *drawing, const struct ns_map *map, bool *shown)
{
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++) {
		shown[p] = drawing->selected[p];
		for (int key = 0; key < NS_KEY_COUNT; key++) {
			const double own = ns_key_of_point(&ns_reader_points(drawing->reader)[p], (enum ns_key)key);
			shown[p] = shown[p] && (isnan(map->fixed[key]) || isnan(own) || own == map->fixed[key]);
		}
	}
}

enum ns_status ns_map_make(
	struct ns_drawing *drawing, const struct ns_figure_text *text, const struct ns_map *map, struct ns_error *error)
{
	struct layout layout;
	char script[4096] = "";
	enum ns_status status = layout_init(&layout, drawing, map, error);
	if (status != NS_OK)
		return status;
	FILE *out = fmemopen(script, sizeof script, "w");
	bool *shown = ns_alloc(ns_reader_point_count(drawing->reader), sizeof *shown);
	if (out != NULL && shown != NULL) {
		struct ns_figure_text own = *text;
		print_script(out, &layout, text->name);
		fflush(out);
		find_points(drawing, map, shown);
		own.script = script;
		own.shown = shown;
		status = ns_figure_make(drawing, &own, print_table, &layout, error);
	} else {
		status = ns_error_memory(error, "a script", sizeof script);
	}
	if (out != NULL)
		fclose(out);
	ns_free(shown);
	layout_finish(&layout);
	return status;
}

/* Cells of (y, x) that have a point of their own. */
static size_t count_filled(const struct ns_drawing *drawing, enum ns_key x, enum ns_key y, const double *xs, size_t nx,
	const double *ys, size_t ny, bool *cells)
{
	const struct ns_point *points = ns_reader_points(drawing->reader);
	size_t filled = 0;
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++)
		for (size_t k = 0; drawing->selected[p] && k < nx * ny; k++)
			if (xs[k % nx] == ns_key_of_point(&points[p], x) && ys[k / nx] == ns_key_of_point(&points[p], y) &&
				!cells[k]) {
				cells[k] = true;
				filled++;
			}
	return filled;
}

bool ns_map_applies(const struct ns_drawing *drawing, enum ns_key x, enum ns_key y)
{
	const struct ns_point *points = ns_reader_points(drawing->reader);
	const size_t n = ns_reader_point_count(drawing->reader);
	const bool fills = x == NS_KEY_ALPHA || y == NS_KEY_ALPHA;
	struct ns_error error;
	double *xs = NULL, *ys = NULL;
	size_t nx = 0, ny = 0, places = 0;
	bool applies = false;
	if (ns_key_values(points, drawing->selected, n, x, &xs, &nx, &error) == NS_OK &&
		ns_key_values(points, drawing->selected, n, y, &ys, &ny, &error) == NS_OK && nx >= 3 && ny >= 3) {
		bool *cells = ns_alloc(nx, ny);
		for (size_t k = 0; k < nx * ny; k++) /* at gamma = 1 there is no alpha: no point has such a cell for itself */
			places += !(fills && ((x == NS_KEY_GAMMA && xs[k % nx] == 1) || (y == NS_KEY_GAMMA && ys[k / nx] == 1)));
		applies = cells != NULL && 2 * count_filled(drawing, x, y, xs, nx, ys, ny, cells) >= places;
		ns_free(cells);
	}
	ns_free(xs);
	ns_free(ys);
	return applies;
}

bool ns_map_axes(const struct ns_drawing *drawing, enum ns_key *x, enum ns_key *y)
{
	static const enum ns_key pairs[][2] = {{NS_KEY_GAMMA, NS_KEY_ALPHA}, {NS_KEY_GAMMA, NS_KEY_M}, {NS_KEY_ALPHA, NS_KEY_M}};
	for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
		if (ns_map_applies(drawing, pairs[k][0], pairs[k][1])) {
			*x = pairs[k][0];
			*y = pairs[k][1];
			return true;
		}
	return false;
}
