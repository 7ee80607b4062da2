#include "folder.h"
#include "gnuplot.h"
#include "scripts.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

const struct ns_figure ns_figures[NS_FIGURE_COUNT] = {
	{"train_risk", NS_TRAIN_RISK},
	{"test_risk", NS_TEST_RISK},
	{"weight_delta", NS_WEIGHT_DELTA_OF_MAX_NODE},
	{"ntk_drift", NS_NTK_DRIFT_SPECTRAL},
	{"ntk_min_eig", NS_NTK_MIN_EIG},
};

const char *const ns_figure_format_names[] = {"pdf", "png", "svg", NULL};

/* 10 000, as on the axes: groups of three digits, a thin space between them. */
static void print_grouped(FILE *out, uint64_t number)
{
	if (number >= 1000) {
		print_grouped(out, number / 1000);
		fprintf(out, "\u2009%03" PRIu64, number % 1000);
	} else {
		fprintf(out, "%" PRIu64, number);
	}
}

/* The legend stands in the table, where gnuplot reads it as the head of the block. It names what is lacking: a mean over 3 of 5
 * runs must not pass for one over 5. */
static void print_legend(FILE *out, const struct ns_curve *curve, bool name_m)
{
	fprintf(out, "\"γ = %.4g", curve->gamma);
	if (!isnan(curve->alpha))
		fprintf(out, ", α = %.4g", curve->alpha);
	if (name_m) {
		fputs(", m = ", out);
		print_grouped(out, curve->m);
	}
	if (curve->n_done < curve->n_points)
		fprintf(out, " (%zu of %zu runs)", curve->n_done, curve->n_points);
	fputs("\"\n", out);
}

static void print_head(FILE *out, const struct ns_figure *figure)
{
	const struct ns_quantity_info *quantity = &ns_quantities[figure->quantity];
	fprintf(out, "# %s: %s\n", quantity->name, quantity->description);
	fputs("# One block per curve, two blank lines between them (gnuplot: index); a block's first line is its legend. "
	      "Columns:\n",
		out);
	fputs("#   step  gradient descent steps taken\n", out);
	fprintf(out, "#   mean  mean over n runs that differ by their seed (%s)\n", quantity->unit);
	fprintf(out, "#   std   standard deviation over them, ddof 0 (%s)\n", quantity->unit);
	fputs("#   n     number of runs averaged: done, with a finite value at this step\n", out);
}

static void print_table(FILE *out, const struct ns_figure *figure, const struct ns_aggregate *aggregate, const uint64_t *steps)
{
	print_head(out, figure);
	for (size_t c = 0; c < aggregate->n_curves; c++) {
		const struct ns_curve *curve = &aggregate->curves[c];
		fprintf(out,
			"%s# gamma %.15g, alpha %.15g, m %" PRIu64
			": of %zu runs %zu done, %zu missing, %zu diverged, %zu crashed\n",
			c == 0 ? "\n" : "\n\n", curve->gamma, curve->alpha, curve->m, curve->n_points, curve->n_done,
			curve->n_missing, curve->n_diverged, curve->n_crashed);
		print_legend(out, curve, aggregate->m_varies);
		for (size_t r = 0; r < aggregate->n_records; r++)
			fprintf(out, "%" PRIu64 " %.17g %.17g %zu\n", steps[r], curve->mean[r], curve->std[r], curve->n[r]);
	}
}

static enum ns_status write_table(const struct ns_figure *figure, const struct ns_aggregate *aggregate, const uint64_t *steps,
	const char *folder, struct ns_error *error)
{
	char name[64];
	struct ns_draft draft;
	snprintf(name, sizeof name, "%s.txt", figure->name);
	FILE *file = ns_draft_open(&draft, folder, name, error);
	if (file == NULL)
		return error->status;
	print_table(file, figure, aggregate, steps);
	return ns_draft_close(&draft, file, error);
}

