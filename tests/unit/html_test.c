/* What a page is made of: escaping, numbers, drawings whose ids cannot clash. */
#include "../../analysis/report/html.h"
#include "../../analysis/report/svg.h"
#include "test.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs a piece of code that writes to `out` and compares what it wrote. */
#define EXPECT(expected, write)                                                                                                  \
	do {                                                                                                                     \
		char *text;                                                                                                      \
		size_t length;                                                                                                   \
		FILE *out = open_memstream(&text, &length);                                                                      \
		write;                                                                                                           \
		fclose(out);                                                                                                     \
		assert_string_equal(text, expected);                                                                             \
		free(text);                                                                                                      \
	} while (0)

static void markup_in_text_is_text(void **state)
{
	EXPECT("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt; &amp;amp; &lt;/b&gt;", ns_html_text(out, "<b a=\"1\" c='2'> &amp; </b>"));
	EXPECT("γ ≤ 1, \U0001d53c\tx\ny", ns_html_text(out, "γ ≤ 1, \U0001d53c\tx\ny"));
	EXPECT("", ns_html_text(out, ""));
}

/* Each broken byte is replaced, and what follows is read afresh: < must not hide behind a lead byte. */
static void what_html_cannot_hold_is_replaced(void **state)
{
	EXPECT("a\ufffdb\ufffd", ns_html_text(out, "a\001b\x7f"));
	EXPECT("\ufffd&lt;", ns_html_text(out, "\xc3<"));
	EXPECT("\ufffd\ufffd&lt;", ns_html_text(out, "\xe2\x82<"));
	EXPECT("\ufffd\ufffd", ns_html_text(out, "\xc0\xbc"));                     /* overlong < */
	EXPECT("\ufffd\ufffd\ufffd", ns_html_text(out, "\xed\xa0\x80"));           /* surrogate */
	EXPECT("\ufffd\ufffd\ufffd\ufffd", ns_html_text(out, "\xf4\x90\x80\x80")); /* above U+10FFFF */
	EXPECT("\ufffd", ns_html_text(out, "\xc2\x80"));                           /* C1 control */
	EXPECT("\ufffd", ns_html_text(out, "\xef\xbf\xbf"));                       /* noncharacter */
	EXPECT("\ufffd", ns_html_text(out, "\xf0"));                               /* cut off at the end */
}

static void numbers_are_written_for_people(void **state)
{
	EXPECT("7", ns_html_count(out, 7));
	EXPECT("1\u202f000\u202f020", ns_html_count(out, 1000020));
	EXPECT("18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615", ns_html_count(out, UINT64_MAX));
	EXPECT("0.3", ns_html_value(out, 0.1 + 0.2));
	EXPECT("1e\u22125", ns_html_value(out, 1e-5));
	EXPECT("\u2013", ns_html_value(out, NAN));
	EXPECT("0.1230", ns_html_number(out, 0.123));
	EXPECT("10.00", ns_html_number(out, 9.99996));
	EXPECT("\u22120.001000", ns_html_number(out, -0.001));
	EXPECT("9.990e\u22124", ns_html_number(out, 0.000999));
	EXPECT("12346", ns_html_number(out, 12345.6));
	EXPECT("1.235e5", ns_html_number(out, 123456));
	EXPECT("0", ns_html_number(out, 0));
	EXPECT("0.000", ns_html_fixed(out, -0.0004, 3));
	EXPECT("\u22120.001", ns_html_fixed(out, -0.0006, 3));
	EXPECT("\u2013", ns_html_fixed(out, NAN, 3));
	EXPECT("\u2212∞", ns_html_number(out, -INFINITY));
}

static void spread_has_the_decimals_of_the_mean(void **state)
{
	EXPECT("0.1234 <i>± 0.010</i>", ns_html_spread(out, 0.1234, 0.01, 5));
	EXPECT("0.1234 <i>± 1.0e\u22126</i>", ns_html_spread(out, 0.1234, 1e-6, 5));
	EXPECT("1.234e\u22127 <i>± 1.2e\u22128</i>", ns_html_spread(out, 1.234e-7, 1.2e-8, 2));
	EXPECT("0.1234 <i>± 0.0004</i>", ns_html_spread(out, 0.1234, 4e-4, 5));
	EXPECT("0.001234 <i>± 0.000057</i>", ns_html_spread(out, 0.001234, 5.67e-5, 5));
	EXPECT("0.1234 <i>± 1.2e6</i>", ns_html_spread(out, 0.1234, 1234567, 5));
	EXPECT("0.004064 <i>± 0.00065</i>", ns_html_spread(out, 0.004064, 6.53e-4, 5));
	EXPECT("2000 <i>± 13</i>", ns_html_spread(out, 2000, 13.4, 5));
	EXPECT("0 <i>± 0.010</i>", ns_html_spread(out, 0, 0.01, 5));
	EXPECT("0.1234 <i>± 0</i>", ns_html_spread(out, 0.1234, 0, 2));
	EXPECT("0.1234", ns_html_spread(out, 0.1234, 0, 1));
	EXPECT("\u2013", ns_html_spread(out, NAN, NAN, 0));
}

static const char drawing[] =
	"<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC 'a' 'b'>\n"
	"<svg \n viewBox=\"0 0 4 3\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n\n"
	"<title>Gnuplot</title><desc>x</desc><!-- <g id='no'> -->\n<metadata><a id='m'/></metadata><script>alert(1)</script>\n"
	"<g id=\"plot\"><title>γ &lt; 1</title><rect id='Pt' style='clip-path:url(#clip);fill:url(#fill)' a='say \"x\"'/>\n"
	"<use xlink:href='#Pt' x='1'\n y='2'/></g>\n</svg>\n";

static void drawing_becomes_part_of_the_page(void **state)
{
	struct ns_error error;
	EXPECT("<svg role=\"img\" aria-label=\"a &lt; b\" viewBox=\"0 0 4 3\">\n\n\n"
	       "<g id=\"one-plot\"><title>γ &lt; 1</title><rect id=\"one-Pt\" "
	       "style=\"clip-path:url(#one-clip);fill:url(#one-fill)\" a=\"say &quot;x&quot;\"/>\n"
	       "<use href=\"#one-Pt\" x=\"1\" y=\"2\"/></g>\n</svg>",
		assert_int_equal(ns_svg_inline(out, drawing, "one", "a < b", &error), NS_OK));
}

/* The same drawing cut anywhere, and what is no drawing at all. */
static void broken_drawings_are_refused(void **state)
{
	char cut[sizeof drawing];
	struct ns_error error;
	const size_t end = strlen(drawing) - 1;
	for (size_t length = 0; length < end; length++) {
		char *text;
		size_t written;
		FILE *out = open_memstream(&text, &written);
		memcpy(cut, drawing, length);
		cut[length] = 0;
		assert_int_equal(ns_svg_inline(out, cut, "p", "label", &error), NS_FAILED);
		fclose(out);
		free(text);
	}
	EXPECT("", assert_int_equal(ns_svg_inline(out, "<html></html>", "p", "l", &error), NS_FAILED));
	EXPECT("<svg role=\"img\" aria-label=\"l\"",
		assert_int_equal(ns_svg_inline(out, "<svg a></svg>", "p", "l", &error), NS_FAILED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_in_text_is_text),
		cmocka_unit_test(what_html_cannot_hold_is_replaced),
		cmocka_unit_test(numbers_are_written_for_people),
		cmocka_unit_test(spread_has_the_decimals_of_the_mean),
		cmocka_unit_test(drawing_becomes_part_of_the_page),
		cmocka_unit_test(broken_drawings_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
