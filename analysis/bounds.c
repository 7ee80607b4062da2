#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/bounds.h>
#include <nodescale/flight.h>
#include <nodescale/memory.h>
#include <string.h>

/* What the rows are judged by, of all points: (point, record) each. */
struct recorded {
	double *train_risk, *ntk_min_eig, *ntk_max_eig;
};

static enum ns_status read_recorded(struct recorded *recorded, struct ns_reader *reader, struct ns_error *error)
{
	const struct {
		double **values;
		enum ns_quantity quantity;
	} wanted[] = {{&recorded->train_risk, NS_TRAIN_RISK}, {&recorded->ntk_min_eig, NS_NTK_MIN_EIG},
		{&recorded->ntk_max_eig, NS_NTK_MAX_EIG}};
	const size_t n_points = ns_reader_point_count(reader), n_records = ns_reader_record_count(reader);
	enum ns_status status = NS_OK;
	for (size_t w = 0; w < sizeof wanted / sizeof *wanted && status == NS_OK; w++) {
		double *values = *wanted[w].values = ns_alloc(n_points, n_records * sizeof *values);
		status = values != NULL ? ns_reader_quantity(reader, wanted[w].quantity, values, error)
					: ns_error_memory(error, "a quantity over all points",
						  8.0 * (double)n_points * (double)n_records);
	}
	return status;
}

static void judge(struct ns_bounds *bounds, struct ns_reader *reader, const struct recorded *recorded)
{
	const size_t n_records = ns_reader_record_count(reader);
	const struct ns_theory *theory = &bounds->theory;
	for (size_t p = 0; p < bounds->n_rows; p++) {
		const struct ns_point point = ns_reader_points(reader)[p];
		const enum ns_point_status status = (enum ns_point_status)ns_reader_status(reader)[p];
		const struct ns_trajectory run = {n_records, ns_reader_steps(reader), recorded->train_risk + p * n_records,
			recorded->ntk_min_eig + p * n_records, recorded->ntk_max_eig + p * n_records,
			status == NS_POINT_DIVERGED};
		bounds->rows[p] = (struct ns_bounds_row){point, status, point.gamma > 0 && (double)point.m >= theory->all.width,
			point.gamma > 0 && (double)point.m >= theory->probes.width, ns_theory_hold(theory, &point, &run)};
	}
}

enum ns_status ns_bounds_theory(struct ns_theory *theory, struct ns_reader *reader, double delta, struct ns_error *error)
{
	struct ns_data data;
	enum ns_status status = ns_reader_data(reader, &data, error);
	if (status != NS_OK)
		return status;
	status = ns_theory_init(theory, ns_reader_experiment(reader), &data, delta, error);
	ns_data_finish(&data);
	return status;
}

enum ns_status ns_bounds_init(struct ns_bounds *bounds, struct ns_reader *reader, double delta, struct ns_error *error)
{
	struct recorded recorded = {0};
	*bounds = (struct ns_bounds){.n_rows = ns_reader_point_count(reader)};
	enum ns_status status = ns_bounds_theory(&bounds->theory, reader, delta, error);
	bounds->rows = ns_alloc(bounds->n_rows, sizeof *bounds->rows);
	if (status == NS_OK && bounds->rows == NULL)
		status = ns_error_memory(error, "the bounds of all points", (double)bounds->n_rows * sizeof *bounds->rows);
	if (status == NS_OK)
		status = read_recorded(&recorded, reader, error);
	if (status == NS_OK)
		judge(bounds, reader, &recorded);
	ns_free(recorded.train_risk);
	ns_free(recorded.ntk_min_eig);
	ns_free(recorded.ntk_max_eig);
	if (status != NS_OK)
		ns_bounds_finish(bounds);
	return status;
}

void ns_bounds_finish(struct ns_bounds *bounds)
{
	ns_free(bounds->rows);
	*bounds = (struct ns_bounds){0};
}

static void print_number(FILE *out, double value)
{
	if (isnan(value))
		fputc(',', out);
	else
		fprintf(out, ",%.17g", value);
}

static void print_check(FILE *out, const struct ns_bound_check *check)
{
	fprintf(out, ",%s,", ns_verdict_names[check->verdict]);
	if (check->verdict == NS_BOUND_VIOLATED)
		fprintf(out, "%" PRIu64, check->violated_at);
	print_number(out, check->worst);
	fputc(',', out);
	if (!isnan(check->worst))
		fprintf(out, "%" PRIu64, check->worst_at);
}

enum ns_status ns_bounds_csv(const struct ns_bounds *bounds, FILE *out, struct ns_error *error)
{
	fputs("id,gamma,alpha,m,seed,status,wide_enough,wide_enough_for_probes", out);
	for (const char *const *bound = (const char *[]){"start", "trajectory", "decay", NULL}; *bound != NULL; bound++)
		fprintf(out, ",%s,%s_violated_at,%s_worst,%s_worst_at", *bound, *bound, *bound, *bound);
	fputs("\r\n", out);
	for (size_t p = 0; p < bounds->n_rows; p++) {
		const struct ns_bounds_row *row = &bounds->rows[p];
		fprintf(out, "%016" PRIx64, ns_point_id(&row->point));
		print_number(out, row->point.gamma);
		print_number(out, row->point.gamma < 1 ? row->point.alpha : NAN);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s,%s,%s", row->point.m, row->point.seed,
			ns_point_status_names[row->status], row->wide_enough ? "yes" : "no",
			row->wide_enough_for_probes ? "yes" : "no");
		print_check(out, &row->check.start);
		print_check(out, &row->check.trajectory);
		print_check(out, &row->check.decay);
		fputs("\r\n", out);
	}
	if (fflush(out) == 0 && !ferror(out))
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "writing the bounds failed: %s", strerror(errno));
}
