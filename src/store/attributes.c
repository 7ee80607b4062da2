#include "attributes.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const void *field(const struct ns_experiment *experiment, const struct ns_parameter *parameter)
{
	return (const char *)experiment + parameter->offset;
}

/* Parameters of the experiment, not of the grid, that a file keeps. Asked in the table's order this can be known while reading:
 * what a parameter depends on stands before it. */
static bool is_stored(const struct ns_parameter *parameter, const struct ns_experiment *experiment)
{
	return parameter->attribute != NULL && strcmp(parameter->section, "grid") != 0 &&
	       ns_parameter_applies(parameter, experiment);
}

static unsigned choice_of(const void *value)
{
	unsigned choice; /* every enum of the experiment is unsigned int */
	memcpy(&choice, value, sizeof choice);
	return choice;
}

enum ns_status ns_attributes_write(hid_t root, const struct ns_experiment *experiment, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (size_t p = 0; p < ns_parameter_count && status == NS_OK; p++) {
		const struct ns_parameter *parameter = &ns_parameters[p];
		const void *value = field(experiment, parameter);
		if (!is_stored(parameter, experiment))
			continue;
		switch (parameter->type) {
		case NS_TYPE_REAL:
			status = ns_hdf_put(root, parameter->attribute, H5T_IEEE_F64LE, 1, value, error);
			break;
		case NS_TYPE_COUNT:
			status = ns_hdf_put(root, parameter->attribute, H5T_STD_U64LE, 1, value, error);
			break;
		case NS_TYPE_FLAG:
			status = ns_hdf_put(root, parameter->attribute, H5T_STD_U8LE, 1, value, error);
			break;
		case NS_TYPE_CHOICE:
			status = ns_hdf_put_text(root, parameter->attribute, parameter->choices[choice_of(value)], error);
			break;
		case NS_TYPE_TEXT:
		case NS_TYPE_PATH:
		case NS_TYPE_SHA256:
			status = ns_hdf_put_text(root, parameter->attribute, value, error);
			break;
		case NS_TYPE_FRACTIONS:
			status = ns_hdf_put(root, parameter->attribute, H5T_IEEE_F64LE, 3, value, error);
			break;
		}
	}
	return status;
}

static enum ns_status read_choice(hid_t root, const struct ns_parameter *parameter, void *value, struct ns_error *error)
{
	char name[NS_TEXT_LENGTH];
	const enum ns_status status = ns_hdf_get_text(root, parameter->attribute, name, sizeof name, error);
	if (status != NS_OK)
		return status;
	unsigned choice = 0;
	while (parameter->choices[choice] != NULL && strcmp(parameter->choices[choice], name) != 0)
		choice++;
	if (parameter->choices[choice] == NULL)
		return ns_error_set(
			error, NS_BAD_INPUT, "attribute %s has the unknown value \"%.100s\"", parameter->attribute, name);
	memcpy(value, &choice, sizeof choice);
	return NS_OK;
}

enum ns_status ns_attributes_read(hid_t root, struct ns_experiment *experiment, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	memset(experiment, 0, sizeof *experiment);
	for (size_t p = 0; p < ns_parameter_count && status == NS_OK; p++) {
		const struct ns_parameter *parameter = &ns_parameters[p];
		void *value = (char *)experiment + parameter->offset;
		uint8_t flag = 0;
		if (!is_stored(parameter, experiment))
			continue;
		switch (parameter->type) {
		case NS_TYPE_REAL:
			status = ns_hdf_get(root, parameter->attribute, H5T_NATIVE_DOUBLE, 1, value, error);
			break;
		case NS_TYPE_COUNT:
			status = ns_hdf_get(root, parameter->attribute, H5T_NATIVE_UINT64, 1, value, error);
			break;
		case NS_TYPE_FLAG: /* through a byte: a bool must never hold anything but 0 and 1 */
			status = ns_hdf_get(root, parameter->attribute, H5T_NATIVE_UINT8, 1, &flag, error);
			*(bool *)value = flag != 0;
			break;
		case NS_TYPE_CHOICE:
			status = read_choice(root, parameter, value, error);
			break;
		case NS_TYPE_TEXT:
		case NS_TYPE_PATH:
		case NS_TYPE_SHA256:
			status = ns_hdf_get_text(root, parameter->attribute, value, NS_TEXT_LENGTH, error);
			break;
		case NS_TYPE_FRACTIONS:
			status = ns_hdf_get(root, parameter->attribute, H5T_NATIVE_DOUBLE, 3, value, error);
			break;
		}
	}
	return status;
}

