/* What the experiments after training yield: risk against nodes pruned, risk against features transferred. */
#include "values.h"
#include <math.h>
#include <nodescale/followup.h>
#include <nodescale/memory.h>
#include <nodescale/result.h>

struct settings {
	enum ns_followup followup;
	bool of_test;
	struct ns_column x;
	const char *quantity, *description, *caption;
};

static const struct settings *settings_of(const struct ns_figure *figure)
{
	return figure->settings;
}

static bool has_any(const struct ns_drawing *drawing, enum ns_followup followup)
{
	struct ns_error ignored;
	size_t n_computed;
	return ns_reader_followup_count(drawing->reader, followup, &n_computed, &ignored) != NS_OK || n_computed > 0;
}

static bool applies_prune(const struct ns_drawing *drawing)
{
	return has_any(drawing, NS_PRUNE);
}

static bool applies_transfer(const struct ns_drawing *drawing)
{
	return has_any(drawing, NS_TRANSFER);
}

/* The m of all points that are shown, 0 if they differ. */
static uint64_t common_m(const struct ns_drawing *drawing)
{
	const struct ns_point *points = ns_reader_points(drawing->reader);
	uint64_t m = 0;
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++) {
		if (drawing->selected[p] && m != 0 && points[p].m != m)
			return 0;
		if (drawing->selected[p])
			m = points[p].m;
	}
	return m;
}

/* m 0: shares of m in percent. */
static void fill_x(enum ns_followup followup, uint64_t m, double *x)
{
	for (size_t k = 0; k < ns_followups[followup].length; k++)
		if (followup == NS_TRANSFER)
			x[k] = (double)ns_transfer_features(k);
		else
			x[k] = m > 0 ? (double)ns_prune_nodes(m, k) : 100.0 * (double)k / (NS_PRUNE_LEVELS - 1);
}

/* A point of which nothing has been computed yet is lacking here, whatever became of its training. status (point) */
static void note_missing(const struct ns_drawing *drawing, size_t length, const double *values, uint8_t *status)
{
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++) {
		size_t n_finite = 0;
		for (size_t k = 0; k < length; k++)
			n_finite += isfinite(values[p * length + k]) != 0;
		status[p] = ns_reader_status(drawing->reader)[p];
		if (status[p] == NS_POINT_DONE && n_finite == 0)
			status[p] = NS_POINT_MISSING;
	}
}

static enum ns_status gather(struct ns_drawing *drawing, const struct settings *settings, double *train_risk, double *test_risk,
	uint8_t *status, struct ns_aggregate *aggregate, struct ns_error *error)
{
	const size_t length = ns_followups[settings->followup].length;
	const double *values = settings->of_test ? test_risk : train_risk;
	const struct ns_grouping grouping = {drawing->selected, ns_values_over(drawing, 0)};
	const enum ns_status read = ns_reader_followup(drawing->reader, settings->followup, train_risk, test_risk, error);
	if (read != NS_OK)
		return read;
	note_missing(drawing, length, values, status);
	return ns_aggregate_grouped(aggregate, &grouping, ns_reader_points(drawing->reader), status,
		ns_reader_point_count(drawing->reader), values, length, error);
}

static enum ns_status make(
	struct ns_drawing *drawing, const struct ns_figure *figure, const struct ns_aggregate *aggregate, struct ns_error *error)
{
	const struct settings *settings = settings_of(figure);
	const uint64_t m = common_m(drawing);
	const bool in_percent = settings->followup == NS_PRUNE && m == 0;
	double x[NS_FOLLOWUP_MOST];
	fill_x(settings->followup, m, x);
	const struct ns_figure_text text = {.name = figure->name,
		.title = figure->title,
		.caption = settings->caption,
		.settings = in_percent ? "x_label = \"nodes pruned (%)\"\n" : NULL};
	const struct ns_curves curves = {.aggregate = aggregate,
		.x = x,
		.x_column = in_percent ? (struct ns_column){"share", "nodes pruned, in percent of m"} : settings->x,
		.quantity = settings->quantity,
		.unit = "target^2",
		.description = settings->description};
	return ns_curves_make(drawing, &text, &curves, error);
}

static enum ns_status draw(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	const size_t n = ns_reader_point_count(drawing->reader), length = ns_followups[settings_of(figure)->followup].length;
	struct ns_aggregate aggregate;
	double *train_risk = ns_alloc(n, length * sizeof *train_risk), *test_risk = ns_alloc(n, length * sizeof *test_risk);
	uint8_t *status = ns_alloc(n, 1);
	enum ns_status result;
	if (train_risk == NULL || test_risk == NULL || status == NULL)
		result = ns_error_memory(error, "the risks after training", 16.0 * (double)n * (double)length);
	else
		result = gather(drawing, settings_of(figure), train_risk, test_risk, status, &aggregate, error);
	if (result == NS_OK) {
		result = make(drawing, figure, &aggregate, error);
		ns_aggregate_finish(&aggregate);
	}
	ns_free(train_risk);
	ns_free(test_risk);
	ns_free(status);
	return result;
}

#define NODES                                                                                                                    \
	{                                                                                                                        \
		"nodes", "nodes pruned, those of smallest lambda first"                                                          \
	}
#define FEATURES                                                                                                                 \
	{                                                                                                                        \
		"features", "features transferred, those of the nodes of largest lambda"                                         \
	}
#define BAND "mean over seeds and a band of one standard deviation."

const struct ns_figure ns_prune_train_risk_figure = {.name = "prune_train_risk",
	.title = "Training risk after pruning",
	.applies = applies_prune,
	.draw = draw,
	.settings = &(const struct settings){NS_PRUNE, false, NODES, "prune_train_risk",
		"mean squared error on the training samples of the network pruned after training",
		"Risk on the training samples of the trained networks without their nodes of smallest lambda: " BAND}};
const struct ns_figure ns_prune_test_risk_figure = {.name = "prune_test_risk",
	.title = "Test risk after pruning",
	.applies = applies_prune,
	.draw = draw,
	.settings = &(const struct settings){NS_PRUNE, true, NODES, "prune_test_risk",
		"mean squared error on the test samples of the network pruned after training",
		"Risk on the test samples of the trained networks without their nodes of smallest lambda: " BAND}};
const struct ns_figure ns_transfer_train_risk_figure = {.name = "transfer_train_risk",
	.title = "Training risk of transfer",
	.applies = applies_transfer,
	.draw = draw,
	.settings = &(const struct settings){NS_TRANSFER, false, FEATURES, "transfer_train_risk",
		"mean squared error, on the samples that it was trained on, of a small network on the features of a trained one",
		"Risk of a small network that was trained, on samples new to it, on the features of the nodes of largest lambda; "
		"on those samples: " BAND}};
const struct ns_figure ns_transfer_test_risk_figure = {.name = "transfer_test_risk",
	.title = "Test risk of transfer",
	.applies = applies_transfer,
	.draw = draw,
	.settings = &(const struct settings){NS_TRANSFER, true, FEATURES, "transfer_test_risk",
		"mean squared error, on further samples, of a small network on the features of a trained one",
		"Risk of a small network that was trained on the features of the nodes of largest lambda, on samples new to both "
		"networks: " BAND}};
