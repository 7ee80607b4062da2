/* The theorem's bounds beside what was measured (bounds.h). Runs with gamma = 0, which nothing is guaranteed of, are not shown.
 */
#include "figure.h"
#include <math.h>
#include <nodescale/bounds.h>
#include <nodescale/memory.h>
#include <nodescale/ntk.h>

/* What both figures are drawn from. */
struct source {
	struct ns_theory theory;
	bool *shown;    /* (point) selected, with a guarantee */
	double *values; /* (point, record) */
	double *steps;  /* (record) */
};

static bool applies(const struct ns_drawing *drawing)
{
	const struct ns_reader *reader = drawing->reader;
	if (!ns_ntk_has_limit(ns_reader_experiment(reader)->activation))
		return false;
	for (size_t p = 0; p < ns_reader_point_count(reader); p++)
		if (drawing->selected[p] && ns_reader_points(reader)[p].gamma > 0)
			return true;
	return false;
}

static enum ns_status gather(
	struct ns_drawing *drawing, const struct source *source, struct ns_aggregate *aggregate, struct ns_error *error)
{
	const struct ns_grouping grouping = {.selected = source->shown, .over = NS_KEY_BIT(NS_KEY_SEED)};
	struct ns_reader *reader = drawing->reader;
	return ns_aggregate_grouped(aggregate, &grouping, ns_reader_points(reader), ns_reader_status(reader),
		ns_reader_point_count(reader), source->values, ns_reader_record_count(reader), error);
}

static enum ns_status make(struct ns_drawing *drawing, const struct ns_figure_text *text, const struct source *source,
	struct ns_curves *curves, double *guide, struct ns_error *error)
{
	struct ns_aggregate aggregate;
	enum ns_status status = gather(drawing, source, &aggregate, error);
	if (status != NS_OK)
		return status;
	const size_t n_records = aggregate.n_records;
	for (size_t c = 0; guide != NULL && c < aggregate.n_curves; c++)
		for (size_t r = 0; r < n_records; r++)
			guide[c * n_records + r] =
				ns_theory_decay(&source->theory, aggregate.curves[c].gamma, ns_reader_steps(drawing->reader)[r]);
	curves->aggregate = &aggregate;
	curves->x = source->steps;
	curves->x_column = (struct ns_column){"step", "gradient descent steps taken"};
	curves->guide = guide;
	status = ns_curves_make(drawing, text, curves, error);
	ns_aggregate_finish(&aggregate);
	return status;
}

static enum ns_status draw_eigenvalue(struct ns_drawing *drawing, struct source *source, struct ns_error *error)
{
	struct ns_reader *reader = drawing->reader;
	const size_t n_points = ns_reader_point_count(reader), n_records = ns_reader_record_count(reader);
	const enum ns_status status = ns_reader_quantity(reader, NS_NTK_MIN_EIG, source->values, error);
	if (status != NS_OK)
		return status;
	for (size_t p = 0; p < n_points; p++)
		for (size_t r = 0; r < n_records; r++)
			source->values[p * n_records + r] /=
				ns_theory_eigenvalue(&source->theory, ns_reader_points(reader)[p].gamma);
	char caption[640];
	snprintf(caption, sizeof caption,
		"Smallest eigenvalue of the neural tangent kernel over the bound γκ/4 of the convergence theorem, κ = %.4g on "
		"the %zu "
		"probe samples: mean over seeds and a band of one standard deviation. Below 1 the bound is violated. The "
		"theorem's first condition on the width is m ≥ %.3g.",
		source->theory.probes.kappa, source->theory.probes.n, source->theory.all.width);
	const struct ns_figure_text text = {
		.name = "ntk_bound", .title = "Smallest eigenvalue over its guaranteed bound", .caption = caption};
	struct ns_curves curves = {.quantity = "ntk_min_eig / (gamma kappa / 4)",
		.unit = "1",
		.description = "smallest eigenvalue of Theta(W_t) over the bound of the convergence theorem"};
	return make(drawing, &text, source, &curves, NULL, error);
}

