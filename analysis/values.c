#include "values.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

/* Entries lie together in the file: (point, record, width). */
enum ns_status ns_values_of_measure(
	struct ns_drawing *drawing, struct ns_measure measure, double **values, struct ns_error *error)
{
	const size_t width = ns_quantities[measure.quantity].width, n_points = ns_reader_point_count(drawing->reader),
		     n_records = ns_reader_record_count(drawing->reader);
	double *all = ns_alloc(n_points, n_records * width * sizeof *all);
	if (all == NULL)
		return ns_error_memory(error, "a quantity over all points", 8.0 * (double)(n_points * n_records * width));
	const enum ns_status status = ns_reader_quantity(drawing->reader, measure.quantity, all, error);
	for (size_t k = 0; k < n_points * n_records && status == NS_OK; k++)
		all[k] = all[k * width + measure.entry];
	if (status != NS_OK)
		ns_free(all);
	else
		*values = all;
	return status;
}

static size_t smallest(const double *values, size_t n)
{
	size_t best = n;
	for (size_t k = 0; k < n; k++)
		if (isfinite(values[k]) && (best == n || values[k] < values[best]))
			best = k;
	return best;
}

static enum ns_status find_record(const struct ns_drawing *drawing, enum ns_moment at, size_t *record, struct ns_error *error)
{
	const size_t n_records = ns_reader_record_count(drawing->reader);
	const uint64_t *steps = ns_reader_steps(drawing->reader), wanted = drawing->options->at_step;
	size_t next = 0;
	*record = n_records - 1;
	if (at != NS_AT_STEP)
		return NS_OK;
	while (next < n_records && steps[next] < wanted)
		next++;
	*record = next;
	if (next < n_records && steps[next] == wanted)
		return NS_OK;
	if (next == n_records)
		return ns_error_set(error, NS_BAD_INPUT,
			"--at %" PRIu64 ": nothing was recorded there; the last step is %" PRIu64, wanted, steps[n_records - 1]);
	return ns_error_set(error, NS_BAD_INPUT,
		"--at %" PRIu64 ": nothing was recorded there; the recorded steps next to it are %" PRIu64 " and %" PRIu64,
		wanted, steps[next > 0 ? next - 1 : 0], steps[next]);
}

enum ns_status ns_values_at_moment(
	struct ns_drawing *drawing, struct ns_measure measure, enum ns_moment at, double **values, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(drawing->reader), n_records = ns_reader_record_count(drawing->reader);
	double *trajectories, *risks = NULL;
	size_t record;
	enum ns_status status = find_record(drawing, at, &record, error);
	if (status == NS_OK)
		status = ns_values_of_measure(drawing, measure, &trajectories, error);
	if (status == NS_OK && at == NS_AT_BEST) {
		status = ns_values_of_measure(drawing, (struct ns_measure){NS_TEST_RISK, 0}, &risks, error);
		if (status != NS_OK)
			ns_free(trajectories);
	}
	if (status != NS_OK)
		return status;
	for (size_t p = 0; p < n_points; p++) { /* in place: p * n_records + record is never left of p */
		if (risks != NULL)
			record = smallest(risks + p * n_records, n_records);
		trajectories[p] = record < n_records ? trajectories[p * n_records + record] : NAN;
	}
	ns_free(risks);
	*values = trajectories;
	return NS_OK;
}

enum ns_status ns_values_best_step(struct ns_drawing *drawing, double **values, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(drawing->reader), n_records = ns_reader_record_count(drawing->reader);
	double *risks;
	const enum ns_status status = ns_values_of_measure(drawing, (struct ns_measure){NS_TEST_RISK, 0}, &risks, error);
	if (status != NS_OK)
		return status;
	for (size_t p = 0; p < n_points; p++) {
		const size_t best = smallest(risks + p * n_records, n_records);
		risks[p] = best < n_records ? (double)ns_reader_steps(drawing->reader)[best] : NAN;
	}
	*values = risks;
	return NS_OK;
}

void ns_grouped_words(uint64_t number, char *to, size_t size)
{
	FILE *out = fmemopen(to, size, "w");
	*to = 0;
	if (out != NULL) {
		ns_print_grouped(out, number);
		fclose(out);
	}
}

void ns_moment_words(const struct ns_drawing *drawing, enum ns_moment at, char *to, size_t size)
{
	const uint64_t last = ns_reader_steps(drawing->reader)[ns_reader_record_count(drawing->reader) - 1];
	char step[64];
	ns_grouped_words(at == NS_AT_STEP ? drawing->options->at_step : last, step, sizeof step);
	if (at == NS_AT_BEST)
		snprintf(to, size, "where the test risk of each run is smallest");
	else
		snprintf(to, size, "at step %s", step);
}