/* Leaves a script that is there already as it is. */
static enum ns_status write_script(const struct ns_script *script, const char *folder, struct ns_error *error)
{
	struct ns_draft draft;
	enum ns_status status = ns_draft_init(&draft, folder, script->name, error);
	if (status != NS_OK || access(draft.path, F_OK) == 0)
		return status;
	FILE *file = ns_draft_open(&draft, folder, script->name, error);
	if (file == NULL)
		return error->status;
	fputs(script->text, file);
	return ns_draft_close(&draft, file, error);
}

static enum ns_status write_scripts(const struct ns_figure *figure, const char *folder, struct ns_error *error)
{
	char own[64];
	enum ns_status status = NS_OK;
	snprintf(own, sizeof own, "%s.gnuplot", figure->name);
	for (const struct ns_script *script = ns_scripts; script->name != NULL && status == NS_OK; script++)
		if (strcmp(script->name, own) == 0 || strcmp(script->name, "style.gnuplot") == 0)
			status = write_script(script, folder, error);
	return status;
}

/* The names in settings are the program's own and the process id: there is nothing in them that gnuplot would take for syntax. */
static enum ns_status run_script(
	const struct ns_figure *figure, const char *folder, enum ns_figure_format format, struct ns_error *error)
{
	char name[64], script[64], settings[PATH_MAX + 64];
	struct ns_draft draft;
	snprintf(name, sizeof name, "%s.%s", figure->name, ns_figure_format_names[format]);
	snprintf(script, sizeof script, "%s.gnuplot", figure->name);
	enum ns_status status = ns_draft_init(&draft, folder, name, error);
	if (status != NS_OK)
		return status;
	snprintf(settings, sizeof settings, "format = '%s'; output = '%s'", ns_figure_format_names[format], draft.temporary_name);
	status = ns_gnuplot_run(folder, settings, script, error);
	if (status == NS_OK && access(draft.temporary_path, F_OK) != 0)
		status =
			ns_error_set(error, NS_FAILED, "%s/%s: gnuplot ended well but did not write to `output`", folder, script);
	if (status == NS_OK && format == NS_FIGURE_PDF)
		status = ns_gnuplot_clear_pdf_date(draft.temporary_path, error);
	if (status == NS_OK)
		return ns_draft_publish(&draft, error);
	ns_draft_discard(&draft);
	return status;
}

enum ns_status ns_figure_draw(const struct ns_figure *figure, const struct ns_aggregate *aggregate, const uint64_t *steps,
	const char *folder, enum ns_figure_format format, struct ns_error *error)
{
	if (aggregate->n_curves == 0 || aggregate->n_records == 0)
		return ns_error_set(error, NS_BAD_INPUT, "nothing to draw: there are no points or no recorded steps");
	enum ns_status status = write_table(figure, aggregate, steps, folder, error);
	if (status == NS_OK)
		status = write_scripts(figure, folder, error);
	return status == NS_OK ? run_script(figure, folder, format, error) : status;
}

static enum ns_status draw_from(struct ns_reader *reader, const struct ns_figure *figure, double *values, const char *folder,
	enum ns_figure_format format, struct ns_error *error)
{
	struct ns_aggregate aggregate;
	enum ns_status status = ns_reader_quantity(reader, figure->quantity, values, error);
	if (status == NS_OK)
		status = ns_aggregate_init(&aggregate, ns_reader_points(reader), ns_reader_status(reader),
			ns_reader_point_count(reader), values, ns_reader_record_count(reader), error);
	if (status != NS_OK)
		return status;
	status = ns_figure_draw(figure, &aggregate, ns_reader_steps(reader), folder, format, error);
	ns_aggregate_finish(&aggregate);
	return status;
}

enum ns_status ns_figures_draw(struct ns_reader *reader, const char *folder, enum ns_figure_format format, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader), n_records = ns_reader_record_count(reader);
	enum ns_status status = ns_folder_make(folder, error);
	if (status != NS_OK)
		return status;
	double *values = ns_alloc(n_points, n_records * sizeof *values);
	if (values == NULL)
		return ns_error_memory(error, "a quantity over all points", 8.0 * (double)n_points * (double)n_records);
	for (int f = 0; f < NS_FIGURE_COUNT && status == NS_OK; f++)
		status = draw_from(reader, &ns_figures[f], values, folder, format, error);
	ns_free(values);
	return status;
}
