#include "page.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/flight.h>
#include <nodescale/memory.h>

enum { MOST_ROWS = 10000 }; /* of a table: the page's size stays bounded */

static const struct ns_html_column outcome_columns[NS_OUTCOME_COUNT] = {
	[NS_OUTCOME_TRAIN_RISK] = {"train risk", "target²", false},
	[NS_OUTCOME_TEST_RISK] = {"test risk", "target²", false},
	[NS_OUTCOME_BEST_TEST_RISK] = {"best test risk", "target²", false},
	[NS_OUTCOME_BEST_STEP] = {"at step", NULL, false},
	[NS_OUTCOME_DRIFT] = {"kernel drift", "‖Θ<sub><i>T</i></sub> − Θ<sub>0</sub>‖<sub>2</sub>", false},
	[NS_OUTCOME_RELATIVE_DRIFT] = {"relative drift", "Frobenius norm", false},
	[NS_OUTCOME_MIN_EIG] = {"least eigenvalue", "of Θ<sub><i>T</i></sub>", false},
	[NS_OUTCOME_WEIGHT_DELTA] = {"weight change",
		"max<sub><i>j</i></sub> ‖<i>w</i><sub><i>j</i></sub> − "
		"<i>w</i><sub><i>j</i></sub>(0)‖",
		false},
};

/* Whether any run has the outcome: without test samples there is no test risk. */
static bool is_there(const struct ns_page *page, int outcome)
{
	for (size_t c = 0; c < page->configurations.n_curves; c++)
		if (page->configurations.curves[c].n[outcome] > 0)
			return true;
	return false;
}

static bool has_results(const struct ns_page *page)
{
	return page->n_by_status[NS_POINT_DONE] > 0;
}

/* Appends the outcomes' columns that are there. */
static size_t add_outcomes(const struct ns_page *page, struct ns_html_column *columns, size_t n)
{
	for (int o = 0; o < NS_OUTCOME_COUNT; o++)
		if (is_there(page, o))
			columns[n++] = outcome_columns[o];
	return n;
}

static void write_rest(FILE *out, size_t n, const char *what)
{
	if (n <= MOST_ROWS)
		return;
	fputs("<p>The first ", out);
	ns_html_count(out, MOST_ROWS);
	fputs(" of ", out);
	ns_html_count(out, n);
	fprintf(out, " %s; <code>nodescale export</code> writes all.</p>\n", what);
}

/* --- mean and std per configuration --- */

static void write_configuration(const struct ns_page *page, FILE *out, const struct ns_curve *configuration)
{
	ns_page_write_keys(page, out, configuration->gamma, configuration->alpha, configuration->m);
	ns_page_write_runs(out, configuration);
	for (int o = 0; o < NS_OUTCOME_COUNT; o++) {
		if (!is_there(page, o))
			continue;
		fputs("<td>", out);
		if (o != NS_OUTCOME_BEST_STEP || configuration->n[o] == 0) {
			ns_html_spread(out, configuration->mean[o], configuration->std[o], configuration->n[o]);
			continue;
		}
		ns_html_count(out, (uint64_t)llround(configuration->mean[o]));
		if (configuration->n[o] > 1) {
			fputs(" <i>± ", out);
			ns_html_count(out, (uint64_t)llround(configuration->std[o]));
			fputs("</i>", out);
		}
	}
	fputc('\n', out);
}

static enum ns_status write_configurations(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	struct ns_html_column columns[4 + NS_OUTCOME_COUNT];
	size_t n = ns_page_add_keys(page, columns);
	columns[n++] = (struct ns_html_column){"runs", NULL, false};
	n = add_outcomes(page, columns, n);
	const struct ns_aggregate *all = &page->configurations;
	fputs("<p>Mean ± standard deviation over the runs that are done (divided by <i>n</i>, not <i>n</i> − 1), after the last "
	      "step "
	      "where nothing else is said. The best test risk is the least of each run's recorded steps.</p>\n",
		out);
	ns_html_table_open(out, "Outcome per configuration, from lazy to feature learning", columns, n, all->n_curves);
	for (size_t c = 0; c < all->n_curves && c < MOST_ROWS; c++)
		write_configuration(page, out, &all->curves[c]);
	ns_html_table_close(out);
	write_rest(out, all->n_curves, "configurations");
	return NS_OK;
}

