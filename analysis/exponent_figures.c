/* How drift depends on the width: drift against m with the fitted lines, and the exponents over gamma and alpha (exponent.h). */
#include "map.h"
#include "values.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/exponent.h>
#include <nodescale/memory.h>
#include <stdlib.h>

/* What the figures of one quantity are drawn from. */
struct scaling {
	const char *name, *symbol; /* of files; on axes */
	char words[128];           /* for people, in lower case */
	uint64_t step;
	struct ns_exponents exponents;
	struct ns_aggregate aggregate;     /* over seeds, of one record: a curve is a width of a configuration */
	size_t n_shown;                    /* configurations in the figure against m */
	double *gammas, *alphas;           /* of the exponents, rising, without NaN */
	double *gamma_edges, *alpha_edges; /* of the map's cells */
	size_t n_gammas, n_alphas;
};

/* By ns_exponent_quantities. */
static const char *const names[NS_EXPONENT_QUANTITIES] = {
	"weight_delta", "ntk_drift", "ntk_drift_relative", "weight_delta_median"};
static const char *const symbols[NS_EXPONENT_QUANTITIES] = {"max_{/:Italic j} ‖{/:Italic w_j}({/:Italic t}) − {/:Italic w_j}(0)‖",
	"‖Θ({/:Italic W_t}) − Θ({/:Italic W}_0)‖_2", "‖Θ({/:Italic W_t}) − Θ({/:Italic W}_0)‖_F / ‖Θ({/:Italic W}_0)‖_F",
	"median_{/:Italic j} ‖{/:Italic w_j}({/:Italic t}) − {/:Italic w_j}(0)‖"};

static bool applies(const struct ns_drawing *drawing)
{
	const struct ns_point *points = ns_reader_points(drawing->reader);
	const size_t n = ns_reader_point_count(drawing->reader);
	double *widths;
	size_t n_widths;
	struct ns_error error;
	if (ns_key_values(points, drawing->selected, n, NS_KEY_M, &widths, &n_widths, &error) != NS_OK)
		return false;
	ns_free(widths);
	return n_widths >= NS_EXPONENT_WIDTHS; /* of one configuration, and done: for the drawing to see */
}

static bool same(const struct ns_exponent *row, const struct ns_curve *curve)
{
	return row->gamma == curve->gamma && (isnan(row->alpha) ? isnan(curve->alpha) : row->alpha == curve->alpha);
}

/* With a minus sign as in print, and no -0.00. */
static void print_exponent(FILE *out, double exponent, int decimals)
{
	const bool is_zero = fabs(exponent) < 0.5 * pow(10, -decimals);
	fprintf(out, "%s%.*f", exponent < 0 && !is_zero ? "\u2212" : "", decimals, is_zero ? 0 : fabs(exponent));
}

/* To two digits of its half width. */
static void print_interval(FILE *out, const struct ns_slope *slope)
{
	const double half = (slope->high - slope->low) / 2;
	const int decimals = half > 1e-4 ? (int)ceil(-log10(half)) + 1 : 5, shown = decimals < 2 ? 2 : decimals;
	print_exponent(out, slope->exponent, shown);
	fputs(" [", out);
	print_exponent(out, slope->low, shown);
	fputs(", ", out);
	print_exponent(out, slope->high, shown);
	fputc(']', out);
}

/* The e-th of n_shown rows, spread evenly over all. */
static const struct ns_exponent *shown_row(const struct scaling *scaling, size_t e)
{
	const size_t n = scaling->exponents.n, few = scaling->n_shown;
	return &scaling->exponents.rows[few < 2 ? 0 : (e * (n - 1) + (few - 1) / 2) / (few - 1)];
}

