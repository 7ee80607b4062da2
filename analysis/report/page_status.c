#include "page.h"
#include <inttypes.h>
#include <nodescale/flight.h>

enum { LISTED = 500 }; /* of the points that failed, and of those that are missing: the page's size stays bounded */

static void write_counts(const struct ns_page *page, FILE *out)
{
	static const struct {
		enum ns_point_status status;
		const char *meaning;
	} rows[] = {{NS_POINT_DONE, "trained to the last step"}, {NS_POINT_DIVERGED, "the risk ceased to be finite"},
		{NS_POINT_CRASHED, "set aside: in flight when the program died, twice"}, {NS_POINT_MISSING, "not trained yet"}};
	fputs("<div class=\"bar\" aria-hidden=\"true\">", out);
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
		if (page->n_by_status[rows[r].status] > 0)
			fprintf(out, "<span class=\"%s\" style=\"flex-grow:%zu\"></span>", ns_point_status_names[rows[r].status],
				page->n_by_status[rows[r].status]);
	fputs("</div>\n<ul class=\"counts\">\n", out);
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		fprintf(out, "<li class=\"%s\"><b>", ns_point_status_names[rows[r].status]);
		ns_html_count(out, page->n_by_status[rows[r].status]);
		fprintf(out, "</b> %s <small>%s</small></li>\n", ns_point_status_names[rows[r].status], rows[r].meaning);
	}
	fputs("</ul>\n", out);
}

static void write_fate(const struct ns_page *page, FILE *out, size_t p)
{
	const uint8_t byte = ns_reader_status_bytes(page->reader)[p];
	switch ((enum ns_point_status)ns_reader_status(page->reader)[p]) {
	case NS_POINT_DIVERGED:
		fputs("diverged at step ", out);
		ns_html_count(out, page->steps_done[p]);
		break;
	case NS_POINT_CRASHED:
		fputs("crashed", out);
		break;
	default:
		fputs(ns_point_is_in_flight((enum ns_point_status)byte) ? "in flight"
			: byte == NS_POINT_INTERRUPTED                  ? "interrupted once"
									: "missing",
			out);
	}
}

static bool is_failure(uint8_t status)
{
	return status == NS_POINT_DIVERGED || status == NS_POINT_CRASHED;
}

static bool is_missing(uint8_t status)
{
	return !is_failure(status) && status != NS_POINT_DONE;
}

static void write_points(const struct ns_page *page, FILE *out, const char *caption, size_t count, bool (*wanted)(uint8_t status))
{
	static const struct ns_html_column columns[] = {{"γ", NULL, false}, {"α", NULL, false}, {"<i>m</i>", NULL, false},
		{"seed", NULL, false}, {"what happened", NULL, true}};
	ns_html_table_open(out, caption, columns, sizeof columns / sizeof *columns, count);
	for (size_t p = 0, listed = 0; p < page->n_points && listed < LISTED; p++) {
		const struct ns_point *point = &ns_reader_points(page->reader)[p];
		if (!wanted(ns_reader_status(page->reader)[p]))
			continue;
		fputs("<tr><td>", out);
		ns_html_value(out, point->gamma);
		fputs("<td>", out);
		ns_html_value(out, ns_alpha_of(point));
		fputs("<td>", out);
		ns_html_count(out, point->m);
		fprintf(out, "<td>%" PRIu64 "<td class=\"t\">", point->seed);
		write_fate(page, out, p);
		fputc('\n', out);
		listed++;
	}
	ns_html_table_close(out);
	if (count > LISTED) {
		fputs("<p>The first ", out);
		ns_html_count(out, LISTED);
		fputs(" of ", out);
		ns_html_count(out, count);
		fputs("; <code>nodescale status</code> and <code>nodescale export</code> list all.</p>\n", out);
	}
}

static enum ns_status write_status(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	const size_t n_missing = page->n_by_status[NS_POINT_MISSING];
	const size_t n_failed = page->n_by_status[NS_POINT_DIVERGED] + page->n_by_status[NS_POINT_CRASHED];
	write_counts(page, out);
	if (n_failed > 0) {
		write_points(page, out, "Points that failed", n_failed, is_failure);
		fputs("<p>Of a point that has diverged nothing is averaged, here and in the figures. <code>nodescale run</code> "
		      "with "
		      "<code>--retry diverged</code> or <code>--retry crashed</code> trains such points again.</p>\n",
			out);
	}
	if (n_missing > 0) {
		fputs("<details><summary>Points that are missing</summary>\n", out);
		write_points(
			page, out, "Missing: <code>nodescale run</code> with the spec goes on with them", n_missing, is_missing);
		fputs("</details>\n", out);
	}
	return NS_OK;
}

const struct ns_page_section ns_section_status = {"status", "Status of the points", NULL, write_status};
