#include "figure.h"
#include <inttypes.h>
#include <math.h>

void ns_print_grouped(FILE *out, uint64_t number)
{
	if (number >= 1000) {
		ns_print_grouped(out, number / 1000);
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
		ns_print_grouped(out, curve->m);
	}
	if (curve->n_done < curve->n_points)
		fprintf(out, " (%zu of %zu runs)", curve->n_done, curve->n_points);
	fputs("\"\n", out);
}

static void print_head(FILE *out, const struct ns_curves *curves)
{
	fprintf(out, "# %s: %s\n", curves->quantity, curves->description);
	fputs("# One block per curve, two blank lines between them (gnuplot: index); a block's first line is its legend. "
	      "Columns:\n",
		out);
	fprintf(out, "#   %-5s %s\n", curves->x_column.name, curves->x_column.description);
	fprintf(out, "#   mean  mean over n runs that differ by their seed (%s)\n", curves->unit);
	fprintf(out, "#   std   standard deviation over them, ddof 0 (%s)\n", curves->unit);
	fprintf(out, "#   n     number of runs averaged: done, with a finite value at this %s\n", curves->x_column.name);
	if (curves->guide != NULL)
		fprintf(out, "#   %-5s %s\n", curves->guide_column.name, curves->guide_column.description);
}

static void print_table(FILE *out, const void *data)
{
	const struct ns_curves *curves = data;
	const struct ns_aggregate *aggregate = curves->aggregate;
	print_head(out, curves);
	for (size_t c = 0; c < aggregate->n_curves; c++) {
		const struct ns_curve *curve = &aggregate->curves[c];
		fprintf(out,
			"%s# gamma %.15g, alpha %.15g, m %" PRIu64
			": of %zu runs %zu done, %zu missing, %zu diverged, %zu crashed\n",
			c == 0 ? "\n" : "\n\n", curve->gamma, curve->alpha, curve->m, curve->n_points, curve->n_done,
			curve->n_missing, curve->n_diverged, curve->n_crashed);
		print_legend(out, curve, aggregate->m_varies);
		for (size_t r = 0; r < aggregate->n_records; r++) {
			fprintf(out, "%.17g %.17g %.17g %zu", curves->x[r], curve->mean[r], curve->std[r], curve->n[r]);
			if (curves->guide != NULL)
				fprintf(out, " %.17g", curves->guide[c * aggregate->n_records + r]);
			fputc('\n', out);
		}
	}
}

enum ns_status ns_curves_make(
	struct ns_drawing *drawing, const struct ns_figure_text *text, const struct ns_curves *curves, struct ns_error *error)
{
	return ns_figure_make(drawing, text, print_table, curves, error);
}