/* One block per configuration, its lines the widths. */
static void print_scaling(FILE *out, const void *data)
{
	const struct scaling *scaling = data;
	fprintf(out, "# %s at step %" PRIu64 " against m\n", ns_exponent_name(scaling->exponents.quantity), scaling->step);
	fputs("# One block per (gamma, alpha), two blank lines between them; a block's first line is its legend: the exponent in "
	      "m of "
	      "the upper half of the widths, and its interval of 95 %. Columns:\n"
	      "#   m     nodes\n#   mean  mean over n runs that differ by their seed\n#   std   standard deviation over them, "
	      "ddof 0\n"
	      "#   n     number of runs averaged\n#   fit   line through the upper half of the widths\n"
	      "#   in    1 where the width is in the upper half\n",
		out);
	for (size_t e = 0; e < scaling->n_shown; e++) {
		const struct ns_exponent *row = shown_row(scaling, e);
		fprintf(out, "%s# gamma %.15g, alpha %.15g: of all widths ", e == 0 ? "\n" : "\n\n", row->gamma, row->alpha);
		print_interval(out, &row->all);
		fprintf(out, "\n\"γ = %.4g", row->gamma);
		if (!isnan(row->alpha))
			fprintf(out, ", α = %.4g", row->alpha);
		fputs(": ", out);
		print_interval(out, &row->large);
		fputs("\"\n", out);
		for (size_t c = 0; c < scaling->aggregate.n_curves; c++) {
			const struct ns_curve *curve = &scaling->aggregate.curves[c];
			const double fit = exp(row->large.intercept + row->large.exponent * log((double)curve->m));
			if (same(row, curve) && *curve->n > 0)
				fprintf(out, "%" PRIu64 " %.17g %.17g %zu %.17g %d\n", curve->m, *curve->mean, *curve->std,
					*curve->n, fit, curve->m >= row->large.least_m);
		}
	}
}

static enum ns_status draw_scaling(struct ns_drawing *drawing, struct scaling *scaling, struct ns_error *error)
{
	const size_t n = scaling->exponents.n;
	char name[64], title[NS_FIGURE_TITLE_LENGTH], caption[NS_FIGURE_CAPTION_LENGTH], script[512], few[96] = "",
												      settings[128] = "";
	scaling->n_shown = drawing->options->where.count == 0 && n > NS_CURVES_MOST ? NS_CURVES_MOST : n;
	if (scaling->n_shown < n) {
		snprintf(few, sizeof few, " %zu of %zu configurations are shown, spread evenly.", scaling->n_shown, n);
		snprintf(settings, sizeof settings, "note = \"%zu of %zu configurations, spread evenly\"\n", scaling->n_shown, n);
	}
	snprintf(name, sizeof name, "width_scaling_%s", scaling->name);
	snprintf(title, sizeof title, "%s against the number of nodes", scaling->words);
	ns_capitalise(title);
	snprintf(caption, sizeof caption,
		"%s at step %" PRIu64
		" against the number of nodes m: mean over seeds and one standard deviation. Lines and legend: "
		"exponent in m fitted to the upper half of the widths, with its bootstrap interval of 95 %%; −1/2 is lazy, 0 is "
		"feature "
		"learning.%s",
		scaling->words, scaling->step, few);
	ns_capitalise(caption);
	snprintf(script, sizeof script, "name = \"%s\"\ny_label = \"%s\"\nload \"width_scaling.gnuplot\"\n", name,
		scaling->symbol);
	const struct ns_figure_text text = {
		.name = name, .title = title, .caption = caption, .script = script, .settings = settings};
	return ns_figure_make(drawing, &text, print_scaling, scaling, error);
}

static void print_exponents_head(FILE *out, const struct scaling *scaling)
{
	fprintf(out,
		"# exponent in m of %s at step %" PRIu64
		", by least squares over the upper half of the widths, with its bootstrap interval "
		"of 95 %%\n",
		ns_exponent_name(scaling->exponents.quantity), scaling->step);
}

static void print_row(FILE *out, const struct ns_exponent *row)
{
	fprintf(out, "%.15g %.17g %.17g %.17g\n", row->gamma, row->large.exponent, row->large.low, row->large.high);
}

/* A block per alpha, by falling alpha, and one for gamma = 1, which has none. */
static void print_exponents(FILE *out, const void *data)
{
	const struct scaling *scaling = data;
	const struct ns_exponent *rows = scaling->exponents.rows;
	const char *gap = "\n";
	print_exponents_head(out, scaling);
	fputs("# One block per alpha, and one for gamma = 1; its first line is the legend. Columns:\n#   gamma exponent low "
	      "high\n",
		out);
	for (size_t e = 0; e < scaling->exponents.n; e++)
		if (isnan(rows[e].alpha)) {
			fprintf(out, "%s\"γ = 1\"\n", gap);
			print_row(out, &rows[e]);
			gap = "\n\n";
		}
	for (size_t a = scaling->n_alphas; a-- > 0;) {
		fprintf(out, "%s\"α = %.4g\"\n", gap, scaling->alphas[a]);
		for (size_t e = 0; e < scaling->exponents.n; e++)
			if (rows[e].alpha == scaling->alphas[a])
				print_row(out, &rows[e]);
		gap = "\n\n";
	}
}

