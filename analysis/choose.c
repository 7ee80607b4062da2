/* A few curves for all of them. */
#include "keys.h"
#include "values.h"
#include <math.h>
#include <nodescale/memory.h>

size_t ns_evenly(size_t k, size_t n, size_t few)
{
	return few >= n ? k : few < 2 ? 0 : (k * (n - 1) + (few - 1) / 2) / (few - 1);
}

static bool is_picked(double value, const double *values, size_t n, size_t few)
{
	for (size_t k = 0; k < few; k++)
		if (values[ns_evenly(k, n, few)] == value)
			return true;
	return isnan(value) || few == 0;
}

/* How many values of each key: as many of each as the product allows, the first keys first. */
static void share_out(const size_t *n, size_t most, size_t *few)
{
	size_t product = 1;
	for (int key = 0; key < NS_KEY_COUNT; key++)
		few[key] = n[key] > 0;
	for (bool grown = true; grown;) {
		int next = -1;
		for (int key = 0; key < NS_KEY_COUNT; key++)
			if (few[key] > 0 && few[key] < n[key] && product / few[key] * (few[key] + 1) <= most &&
				(next < 0 || few[key] < few[next]))
				next = key;
		grown = next >= 0;
		if (grown)
			product = product / few[next] * (few[next] + 1);
		if (grown)
			few[next]++;
	}
}

static size_t choose_on_grid(
	const struct ns_aggregate *aggregate, double *const *values, const size_t *n, size_t most, bool *shown)
{
	size_t few[NS_KEY_COUNT], n_shown = 0;
	share_out(n, most, few);
	for (size_t c = 0; c < aggregate->n_curves; c++) {
		shown[c] = true;
		for (int key = 0; key < NS_KEY_COUNT; key++)
			shown[c] = shown[c] && is_picked(ns_key_of_curve(&aggregate->curves[c], (enum ns_key)key), values[key],
						       n[key], few[key]);
		n_shown += shown[c];
	}
	return n_shown;
}

/* Distinct values of a key over the curves. */
static bool find_values(const struct ns_aggregate *aggregate, enum ns_key key, double **values, size_t *n)
{
	struct ns_error error;
	struct ns_point *points = ns_alloc(aggregate->n_curves, sizeof *points);
	bool *all = ns_alloc(aggregate->n_curves, sizeof *all), found = false;
	for (size_t c = 0; points != NULL && all != NULL && c < aggregate->n_curves; c++) {
		const struct ns_curve *curve = &aggregate->curves[c];
		points[c] = (struct ns_point){curve->gamma, curve->alpha, curve->m, curve->seed};
		all[c] = true;
	}
	if (points != NULL && all != NULL)
		found = ns_key_values(points, all, aggregate->n_curves, key, values, n, &error) == NS_OK;
	ns_free(points);
	ns_free(all);
	return found;
}

size_t ns_curves_choose(const struct ns_aggregate *aggregate, size_t most, bool *shown)
{
	double *values[NS_KEY_COUNT] = {0};
	size_t n[NS_KEY_COUNT] = {0}, n_shown = 0;
	bool known = aggregate->n_curves > most;
	for (int key = 0; key < NS_KEY_COUNT && known; key++)
		known = find_values(aggregate, (enum ns_key)key, &values[key], &n[key]);
	if (known)
		n_shown = choose_on_grid(aggregate, values, n, most, shown);
	for (int key = 0; key < NS_KEY_COUNT; key++)
		ns_free(values[key]);
	if (2 * n_shown >= most && n_shown <= most)
		return n_shown;
	/* few enough, or a sweep that is no grid: evenly through the list */
	const size_t few = aggregate->n_curves < most ? aggregate->n_curves : most;
	for (size_t c = 0; c < aggregate->n_curves; c++)
		shown[c] = false;
	for (size_t k = 0; k < few; k++)
		shown[ns_evenly(k, aggregate->n_curves, few)] = true;
	return few;
}
