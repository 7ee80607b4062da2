/* Figures that were asked for: any quantity against steps, against a key of the points, or over two keys. */
#include "selection.h"
#include "phase.h"
#include "values.h"
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static enum ns_key key_of(enum ns_axis axis)
{
	return (enum ns_key)(axis - NS_AXIS_GAMMA);
}

enum ns_status ns_selection_check(const struct ns_figure_options *options, struct ns_error *error)
{
	const bool wanted = options->x != NS_AXIS_DEFAULT || options->one_quantity;
	if (options->y != NS_AXIS_DEFAULT && options->x == NS_AXIS_DEFAULT)
		return ns_error_set(error, NS_BAD_INPUT, "--y needs --x: a map has two axes");
	if (options->y != NS_AXIS_DEFAULT && options->x == NS_AXIS_STEP)
		return ns_error_set(
			error, NS_BAD_INPUT, "--x step gives curves: a map, with --y, needs gamma, alpha, m or seed there");
	if (options->y != NS_AXIS_DEFAULT && options->x == options->y)
		return ns_error_set(error, NS_BAD_INPUT, "--x and --y are both %s: a map needs two different keys",
			ns_keys[key_of(options->x)].name);
	if (options->x == NS_AXIS_STEP && options->at != NS_AT_LAST)
		return ns_error_set(error, NS_BAD_INPUT, "--at has no meaning with --x step, which shows every step");
	if (options->logarithms_given && !wanted)
		return ns_error_set(
			error, NS_BAD_INPUT, "--log needs --x or --quantity: the other figures have axes of their own");
	return NS_OK;
}

/* Points, their state and values (point, x) such that gathering over x too yields a curve along x. */
struct strewn {
	size_t n;
	struct ns_point *points;
	uint8_t *status;
	double *values;
};

static void strew(
	struct strewn *to, struct ns_point point, uint8_t status, double value, enum ns_key key, const double *xs, size_t nx)
{
	const double own = ns_key_of_point(&point, key);
	for (size_t i = 0; i < nx; i++) /* without an alpha of its own (gamma = 1) it stands at every alpha */
		to->values[to->n * nx + i] = isnan(own) || own == xs[i] ? value : NAN;
	to->status[to->n] = status;
	to->points[to->n++] = point;
}

/* Along gamma, a point at gamma = 1 belongs to the curve of every alpha. */
static void strew_all(struct strewn *to, const struct ns_drawing *drawing, const double *values, enum ns_key key,
	const double *xs, size_t nx, const double *alphas, size_t n_alphas)
{
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++) {
		struct ns_point point = ns_reader_points(drawing->reader)[p];
		const uint8_t status = ns_reader_status(drawing->reader)[p];
		const bool repeats = point.gamma == 1 && n_alphas > 0;
		if (!drawing->selected[p])
			continue;
		for (size_t a = 0; a < (repeats ? n_alphas : 1); a++) {
			const size_t place = to->n;
			strew(to, point, status, values[p], key, xs, nx);
			if (repeats) { /* gamma is averaged over from here on: any below 1 will do */
				to->points[place].gamma = 0;
				to->points[place].alpha = alphas[a];
			}
		}
	}
}

static enum ns_status gather_along(struct ns_drawing *drawing, const double *values, enum ns_key key, unsigned over,
	const double *xs, size_t nx, struct ns_aggregate *aggregate, struct ns_error *error)
{
	const struct ns_point *points = ns_reader_points(drawing->reader);
	const size_t n_points = ns_reader_point_count(drawing->reader);
	double *alphas = NULL;
	size_t n_alphas = 0;
	enum ns_status status = NS_OK;
	if (key == NS_KEY_GAMMA && !(over & NS_KEY_BIT(NS_KEY_ALPHA)))
		status = ns_key_values(points, drawing->selected, n_points, NS_KEY_ALPHA, &alphas, &n_alphas, error);
	if (status != NS_OK)
		return status;
	const size_t most = n_points * (n_alphas > 0 ? n_alphas : 1);
	struct strewn all = {0, ns_alloc(most, sizeof *all.points), ns_alloc(most, 1), ns_alloc(most, nx * sizeof *all.values)};
	if (all.points == NULL || all.status == NULL || all.values == NULL) {
		status = ns_error_memory(error, "values along an axis", 8.0 * (double)most * (double)nx);
	} else {
		const struct ns_grouping grouping = {.over = over | NS_KEY_BIT(key)};
		strew_all(&all, drawing, values, key, xs, nx, alphas, n_alphas);
		status = ns_aggregate_grouped(aggregate, &grouping, all.points, all.status, all.n, all.values, nx, error);
	}
	ns_free(alphas);
	ns_free(all.points);
	ns_free(all.status);
	ns_free(all.values);
	return status;
}

