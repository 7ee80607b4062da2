/* Final and best test risk over the grid, and the step of the best: what stopping early would gain. */
#include "map.h"
#include "values.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static const struct ns_measure risk = {NS_TEST_RISK, 0};

/* Gathered over the same keys: their curves correspond. */
struct gathered {
	struct ns_aggregate final, best, step;
};

static void gathered_finish(struct gathered *all)
{
	ns_aggregate_finish(&all->final);
	ns_aggregate_finish(&all->best);
	ns_aggregate_finish(&all->step);
}

static enum ns_status gather(struct ns_drawing *drawing, unsigned over, struct gathered *all, struct ns_error *error)
{
	double *values[3] = {0};
	*all = (struct gathered){0};
	struct ns_aggregate *const aggregates[3] = {&all->final, &all->best, &all->step};
	enum ns_status status = ns_values_at_moment(drawing, risk, NS_AT_LAST, &values[0], error);
	if (status == NS_OK)
		status = ns_values_at_moment(drawing, risk, NS_AT_BEST, &values[1], error);
	if (status == NS_OK)
		status = ns_values_best_step(drawing, &values[2], error);
	for (int k = 0; k < 3; k++) {
		if (status == NS_OK)
			status = ns_values_gather(drawing, over, values[k], 1, aggregates[k], error);
		ns_free(values[k]);
	}
	if (status != NS_OK)
		gathered_finish(all);
	return status;
}

/* More than one configuration, so that there is something to compare. */
static bool applies(const struct ns_drawing *drawing)
{
	const struct ns_point *points = ns_reader_points(drawing->reader), *first = NULL;
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++) {
		if (!drawing->selected[p])
			continue;
		first = first != NULL ? first : &points[p];
		for (int key = 0; key < NS_KEY_SEED; key++) {
			const double own = ns_key_of_point(&points[p], (enum ns_key)key),
				     other = ns_key_of_point(first, (enum ns_key)key);
			if (own != other && !(isnan(own) && isnan(other)))
				return true;
		}
	}
	return false;
}

static void write_caption(const struct ns_drawing *drawing, unsigned over, const char *words, char *to, size_t size)
{
	char last[96], mean[64], lacking[160];
	ns_moment_words(drawing, NS_AT_LAST, last, sizeof last);
	ns_over_words(drawing, over, mean, sizeof mean);
	ns_lacking_words(drawing, lacking, sizeof lacking);
	snprintf(to, size,
		"Generalisation%s: test risk %s, smallest test risk over the recorded steps of each run, and the step where it "
		"is reached%s%s.%s",
		words, last, *mean != 0 ? ": means over " : "", mean, lacking);
}

static enum ns_status draw_maps(struct ns_drawing *drawing, enum ns_key x, enum ns_key y, struct ns_error *error)
{
	enum { MOST = 2 }; /* where other keys vary too */
	const unsigned over = ns_values_over(drawing, NS_KEY_BIT(x) | NS_KEY_BIT(y));
	struct gathered all;
	struct ns_facet *facets = NULL;
	size_t n_facets = 0;
	char name[NS_FIGURE_NAME_LENGTH], caption[NS_FIGURE_CAPTION_LENGTH], last[96], title[128], means[64], spread[96];
	enum ns_status status = gather(drawing, over, &all, error);
	if (status != NS_OK)
		return status;
	status = ns_facets_init(&facets, &n_facets, &all.final, x, y, error);
	ns_moment_words(drawing, NS_AT_LAST, last, sizeof last);
	snprintf(title, sizeof title, "final test risk, %s", last);
	ns_over_words(drawing, over, means, sizeof means);
	snprintf(spread, sizeof spread, "final: standard deviation over %s", means);
	for (size_t k = 0; k < n_facets && k < MOST && status == NS_OK; k++) {
		const struct ns_facet *facet = &facets[ns_evenly(k, n_facets, MOST)];
		snprintf(name, sizeof name, "generalisation%s", facet->suffix);
		write_caption(drawing, over, facet->words, caption, sizeof caption);
		struct ns_map map = {.x = x,
			.y = y,
			.n_panels = *means != 0 ? 4 : 3,
			.panels = {{&all.final, false, title, "target²", "final", 0, false},
				{&all.best, false, "smallest test risk", "target²", "best", 0, false},
				{&all.step, false, "step of the smallest", "", "best_step", 2, true},
				{&all.final, true, spread, "target²", "final_std", 3, false}},
			.what = caption};
		memcpy(map.fixed, facet->fixed, sizeof map.fixed);
		const struct ns_figure_text text = {
			.name = name, .title = "Generalisation: final and best test risk", .caption = caption};
		status = ns_map_make(drawing, &text, &map, error);
	}
	ns_free(facets);
	gathered_finish(&all);
	return status;
}

/* Configurations that are shown, as rows of a table. */
struct dots {
	const struct gathered *all;
	const bool *is_shown;
};

static void print_dots(FILE *out, const void *data)
{
	const struct dots *dots = data;
	const struct ns_aggregate *final = &dots->all->final;
	fputs("# Columns: row, configuration, and mean and standard deviation over its runs of\n"
	      "#   final      test risk after the last step\n"
	      "#   best       smallest test risk over the recorded steps\n"
	      "#   best_step  the step of the smallest\n"
	      "# and the number of runs\n",
		out);
	size_t row = 0;
	for (size_t c = 0; c < final->n_curves; c++) {
		const struct ns_aggregate *const columns[] = {final, &dots->all->best, &dots->all->step};
		if (!dots->is_shown[c])
			continue;
		fprintf(out, "%zu ", row++);
		ns_print_legend(out, final, &final->curves[c]);
		for (int k = 0; k < 3; k++) {
			ns_print_number(out, columns[k]->curves[c].mean[0]);
			ns_print_number(out, columns[k]->curves[c].std[0]);
		}
		fprintf(out, " %zu\n", final->curves[c].n[0]);
	}
}

static enum ns_status draw_dots(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	enum { MOST = 12 };
	const unsigned over = ns_values_over(drawing, 0);
	struct gathered all;
	char caption[NS_FIGURE_CAPTION_LENGTH];
	enum ns_status status = gather(drawing, over, &all, error);
	if (status != NS_OK)
		return status;
	bool *is_shown = ns_alloc(all.final.n_curves, sizeof *is_shown),
	     *points = ns_alloc(ns_reader_point_count(drawing->reader), sizeof *points);
	if (is_shown == NULL || points == NULL) {
		status = ns_error_memory(error, "a choice of points", (double)all.final.n_curves);
	} else {
		const size_t n_shown = ns_curves_choose(&all.final, MOST, is_shown);
		write_caption(drawing, over, "", caption, sizeof caption);
		if (n_shown < all.final.n_curves)
			snprintf(caption + strlen(caption), sizeof caption - strlen(caption),
				" %zu of %zu configurations are shown.", n_shown, all.final.n_curves);
		const struct dots dots = {&all, is_shown};
		const struct ns_figure_text text = {
			.name = figure->name, .title = figure->title, .caption = caption, .shown = points};
		ns_values_shown(drawing, &all.final, is_shown, points);
		status = ns_figure_make(drawing, &text, print_dots, &dots, error);
	}
	ns_free(is_shown);
	ns_free(points);
	gathered_finish(&all);
	return status;
}

static enum ns_status draw(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	enum ns_key x, y;
	return ns_map_axes(drawing, &x, &y) ? draw_maps(drawing, x, y, error) : draw_dots(drawing, figure, error);
}

const struct ns_figure ns_generalisation_figure = {
	.name = "generalisation", .title = "Generalisation: final and best test risk", .applies = applies, .draw = draw};
