/* Quantities against gradient descent steps: the figures of the paper. */
#include "values.h"
#include <nodescale/memory.h>

static enum ns_status read_quantity(
	struct ns_drawing *drawing, enum ns_quantity quantity, struct ns_aggregate *aggregate, struct ns_error *error)
{
	double *values;
	enum ns_status status = ns_values_of_measure(drawing, (struct ns_measure){quantity, 0}, &values, error);
	if (status != NS_OK)
		return status;
	status = ns_values_gather(
		drawing, ns_values_over(drawing, 0), values, ns_reader_record_count(drawing->reader), aggregate, error);
	ns_free(values);
	return status;
}

static enum ns_status draw(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	const enum ns_quantity quantity = *(const enum ns_quantity *)figure->settings;
	char caption[512];
	snprintf(caption, sizeof caption,
		"%s against gradient descent steps: mean over seeds and a band of one standard deviation (%s).", figure->title,
		ns_quantities[quantity].description);
	const struct ns_figure_text text = {.name = figure->name, .title = figure->title, .caption = caption};
	struct ns_aggregate aggregate;
	double *steps;
	enum ns_status status = ns_values_steps(drawing, &steps, error);
	if (status != NS_OK)
		return status;
	status = read_quantity(drawing, quantity, &aggregate, error);
	if (status == NS_OK) {
		const struct ns_curves curves = {.aggregate = &aggregate,
			.x = steps,
			.x_column = {"step", "gradient descent steps taken"},
			.quantity = ns_quantities[quantity].name,
			.unit = ns_quantities[quantity].unit,
			.description = ns_quantities[quantity].description};
		status = ns_curves_make(drawing, &text, &curves, error);
		ns_aggregate_finish(&aggregate);
	}
	ns_free(steps);
	return status;
}

#define OF_STEPS(file, words, of)                                                                                                \
	{                                                                                                                        \
		.name = file, .title = words, .applies = ns_figure_applies_always, .draw = draw,                                 \
		.settings = &(const enum ns_quantity)                                                                            \
		{                                                                                                                \
			of                                                                                                       \
		}                                                                                                                \
	}
const struct ns_figure ns_train_risk_figure = OF_STEPS("train_risk", "Training risk", NS_TRAIN_RISK);
const struct ns_figure ns_test_risk_figure = OF_STEPS("test_risk", "Test risk", NS_TEST_RISK);
const struct ns_figure ns_weight_delta_figure =
	OF_STEPS("weight_delta", "Weight change of the node that moved most", NS_WEIGHT_DELTA_OF_MAX_NODE);
const struct ns_figure ns_ntk_drift_figure = OF_STEPS("ntk_drift", "Drift of the neural tangent kernel", NS_NTK_DRIFT_SPECTRAL);
const struct ns_figure ns_ntk_min_eig_figure = OF_STEPS("ntk_min_eig", "Smallest eigenvalue of the kernel", NS_NTK_MIN_EIG);
