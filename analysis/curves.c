#include "values.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/memory.h>

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
void ns_print_legend(FILE *out, const struct ns_aggregate *aggregate, const struct ns_curve *curve)
{
	const unsigned over = aggregate->over;
	const char *joint = "";
	fputc('"', out);
	if (!(over & NS_KEY_BIT(NS_KEY_GAMMA))) {
		fprintf(out, "γ = %.4g", curve->gamma);
		joint = ", ";
	}
	if (!isnan(curve->alpha)) {
		fprintf(out, "%sα = %.4g", joint, curve->alpha);
		joint = ", ";
	}
	if (aggregate->m_varies) {
		fprintf(out, "%sm = ", joint);
		ns_print_grouped(out, curve->m);
		joint = ", ";
	}
	if (!(over & NS_KEY_BIT(NS_KEY_SEED)))
		fprintf(out, "%sseed %" PRIu64, joint, curve->seed);
	else if (*joint == 0)
		fputs("mean", out);
	if (curve->n_done < curve->n_points)
		fprintf(out, " (%zu of %zu runs)", curve->n_done, curve->n_points);
	fputc('"', out);
}

/* Curves to be printed. */
struct shown {
	const struct ns_curves *curves;
	bool *is_shown; /* (curve) */
};

static void print_head(FILE *out, const struct ns_curves *curves)
{
	const bool over_seeds = curves->aggregate->over == NS_KEY_BIT(NS_KEY_SEED);
	fprintf(out, "# %s: %s\n", curves->quantity, curves->description);
	fputs("# One block per curve, two blank lines between them (gnuplot: index); a block's first line is its legend. "
	      "Columns:\n",
		out);
	fprintf(out, "#   %-5s %s\n", curves->x_column.name, curves->x_column.description);
	fprintf(out, "#   mean  mean over n runs%s (%s)\n", over_seeds ? " that differ by their seed" : "", curves->unit);
	fprintf(out, "#   std   standard deviation over them, ddof 0 (%s)\n", curves->unit);
	fprintf(out, "#   n     number of runs averaged: done, with a finite value at this %s\n", curves->x_column.name);
	if (curves->guide != NULL)
		fprintf(out, "#   %-5s %s\n", curves->guide_column.name, curves->guide_column.description);
}

static void print_table(FILE *out, const void *data)
{
	const struct shown *shown = data;
	const struct ns_curves *curves = shown->curves;
	const struct ns_aggregate *aggregate = curves->aggregate;
	const char *gap = "\n";
	print_head(out, curves);
	for (size_t c = 0; c < aggregate->n_curves; c++) {
		const struct ns_curve *curve = &aggregate->curves[c];
		if (!shown->is_shown[c])
			continue;
		fprintf(out,
			"%s# gamma %.15g, alpha %.15g, m %" PRIu64
			": of %zu runs %zu done, %zu missing, %zu diverged, %zu crashed\n",
			gap, curve->gamma, curve->alpha, curve->m, curve->n_points, curve->n_done, curve->n_missing,
			curve->n_diverged, curve->n_crashed);
		ns_print_legend(out, aggregate, curve);
		fputc('\n', out);
		for (size_t r = 0; r < aggregate->n_records; r++) {
			fprintf(out, "%.17g %.17g %.17g %zu", curves->x[r], curve->mean[r], curve->std[r], curve->n[r]);
			if (curves->guide != NULL)
				fprintf(out, " %.17g", curves->guide[c * aggregate->n_records + r]);
			fputc('\n', out);
		}
		gap = "\n\n";
	}
}

enum ns_status ns_curves_make(
	struct ns_drawing *drawing, const struct ns_figure_text *text, const struct ns_curves *curves, struct ns_error *error)
{
	const struct ns_aggregate *aggregate = curves->aggregate;
	struct shown shown = {curves, ns_alloc(aggregate->n_curves, sizeof *shown.is_shown)};
	bool *points = ns_alloc(ns_reader_point_count(drawing->reader), sizeof *points);
	if (shown.is_shown == NULL || points == NULL) {
		ns_free(shown.is_shown);
		ns_free(points);
		return ns_error_memory(error, "a choice of curves", (double)aggregate->n_curves);
	}
	const size_t most = drawing->options->where.count == 0 ? NS_CURVES_MOST : aggregate->n_curves,
		     n_shown = ns_curves_choose(aggregate, most, shown.is_shown);
	struct ns_figure_text own = *text;
	char settings[2048], caption[NS_FIGURE_CAPTION_LENGTH], of[64];
	if (n_shown < aggregate->n_curves) {
		ns_grouped_words(aggregate->n_curves, of, sizeof of);
		snprintf(settings, sizeof settings, "note = \"%zu of %s curves, evenly over the grid\"\n%s", n_shown, of,
			text->settings != NULL ? text->settings : "");
		snprintf(caption, sizeof caption, "%s %zu of %s curves are shown, spread evenly over the grid.", text->caption,
			n_shown, of);
		own.settings = settings;
		own.caption = caption;
		own.shown = points;
		ns_values_shown(drawing, aggregate, shown.is_shown, points);
	}
	const enum ns_status status = ns_figure_make(drawing, &own, print_table, &shown, error);
	ns_free(shown.is_shown);
	ns_free(points);
	return status;
}

void ns_print_number(FILE *out, double value)
{
	if (isnan(value))
		fputs(" nan", out); /* without the sign that some have */
	else
		fprintf(out, " %.10g", value);
}
