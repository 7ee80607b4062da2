#include "page.h"
#include <math.h>
#include <nodescale/memory.h>
#include <stdlib.h>

enum when { AT_END, BEST, STEP_OF_BEST };

static const struct {
	enum ns_quantity quantity;
	enum when when;
} outcomes[NS_OUTCOME_COUNT] = {
	[NS_OUTCOME_TRAIN_RISK] = {NS_TRAIN_RISK, AT_END},
	[NS_OUTCOME_TEST_RISK] = {NS_TEST_RISK, AT_END},
	[NS_OUTCOME_BEST_TEST_RISK] = {NS_TEST_RISK, BEST},
	[NS_OUTCOME_BEST_STEP] = {NS_TEST_RISK, STEP_OF_BEST},
	[NS_OUTCOME_DRIFT] = {NS_NTK_DRIFT_SPECTRAL, AT_END},
	[NS_OUTCOME_RELATIVE_DRIFT] = {NS_NTK_DRIFT_RELATIVE, AT_END},
	[NS_OUTCOME_MIN_EIG] = {NS_NTK_MIN_EIG, AT_END},
	[NS_OUTCOME_WEIGHT_DELTA] = {NS_WEIGHT_DELTA_MAX, AT_END},
};

static double take(const struct ns_page *page, enum when when, const double *trajectory)
{
	const size_t none = page->n_records;
	size_t best = none;
	if (when == AT_END)
		return trajectory[page->n_records - 1];
	for (size_t r = 0; r < page->n_records; r++)
		if (isfinite(trajectory[r]) && (best == none || trajectory[r] < trajectory[best]))
			best = r;
	if (best == none)
		return NAN;
	return when == BEST ? trajectory[best] : (double)ns_reader_steps(page->reader)[best];
}

static enum ns_status read_outcomes(struct ns_page *page, double *values, struct ns_error *error)
{
	const uint8_t *state = ns_reader_status(page->reader);
	int read = -1; /* neighbours in the table share a quantity */
	for (int o = 0; o < NS_OUTCOME_COUNT; o++) {
		enum ns_status status = NS_OK;
		if ((int)outcomes[o].quantity != read)
			status = ns_reader_quantity(page->reader, outcomes[o].quantity, values, error);
		if (status != NS_OK)
			return status;
		read = (int)outcomes[o].quantity;
		for (size_t p = 0; p < page->n_points; p++)
			page->outcomes[p * NS_OUTCOME_COUNT + (size_t)o] =
				state[p] == NS_POINT_DONE ? take(page, outcomes[o].when, values + p * page->n_records) : NAN;
	}
	return NS_OK;
}

static enum ns_status read_bookkeeping(struct ns_page *page, double *seconds, struct ns_error *error)
{
	enum ns_status status = ns_reader_bookkeeping(page->reader, page->steps_done, seconds, error);
	if (status == NS_OK)
		status = ns_reader_digest(page->reader, &page->digest, error);
	for (size_t p = 0; p < page->n_points && status == NS_OK; p++) {
		page->n_by_status[ns_reader_status(page->reader)[p]]++;
		page->seconds += isfinite(seconds[p]) ? seconds[p] : 0;
	}
	return status;
}

