/* The convergence theorem held against the runs, and the exponents of drift in the width. */
#include "page.h"
#include <math.h>
#include <nodescale/exponent.h>
#include <nodescale/memory.h>

enum { BOUNDS = 3, MOST_ROWS = 10000 };

static const struct ns_bound_check *check_of(const struct ns_theory_check *check, int bound)
{
	const struct ns_bound_check *const checks[BOUNDS] = {&check->start, &check->trajectory, &check->decay};
	return checks[bound];
}

/* --- the bounds, per configuration --- */

struct tally {
	size_t n_wide_enough, n_verdicts[BOUNDS][NS_VERDICT_COUNT];
	uint64_t first_violation;             /* UINT64_MAX: none */
	double worst_eigenvalue, worst_decay; /* NaN: none */
};

static bool is_of(const struct ns_point *point, const struct ns_curve *configuration)
{
	return point->gamma == configuration->gamma && point->m == configuration->m &&
	       (isnan(configuration->alpha) || point->alpha == configuration->alpha);
}

static struct tally count(const struct ns_bounds *bounds, const struct ns_curve *configuration)
{
	struct tally tally = {.first_violation = UINT64_MAX, .worst_eigenvalue = NAN, .worst_decay = NAN};
	for (size_t p = 0; p < bounds->n_rows; p++) {
		const struct ns_bounds_row *row = &bounds->rows[p];
		if (!is_of(&row->point, configuration))
			continue;
		tally.n_wide_enough += row->wide_enough;
		for (int b = 0; b < BOUNDS; b++) {
			const struct ns_bound_check *check = check_of(&row->check, b);
			tally.n_verdicts[b][check->verdict]++;
			if (check->verdict == NS_BOUND_VIOLATED && check->violated_at < tally.first_violation)
				tally.first_violation = check->violated_at;
		}
		tally.worst_eigenvalue = fmin(tally.worst_eigenvalue, row->check.trajectory.worst); /* NaN loses */
		tally.worst_decay = fmax(tally.worst_decay, row->check.decay.worst);
	}
	return tally;
}

/* 5 of 5: runs that keep to the bound, of those that are judged. */
static void write_held(FILE *out, const size_t n_verdicts[NS_VERDICT_COUNT])
{
	const size_t holds = n_verdicts[NS_BOUND_HOLDS], judged = holds + n_verdicts[NS_BOUND_VIOLATED];
	if (judged == 0) {
		fputs("<td>–", out);
		return;
	}
	fprintf(out, "<td%s>", holds < judged ? " class=\"bad\"" : "");
	ns_html_count(out, holds);
	fputs(" <i>of ", out);
	ns_html_count(out, judged);
	fputs("</i>", out);
}

static void write_configuration(const struct ns_page *page, FILE *out, const struct ns_curve *configuration)
{
	const struct tally tally = count(&page->bounds, configuration);
	ns_page_write_keys(page, out, configuration->gamma, configuration->alpha, configuration->m);
	fprintf(out, "<td class=\"t\">%s", tally.n_wide_enough > 0 ? "yes" : "no");
	for (int b = 0; b < BOUNDS; b++)
		write_held(out, tally.n_verdicts[b]);
	fputs("<td>", out);
	ns_html_number(out, tally.worst_eigenvalue);
	fputs("<td>", out);
	ns_html_number(out, tally.worst_decay);
	fputs("<td>", out);
	if (tally.first_violation < UINT64_MAX)
		ns_html_count(out, tally.first_violation);
	else
		fputs("–", out);
	fputc('\n', out);
}

static void write_kernel(FILE *out, const struct ns_limit_kernel *kernel, const char *of)
{
	fprintf(out, "<dt>κ of the %s</dt><dd>", of);
	ns_html_number(out, kernel->kappa);
	if (kernel->kappa <= kernel->resolution) {
		fputs(", which may be 0: rounding alone makes ", out);
		ns_html_number(out, kernel->resolution);
	}
	if (isfinite(kernel->width)) {
		fputs("; the first condition asks for <i>m</i> ≥ ", out);
		ns_html_count(out, (uint64_t)ceil(kernel->width));
	}
	fputs("</dd>\n", out);
}

