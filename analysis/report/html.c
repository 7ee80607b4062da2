#include "html.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DASH "\u2013"
#define MINUS "\u2212"

/* Length of the UTF-8 sequence at text and its code point; 0 where there is none (RFC 3629: shortest form, no surrogates). */
static size_t decode(const unsigned char *text, uint32_t *code)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	for (size_t length = 1; length <= 4; length++) {
		if ((*text & forms[length - 1].mask) != forms[length - 1].lead)
			continue;
		*code = (uint32_t)(*text & ~forms[length - 1].mask);
		for (size_t c = 1; c < length; c++) {
			if ((text[c] & 0xc0) != 0x80)
				return 0;
			*code = *code << 6 | (text[c] & 0x3f);
		}
		const bool surrogate = *code >= 0xd800 && *code < 0xe000;
		return *code >= forms[length - 1].least && *code <= 0x10ffff && !surrogate ? length : 0;
	}
	return 0;
}

static bool is_allowed(uint32_t code)
{
	const bool control = (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code < 0xa0);
	const bool noncharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
	return !control && !noncharacter;
}

void ns_html_text(FILE *out, const char *text)
{
	const unsigned char *rest = (const unsigned char *)text;
	while (*rest != 0) {
		uint32_t code = 0;
		const size_t length = decode(rest, &code);
		if (length == 0 || !is_allowed(code))
			fputs("\ufffd", out);
		else if (code == '&')
			fputs("&amp;", out);
		else if (code == '<')
			fputs("&lt;", out);
		else if (code == '>')
			fputs("&gt;", out);
		else if (code == '"')
			fputs("&quot;", out);
		else if (code == '\'')
			fputs("&#39;", out);
		else
			fwrite(rest, 1, length, out);
		rest += length > 0 ? length : 1;
	}
}

void ns_html_count(FILE *out, uint64_t number)
{
	if (number >= 1000) {
		ns_html_count(out, number / 1000);
		fprintf(out, "\u202f%03" PRIu64, number % 1000);
	} else {
		fprintf(out, "%" PRIu64, number);
	}
}

/* printf's digits with a true minus, and an exponent without its plus and leading zeros. */
static void print_digits(FILE *out, const char *digits)
{
	for (; *digits != 0; digits++) {
		fputs(*digits == '-' ? MINUS : (char[]){*digits, 0}, out);
		if (*digits != 'e')
			continue;
		const long exponent = strtol(digits + 1, NULL, 10);
		fprintf(out, "%s%ld", exponent < 0 ? MINUS : "", labs(exponent));
		return;
	}
}

static bool print_special(FILE *out, double value)
{
	if (isnan(value))
		fputs(DASH, out);
	else if (isinf(value))
		fputs(value > 0 ? "∞" : MINUS "∞", out);
	else if (value == 0)
		fputs("0", out);
	else
		return false;
	return true;
}

void ns_html_value(FILE *out, double value)
{
	char digits[32];
	if (print_special(out, value))
		return;
	snprintf(digits, sizeof digits, "%.6g", value);
	print_digits(out, digits);
}

/* Power of ten of the first digit of value as it is rounded to so many significant digits. */
static int exponent_of(double value, int significant)
{
	char digits[32];
	snprintf(digits, sizeof digits, "%.*e", significant - 1, value);
	return (int)strtol(strchr(digits, 'e') + 1, NULL, 10);
}

/* Decimal places that show four significant digits; -1 where it takes an exponent. */
static int decimals_of(double value)
{
	const int exponent = exponent_of(value, 4);
	if (exponent < -3 || exponent > 4)
		return -1;
	return exponent < 3 ? 3 - exponent : 0;
}

void ns_html_number(FILE *out, double value)
{
	char digits[32];
	if (print_special(out, value))
		return;
	const int decimals = decimals_of(value);
	if (decimals < 0)
		snprintf(digits, sizeof digits, "%.3e", value);
	else
		snprintf(digits, sizeof digits, "%.*f", decimals, value);
	print_digits(out, digits);
}

void ns_html_fixed(FILE *out, double value, int decimals)
{
	char digits[400]; /* the longest double without an exponent has 309 digits */
	if (!isfinite(value)) {
		print_special(out, value);
		return;
	}
	snprintf(digits, sizeof digits, "%.*f", decimals, value);
	print_digits(out, *digits == '-' && strtod(digits, NULL) == 0 ? digits + 1 : digits);
}

void ns_html_spread(FILE *out, double mean, double std, size_t n)
{
	char digits[32];
	ns_html_number(out, n > 0 ? mean : NAN);
	if (n < 2 || !isfinite(mean) || !isfinite(std))
		return;
	const int of_mean = decimals_of(mean), exponent = exponent_of(std, 2), of_std = exponent < 1 ? 1 - exponent : 0;
	snprintf(digits, sizeof digits, "%.*f", of_std < of_mean ? of_std : of_mean, exponent < 5 ? std : 0);
	if (std == 0)
		strcpy(digits, "0");
	else if (of_mean < 0 || strtod(digits, NULL) == 0)
		snprintf(digits, sizeof digits, "%.1e", std);
	fputs(" <i>± ", out);
	print_digits(out, digits);
	fputs("</i>", out);
}

void ns_html_table_open(FILE *out, const char *caption, const struct ns_html_column *columns, size_t n_columns, size_t n_rows)
{
	enum { HEAVY = 300 }; /* rows that a browser lays out only when they come into sight */
	fprintf(out, "<div class=\"box%s\" tabindex=\"0\">\n<table>\n<caption><span>%s</span></caption>\n<thead><tr>",
		n_rows > HEAVY ? " heavy" : "", caption);
	for (size_t c = 0; c < n_columns; c++) {
		fprintf(out, "<th scope=\"col\"%s>%s", columns[c].is_text ? " class=\"text\"" : "", columns[c].head);
		if (columns[c].under != NULL)
			fprintf(out, " <small>%s</small>", columns[c].under);
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

void ns_html_table_close(FILE *out)
{
	fputs("</tbody>\n</table>\n</div>\n", out);
}
