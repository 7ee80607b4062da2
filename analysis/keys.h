/* What figures can have on their axes: keys of the points and recorded quantities, with their names for people. Private to
 * analysis. */
#ifndef NODESCALE_ANALYSIS_KEYS_H
#define NODESCALE_ANALYSIS_KEYS_H

#include <nodescale/aggregate.h>
#include <nodescale/quantity.h>

struct ns_key_info {
	const char *name, *symbol;
	const char *label; /* as gnuplot's enhanced text */
};
extern const struct ns_key_info ns_keys[NS_KEY_COUNT];

/* alpha is NaN at gamma = 1. */
double ns_key_of_point(const struct ns_point *point, enum ns_key key);
double ns_key_of_curve(const struct ns_curve *curve, enum ns_key key);

/* Distinct values of a key over the selected points, rising, without NaN; free with ns_free. */
enum ns_status ns_key_values(const struct ns_point *points, const bool *selected, size_t n_points, enum ns_key key,
	double **values, size_t *n_values, struct ns_error *error);

/* One entry of a quantity: "weight_delta_quantile[0.5]". */
struct ns_measure {
	enum ns_quantity quantity;
	size_t entry;
};

void ns_measure_name(struct ns_measure measure, char *to, size_t size);  /* for files: weight_delta_quantile_0.5 */
void ns_measure_title(struct ns_measure measure, char *to, size_t size); /* for people, in lower case */
const char *ns_measure_unit(struct ns_measure measure);                  /* for people; empty if there is none worth naming */

/* A text for people as the beginning of a sentence or as a title. */
void ns_capitalise(char *text);

#endif