static void write_facts(FILE *out, const struct ns_theory *theory)
{
	const char *reservation = ns_theory_reservation(theory);
	fputs("<p>For γ &gt; 0 the theorem of <a href=\"https://arxiv.org/abs/2302.01002\">arXiv 2302.01002</a> has three "
	      "consequences that runs can be held against: at the <b>start</b> the smallest eigenvalue of Θ is at least γκ/2, "
	      "with "
	      "probability ",
		out);
	ns_html_value(out, 1 - theory->delta);
	fputs(" once <i>m</i> meets the first condition; along the <b>trajectory</b> it stays at least γκ/4; and the "
	      "<b>decay</b> of the training risk is at least exp(−γκτ/2). The last two need further conditions on <i>m</i>: that "
	      "they hold in a run is a finding, not a consequence.</p>\n<dl class=\"facts\">\n",
		out);
	write_kernel(out, &theory->all, "training samples");
	if (theory->probes.n < theory->all.n)
		write_kernel(out, &theory->probes, "probes");
	fputs("<dt>time</dt><dd>τ = ", out);
	ns_html_number(out, theory->time_per_step);
	fputs(" a step</dd>\n", out);
	if (reservation != NULL) {
		fputs("<dt>no guarantee of the start</dt><dd>", out);
		ns_html_text(out, reservation);
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
}

static enum ns_status write_bounds(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	struct ns_html_column columns[10];
	const struct ns_aggregate *all = &page->configurations;
	size_t n = ns_page_add_keys(page, columns);
	columns[n++] = (struct ns_html_column){"wide enough", "first condition", true};
	columns[n++] = (struct ns_html_column){"start", "runs that hold", false};
	columns[n++] = (struct ns_html_column){"trajectory", "runs that hold", false};
	columns[n++] = (struct ns_html_column){"decay", "runs that hold", false};
	columns[n++] = (struct ns_html_column){"worst eigenvalue", "over γκ/4", false};
	columns[n++] = (struct ns_html_column){"worst risk", "over its bound", false};
	columns[n++] = (struct ns_html_column){"violated at", "first step", false};
	write_facts(out, &page->bounds.theory);
	ns_html_table_open(out, "Runs that keep to the bounds, per configuration; a dash where nothing is guaranteed", columns, n,
		all->n_curves);
	for (size_t c = 0; c < all->n_curves && c < MOST_ROWS; c++)
		write_configuration(page, out, &all->curves[c]);
	ns_html_table_close(out);
	fputs("<p>The table of all points has the verdicts on each.</p>\n", out);
	return NS_OK;
}

/* --- exponents --- */

static void write_slope(FILE *out, const struct ns_slope *slope)
{
	fputs("<td>", out);
	ns_html_fixed(out, slope->exponent, 3);
	fputs(" <i>[", out);
	ns_html_fixed(out, slope->low, 3);
	fputs(", ", out);
	ns_html_fixed(out, slope->high, 3);
	fputs("]</i>", out);
}

static void write_exponent_table(FILE *out, const struct ns_exponents *exponents)
{
	static const struct ns_html_column columns[] = {{"γ", NULL, false}, {"α", NULL, false}, {"all widths", "b [95 %]", false},
		{"their upper half", "b [95 %]", false}, {"runs", NULL, false}, {"regime", "by the upper half", true}};
	char caption[200];
	snprintf(caption, sizeof caption, "<code>%s</code> ~ <i>m</i><sup><i>b</i></sup> at the last step",
		ns_quantities[exponents->quantity].name);
	ns_html_table_open(out, caption, columns, sizeof columns / sizeof *columns, exponents->n);
	for (size_t e = 0; e < exponents->n && e < MOST_ROWS; e++) {
		const struct ns_exponent *row = &exponents->rows[e];
		fputs("<tr><td>", out);
		ns_html_value(out, row->gamma);
		fputs("<td>", out);
		ns_html_value(out, row->alpha);
		write_slope(out, &row->all);
		write_slope(out, &row->large);
		fputs("<td>", out);
		ns_html_count(out, row->all.n_runs);
		fprintf(out, "<td class=\"t\">%s\n", ns_regime_names[row->regime]);
	}
	ns_html_table_close(out);
}

static enum ns_status write_exponents(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	size_t n_written = 0;
	fputs("<p>The exponent <i>b</i> of drift in the width, for every (γ, α) with three widths or more: −1/2 or below is "
	      "lazy, 0 is "
	      "feature learning. Intervals of 95 % come from resampling seeds.</p>\n",
		out);
	for (int q = 0; q < NS_EXPONENT_QUANTITIES; q++) {
		struct ns_exponents exponents;
		const enum ns_status status = ns_exponents_read(&exponents, page->reader, ns_exponent_quantities[q], NULL, error);
		if (status != NS_OK)
			return status;
		if (exponents.n > 0)
			write_exponent_table(out, &exponents);
		n_written += exponents.n;
		ns_exponents_finish(&exponents);
	}
	if (n_written == 0)
		fputs("<p>No (γ, α) has finished runs at three widths.</p>\n", out);
	return NS_OK;
}

static bool has_bounds(const struct ns_page *page)
{
	return page->n_by_status[NS_POINT_DONE] > 0 && !isnan(page->bounds.theory.all.kappa);
}

static bool has_widths(const struct ns_page *page)
{
	size_t n = 0;
	ns_free(ns_page_values(page, ns_m_of, &n));
	return page->n_by_status[NS_POINT_DONE] > 0 && n >= NS_EXPONENT_WIDTHS;
}

const struct ns_page_section ns_section_theory = {"theory", "The theorem", has_bounds, write_bounds};
const struct ns_page_section ns_section_exponents = {"exponents", "Exponents in the width", has_widths, write_exponents};