static bool value_is_logarithmic(
	const struct ns_drawing *drawing, struct ns_measure measure, const struct ns_aggregate *aggregate)
{
	double least = INFINITY, most = 0;
	if (drawing->options->logarithms_given)
		return drawing->options->logarithmic_value;
	for (size_t k = 0; k < aggregate->n_curves * 2 * aggregate->n_records; k++) {
		const double mean = aggregate->values[k];
		if (k / aggregate->n_records % 2 == 0 && isfinite(mean)) { /* mean and std alternate */
			least = mean < least ? mean : least;
			most = mean > most ? mean : most;
		}
	}
	return measure.quantity == NS_TRAIN_RISK || measure.quantity == NS_TEST_RISK || (least > 0 && most >= 30 * least);
}

/* What a figure of curves along `axis` is called and how it is labelled. */
struct along {
	struct ns_measure measure;
	struct ns_column column;
	const char *label, *symbol; /* of x */
	const double *xs;
	bool logarithmic;
	const char *suffix, *words; /* of the moment */
	bool marks_all;
	unsigned over; /* what is averaged over */
};

static enum ns_status make_curves(
	struct ns_drawing *drawing, const struct along *along, const struct ns_aggregate *aggregate, struct ns_error *error)
{
	const struct ns_quantity_info *quantity = &ns_quantities[along->measure.quantity];
	char measure[48], title[96], name[NS_FIGURE_NAME_LENGTH], large[NS_FIGURE_TITLE_LENGTH], over[64], lacking[160],
		script[1024], caption[768];
	ns_measure_name(along->measure, measure, sizeof measure);
	ns_measure_title(along->measure, title, sizeof title);
	ns_over_words(drawing, along->over, over, sizeof over);
	ns_lacking_words(drawing, lacking, sizeof lacking);
	snprintf(name, sizeof name, "%s_by_%s%s", measure, along->column.name, along->suffix);
	snprintf(large, sizeof large, "%s against %s", title, along->symbol);
	ns_capitalise(large);
	snprintf(caption, sizeof caption, "%s (%s)%s%s%s%s.%s", large, quantity->description, along->words,
		*over != 0 ? ": mean over " : "", over, *over != 0 ? " and a band of one standard deviation" : "", lacking);
	snprintf(script, sizeof script,
		"name = \"%s\"\nlogarithmic = %d\nx_label = \"%s\"\nx_logarithmic = %d\n%sload \"curves.gnuplot\"\n"
		"set ylabel \"%s\" . unit(\"%s\")\nplot @curves\n",
		name, value_is_logarithmic(drawing, along->measure, aggregate), along->label, along->logarithmic,
		along->marks_all ? "marked = 1\n" : "", title, ns_measure_unit(along->measure));
	const struct ns_figure_text text = {.name = name, .title = large, .caption = caption, .script = script};
	const struct ns_curves curves = {.aggregate = aggregate,
		.x = along->xs,
		.x_column = along->column,
		.quantity = measure,
		.unit = quantity->unit,
		.description = quantity->description};
	return ns_curves_make(drawing, &text, &curves, error);
}

static enum ns_status draw_by_step(struct ns_drawing *drawing, struct ns_measure measure, struct ns_error *error)
{
	struct ns_aggregate aggregate;
	double *values, *steps;
	enum ns_status status = ns_values_steps(drawing, &steps, error);
	if (status != NS_OK)
		return status;
	status = ns_values_of_measure(drawing, measure, &values, error);
	if (status == NS_OK) {
		status = ns_values_gather(
			drawing, ns_values_over(drawing, 0), values, ns_reader_record_count(drawing->reader), &aggregate, error);
		ns_free(values);
	}
	if (status == NS_OK) {
		const struct along along = {.measure = measure,
			.column = {"step", "gradient descent steps taken"},
			.label = "gradient descent steps",
			.symbol = "gradient descent steps",
			.xs = steps,
			.logarithmic = drawing->options->logarithmic_x,
			.suffix = "",
			.words = "",
			.over = ns_values_over(drawing, 0)};
		status = make_curves(drawing, &along, &aggregate, error);
		ns_aggregate_finish(&aggregate);
	}
	ns_free(steps);
	return status;
}

