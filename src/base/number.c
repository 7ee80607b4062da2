#include <math.h>
#include <nodescale/number.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_digits(const char *at)
{
	return at + strspn(at, "0123456789");
}

/* strtod alone would take inf, nan, hexadecimal and leading blanks. */
static bool looks_real(const char *text, size_t length)
{
	const char *at = text + (*text == '+' || *text == '-'), *digits = at;
	at = skip_digits(at);
	size_t n_digits = (size_t)(at - digits);
	if (*at == '.') {
		digits = ++at;
		at = skip_digits(at);
		n_digits += (size_t)(at - digits);
	}
	if (n_digits == 0)
		return false;
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '+' || *at == '-';
		digits = at;
		at = skip_digits(at);
		if (at == digits)
			return false;
	}
	return at == text + length;
}

enum ns_number ns_number_real(const char *text, size_t length, double *value)
{
	if (!looks_real(text, length))
		return NS_NUMBER_NONE;
	*value = strtod(text, NULL);
	return isfinite(*value) ? NS_NUMBER_OK : NS_NUMBER_TOO_LARGE;
}

enum ns_number ns_number_count(const char *text, size_t length, uint64_t *value)
{
	if (length == 0 || skip_digits(text) != text + length)
		return NS_NUMBER_NONE;
	*value = 0;
	for (size_t i = 0; i < length; i++)
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value))
			return NS_NUMBER_TOO_LARGE;
	return NS_NUMBER_OK;
}
