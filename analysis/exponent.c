#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/exponent.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>

const char *const ns_regime_names[] = {"lazy", "between", "features", "undecided", NULL};
const enum ns_quantity ns_exponent_quantities[NS_EXPONENT_QUANTITIES] = {
	NS_WEIGHT_DELTA_MAX, NS_NTK_DRIFT_SPECTRAL, NS_NTK_DRIFT_RELATIVE, NS_WEIGHT_DELTA_QUANTILE};

const char *ns_exponent_name(enum ns_quantity quantity)
{
	return quantity == NS_WEIGHT_DELTA_QUANTILE ? "weight_delta_q50" : ns_quantities[quantity].name;
}

size_t ns_exponent_entry(enum ns_quantity quantity)
{
	size_t entry = 0;
	while (quantity == NS_WEIGHT_DELTA_QUANTILE && ns_quantile_levels[entry] != 0.5)
		entry++;
	return entry;
}

/* A usable run with the configuration that it belongs to. */
struct entry {
	double gamma, alpha; /* alpha 0 at gamma = 1, where it has no effect */
	struct ns_width_run run;
};

static int compare(double a, double b)
{
	return (a > b) - (a < b);
}

static bool same_configuration(const struct entry *a, const struct entry *b)
{
	return a->gamma == b->gamma && a->alpha == b->alpha;
}

static int compare_entries(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;
	if (!same_configuration(a, b))
		return a->gamma != b->gamma ? compare(b->gamma, a->gamma) : compare(b->alpha, a->alpha);
	if (a->run.m != b->run.m)
		return (a->run.m > b->run.m) - (a->run.m < b->run.m);
	return (a->run.seed > b->run.seed) - (a->run.seed < b->run.seed);
}

enum ns_regime ns_regime_of(const struct ns_slope *slope)
{
	if (slope->low <= -0.5)
		return slope->high < 0 ? NS_REGIME_LAZY : NS_REGIME_UNDECIDED;
	return slope->high < 0 ? NS_REGIME_BETWEEN : NS_REGIME_FEATURES;
}

static size_t collect(
	struct entry *entries, const struct ns_point *points, const uint8_t *status, size_t n_points, const double *values)
{
	size_t n = 0;
	for (size_t p = 0; p < n_points; p++)
		if (status[p] == NS_POINT_DONE && isfinite(values[p]) && values[p] > 0)
			entries[n++] = (struct entry){points[p].gamma, points[p].gamma < 1 ? points[p].alpha : 0,
				{points[p].m, points[p].seed, values[p]}};
	return n;
}

/* The n-th largest width of sorted runs, or the least if there are fewer; *n_widths: how many there are. */
static uint64_t width_from_top(const struct ns_width_run *runs, size_t n_runs, size_t n, size_t *n_widths)
{
	uint64_t found = runs[n_runs - 1].m;
	*n_widths = 1;
	for (size_t r = n_runs; r > 1; r--)
		if (runs[r - 2].m != runs[r - 1].m) {
			(*n_widths)++;
			if (*n_widths <= n)
				found = runs[r - 2].m;
		}
	return found;
}

/* runs are sorted by width. */
static enum ns_status fit(struct ns_exponent *row, const struct ns_width_run *runs, size_t n, struct ns_error *error)
{
	const enum ns_status status = ns_slope_fit(&row->all, runs, n, error);
	if (status != NS_OK)
		return status;
	const size_t half = (row->all.n_widths + 1) / 2;
	size_t n_widths, first = 0;
	const uint64_t least = width_from_top(runs, n, half < NS_EXPONENT_WIDTHS ? NS_EXPONENT_WIDTHS : half, &n_widths);
	while (runs[first].m < least)
		first++;
	row->largest_m = runs[n - 1].m;
	const enum ns_status outcome = ns_slope_fit(&row->large, runs + first, n - first, error);
	row->regime = ns_regime_of(&row->large);
	return outcome;
}

static enum ns_status fit_all(
	struct ns_exponents *exponents, const struct entry *entries, size_t n, struct ns_width_run *runs, struct ns_error *error)
{
	for (size_t first = 0, count; first < n; first += count) {
		size_t n_widths;
		for (count = 0; first + count < n && same_configuration(&entries[first], &entries[first + count]); count++)
			runs[count] = entries[first + count].run;
		width_from_top(runs, count, 1, &n_widths);
		if (n_widths < NS_EXPONENT_WIDTHS)
			continue;
		struct ns_exponent *row = &exponents->rows[exponents->n++];
		row->gamma = entries[first].gamma;
		row->alpha = row->gamma < 1 ? entries[first].alpha : NAN;
		const enum ns_status status = fit(row, runs, count, error);
		if (status != NS_OK)
			return status;
	}
	return NS_OK;
}