void ns_moment_suffix(const struct ns_drawing *drawing, char *to, size_t size)
{
	*to = 0;
	if (drawing->options->at == NS_AT_BEST)
		snprintf(to, size, "_best");
	if (drawing->options->at == NS_AT_STEP)
		snprintf(to, size, "_at%" PRIu64, drawing->options->at_step);
}

enum ns_status ns_values_gather(struct ns_drawing *drawing, unsigned over, const double *values, size_t n_records,
	struct ns_aggregate *aggregate, struct ns_error *error)
{
	const struct ns_grouping grouping = {.selected = drawing->selected, .over = over};
	return ns_aggregate_grouped(aggregate, &grouping, ns_reader_points(drawing->reader), ns_reader_status(drawing->reader),
		ns_reader_point_count(drawing->reader), values, n_records, error);
}

unsigned ns_values_over(const struct ns_drawing *drawing, unsigned axes)
{
	return (drawing->options->over_given ? drawing->options->over : NS_KEY_BIT(NS_KEY_SEED)) & ~axes;
}

void ns_over_words(const struct ns_drawing *drawing, unsigned over, char *to, size_t size)
{
	size_t length = 0;
	*to = 0;
	for (int key = 0; key < NS_KEY_COUNT && length < size; key++)
		if (over & NS_KEY_BIT(key))
			length += (size_t)snprintf(to + length, size - length, "%s%s", length > 0 ? ", " : "",
				key == NS_KEY_SEED ? "seeds" : ns_keys[key].symbol);
}

/* NaN: averaged over, or alpha at gamma = 1, of which there is but one. */
static bool is_of_curve(const struct ns_point *point, const struct ns_aggregate *aggregate, const struct ns_curve *curve)
{
	for (int key = 0; key < NS_KEY_COUNT; key++) {
		const double own = ns_key_of_point(point, (enum ns_key)key), other = ns_key_of_curve(curve, (enum ns_key)key);
		if (!(aggregate->over & NS_KEY_BIT(key)) && own != other && !isnan(own))
			return false;
	}
	return true;
}

void ns_values_shown(const struct ns_drawing *drawing, const struct ns_aggregate *aggregate, const bool *is_shown, bool *shown)
{
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++) {
		shown[p] = false;
		for (size_t c = 0; c < aggregate->n_curves && drawing->selected[p] && !shown[p]; c++)
			shown[p] = is_shown[c] &&
				   is_of_curve(&ns_reader_points(drawing->reader)[p], aggregate, &aggregate->curves[c]);
	}
}

void ns_lacking_words(const struct ns_drawing *drawing, char *to, size_t size)
{
	size_t n = 0, lacking[NS_POINT_STATUS_COUNT] = {0};
	for (size_t p = 0; p < ns_reader_point_count(drawing->reader); p++)
		if (drawing->selected[p]) {
			n++;
			lacking[ns_reader_status(drawing->reader)[p]]++;
		}
	*to = 0;
	if (lacking[NS_POINT_DONE] < n)
		snprintf(to, size, " Of %zu points %zu are missing, %zu diverged and %zu crashed.", n,
			n - lacking[NS_POINT_DONE] - lacking[NS_POINT_DIVERGED] - lacking[NS_POINT_CRASHED],
			lacking[NS_POINT_DIVERGED], lacking[NS_POINT_CRASHED]);
}

enum ns_status ns_values_steps(struct ns_drawing *drawing, double **steps, struct ns_error *error)
{
	const size_t n_records = ns_reader_record_count(drawing->reader);
	*steps = ns_alloc(n_records, sizeof **steps);
	if (*steps == NULL)
		return ns_error_memory(error, "the recorded steps", 8.0 * (double)n_records);
	for (size_t r = 0; r < n_records; r++)
		(*steps)[r] = (double)ns_reader_steps(drawing->reader)[r];
	return NS_OK;
}

bool ns_key_is_logarithmic(const struct ns_drawing *drawing, bool asked, enum ns_key key, const double *values, size_t n)
{
	if (drawing->options->logarithms_given)
		return asked;
	return key == NS_KEY_M && n > 2 && values[n - 1] >= 8 * values[0];
}

enum ns_status ns_key_check_logarithm(
	bool logarithmic, const char *axis, enum ns_key key, const double *values, size_t n, struct ns_error *error)
{
	if (!logarithmic || n == 0 || values[0] > 0)
		return NS_OK;
	return ns_error_set(error, NS_BAD_INPUT,
		"--log %s: %s has the value %g, which a logarithmic axis cannot show; leave it out with --where '%s>0'", axis,
		ns_keys[key].name, values[0], ns_keys[key].name);
}
