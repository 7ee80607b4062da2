/* Phase diagrams: a quantity at one moment over two keys, and its spread over what is averaged. */
#include "phase.h"
#include "values.h"
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static bool has_spread(const struct ns_aggregate *aggregate)
{
	for (size_t c = 0; c < aggregate->n_curves; c++)
		if (aggregate->curves[c].n[0] > 1)
			return true;
	return false;
}

/* One map; title: of the quantity, in lower case. */
static enum ns_status draw_facet(struct ns_drawing *drawing, const struct ns_phase *phase, const struct ns_aggregate *aggregate,
	const struct ns_facet *facet, struct ns_error *error)
{
	char measure[48], axes[32] = "", suffix[32], name[NS_FIGURE_NAME_LENGTH], title[96], spread_title[96],
			  large[NS_FIGURE_TITLE_LENGTH];
	char moment[96], over[64], lacking[160], what[320], caption[NS_FIGURE_CAPTION_LENGTH];
	ns_measure_name(phase->measure, measure, sizeof measure);
	ns_measure_title(phase->measure, title, sizeof title);
	ns_moment_suffix(drawing, suffix, sizeof suffix);
	ns_moment_words(drawing, drawing->options->at, moment, sizeof moment);
	ns_over_words(drawing, aggregate->over, over, sizeof over);
	ns_lacking_words(drawing, lacking, sizeof lacking);
	if (phase->names_axes)
		snprintf(axes, sizeof axes, "_by_%s_%s", ns_keys[phase->x].name, ns_keys[phase->y].name);
	snprintf(name, sizeof name, "%s%s%s%s%s", phase->name_prefix, measure, axes, suffix, facet->suffix);
	snprintf(spread_title, sizeof spread_title, "standard deviation over %s", over);
	snprintf(what, sizeof what, "%s %s%s", title, moment, facet->words);
	const bool spread = has_spread(aggregate);
	snprintf(caption, sizeof caption, "%s (%s) over %s and %s, %s%s%s%s%s. Contour lines where the colour bar is marked.%s%s",
		title, ns_quantities[phase->measure.quantity].description, ns_keys[phase->x].symbol, ns_keys[phase->y].symbol,
		moment, facet->words, *over != 0 ? ": mean over " : "", over, spread ? ", and its standard deviation" : "",
		phase->x == NS_KEY_ALPHA || phase->y == NS_KEY_ALPHA ? " Where γ = 1, α has no effect." : "", lacking);
	ns_capitalise(caption);
	snprintf(large, sizeof large, "%s%s", title, facet->words);
	ns_capitalise(large);
	const struct ns_figure_text text = {.name = name, .title = large, .caption = caption};
	struct ns_map map = {.x = phase->x,
		.y = phase->y,
		.n_panels = spread ? 2 : 1,
		.panels = {{.aggregate = aggregate,
				   .title = title,
				   .unit = ns_measure_unit(phase->measure),
				   .column = "mean",
				   .like = 0},
			{.aggregate = aggregate,
				.spread = true,
				.title = spread_title,
				.unit = ns_measure_unit(phase->measure),
				.column = "std",
				.like = 1}},
		.what = what};
	memcpy(map.fixed, facet->fixed, sizeof map.fixed);
	return ns_map_make(drawing, &text, &map, error);
}

enum ns_status ns_phase_draw(struct ns_drawing *drawing, const struct ns_phase *phase, struct ns_error *error)
{
	const unsigned over = ns_values_over(drawing, NS_KEY_BIT(phase->x) | NS_KEY_BIT(phase->y));
	struct ns_aggregate aggregate;
	struct ns_facet *facets = NULL;
	double *values;
	size_t n_facets;
	enum ns_status status = ns_values_at_moment(drawing, phase->measure, drawing->options->at, &values, error);
	if (status != NS_OK)
		return status;
	status = ns_values_gather(drawing, over, values, 1, &aggregate, error);
	ns_free(values);
	if (status != NS_OK)
		return status;
	status = ns_facets_init(&facets, &n_facets, &aggregate, phase->x, phase->y, error);
	if (status == NS_OK && phase->refuses_more && n_facets > phase->most)
		status = ns_error_set(error, NS_BAD_INPUT,
			"there would be %zu maps, one for each value of the other keys: choose some with --where, or average "
			"with --over",
			n_facets);
	else if (status == NS_OK)
		for (size_t k = 0; k < n_facets && k < phase->most && status == NS_OK; k++)
			status = draw_facet(drawing, phase, &aggregate, &facets[ns_evenly(k, n_facets, phase->most)], error);
	ns_free(facets);
	ns_aggregate_finish(&aggregate);
	return status;
}

const struct ns_measure ns_phase_measures[NS_PHASE_MEASURES] = {
	{NS_TEST_RISK, 0}, {NS_TRAIN_RISK, 0}, {NS_NTK_DRIFT_RELATIVE, 0}, {NS_WEIGHT_DELTA_MAX, 0}};

static bool applies(const struct ns_drawing *drawing)
{
	enum ns_key x, y;
	return ns_map_axes(drawing, &x, &y);
}

static enum ns_status draw(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	struct ns_phase phase = {.most = 2, .name_prefix = "phase_"};
	enum ns_status status = NS_OK;
	ns_map_axes(drawing, &phase.x, &phase.y);
	for (int k = 0; k < NS_PHASE_MEASURES && status == NS_OK; k++) {
		phase.measure = ns_phase_measures[k];
		status = ns_phase_draw(drawing, &phase, error);
	}
	return status;
}

const struct ns_figure ns_phase_figure = {.name = "phase", .title = "Phase diagrams", .applies = applies, .draw = draw};
