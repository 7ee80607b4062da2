#include "keys.h"
#include <ctype.h>
#include <math.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>

const struct ns_key_info ns_keys[NS_KEY_COUNT] = {
	[NS_KEY_GAMMA] = {"gamma", "γ", "{/:Italic γ}"},
	[NS_KEY_ALPHA] = {"alpha", "α", "{/:Italic α}"},
	[NS_KEY_M] = {"m", "m", "nodes {/:Italic m}"},
	[NS_KEY_SEED] = {"seed", "seed", "seed"},
};

static double key_of(double gamma, double alpha, uint64_t m, uint64_t seed, enum ns_key key)
{
	switch (key) {
	case NS_KEY_GAMMA:
		return gamma;
	case NS_KEY_ALPHA:
		return gamma == 1 ? NAN : alpha;
	case NS_KEY_M:
		return (double)m;
	case NS_KEY_SEED:
	case NS_KEY_COUNT:
	default:
		return (double)seed;
	}
}

double ns_key_of_point(const struct ns_point *point, enum ns_key key)
{
	return key_of(point->gamma, point->alpha, point->m, point->seed, key);
}

double ns_key_of_curve(const struct ns_curve *curve, enum ns_key key)
{
	return key_of(curve->gamma, curve->alpha, curve->m, curve->seed, key);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

enum ns_status ns_key_values(const struct ns_point *points, const bool *selected, size_t n_points, enum ns_key key,
	double **values, size_t *n_values, struct ns_error *error)
{
	double *all = ns_alloc(n_points, sizeof *all);
	size_t n = 0, distinct = 0;
	if (all == NULL)
		return ns_error_memory(error, "the values of a key", 8.0 * (double)n_points);
	for (size_t p = 0; p < n_points; p++)
		if (selected[p] && !isnan(ns_key_of_point(&points[p], key)))
			all[n++] = ns_key_of_point(&points[p], key);
	qsort(all, n, sizeof *all, compare);
	for (size_t k = 0; k < n; k++)
		if (distinct == 0 || all[k] != all[distinct - 1])
			all[distinct++] = all[k];
	*values = all;
	*n_values = distinct;
	return NS_OK;
}

void ns_measure_name(struct ns_measure measure, char *to, size_t size)
{
	const struct ns_quantity_info *quantity = &ns_quantities[measure.quantity];
	if (measure.quantity == NS_WEIGHT_DELTA_QUANTILE)
		snprintf(to, size, "%s_%g", quantity->name, ns_quantile_levels[measure.entry]);
	else if (quantity->dimension != NULL)
		snprintf(to, size, "%s_%zu", quantity->name, measure.entry);
	else
		snprintf(to, size, "%s", quantity->name);
}

void ns_measure_title(struct ns_measure measure, char *to, size_t size)
{
	static const char *const titles[NS_QUANTITY_COUNT] = {
		[NS_TRAIN_RISK] = "train risk",
		[NS_TEST_RISK] = "test risk",
		[NS_NTK_DRIFT_SPECTRAL] = "kernel drift (spectral norm)",
		[NS_NTK_DRIFT_FROBENIUS] = "kernel drift (Frobenius norm)",
		[NS_NTK_DRIFT_RELATIVE] = "relative kernel drift",
		[NS_NTK_MIN_EIG] = "smallest kernel eigenvalue",
		[NS_NTK_MAX_EIG] = "largest kernel eigenvalue",
		[NS_NTK_ALIGNMENT] = "kernel alignment with the targets",
		[NS_PATTERN_CHANGED] = "share of activation signs changed",
		[NS_PATTERN_FLIPS] = "sign changes since the last record",
		[NS_WEIGHT_DELTA_MAX] = "largest weight change",
		[NS_WEIGHT_DELTA_OF_MAX_NODE] = "weight change of the node that moved most",
		[NS_WEIGHT_DELTA_QUANTILE] = "weight change",
		[NS_WEIGHT_DELTA_TOP] = "weight change of node",
	};
	if (measure.quantity == NS_WEIGHT_DELTA_QUANTILE)
		snprintf(to, size, "%s, quantile %g over nodes", titles[measure.quantity], ns_quantile_levels[measure.entry]);
	else if (measure.quantity == NS_WEIGHT_DELTA_TOP)
		snprintf(to, size, "%s %zu by λ", titles[measure.quantity], measure.entry + 1);
	else
		snprintf(to, size, "%s", titles[measure.quantity]);
}

const char *ns_measure_unit(struct ns_measure measure)
{
	return measure.quantity == NS_TRAIN_RISK || measure.quantity == NS_TEST_RISK ? "target²" : "";
}

void ns_capitalise(char *text)
{
	*text = (char)toupper((unsigned char)*text);
}
