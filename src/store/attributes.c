#include "attributes.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
		snprintf(text, size, "%s", (const char *)value);
		break;
	case NS_TYPE_FRACTIONS:
		snprintf(text, size, "[%.17g, %.17g, %.17g]", real[0], real[1], real[2]);
		break;
	}
}

int ns_attributes_compare(const struct ns_experiment *file, const struct ns_experiment *spec, char *text, size_t size)
{
	int differ = 0;
	for (size_t p = 0; p < ns_parameter_count; p++) {
		const struct ns_parameter *parameter = &ns_parameters[p];
		char in_file[NS_TEXT_LENGTH], in_spec[NS_TEXT_LENGTH];
		if (!is_stored(parameter, file) && !is_stored(parameter, spec))
			continue;
		/* texts keep every digit, so equal texts are equal values */
		format_value(parameter, field(file, parameter), in_file, sizeof in_file);
		format_value(parameter, field(spec, parameter), in_spec, sizeof in_spec);
		if (strcmp(in_file, in_spec) == 0)
			continue;
		ns_text_add(text, size, "%s: file %s, spec %s", parameter->attribute, in_file, in_spec);
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
