/* What the experiments after training have yielded: prune and transfer, at a few of their x. */
#include "page.h"
#include <math.h>
#include <nodescale/followup.h>
#include <nodescale/memory.h>

enum { SHOWN = 5, MOST_ROWS = 10000 };

static const struct shown {
	const char *title, *about;
	size_t x[SHOWN]; /* of the experiment's values; SIZE_MAX: no more */
	const char *heads[SHOWN];
} shown[NS_FOLLOWUP_COUNT] = {
	[NS_PRUNE] = {"Pruned: risk of what is left without the nodes of smallest λ",
		"λ is set to 0 for the nodes of smallest λ first; shares are of <i>m</i>.", {0, 5, 10, 15, 19},
		{"none", "25 %", "50 %", "75 %", "95 %"}},
	[NS_TRANSFER] = {"Transferred: risk of a small network on the features of largest λ",
		"The features √λ<sub><i>j</i></sub> act(<i>z</i><sub><i>j</i></sub>) of the nodes of largest λ are the inputs of "
		"a "
		"small network, trained on one half of the validation samples and tested on the other.",
		{0, 1, 4, 9, SIZE_MAX}, {"10 features", "20 features", "50 features", "100 features", NULL}},
};

static size_t n_computed(const struct ns_page *page, int followup)
{
	struct ns_error ignored; /* whoever reads the results meets it again */
	size_t n = 0;
	if (ns_reader_followup_count(page->reader, (enum ns_followup)followup, &n, &ignored) != NS_OK)
		return 0;
	return n;
}

static bool has_any(const struct ns_page *page)
{
	return n_computed(page, NS_PRUNE) > 0 || n_computed(page, NS_TRANSFER) > 0;
}

/* Points of which nothing has been computed count as missing. */
static enum ns_status aggregate(const struct ns_page *page, enum ns_followup followup, const double *values, uint8_t *states,
	struct ns_aggregate *to, struct ns_error *error)
{
	const size_t length = ns_followups[followup].length;
	for (size_t p = 0; p < page->n_points; p++) {
		bool any = false;
		for (size_t k = 0; k < length; k++)
			any = any || isfinite(values[p * length + k]);
		states[p] = ns_reader_status(page->reader)[p];
		if (states[p] == NS_POINT_DONE && !any)
			states[p] = NS_POINT_MISSING;
	}
	return ns_aggregate_init(to, ns_reader_points(page->reader), states, page->n_points, values, length, error);
}

static void write_table(
	const struct ns_page *page, FILE *out, const struct ns_aggregate *all, const struct shown *what, bool of_test)
{
	struct ns_html_column columns[4 + SHOWN];
	size_t n = ns_page_add_keys(page, columns);
	columns[n++] = (struct ns_html_column){"runs", NULL, false};
	for (size_t s = 0; s < SHOWN && what->x[s] != SIZE_MAX; s++)
		columns[n++] = (struct ns_html_column){what->heads[s], of_test ? "test risk" : "train risk", false};
	ns_html_table_open(out, what->title, columns, n, all->n_curves);
	for (size_t c = 0; c < all->n_curves && c < MOST_ROWS; c++) {
		const struct ns_curve *configuration = &all->curves[c];
		ns_page_write_keys(page, out, configuration->gamma, configuration->alpha, configuration->m);
		ns_page_write_runs(out, configuration);
		for (size_t s = 0; s < SHOWN && what->x[s] != SIZE_MAX; s++) {
			const size_t k = what->x[s];
			fputs("<td>", out);
			ns_html_spread(out, configuration->mean[k], configuration->std[k], configuration->n[k]);
		}
		fputc('\n', out);
	}
	ns_html_table_close(out);
}

static bool has_finite(const double *values, size_t n)
{
	for (size_t v = 0; v < n; v++)
		if (isfinite(values[v]))
			return true;
	return false;
}

static enum ns_status write_followup(const struct ns_page *page, FILE *out, enum ns_followup followup, struct ns_error *error)
{
	const size_t length = ns_followups[followup].length, n = page->n_points;
	double *train = ns_alloc(n, length * sizeof *train), *test = ns_alloc(n, length * sizeof *test);
	uint8_t *states = ns_alloc(n, 1);
	struct ns_aggregate all = {0};
	enum ns_status status = NS_OK;
	if (train == NULL || test == NULL || states == NULL)
		status = ns_error_memory(error, "the risks after training", 16.0 * (double)n * (double)length);
	if (status == NS_OK)
		status = ns_reader_followup(page->reader, followup, train, test, error);
	const bool of_test = status == NS_OK && has_finite(test, n * length);
	if (status == NS_OK)
		status = aggregate(page, followup, of_test ? test : train, states, &all, error);
	if (status == NS_OK) {
		fprintf(out, "<p>%s Computed of ", shown[followup].about);
		ns_html_count(out, n_computed(page, (int)followup));
		fputs(" of ", out);
		ns_html_count(out, page->n_by_status[NS_POINT_DONE]);
		fputs(" points that are done.</p>\n", out);
		write_table(page, out, &all, &shown[followup], of_test);
	}
	ns_aggregate_finish(&all);
	ns_free(train);
	ns_free(test);
	ns_free(states);
	return status;
}

static enum ns_status write_after(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int f = 0; f < NS_FOLLOWUP_COUNT && status == NS_OK; f++)
		if (n_computed(page, f) > 0)
			status = write_followup(page, out, (enum ns_followup)f, error);
	return status;
}

const struct ns_page_section ns_section_after = {"after", "After training", has_any, write_after};
