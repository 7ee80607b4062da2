/* Pieces of HTML5. Everything that does not come from the program's own text goes through ns_html_text. */
#ifndef NODESCALE_ANALYSIS_HTML_H
#define NODESCALE_ANALYSIS_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text as content of an element or of a quoted attribute. What HTML cannot hold (control characters, broken UTF-8, noncharacters)
 * becomes U+FFFD. */
void ns_html_text(FILE *out, const char *text);

/* 50 000: groups of three digits, narrow no-break spaces between them. */
void ns_html_count(FILE *out, uint64_t number);

/* A parameter as people write it: 0.3, 2000, 1e-5; a dash for NaN. */
void ns_html_value(FILE *out, double value);

/* A measured number with four significant digits: 0.1230, 1.234e-5; a dash for NaN. */
void ns_html_number(FILE *out, double value);

/* With so many decimal places; a dash for NaN. */
void ns_html_fixed(FILE *out, double value, int decimals);

/* mean +- std over n runs, std with two digits at most, none beyond the mean's; without a std where there is one run, a dash
 * where there is none.
 */
void ns_html_spread(FILE *out, double mean, double std, size_t n);

struct ns_html_column {
	const char *head;  /* HTML */
	const char *under; /* second line of the head, HTML: a unit; NULL: none */
	bool is_text;      /* left-aligned */
};

/* A table in a box of its own that scrolls where it is wider or longer than its place; caption is HTML. Its head sorts where
 * scripts run. Between open and close stand about n_rows rows: <tr><td>..<td class="t">..: t for text; end tags may be left out.
 */
void ns_html_table_open(FILE *out, const char *caption, const struct ns_html_column *columns, size_t n_columns, size_t n_rows);
void ns_html_table_close(FILE *out);

#endif