static const struct ns_exponent *row_at(const struct scaling *scaling, double gamma, double alpha)
{
	for (size_t e = 0; e < scaling->exponents.n; e++) {
		const struct ns_exponent *row = &scaling->exponents.rows[e];
		if (row->gamma == gamma && (isnan(row->alpha) || row->alpha == alpha))
			return row;
	}
	return NULL;
}

static bool is_lazy(const struct ns_exponent *row)
{
	return row->large.low <= -0.5;
}

/* Edges between cells whose interval is above -1/2 and those where it is not. */
static void print_boundary(FILE *out, const struct scaling *scaling)
{
	const double *x = scaling->gamma_edges, *y = scaling->alpha_edges;
	for (size_t a = 0; a < scaling->n_alphas; a++)
		for (size_t g = 0; g < scaling->n_gammas; g++) {
			const struct ns_exponent *row = row_at(scaling, scaling->gammas[g], scaling->alphas[a]);
			const struct ns_exponent *right =
				g + 1 < scaling->n_gammas ? row_at(scaling, scaling->gammas[g + 1], scaling->alphas[a]) : NULL;
			const struct ns_exponent *above =
				a + 1 < scaling->n_alphas ? row_at(scaling, scaling->gammas[g], scaling->alphas[a + 1]) : NULL;
			if (row != NULL && right != NULL && is_lazy(row) != is_lazy(right))
				fprintf(out, "%.15g %.15g %.15g %.15g\n", x[g + 1], y[a], x[g + 1], y[a + 1]);
			if (row != NULL && above != NULL && is_lazy(row) != is_lazy(above))
				fprintf(out, "%.15g %.15g %.15g %.15g\n", x[g], y[a + 1], x[g + 1], y[a + 1]);
		}
}

/* The grid, gamma = 1 for every alpha. */
static void print_map(FILE *out, const void *data)
{
	const struct scaling *scaling = data;
	print_exponents_head(out, scaling);
	fputs("# First one line per cell, a blank line between rows; NaN where there is no exponent. Columns:\n"
	      "#   gamma alpha gamma_low gamma_high alpha_low alpha_high exponent low high\n"
	      "# Behind two blank lines the edges between cells whose interval holds -1/2 or lies below and those where it lies "
	      "above:\n"
	      "#   gamma alpha gamma alpha, of its ends\n",
		out);
	for (size_t a = 0; a < scaling->n_alphas; a++) {
		fputc('\n', out);
		for (size_t g = 0; g < scaling->n_gammas; g++) {
			const struct ns_exponent *row = row_at(scaling, scaling->gammas[g], scaling->alphas[a]);
			fprintf(out, "%.15g %.15g %.15g %.15g %.15g %.15g", scaling->gammas[g], scaling->alphas[a],
				scaling->gamma_edges[g], scaling->gamma_edges[g + 1], scaling->alpha_edges[a],
				scaling->alpha_edges[a + 1]);
			if (row != NULL)
				fprintf(out, " %.17g %.17g %.17g\n", row->large.exponent, row->large.low, row->large.high);
			else
				fputs(" NaN NaN NaN\n", out);
		}
	}
	fputs("\n\n", out);
	print_boundary(out, scaling);
}

