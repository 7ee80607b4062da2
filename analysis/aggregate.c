#include <math.h>
#include <nodescale/aggregate.h>
#include <nodescale/memory.h>
#include <nodescale/result.h>
#include <stdlib.h>

/* A point's place in the sweep beside its identity, so that sorting needs no access to anything else. */
struct entry {
	struct ns_point point;
	size_t index;
};

static int compare(double a, double b)
{
	return (a > b) - (a < b);
}

/* alpha has no effect at gamma = 1, where it is NaN in well-formed points. */
static double alpha_of(const struct ns_point *point)
{
	return point->gamma < 1 ? point->alpha : 0;
}

/* Keys in over count as equal. */
static int compare_configurations(const struct ns_point *a, const struct ns_point *b, unsigned over)
{
	if (!(over & NS_KEY_BIT(NS_KEY_GAMMA)) && a->gamma != b->gamma)
		return compare(b->gamma, a->gamma);
	if (!(over & NS_KEY_BIT(NS_KEY_ALPHA)) && alpha_of(a) != alpha_of(b))
		return compare(alpha_of(b), alpha_of(a));
	if (!(over & NS_KEY_BIT(NS_KEY_M)) && a->m != b->m)
		return a->m > b->m ? 1 : -1;
	return over & NS_KEY_BIT(NS_KEY_SEED) ? 0 : (a->seed > b->seed) - (a->seed < b->seed);
}

/* Within a curve by all keys: sums must not depend on the order of the points. */
static int compare_entries(const void *first, const void *second, void *over)
{
	const struct entry *a = first, *b = second;
	const int order = compare_configurations(&a->point, &b->point, *(const unsigned *)over);
	return order != 0 ? order : compare_configurations(&a->point, &b->point, 0);
}

static void count_fates(struct ns_curve *curve, const struct entry *entries, const uint8_t *status)
{
	for (size_t e = 0; e < curve->n_points; e++)
		switch ((enum ns_point_status)status[entries[e].index]) {
		case NS_POINT_DONE:
			curve->n_done++;
			break;
		case NS_POINT_DIVERGED:
			curve->n_diverged++;
			break;
		case NS_POINT_CRASHED:
			curve->n_crashed++;
			break;
		case NS_POINT_MISSING:
		default:
			curve->n_missing++;
		}
}

/* Two passes: the sum of squares about the mean does not cancel. */
static void average(const struct ns_curve *curve, const struct entry *entries, const uint8_t *status, const double *values,
	size_t n_records, size_t record)
{
	double sum = 0, square = 0;
	size_t n = 0;
	for (size_t e = 0; e < curve->n_points; e++) {
		const double value = values[entries[e].index * n_records + record];
		if (status[entries[e].index] == NS_POINT_DONE && isfinite(value)) {
			sum += value;
			n++;
		}
	}
	const double mean = n > 0 ? sum / (double)n : NAN;
	for (size_t e = 0; e < curve->n_points; e++) {
		const double value = values[entries[e].index * n_records + record];
		if (status[entries[e].index] == NS_POINT_DONE && isfinite(value))
			square += (value - mean) * (value - mean);
	}
	curve->mean[record] = mean;
	curve->std[record] = n > 0 ? sqrt(square / (double)n) : NAN;
	curve->n[record] = n;
}

static size_t count_curves(const struct entry *entries, size_t n_points, unsigned over)
{
	size_t n_curves = n_points > 0;
	for (size_t e = 1; e < n_points; e++)
		n_curves += compare_configurations(&entries[e - 1].point, &entries[e].point, over) != 0;
	return n_curves;
}

/* Curve after curve through the sorted entries; memory is there. */
static void fill(
	struct ns_aggregate *aggregate, const struct entry *entries, size_t n_points, const uint8_t *status, const double *values)
{
	const size_t n_records = aggregate->n_records;
	const unsigned over = aggregate->over;
	const struct entry *first = entries, *end = entries + n_points;
	for (size_t c = 0; c < aggregate->n_curves; c++) {
		struct ns_curve *curve = &aggregate->curves[c];
		*curve = (struct ns_curve){.gamma = over & NS_KEY_BIT(NS_KEY_GAMMA) ? NAN : first->point.gamma,
			.alpha = over & NS_KEY_BIT(NS_KEY_ALPHA) || first->point.gamma == 1 ? NAN : first->point.alpha,
			.m = over & NS_KEY_BIT(NS_KEY_M) ? 0 : first->point.m,
			.seed = over & NS_KEY_BIT(NS_KEY_SEED) ? 0 : first->point.seed,
			.mean = aggregate->values + 2 * c * n_records,
			.std = aggregate->values + (2 * c + 1) * n_records,
			.n = aggregate->counts + c * n_records};
		while (first + curve->n_points < end &&
			compare_configurations(&first->point, &first[curve->n_points].point, over) == 0)
			curve->n_points++;
		count_fates(curve, first, status);
		for (size_t r = 0; r < n_records; r++)
			average(curve, first, status, values, n_records, r);
		first += curve->n_points;
		aggregate->m_varies = aggregate->m_varies || curve->m != aggregate->curves[0].m;
	}
}

enum ns_status ns_aggregate_grouped(struct ns_aggregate *aggregate, const struct ns_grouping *grouping,
	const struct ns_point *points, const uint8_t *status, size_t n_points, const double *values, size_t n_records,
	struct ns_error *error)
{
	*aggregate = (struct ns_aggregate){.n_records = n_records, .over = grouping->over};
	struct entry *entries = ns_alloc(n_points, sizeof *entries);
	if (entries == NULL)
		return ns_error_memory(error, "sorting the points", (double)n_points * sizeof *entries);
	size_t n_entries = 0;
	for (size_t p = 0; p < n_points; p++)
		if (grouping->selected == NULL || grouping->selected[p])
			entries[n_entries++] = (struct entry){points[p], p};
	qsort_r(entries, n_entries, sizeof *entries, compare_entries, &aggregate->over);
	const size_t n_curves = aggregate->n_curves = count_curves(entries, n_entries, grouping->over);
	aggregate->curves = ns_alloc(n_curves, sizeof *aggregate->curves);
	aggregate->values = ns_alloc(n_curves, 2 * n_records * sizeof *aggregate->values);
	aggregate->counts = ns_alloc(n_curves, n_records * sizeof *aggregate->counts);
	const bool complete = aggregate->curves != NULL && aggregate->values != NULL && aggregate->counts != NULL;
	if (complete)
		fill(aggregate, entries, n_entries, status, values);
	ns_free(entries);
	if (complete)
		return NS_OK;
	ns_aggregate_finish(aggregate);
	return ns_error_memory(error, "the curves", 24.0 * (double)n_curves * (double)n_records);
}

enum ns_status ns_aggregate_init(struct ns_aggregate *aggregate, const struct ns_point *points, const uint8_t *status,
	size_t n_points, const double *values, size_t n_records, struct ns_error *error)
{
	const struct ns_grouping over_seeds = {.over = NS_KEY_BIT(NS_KEY_SEED)};
	return ns_aggregate_grouped(aggregate, &over_seeds, points, status, n_points, values, n_records, error);
}

void ns_aggregate_finish(struct ns_aggregate *aggregate)
{
	ns_free(aggregate->curves);
	ns_free(aggregate->values);
	ns_free(aggregate->counts);
	*aggregate = (struct ns_aggregate){0};
}