/* --- every point --- */

static bool has_verdicts(const struct ns_page *page)
{
	return page->bounds.n_rows > 0 && !isnan(page->bounds.theory.all.kappa);
}

static size_t add_verdicts(const struct ns_page *page, struct ns_html_column *columns, size_t n)
{
	if (!has_verdicts(page))
		return n;
	columns[n++] = (struct ns_html_column){"start", "bound", true};
	columns[n++] = (struct ns_html_column){"trajectory", "bound", true};
	columns[n++] = (struct ns_html_column){"decay", "bound", true};
	return n;
}

static void write_verdicts(const struct ns_page *page, FILE *out, size_t p)
{
	if (!has_verdicts(page))
		return;
	const struct ns_theory_check *check = &page->bounds.rows[p].check;
	const struct ns_bound_check *const checks[] = {&check->start, &check->trajectory, &check->decay};
	for (size_t c = 0; c < sizeof checks / sizeof *checks; c++) {
		if (checks[c]->verdict == NS_BOUND_VIOLATED) {
			fputs("<td class=t>violated at ", out);
			ns_html_count(out, checks[c]->violated_at);
		} else {
			fprintf(out, "<td class=t>%s", checks[c]->verdict == NS_BOUND_HOLDS ? "holds" : "–");
		}
	}
}

static void write_point(const struct ns_page *page, FILE *out, size_t p, const bool *shown)
{
	const struct ns_point *point = &ns_reader_points(page->reader)[p];
	const uint8_t status = ns_reader_status(page->reader)[p];
	ns_page_write_keys(page, out, point->gamma, ns_alpha_of(point), point->m);
	fprintf(out, "<td>%" PRIu64 "<td class=t>%s<td>", point->seed, ns_point_status_names[status]);
	ns_html_count(out, page->steps_done[p]);
	for (int o = 0; o < NS_OUTCOME_COUNT; o++) {
		const double value = page->outcomes[p * NS_OUTCOME_COUNT + (size_t)o];
		if (!shown[o])
			continue;
		fputs("<td>", out);
		if (o == NS_OUTCOME_BEST_STEP && isfinite(value))
			ns_html_count(out, (uint64_t)value);
		else
			ns_html_number(out, value);
	}
	write_verdicts(page, out, p);
	fputc('\n', out);
}

static enum ns_status write_all_points(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	enum { LONG = 300 }; /* rows that paper need not bear */
	struct ns_html_column columns[9 + NS_OUTCOME_COUNT];
	size_t n = ns_page_add_keys(page, columns);
	columns[n++] = (struct ns_html_column){"seed", NULL, false};
	columns[n++] = (struct ns_html_column){"status", NULL, true};
	columns[n++] = (struct ns_html_column){"steps", NULL, false};
	n = add_outcomes(page, columns, n);
	n = add_verdicts(page, columns, n);
	bool shown[NS_OUTCOME_COUNT];
	for (int o = 0; o < NS_OUTCOME_COUNT; o++)
		shown[o] = is_there(page, o);
	fprintf(out, "<details%s><summary>Table of ", page->n_points > LONG ? " class=\"long\"" : "");
	ns_html_count(out, page->n_points);
	fputs(" points</summary>\n", out);
	ns_html_table_open(out, "Every point, in the order of the file", columns, n, page->n_points);
	for (size_t p = 0; p < page->n_points && p < MOST_ROWS; p++)
		write_point(page, out, p, shown);
	ns_html_table_close(out);
	write_rest(out, page->n_points, "points");
	fputs("</details>\n", out);
	return NS_OK;
}

const struct ns_page_section ns_section_configurations = {"configurations", "Results", has_results, write_configurations};
const struct ns_page_section ns_section_points = {"points", "All points", NULL, write_all_points};