/* The shortest text that is read back as the same number. */
static void format_real(double value, char *text, size_t size)
{
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			return;
	}
}

static void format_value(const struct ns_parameter *parameter, const void *value, char *text, size_t size)
{
	const double *real = value;
	switch (parameter->type) {
	case NS_TYPE_REAL:
		format_real(*real, text, size);
		break;
	case NS_TYPE_COUNT:
		snprintf(text, size, "%" PRIu64, *(const uint64_t *)value);
		break;
	case NS_TYPE_FLAG:
		snprintf(text, size, "%s", *(const bool *)value ? "true" : "false");
		break;
	case NS_TYPE_CHOICE:
		snprintf(text, size, "%s", parameter->choices[choice_of(value)]);
		break;
	case NS_TYPE_TEXT:
	case NS_TYPE_PATH:
	case NS_TYPE_SHA256:
		snprintf(text, size, "%s", (const char *)value);
		break;
	case NS_TYPE_FRACTIONS:
		snprintf(text, size, "[%.17g, %.17g, %.17g]", real[0], real[1], real[2]);
		break;
	}
}

/* The fields as texts, which keep every digit: equal texts are equal values. Returns false when there are no more. */
static bool next_field(const struct ns_meaning_of *of, size_t *p, const char **name, char value[NS_TEXT_LENGTH], bool *stored)
{
	*stored = true;
	if (*p < ns_parameter_count) {
		const struct ns_parameter *parameter = &ns_parameters[(*p)++];
		*stored = is_stored(parameter, of->experiment);
		*name = parameter->attribute;
		format_value(parameter, field(of->experiment, parameter), value, NS_TEXT_LENGTH);
		return true;
	}
	const size_t other = (*p)++ - ns_parameter_count;
	*name = other == 0 ? "data digest" : "numerics_version";
	if (other == 0)
		snprintf(value, NS_TEXT_LENGTH, "%016" PRIx64, of->data_digest);
	else
		snprintf(value, NS_TEXT_LENGTH, "%d", of->numerics_version);
	return other < 2;
}

uint64_t ns_meaning(const struct ns_meaning_of *of)
{
	uint64_t hash = 0;
	size_t p = 0;
	const char *name;
	char value[NS_TEXT_LENGTH];
	for (bool stored; next_field(of, &p, &name, value, &stored);)
		if (stored) {
			hash = XXH3_64bits_withSeed(name, strlen(name), hash);
			hash = XXH3_64bits_withSeed(value, strlen(value), hash);
		}
	return hash;
}

int ns_meaning_compare(const struct ns_meaning_of *a, const struct ns_meaning_of *b, char *text, size_t size)
{
	int differ = 0;
	size_t p = 0, q = 0;
	const char *name;
	char of_a[NS_TEXT_LENGTH], of_b[NS_TEXT_LENGTH];
	for (bool in_a, in_b; next_field(a, &p, &name, of_a, &in_a) && next_field(b, &q, &name, of_b, &in_b);) {
		if ((!in_a && !in_b) || strcmp(of_a, of_b) == 0)
			continue;
		ns_text_add(text, size, "%s: %s %s, %s %s", name, a->where, of_a, b->where, of_b);
		differ++;
	}
	return differ;
}

void ns_text_add(char *text, size_t size, const char *format, ...)
{
	const size_t used = strlen(text);
	const int separator = snprintf(text + used, size - used, "%s", used > 0 ? "; " : "");
	const size_t start = used + (size_t)separator;
	if (start >= size)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text + start, size - start, format, arguments);
	va_end(arguments);
}