static enum ns_status draw_decay(struct ns_drawing *drawing, struct source *source, struct ns_error *error)
{
	struct ns_reader *reader = drawing->reader;
	const size_t n_points = ns_reader_point_count(reader), n_records = ns_reader_record_count(reader);
	enum ns_status status = ns_reader_quantity(reader, NS_TRAIN_RISK, source->values, error);
	if (status != NS_OK)
		return status;
	for (size_t p = 0; p < n_points; p++)
		for (size_t r = n_records; r-- > 0;) /* the initial risk last: it is what is divided by */
			source->values[p * n_records + r] /= source->values[p * n_records];
	char caption[640];
	snprintf(caption, sizeof caption,
		"Training risk over its initial value: mean over seeds and a band of one standard deviation. Dashed: the decay "
		"exp(−γκτ/2) that the convergence theorem guarantees, κ = %.4g on all %zu training samples, τ = %.4g a step.",
		source->theory.all.kappa, source->theory.all.n, source->theory.time_per_step);
	const struct ns_figure_text text = {
		.name = "decay", .title = "Training risk and its guaranteed decay", .caption = caption};
	struct ns_curves curves = {.quantity = "train_risk / initial train_risk",
		.unit = "1",
		.description = "mean squared error on the training samples, over that at step 0",
		.guide_column = {"bound", "exp(-gamma kappa tau / 2), guaranteed by the convergence theorem"}};
	double *guide = ns_alloc(n_points, n_records * sizeof *guide); /* curves are no more than points */
	if (guide == NULL)
		return ns_error_memory(error, "the guaranteed decay", 8.0 * (double)n_points * (double)n_records);
	status = make(drawing, &text, source, &curves, guide, error);
	ns_free(guide);
	return status;
}

static enum ns_status draw_both(struct ns_drawing *drawing, struct source *source, struct ns_error *error)
{
	struct ns_reader *reader = drawing->reader;
	for (size_t p = 0; p < ns_reader_point_count(reader); p++)
		source->shown[p] = drawing->selected[p] && ns_reader_points(reader)[p].gamma > 0;
	for (size_t r = 0; r < ns_reader_record_count(reader); r++)
		source->steps[r] = (double)ns_reader_steps(reader)[r];
	enum ns_status status = NS_OK;
	if (!isnan(ns_theory_eigenvalue(&source->theory, 1))) /* kappa is not 0 */
		status = draw_eigenvalue(drawing, source, error);
	if (status == NS_OK && !isnan(ns_theory_decay(&source->theory, 1, 0)))
		status = draw_decay(drawing, source, error);
	return status;
}

static enum ns_status draw(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(drawing->reader), n_records = ns_reader_record_count(drawing->reader);
	struct source source = {.shown = ns_alloc(n_points, sizeof *source.shown),
		.values = ns_alloc(n_points, n_records * sizeof *source.values),
		.steps = ns_alloc(n_records, sizeof *source.steps)};
	enum ns_status status;
	if (source.shown == NULL || source.values == NULL || source.steps == NULL)
		status = ns_error_memory(error, "a quantity over all points", 8.0 * (double)n_points * (double)n_records);
	else if (drawing->options->theory != NULL) {
		source.theory = *drawing->options->theory;
		status = NS_OK;
	} else
		status = ns_bounds_theory(&source.theory, drawing->reader, NS_BOUNDS_DELTA, error);
	if (status == NS_OK)
		status = draw_both(drawing, &source, error);
	ns_free(source.shown);
	ns_free(source.values);
	ns_free(source.steps);
	return status;
}

/* One entry for both figures: finding kappa takes the cube of the training samples. */
const struct ns_figure ns_theory_figures = {
	.name = "theory", .title = "The bounds of the convergence theorem", .applies = applies, .draw = draw};
