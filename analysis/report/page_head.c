#include "page.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/memory.h>

/* What the page opens with, each the extreme of the configurations' means. */
static const struct tile {
	const char *title;
	enum ns_outcome outcome;
	bool is_range; /* least and most, instead of the least alone */
} tiles[] = {
	{"Lowest test risk", NS_OUTCOME_BEST_TEST_RISK, false},
	{"Lowest final training risk", NS_OUTCOME_TRAIN_RISK, false},
	{"Relative drift of the kernel", NS_OUTCOME_RELATIVE_DRIFT, true},
	{"Smallest kernel eigenvalue", NS_OUTCOME_MIN_EIG, false},
};
enum { TILES = sizeof tiles / sizeof *tiles };

static void write_word(FILE *out, uint64_t n, const char *word)
{
	ns_html_count(out, n);
	fprintf(out, " %s%s", word, n == 1 ? "" : "s");
}

static void write_widths(const struct ns_page *page, FILE *out)
{
	uint64_t least = UINT64_MAX, most = 0;
	for (size_t c = 0; c < page->configurations.n_curves; c++) {
		const uint64_t m = page->configurations.curves[c].m;
		least = m < least ? m : least;
		most = m > most ? m : most;
	}
	fprintf(out, ", <i>m</i>&nbsp;=&nbsp;");
	ns_html_count(out, least);
	if (most > least) {
		fputs("&nbsp;to&nbsp;", out);
		ns_html_count(out, most);
	}
}

/* 20 networks: 4 configurations × 5 seeds, m = 2 000, each trained for 50 000 steps of full-batch gradient descent. */
static void write_lead(const struct ns_page *page, FILE *out)
{
	const struct ns_aggregate *configurations = &page->configurations;
	bool even = configurations->n_curves > 0;
	for (size_t c = 1; c < configurations->n_curves; c++)
		even = even && configurations->curves[c].n_points == configurations->curves[0].n_points;
	fputs("<p class=\"lead\">", out);
	write_word(out, page->n_points, "network");
	if (page->n_points > 0) {
		fputs(": ", out);
		write_word(out, configurations->n_curves, "configuration");
		if (even) {
			fputs(" × ", out);
			write_word(out, configurations->curves[0].n_points, "seed");
		}
		write_widths(page, out);
	}
	fputs(", each trained for ", out);
	write_word(out, ns_reader_experiment(page->reader)->steps, "step");
	fputs(" of full-batch gradient descent.</p>\n", out);
}

/* Index of the configuration with the least (sign 1) or the most (-1) of an outcome; n_curves if none has any. */
static size_t extreme(const struct ns_aggregate *configurations, enum ns_outcome outcome, int sign)
{
	size_t best = configurations->n_curves;
	for (size_t c = 0; c < configurations->n_curves; c++) {
		const double mean = configurations->curves[c].mean[outcome];
		if (isfinite(mean) &&
			(best == configurations->n_curves || sign * mean < sign * configurations->curves[best].mean[outcome]))
			best = c;
	}
	return best;
}

static void write_place(const struct ns_page *page, FILE *out, const char *what, const struct ns_curve *configuration)
{
	fprintf(out, "%sat ", what);
	ns_page_write_configuration(page, out, configuration);
}

static void write_tile(const struct ns_page *page, FILE *out, const struct tile *tile)
{
	const struct ns_aggregate *all = &page->configurations;
	const size_t least = extreme(all, tile->outcome, 1), most = extreme(all, tile->outcome, -1);
	if (least == all->n_curves)
		return;
	const struct ns_curve *low = &all->curves[least], *high = &all->curves[most];
	fprintf(out, "<li>%s <b>", tile->title);
	if (tile->is_range && least != most) {
		ns_html_number(out, low->mean[tile->outcome]);
		fputs(" <span>to</span> ", out);
		ns_html_number(out, high->mean[tile->outcome]);
		fputs("</b> ", out);
		write_place(page, out, "least ", low);
		write_place(page, out, ", most ", high);
	} else {
		ns_html_spread(out, low->mean[tile->outcome], low->std[tile->outcome], low->n[tile->outcome]);
		fputs("</b> ", out);
		write_place(page, out, "", low);
	}
	if (tile->outcome == NS_OUTCOME_BEST_TEST_RISK && isfinite(low->mean[NS_OUTCOME_BEST_STEP])) {
		fputs(", step ", out);
		ns_html_count(out, (uint64_t)llround(low->mean[NS_OUTCOME_BEST_STEP]));
	}
	fputs("</li>\n", out);
}

static void write_verdict(const struct ns_page *page, FILE *out)
{
	const size_t n_done = page->n_by_status[NS_POINT_DONE];
	const bool all = n_done == page->n_points && n_done > 0;
	fprintf(out, "<p class=\"verdict %s\">", all ? "good" : "open");
	if (all) {
		fputs(n_done == 1 ? "The point is done." : "All ", out);
		if (n_done > 1) {
			write_word(out, n_done, "point");
			fputs(" are done.", out);
		}
	} else if (n_done == 0) {
		fputs("No point is finished: there is nothing to draw or to tabulate yet.", out);
	} else {
		ns_html_count(out, n_done);
		fputs(" of ", out);
		write_word(out, page->n_points, "point");
		fputs(" are done", out);
		for (int s = 0; s <= NS_POINT_CRASHED; s++) {
			static const char *const words[] = {"missing", "", "diverged", "crashed"};
			if (s == NS_POINT_DONE || page->n_by_status[s] == 0)
				continue;
			fputs(", ", out);
			ns_html_count(out, page->n_by_status[s]);
			fprintf(out, " %s", words[s]);
		}
		fputs(".", out);
	}
	fputs("</p>\n", out);
}

void ns_page_write_head(const struct ns_page *page, FILE *out)
{
	fputs("<header>\n<p class=\"kind\">nodescale report</p>\n<h1>", out);
	ns_html_text(out, ns_reader_spec_name(page->reader));
	fputs("</h1>\n", out);
	write_lead(page, out);
	write_verdict(page, out);
	if (page->n_by_status[NS_POINT_DONE] > 0) {
		fputs("<ul class=\"tiles\">\n", out);
		for (int t = 0; t < TILES; t++)
			write_tile(page, out, &tiles[t]);
		fputs("</ul>\n", out);
	}
	fputs("</header>\n", out);
}
