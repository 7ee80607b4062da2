#include "figure.h"
#include "folder.h"
#include "selection.h"
#include <nodescale/memory.h>

const struct ns_figure *const ns_figures[] = {
	&ns_train_risk_figure,
	&ns_test_risk_figure,
	&ns_weight_delta_figure,
	&ns_ntk_drift_figure,
	&ns_ntk_min_eig_figure,
	&ns_theory_figures,
	&ns_width_scaling_figures,
	&ns_prune_train_risk_figure,
	&ns_prune_test_risk_figure,
	&ns_transfer_train_risk_figure,
	&ns_transfer_test_risk_figure,
	&ns_phase_figure,
	&ns_generalisation_figure,
	NULL,
};

const char *const ns_figure_format_names[] = {"pdf", "png", "svg", NULL};

bool ns_figure_applies_always(const struct ns_drawing *drawing)
{
	return true;
}

void ns_drawn_figures_finish(struct ns_drawn_figures *drawn)
{
	ns_free(drawn->figures);
	*drawn = (struct ns_drawn_figures){0};
}

static enum ns_status select_points(
	const struct ns_reader *reader, const struct ns_filter *where, bool *selected, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader);
	size_t n_selected = 0;
	for (size_t p = 0; p < n_points; p++)
		n_selected += selected[p] = ns_filter_accepts(where, &ns_reader_points(reader)[p]);
	if (n_points == 0 || ns_reader_record_count(reader) == 0)
		return ns_error_set(error, NS_BAD_INPUT, "nothing to draw: there are no points or no recorded steps");
	if (n_selected == 0)
		return ns_error_set(error, NS_BAD_INPUT, "nothing to draw: none of the %zu points is selected", n_points);
	return NS_OK;
}

static enum ns_status draw_all(struct ns_drawing *drawing, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (const struct ns_figure *const *figure = ns_figures; *figure != NULL && status == NS_OK; figure++)
		if ((*figure)->applies(drawing))
			status = (*figure)->draw(drawing, *figure, error);
	return status;
}

enum ns_status ns_figures_draw(struct ns_reader *reader, const char *folder, enum ns_figure_format format,
	const struct ns_figure_options *options, struct ns_drawn_figures *drawn, struct ns_error *error)
{
	static const struct ns_figure_options defaults;
	struct ns_drawn_figures unwanted;
	bool *selected = ns_alloc(ns_reader_point_count(reader), sizeof *selected);
	struct ns_drawing drawing = {.reader = reader,
		.folder = folder,
		.format = format,
		.options = options != NULL ? options : &defaults,
		.selected = selected,
		.drawn = drawn != NULL ? drawn : &unwanted};
	*drawing.drawn = (struct ns_drawn_figures){0};
	if (selected == NULL)
		return ns_error_memory(error, "a selection of points", (double)ns_reader_point_count(reader));
	enum ns_status status = ns_selection_check(drawing.options, error);
	if (status == NS_OK)
		status = select_points(reader, &drawing.options->where, selected, error);
	if (status == NS_OK)
		status = ns_folder_make(folder, error);
	if (status == NS_OK)
		status = ns_reader_digest(reader, &drawing.digest, error);
	if (status == NS_OK && (drawing.options->x != NS_AXIS_DEFAULT || drawing.options->one_quantity))
		status = ns_selection_draw(&drawing, error);
	else if (status == NS_OK)
		status = draw_all(&drawing, error);
	if (status != NS_OK || drawn == NULL)
		ns_drawn_figures_finish(drawing.drawn);
	ns_free(selected);
	return status;
}
