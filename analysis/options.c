/* The options of `nodescale figures` as text. */
#include "keys.h"
#include <nodescale/figures.h>
#include <nodescale/number.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const axis_names[] = {"step", "gamma", "alpha", "m", "seed"};

static bool is(const char *text, size_t length, const char *name)
{
	return strlen(name) == length && strncmp(text, name, length) == 0;
}

static enum ns_status parse_axis(enum ns_axis *axis, const char *name, const char *text, struct ns_error *error)
{
	for (int a = 0; a < 5; a++)
		if (strcmp(axis_names[a], text) == 0 && (a > 0 || *name == 'x')) {
			*axis = (enum ns_axis)(NS_AXIS_STEP + a);
			return NS_OK;
		}
	return ns_error_set(error, NS_BAD_INPUT, "--%s is '%s' but must be one of %sgamma, alpha, m, seed", name, text,
		*name == 'x' ? "step, " : "");
}

static enum ns_status refuse_quantity(const char *text, struct ns_error *error)
{
	char known[1024] = "";
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s%s", q > 0 ? ", " : "", ns_quantities[q].name,
			q == NS_WEIGHT_DELTA_QUANTILE ? "[LEVEL]"
			: q == NS_WEIGHT_DELTA_TOP    ? "[NODE]"
						      : "");
	return ns_error_set(error, NS_BAD_INPUT, "--quantity is '%s' but must be one of %s", text, known);
}

/* "0.5]" or "3]" */
static enum ns_status parse_entry(struct ns_figure_options *options, const char *text, const char *whole, struct ns_error *error)
{
	const size_t length = strcspn(text, "]");
	char digits[32] = "";
	double level;
	uint64_t node;
	if (length < sizeof digits && strcmp(text + length, "]") == 0)
		memcpy(digits, text, length);
	if (options->quantity == NS_WEIGHT_DELTA_QUANTILE) {
		for (size_t k = 0; k < NS_QUANTILES; k++)
			if (ns_number_real(digits, strlen(digits), &level) == NS_NUMBER_OK && level == ns_quantile_levels[k]) {
				options->entry = k;
				return NS_OK;
			}
		return ns_error_set(error, NS_BAD_INPUT,
			"--quantity is '%s' but needs a recorded level: weight_delta_quantile[0.5], one of 0, 0.25, 0.5, 0.75, "
			"0.9, "
			"0.99, 1",
			whole);
	}
	if (ns_number_count(digits, strlen(digits), &node) != NS_NUMBER_OK || node >= NS_TOP_NODES)
		return ns_error_set(error, NS_BAD_INPUT,
			"--quantity is '%s' but needs a node, from 0 by falling lambda: weight_delta_top[0] .. "
			"weight_delta_top[%d]",
			whole, NS_TOP_NODES - 1);
	options->entry = (size_t)node;
	return NS_OK;
}

static enum ns_status parse_quantity(struct ns_figure_options *options, const char *text, struct ns_error *error)
{
	const size_t length = strcspn(text, "[");
	options->one_quantity = true;
	options->entry = 0;
	for (int q = 0; q < NS_QUANTITY_COUNT; q++) {
		if (!is(text, length, ns_quantities[q].name))
			continue;
		options->quantity = (enum ns_quantity)q;
		if (ns_quantities[q].dimension != NULL)
			return parse_entry(options, text[length] != 0 ? text + length + 1 : "", text, error);
		return text[length] == 0 ? NS_OK : refuse_quantity(text, error);
	}
	return refuse_quantity(text, error);
}

static enum ns_status parse_moment(struct ns_figure_options *options, const char *text, struct ns_error *error)
{
	if (strcmp(text, "last") == 0)
		options->at = NS_AT_LAST;
	else if (strcmp(text, "best") == 0)
		options->at = NS_AT_BEST;
	else if (ns_number_count(text, strlen(text), &options->at_step) == NS_NUMBER_OK)
		options->at = NS_AT_STEP;
	else
		return ns_error_set(error, NS_BAD_INPUT, "--at is '%s' but must be last, best or a recorded step", text);
	return NS_OK;
}

/* The bits of a list of names, or of `none`; *known 0 if one is not among them. */
static unsigned parse_list(const char *text, const char *const *names, int n_names, bool *known)
{
	unsigned bits = 0;
	*known = true;
	if (strcmp(text, "none") == 0)
		return 0;
	for (const char *at = text; *known; at++) {
		const size_t length = strcspn(at, ",");
		int name = 0;
		while (name < n_names && !is(at, length, names[name]))
			name++;
		*known = name < n_names;
		bits |= 1u << name;
		at += length;
		if (*at == 0)
			break;
	}
	return bits;
}

enum ns_status ns_figure_option_parse(
	struct ns_figure_options *options, const char *name, const char *text, struct ns_error *error)
{
	static const char *const scaled[] = {"x", "y", "value"};
	bool known;
	if (strcmp(name, "where") == 0)
		return ns_filter_parse(&options->where, text, "--where", error);
	if (strcmp(name, "x") == 0)
		return parse_axis(&options->x, name, text, error);
	if (strcmp(name, "y") == 0)
		return parse_axis(&options->y, name, text, error);
	if (strcmp(name, "quantity") == 0)
		return parse_quantity(options, text, error);
	if (strcmp(name, "at") == 0)
		return parse_moment(options, text, error);
	if (strcmp(name, "over") == 0) {
		options->over_given = true;
		options->over = parse_list(text, &axis_names[1], NS_KEY_COUNT, &known);
		return known ? NS_OK
			     : ns_error_set(error, NS_BAD_INPUT,
				       "--over is '%s' but must be a list of gamma, alpha, m, seed, or none", text);
	}
	const unsigned bits = parse_list(text, scaled, 3, &known);
	if (strcmp(name, "log") != 0 || !known)
		return ns_error_set(error, NS_BAD_INPUT, "--log is '%s' but must be a list of x, y, value, or none", text);
	options->logarithms_given = true;
	options->logarithmic_x = bits & 1;
	options->logarithmic_y = bits & 2;
	options->logarithmic_value = bits & 4;
	return NS_OK;
}