/* A map where it has two values of each key besides gamma = 1, which is one number for all alpha; else dots. */
static enum ns_status draw_exponents(struct ns_drawing *drawing, struct scaling *scaling, struct ns_error *error)
{
	const size_t n = scaling->exponents.n;
	const bool is_map =
		scaling->n_alphas >= 2 && scaling->n_gammas >= 2 && 2 * n >= scaling->n_alphas * scaling->n_gammas && n >= 4;
	char name[64], title[NS_FIGURE_TITLE_LENGTH], caption[NS_FIGURE_CAPTION_LENGTH], script[512];
	snprintf(name, sizeof name, "%s_%s", is_map ? "exponent_map" : "exponents", scaling->name);
	snprintf(title, sizeof title, "Exponent of the %s in the number of nodes", scaling->words);
	snprintf(caption, sizeof caption,
		"Exponent b of %s ~ m^b at step %" PRIu64
		", fitted to the upper half of the widths: −1/2 is lazy, 0 is feature learning. %s",
		scaling->words, scaling->step,
		is_map ? "On the black line the lower end of the interval of 95 % is −1/2; dots: the interval holds 0 or lies "
			 "above."
		       : "Bars: bootstrap intervals of 95 %.");
	if (is_map)
		snprintf(script, sizeof script, "name = \"%s\"\ntitle = \"exponent of %s\"\nload \"exponent_map.gnuplot\"\n",
			name, scaling->symbol);
	else
		snprintf(script, sizeof script, "name = \"%s\"\ny_label = \"exponent of %s\"\nload \"exponents.gnuplot\"\n", name,
			scaling->symbol);
	const struct ns_figure_text text = {.name = name, .title = title, .caption = caption, .script = script};
	return ns_figure_make(drawing, &text, is_map ? print_map : print_exponents, scaling, error);
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts and keeps one of each; returns how many. */
static size_t make_distinct(double *values, size_t n)
{
	size_t kept = 0;
	qsort(values, n, sizeof *values, ascending);
	for (size_t k = 0; k < n; k++)
		if (kept == 0 || values[kept - 1] != values[k])
			values[kept++] = values[k];
	return kept;
}

static enum ns_status lay_out(struct scaling *scaling, struct ns_error *error)
{
	const size_t n = scaling->exponents.n;
	scaling->gammas = ns_alloc(n, sizeof *scaling->gammas);
	scaling->alphas = ns_alloc(n, sizeof *scaling->alphas);
	scaling->gamma_edges = ns_alloc(n + 1, sizeof *scaling->gamma_edges);
	scaling->alpha_edges = ns_alloc(n + 1, sizeof *scaling->alpha_edges);
	if (scaling->gammas == NULL || scaling->alphas == NULL || scaling->gamma_edges == NULL || scaling->alpha_edges == NULL)
		return ns_error_memory(error, "the map of exponents", 32.0 * (double)n);
	for (size_t e = 0; e < n; e++) {
		const struct ns_exponent *row = &scaling->exponents.rows[e];
		scaling->gammas[scaling->n_gammas++] = row->gamma;
		if (!isnan(row->alpha))
			scaling->alphas[scaling->n_alphas++] = row->alpha;
	}
	scaling->n_gammas = make_distinct(scaling->gammas, scaling->n_gammas);
	scaling->n_alphas = make_distinct(scaling->alphas, scaling->n_alphas);
	ns_map_edges(scaling->gammas, scaling->n_gammas, false, scaling->gamma_edges);
	if (scaling->n_alphas > 0)
		ns_map_edges(scaling->alphas, scaling->n_alphas, false, scaling->alpha_edges);
	return NS_OK;
}

static enum ns_status gather(
	struct ns_drawing *drawing, struct scaling *scaling, enum ns_quantity quantity, struct ns_error *error)
{
	double *values;
	const struct ns_measure measure = {quantity, ns_exponent_entry(quantity)};
	enum ns_status status = ns_values_at_moment(drawing, measure, NS_AT_LAST, &values, error);
	if (status != NS_OK)
		return status;
	status = ns_values_gather(drawing, NS_KEY_BIT(NS_KEY_SEED), values, 1, &scaling->aggregate, error);
	ns_free(values);
	return status;
}

static enum ns_status draw_quantity(struct ns_drawing *drawing, int q, struct ns_error *error)
{
	const enum ns_quantity quantity = ns_exponent_quantities[q];
	struct scaling scaling = {.name = names[q],
		.symbol = symbols[q],
		.step = ns_reader_steps(drawing->reader)[ns_reader_record_count(drawing->reader) - 1]};
	if (quantity == NS_WEIGHT_DELTA_QUANTILE)
		snprintf(scaling.words, sizeof scaling.words, "median weight change");
	else
		ns_measure_title((struct ns_measure){quantity, 0}, scaling.words, sizeof scaling.words);
	enum ns_status status = ns_exponents_read(&scaling.exponents, drawing->reader, quantity, drawing->selected, error);
	if (status == NS_OK && scaling.exponents.n > 0) {
		status = gather(drawing, &scaling, quantity, error);
		if (status == NS_OK)
			status = lay_out(&scaling, error);
		if (status == NS_OK)
			status = draw_scaling(drawing, &scaling, error);
		if (status == NS_OK)
			status = draw_exponents(drawing, &scaling, error);
	}
	ns_exponents_finish(&scaling.exponents);
	ns_aggregate_finish(&scaling.aggregate);
	ns_free(scaling.gammas);
	ns_free(scaling.alphas);
	ns_free(scaling.gamma_edges);
	ns_free(scaling.alpha_edges);
	return status;
}

static enum ns_status draw(struct ns_drawing *drawing, const struct ns_figure *figure, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int q = 0; q < NS_EXPONENT_QUANTITIES && status == NS_OK; q++)
		status = draw_quantity(drawing, q, error);
	return status;
}

const struct ns_figure ns_width_scaling_figures = {
	.name = "width_scaling", .title = "Drift against the number of nodes", .applies = applies, .draw = draw};
