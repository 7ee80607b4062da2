#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/figures.h>
#include <nodescale/result.h>
#include <string.h>

/* No field can hold a comma, a quote or a line break: names come from our tables, everything else is a number. */

static const char *status_name(uint8_t status)
{
	switch ((enum ns_point_status)status) {
	case NS_POINT_DONE:
		return "done";
	case NS_POINT_DIVERGED:
		return "diverged";
	case NS_POINT_CRASHED:
		return "crashed";
	case NS_POINT_MISSING:
	default:
		return "missing";
	}
}

static void print_head(FILE *out)
{
	fputs("id,gamma,alpha,m,seed,status,step", out);
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		for (size_t k = 0; k < ns_quantities[q].width; k++)
			if (q == NS_WEIGHT_DELTA_QUANTILE)
				fprintf(out, ",weight_delta_q%g", 100 * ns_quantile_levels[k]);
			else if (ns_quantities[q].dimension != NULL)
				fprintf(out, ",%s%zu", ns_quantities[q].name, k + 1);
			else
				fprintf(out, ",%s", ns_quantities[q].name);
	fputs("\r\n", out);
}

static void print_number(FILE *out, double value)
{
	if (isnan(value))
		fputc(',', out);
	else
		fprintf(out, ",%.17g", value);
}

static void print_rows(
	FILE *out, const struct ns_point *point, uint8_t status, const uint64_t *steps, const struct ns_result *result)
{
	for (size_t r = 0; r < result->n_records; r++) {
		fprintf(out, "%016" PRIx64, ns_point_id(point));
		print_number(out, point->gamma);
		print_number(out, point->gamma < 1 ? point->alpha : NAN);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s,%" PRIu64, point->m, point->seed, status_name(status), steps[r]);
		for (int q = 0; q < NS_QUANTITY_COUNT; q++)
			for (size_t k = 0; k < ns_quantities[q].width; k++)
				print_number(out, result->values[q][r * ns_quantities[q].width + k]);
		fputs("\r\n", out);
	}
}

enum ns_status ns_export_csv(struct ns_reader *reader, FILE *out, struct ns_error *error)
{
	print_head(out);
	for (size_t p = 0; p < ns_reader_point_count(reader) && !ferror(out); p++) {
		struct ns_result result; /* a point at a time: the table of a large sweep need not fit into memory */
		const enum ns_status status = ns_reader_result(reader, p, &result, error);
		if (status != NS_OK)
			return status;
		print_rows(out, &ns_reader_points(reader)[p], ns_reader_status(reader)[p], ns_reader_steps(reader), &result);
		ns_result_finish(&result);
	}
	if (fflush(out) == 0 && !ferror(out))
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "the table cannot be written: %s", strerror(errno));
}