enum ns_status ns_page_init(struct ns_page *page, struct ns_reader *reader, const char *source, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader), n_records = ns_reader_record_count(reader);
	*page = (struct ns_page){.reader = reader, .source = source, .n_points = n_points, .n_records = n_records};
	page->steps_done = ns_alloc(n_points, sizeof *page->steps_done);
	page->outcomes = ns_alloc(n_points, NS_OUTCOME_COUNT * sizeof *page->outcomes);
	double *seconds = ns_alloc(n_points, sizeof *seconds), *values = ns_alloc(n_points, n_records * sizeof *values);
	enum ns_status status = NS_OK;
	if (page->steps_done == NULL || page->outcomes == NULL || seconds == NULL || values == NULL)
		status = ns_error_memory(error, "a quantity over all points", 8.0 * (double)n_points * (double)n_records);
	if (status == NS_OK)
		status = read_bookkeeping(page, seconds, error);
	if (status == NS_OK)
		status = read_outcomes(page, values, error);
	if (status == NS_OK)
		status = ns_aggregate_init(&page->configurations, ns_reader_points(reader), ns_reader_status(reader), n_points,
			page->outcomes, NS_OUTCOME_COUNT, error);
	if (status == NS_OK && page->n_by_status[NS_POINT_DONE] > 0)
		status = ns_bounds_init(&page->bounds, reader, NS_BOUNDS_DELTA, error);
	ns_free(seconds);
	ns_free(values);
	return status;
}

void ns_page_finish(struct ns_page *page)
{
	ns_free(page->steps_done);
	ns_free(page->outcomes);
	ns_aggregate_finish(&page->configurations);
	ns_bounds_finish(&page->bounds);
	*page = (struct ns_page){0};
}

double ns_gamma_of(const struct ns_point *point)
{
	return point->gamma;
}

double ns_alpha_of(const struct ns_point *point)
{
	return point->gamma < 1 ? point->alpha : NAN;
}

double ns_m_of(const struct ns_point *point)
{
	return (double)point->m;
}

double ns_seed_of(const struct ns_point *point)
{
	return (double)point->seed;
}

static int compare(const void *first, const void *second)
{
	const double a = *(const double *)first, b = *(const double *)second;
	return (a > b) - (a < b);
}

double *ns_page_values(const struct ns_page *page, double (*value)(const struct ns_point *point), size_t *n)
{
	size_t count = 0;
	double *values = ns_alloc(page->n_points, sizeof *values);
	*n = 0;
	if (values == NULL)
		return NULL;
	for (size_t p = 0; p < page->n_points; p++) {
		values[count] = value(&ns_reader_points(page->reader)[p]);
		count += !isnan(values[count]);
	}
	qsort(values, count, sizeof *values, compare);
	for (size_t v = 0; v < count; v++)
		if (*n == 0 || values[v] != values[*n - 1])
			values[(*n)++] = values[v];
	return values;
}

size_t ns_page_add_keys(const struct ns_page *page, struct ns_html_column *columns)
{
	size_t n = 0;
	columns[n++] = (struct ns_html_column){"γ", NULL, false};
	columns[n++] = (struct ns_html_column){"α", NULL, false};
	if (page->configurations.m_varies)
		columns[n++] = (struct ns_html_column){"<i>m</i>", NULL, false};
	return n;
}

void ns_page_write_keys(const struct ns_page *page, FILE *out, double gamma, double alpha, uint64_t m)
{
	fputs("<tr><td>", out);
	ns_html_value(out, gamma);
	fputs("<td>", out);
	ns_html_value(out, alpha);
	if (page->configurations.m_varies) {
		fputs("<td>", out);
		ns_html_count(out, m);
	}
}

void ns_page_write_runs(FILE *out, const struct ns_curve *configuration)
{
	fputs("<td>", out);
	ns_html_count(out, configuration->n_done);
	if (configuration->n_done < configuration->n_points) {
		fputs(" <i>of ", out);
		ns_html_count(out, configuration->n_points);
		fputs("</i>", out);
	}
}

void ns_page_write_configuration(const struct ns_page *page, FILE *out, const struct ns_curve *configuration)
{
	fputs("γ&nbsp;=&nbsp;", out);
	ns_html_value(out, configuration->gamma);
	if (!isnan(configuration->alpha)) {
		fputs(", α&nbsp;=&nbsp;", out);
		ns_html_value(out, configuration->alpha);
	}
	if (page->configurations.m_varies) {
		fputs(", <i>m</i>&nbsp;=&nbsp;", out);
		ns_html_count(out, configuration->m);
	}
}
