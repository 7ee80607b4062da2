/* The order parameter of feature learning: the exponent b of drift ~ m^b at the last recorded step, for each (gamma, alpha)
 * (model.md, "Theory to check against the runs"): b = -1/2 or below is lazy, b = 0 is feature learning.
 *
 * b is the slope of the least-squares line of log(drift) on log(m) over all seeds and widths, every run with equal weight: once
 * over all widths, once over their upper half. The law is one of m to infinity, and finite widths bend it: the largest of m
 * weight changes gains on their median as m grows (an extreme value), which flattens the lazy -1/2 by about a hundredth, and the
 * sum that normalises the Zipf weights is still growing where alpha is large. Hence the upper half decides.
 *
 * Its interval is a bootstrap over seeds, which are what is independent: a node has the same initial weights at every width, so
 * runs of one seed rise or fall together, and resampling each width for itself would take that for noise of the slope (a
 * hundredfold at gamma = 0). A resample draws as many seeds as there are, with all their widths, and moves b by what the drawn
 * runs deviate from the mean of their width, deviations inflated by sqrt(s / (s - 1)) for s seeds at that width. The interval is
 * b -+ t times the standard deviation of 2,000 such b, t the 97.5 % quantile of Student's law with (seeds)(1 - widths / runs)
 * degrees of freedom, which is seeds - 1 if all seeds have all widths: with five seeds, the percentiles of the b themselves would
 * cover some 88 %. A width with one seed deviates by its distance from the line; if all have only one, the distances are
 * resampled over the widths, with (widths - 2) degrees of freedom. Random numbers come from one stream: the same runs give the
 * same bits.
 */
#ifndef NODESCALE_EXPONENT_H
#define NODESCALE_EXPONENT_H

#include <nodescale/quantity.h>
#include <nodescale/reader.h>

enum { NS_EXPONENT_RESAMPLES = 2000, NS_EXPONENT_WIDTHS = 3 /* at least */ };

enum ns_regime {
	NS_REGIME_LAZY,      /* the interval holds -1/2 or lies below, and is below 0 */
	NS_REGIME_BETWEEN,   /* it is above -1/2 and below 0 */
	NS_REGIME_FEATURES,  /* it is above -1/2 and holds 0 or lies above */
	NS_REGIME_UNDECIDED, /* it holds both */
	NS_REGIME_COUNT
};
extern const char *const ns_regime_names[]; /* NULL-terminated */

/* One line through log(value) over log(m). */
struct ns_slope {
	uint64_t least_m;
	size_t n_widths, n_runs, n_seeds;
	double exponent, intercept; /* value ~ e^intercept m^exponent */
	double low, high;           /* 95 % */
};

struct ns_exponent {
	double gamma, alpha; /* alpha is NaN at gamma = 1 */
	uint64_t largest_m;
	struct ns_slope all, large; /* of all widths; of the upper half of them, at least three */
	enum ns_regime regime;      /* by large */
};

struct ns_exponents {
	enum ns_quantity quantity;
	size_t n;
	struct ns_exponent *rows; /* by falling gamma, falling alpha */
};

/* The quantities that have an exponent: weight_delta_max, ntk_drift_spectral, ntk_drift_relative, and of weight_delta_quantile
 * the median, the weight change of a typical node. At gamma = 1 it has the lazy -1/2 without the gain of an extreme value; it is
 * lazy for other gamma too, where features are learned by few nodes. weight_delta_of_max_node is weight_delta_max at the last
 * step. */
enum { NS_EXPONENT_QUANTITIES = 4 };
extern const enum ns_quantity ns_exponent_quantities[NS_EXPONENT_QUANTITIES];

/* "weight_delta_max", "weight_delta_q50": as the columns of ns_export_csv. */
const char *ns_exponent_name(enum ns_quantity quantity);

/* Of the quantity's third dimension: the median of weight_delta_quantile, 0 of those that have none. */
size_t ns_exponent_entry(enum ns_quantity quantity);

struct ns_width_run {
	uint64_t m, seed;
	double value;
};

/* The line through n runs in any order (at least three widths, values positive and finite). NS_FAILED if memory is short. */
enum ns_status ns_slope_fit(struct ns_slope *slope, const struct ns_width_run *runs, size_t n, struct ns_error *error);

enum ns_regime ns_regime_of(const struct ns_slope *slope);

/* Exponents of every (gamma, alpha) that has at least three widths, from values (point) of points of this status: runs that are
 * done, with a value that is positive and finite. Release with ns_exponents_finish. */
enum ns_status ns_exponents_init(struct ns_exponents *exponents, enum ns_quantity quantity, const struct ns_point *points,
	const uint8_t *status, size_t n_points, const double *values, struct ns_error *error);
void ns_exponents_finish(struct ns_exponents *exponents);

/* The same of a file's last recorded step. selected (point): the points that count; NULL: all. */
enum ns_status ns_exponents_read(struct ns_exponents *exponents, struct ns_reader *reader, enum ns_quantity quantity,
	const bool *selected, struct ns_error *error);

/* CSV: one row per (quantity, gamma, alpha), every quantity of ns_exponent_quantities. */
enum ns_status ns_exponents_csv(struct ns_reader *reader, FILE *out, struct ns_error *error);

#endif
