#include <ctype.h>
#include <math.h>
#include <nodescale/filter.h>
#include <nodescale/number.h>
#include <string.h>

struct reader {
	const char *option, *text, *at;
	struct ns_error *error;
};

static const char *const field_names[] = {"gamma", "alpha", "m", "seed"};
/* Longer ones first where one begins another. */
static const struct {
	const char *text;
	int relation;
} relations[] = {{"<=", NS_LESS_EQUAL}, {"<", NS_LESS}, {">=", NS_GREATER_EQUAL}, {">", NS_GREATER}, {"==", NS_EQUAL},
	{"!=", NS_NOT_EQUAL}};

static enum ns_status expected(const struct reader *r, const char *what)
{
	const size_t place = (size_t)(r->at - r->text) + 1;
	if (*r->at == 0)
		return ns_error_set(r->error, NS_BAD_INPUT, "%s '%s' ends where %s is expected", r->option, r->text, what);
	return ns_error_set(r->error, NS_BAD_INPUT, "%s '%s', character %zu: '%.20s' stands where %s is expected", r->option,
		r->text, place, r->at, what);
}

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\n");
}

/* Length of the word at r->at: letters, digits, _. */
static size_t word_length(const struct reader *r)
{
	size_t length = 0;
	while (isalnum((unsigned char)r->at[length]) || r->at[length] == '_')
		length++;
	return length;
}

static enum ns_status read_field(struct reader *r, struct ns_comparison *comparison)
{
	const size_t length = word_length(r);
	for (int f = 0; f < 4; f++)
		if (strlen(field_names[f]) == length && strncmp(field_names[f], r->at, length) == 0) {
			comparison->field = f;
			r->at += length;
			return NS_OK;
		}
	return expected(r, "gamma, alpha, m or seed");
}

static enum ns_status read_relation(struct reader *r, struct ns_comparison *comparison)
{
	for (size_t k = 0; k < sizeof relations / sizeof *relations; k++) {
		const size_t length = strlen(relations[k].text);
		if (strncmp(relations[k].text, r->at, length) == 0) {
			comparison->relation = relations[k].relation;
			r->at += length;
			return NS_OK;
		}
	}
	return expected(r, "<, <=, >, >=, == or !=");
}

static enum ns_status read_number(struct reader *r, struct ns_comparison *comparison)
{
	char digits[64];
	const size_t length = strspn(r->at, "+-.0123456789eE");
	uint64_t whole;
	double real;
	if (length > 0 && length < sizeof digits) {
		memcpy(digits, r->at, length);
		digits[length] = 0;
		const bool is_whole = ns_number_count(digits, length, &whole) == NS_NUMBER_OK;
		if (is_whole || ns_number_real(digits, length, &real) == NS_NUMBER_OK) {
			comparison->value = is_whole ? (long double)whole : (long double)real;
			r->at += length;
			return NS_OK;
		}
	}
	return expected(r, "a number");
}

/* *more: another comparison follows. */
static enum ns_status read_joint(struct reader *r, bool *more)
{
	skip_blanks(r);
	*more = *r->at != 0;
	if (!*more)
		return NS_OK;
	if (*r->at == ',')
		r->at++;
	else if (word_length(r) == 3 && strncmp(r->at, "and", 3) == 0)
		r->at += 3;
	else
		return expected(r, "'and' or a comma");
	return NS_OK;
}

enum ns_status ns_filter_parse(struct ns_filter *filter, const char *text, const char *option, struct ns_error *error)
{
	struct reader r = {option, text, text, error};
	bool more = true;
	filter->count = 0;
	while (more) {
		struct ns_comparison comparison = {0};
		if (filter->count == NS_FILTER_MOST)
			return ns_error_set(
				error, NS_BAD_INPUT, "%s '%s': has more than %d comparisons", option, text, NS_FILTER_MOST);
		skip_blanks(&r);
		enum ns_status status = read_field(&r, &comparison);
		skip_blanks(&r);
		if (status == NS_OK)
			status = read_relation(&r, &comparison);
		skip_blanks(&r);
		if (status == NS_OK)
			status = read_number(&r, &comparison);
		if (status == NS_OK)
			status = read_joint(&r, &more);
		if (status != NS_OK)
			return status;
		filter->comparisons[filter->count++] = comparison;
	}
	return NS_OK;
}

static bool holds(const struct ns_comparison *c, const struct ns_point *point)
{
	if (c->field == NS_COMPARE_ALPHA && (point->gamma == 1 || isnan(point->alpha)))
		return false;
	const long double value = c->field == NS_COMPARE_GAMMA   ? (long double)point->gamma
				  : c->field == NS_COMPARE_ALPHA ? (long double)point->alpha
				  : c->field == NS_COMPARE_M     ? (long double)point->m
								 : (long double)point->seed;
	switch (c->relation) {
	case NS_LESS:
		return value < c->value;
	case NS_LESS_EQUAL:
		return value <= c->value;
	case NS_GREATER:
		return value > c->value;
	case NS_GREATER_EQUAL:
		return value >= c->value;
	case NS_EQUAL:
		return value == c->value;
	case NS_NOT_EQUAL:
	default:
		return value != c->value;
	}
}

bool ns_filter_accepts(const struct ns_filter *filter, const struct ns_point *point)
{
	for (size_t c = 0; c < filter->count; c++)
		if (!holds(&filter->comparisons[c], point))
			return false;
	return true;
}
