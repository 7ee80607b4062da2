/* The recorded quantities (model.md, "What is recorded"), one table for recording, storing, exporting and drawing. */
#ifndef NODESCALE_QUANTITY_H
#define NODESCALE_QUANTITY_H

#include <stddef.h>

enum { NS_QUANTILES = 7, NS_TOP_NODES = 16 };
extern const double ns_quantile_levels[NS_QUANTILES]; /* 0, .25, .5, .75, .9, .99, 1 */

enum ns_quantity {
	NS_TRAIN_RISK,
	NS_TEST_RISK,
	NS_NTK_DRIFT_SPECTRAL,
	NS_NTK_DRIFT_FROBENIUS,
	NS_NTK_DRIFT_RELATIVE,
	NS_NTK_MIN_EIG,
	NS_NTK_MAX_EIG,
	NS_NTK_ALIGNMENT,
	NS_PATTERN_CHANGED,
	NS_PATTERN_FLIPS,
	NS_WEIGHT_DELTA_MAX,
	NS_WEIGHT_DELTA_OF_MAX_NODE,
	NS_WEIGHT_DELTA_QUANTILE,
	NS_WEIGHT_DELTA_TOP,
	NS_QUANTITY_COUNT
};

struct ns_quantity_info {
	const char *name, *unit, *description;
	const char *dimension; /* third dimension beside (point, record): "quantile", "top_node" or NULL */
	size_t width;          /* its length, 1 without */
};

extern const struct ns_quantity_info ns_quantities[NS_QUANTITY_COUNT];

#endif