static enum ns_status draw_along(struct ns_drawing *drawing, struct ns_measure measure, enum ns_key key, const double *xs,
	size_t nx, struct ns_error *error)
{
	const struct ns_figure_options *options = drawing->options;
	struct ns_aggregate aggregate;
	double *values;
	char description[64], suffix[32], moment[96], words[112];
	enum ns_status status = ns_values_at_moment(drawing, measure, options->at, &values, error);
	if (status != NS_OK)
		return status;
	status = gather_along(drawing, values, key, ns_values_over(drawing, NS_KEY_BIT(key)), xs, nx, &aggregate, error);
	ns_free(values);
	if (status != NS_OK)
		return status;
	ns_moment_suffix(drawing, suffix, sizeof suffix);
	ns_moment_words(drawing, options->at, moment, sizeof moment);
	snprintf(words, sizeof words, ", %s", moment);
	snprintf(description, sizeof description, "value of %s", ns_keys[key].name);
	const struct along along = {.measure = measure,
		.column = {ns_keys[key].name, description},
		.label = ns_keys[key].label,
		.symbol = ns_keys[key].symbol,
		.xs = xs,
		.logarithmic = ns_key_is_logarithmic(drawing, options->logarithmic_x, key, xs, nx),
		.suffix = suffix,
		.words = words,
		.marks_all = nx <= 25,
		.over = ns_values_over(drawing, NS_KEY_BIT(key))};
	status = make_curves(drawing, &along, &aggregate, error);
	ns_aggregate_finish(&aggregate);
	return status;
}

static enum ns_status draw_by_key(struct ns_drawing *drawing, struct ns_measure measure, enum ns_key key, struct ns_error *error)
{
	double *xs;
	size_t nx;
	enum ns_status status = ns_key_values(ns_reader_points(drawing->reader), drawing->selected,
		ns_reader_point_count(drawing->reader), key, &xs, &nx, error);
	if (status != NS_OK)
		return status;
	if (nx == 0)
		status = ns_error_set(error, NS_BAD_INPUT, "no selected point has an alpha: at gamma = 1 there is none");
	if (status == NS_OK)
		status = ns_key_check_logarithm(
			ns_key_is_logarithmic(drawing, drawing->options->logarithmic_x, key, xs, nx), "x", key, xs, nx, error);
	if (status == NS_OK)
		status = draw_along(drawing, measure, key, xs, nx, error);
	ns_free(xs);
	return status;
}

static enum ns_status draw_one(struct ns_drawing *drawing, struct ns_measure measure, struct ns_error *error)
{
	const struct ns_figure_options *options = drawing->options;
	struct ns_phase phase = {.measure = measure, .most = 24, .refuses_more = true, .name_prefix = "", .names_axes = true};
	enum ns_status status = NS_OK;
	if (options->y != NS_AXIS_DEFAULT) {
		phase.x = key_of(options->x);
		phase.y = key_of(options->y);
		return ns_phase_draw(drawing, &phase, error);
	}
	if (options->x > NS_AXIS_STEP)
		return draw_by_key(drawing, measure, key_of(options->x), error);
	status = draw_by_step(drawing, measure, error);
	if (status == NS_OK && options->x == NS_AXIS_DEFAULT && ns_map_axes(drawing, &phase.x, &phase.y))
		status = ns_phase_draw(drawing, &phase, error);
	return status;
}

enum ns_status ns_selection_draw(struct ns_drawing *drawing, struct ns_error *error)
{
	const struct ns_figure_options *options = drawing->options;
	if (options->one_quantity)
		return draw_one(drawing, (struct ns_measure){options->quantity, options->entry}, error);
	enum ns_status status = NS_OK;
	for (int k = 0; k < NS_PHASE_MEASURES && status == NS_OK; k++)
		status = draw_one(drawing, ns_phase_measures[k], error);
	return status;
}