enum ns_status ns_exponents_init(struct ns_exponents *exponents, enum ns_quantity quantity, const struct ns_point *points,
	const uint8_t *status, size_t n_points, const double *values, struct ns_error *error)
{
	struct entry *entries = ns_alloc(n_points, sizeof *entries);
	struct ns_width_run *runs = ns_alloc(n_points, sizeof *runs);
	*exponents = (struct ns_exponents){
		.quantity = quantity, .rows = ns_alloc(n_points / NS_EXPONENT_WIDTHS, sizeof *exponents->rows)};
	enum ns_status outcome;
	if (entries == NULL || runs == NULL || exponents->rows == NULL) {
		outcome = ns_error_memory(error, "the exponents", (double)n_points * (sizeof *entries + sizeof *runs));
	} else {
		const size_t n = collect(entries, points, status, n_points, values);
		qsort(entries, n, sizeof *entries, compare_entries);
		outcome = fit_all(exponents, entries, n, runs, error);
	}
	ns_free(entries);
	ns_free(runs);
	if (outcome != NS_OK)
		ns_exponents_finish(exponents);
	return outcome;
}

void ns_exponents_finish(struct ns_exponents *exponents)
{
	ns_free(exponents->rows);
	*exponents = (struct ns_exponents){0};
}

enum ns_status ns_exponents_read(struct ns_exponents *exponents, struct ns_reader *reader, enum ns_quantity quantity,
	const bool *selected, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader), n_records = ns_reader_record_count(reader);
	const size_t width = ns_quantities[quantity].width, entry = ns_exponent_entry(quantity);
	double *values = ns_alloc(n_points, n_records * width * sizeof *values);
	uint8_t *counted = ns_alloc(n_points, sizeof *counted);
	*exponents = (struct ns_exponents){.quantity = quantity};
	enum ns_status status = values != NULL && counted != NULL ? ns_reader_quantity(reader, quantity, values, error)
								  : ns_error_memory(error, "a quantity over all points",
									    8.0 * (double)n_points * (double)(n_records * width));
	if (status == NS_OK && n_records > 0) {
		for (size_t p = 0; p < n_points; p++) {
			values[p] = values[(p * n_records + n_records - 1) * width + entry]; /* the last record, to the front */
			counted[p] = selected == NULL || selected[p] ? ns_reader_status(reader)[p] : NS_POINT_MISSING;
		}
		status = ns_exponents_init(exponents, quantity, ns_reader_points(reader), counted, n_points, values, error);
	}
	ns_free(values);
	ns_free(counted);
	return status;
}

static void print_number(FILE *out, double value)
{
	if (isnan(value))
		fputc(',', out);
	else
		fprintf(out, ",%.17g", value);
}

static void print_slope(FILE *out, const struct ns_slope *slope)
{
	fprintf(out, ",%" PRIu64 ",%zu,%zu,%zu", slope->least_m, slope->n_widths, slope->n_seeds, slope->n_runs);
	print_number(out, slope->exponent);
	print_number(out, slope->low);
	print_number(out, slope->high);
}

enum ns_status ns_exponents_csv(struct ns_reader *reader, FILE *out, struct ns_error *error)
{
	fputs("quantity,gamma,alpha,regime,largest_m,least_m,widths,seeds,runs,exponent,low,high,large_least_m,large_widths,"
	      "large_seeds,"
	      "large_runs,large_exponent,large_low,large_high\r\n",
		out);
	for (int q = 0; q < NS_EXPONENT_QUANTITIES; q++) {
		struct ns_exponents exponents;
		const enum ns_status status = ns_exponents_read(&exponents, reader, ns_exponent_quantities[q], NULL, error);
		if (status != NS_OK)
			return status;
		for (size_t e = 0; e < exponents.n; e++) {
			const struct ns_exponent *row = &exponents.rows[e];
			fputs(ns_exponent_name(exponents.quantity), out);
			print_number(out, row->gamma);
			print_number(out, row->alpha);
			fprintf(out, ",%s,%" PRIu64, ns_regime_names[row->regime], row->largest_m);
			print_slope(out, &row->all);
			print_slope(out, &row->large);
			fputs("\r\n", out);
		}
		ns_exponents_finish(&exponents);
	}
	if (fflush(out) == 0 && !ferror(out))
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "writing the exponents failed: %s", strerror(errno));
}
