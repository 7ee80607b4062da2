/* One value of the spec: type, range, and the error that says what was expected. */
#include "spec_reader.h"
#include <math.h>
#include <nodescale/number.h>
#include <stdio.h>
#include <string.h>

static enum ns_status refuse(const struct ns_spec_document *document, const struct ns_parameter *parameter,
	const yaml_node_t *node, const char *expectation)
{
	return ns_spec_fail(
		document, node->start_mark, "%s is %s but must %s", parameter->name, ns_spec_show(node).text, expectation);
}

static enum ns_status out_of_range(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node)
{
	char expectation[256];
	ns_parameter_expectation(parameter, expectation, sizeof expectation);
	return refuse(document, parameter, node, expectation);
}

static bool in_range(const struct ns_parameter *parameter, double value)
{
	return (parameter->least_open ? value > parameter->least : value >= parameter->least) &&
	       (parameter->most_open ? value < parameter->most : value <= parameter->most);
}

static bool is_quoted(const yaml_node_t *node)
{
	return node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static enum ns_status read_real(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, double *value)
{
	if (is_quoted(node))
		return refuse(document, parameter, node, "be a number without quotes");
	switch (ns_number_real((const char *)node->data.scalar.value, node->data.scalar.length, value)) {
	case NS_NUMBER_NONE:
		return refuse(document, parameter, node, "be a number such as 0.5 or 1e-3");
	case NS_NUMBER_TOO_LARGE:
		return refuse(document, parameter, node, "be at most 1.79e308 in absolute value");
	case NS_NUMBER_OK:
		break;
	}
	return in_range(parameter, *value) ? NS_OK : out_of_range(document, parameter, node);
}

static enum ns_status not_a_count(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node)
{
	double real;
	const enum ns_number number = ns_number_real((const char *)node->data.scalar.value, node->data.scalar.length, &real);
	if (number == NS_NUMBER_OK && real < 0)
		return out_of_range(document, parameter, node);
	char expectation[64] = "be a whole number, in decimal digits only";
	if (number == NS_NUMBER_OK && real == floor(real) && real < 0x1p53)
		snprintf(expectation, sizeof expectation, "be written in digits only: %.0f", real);
	return refuse(document, parameter, node, expectation);
}

static enum ns_status read_count(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, uint64_t *value)
{
	if (is_quoted(node))
		return refuse(document, parameter, node, "be a whole number without quotes");
	switch (ns_number_count((const char *)node->data.scalar.value, node->data.scalar.length, value)) {
	case NS_NUMBER_NONE:
		return not_a_count(document, parameter, node);
	case NS_NUMBER_TOO_LARGE:
		return refuse(document, parameter, node, "be at most 18446744073709551615");
	case NS_NUMBER_OK:
		break;
	}
	return in_range(parameter, (double)*value) ? NS_OK : out_of_range(document, parameter, node);
}

static enum ns_status read_flag(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, bool *value)
{
	const char *text = (const char *)node->data.scalar.value;
	*value = strcmp(text, "true") == 0;
	if ((*value || strcmp(text, "false") == 0) && !is_quoted(node))
		return NS_OK;
	return out_of_range(document, parameter, node);
}

static enum ns_status read_choice(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, void *field)
{
	int choice = 0;
	while (parameter->choices[choice] != NULL &&
		strcmp(parameter->choices[choice], (const char *)node->data.scalar.value) != 0)
		choice++;
	if (parameter->choices[choice] == NULL)
		return out_of_range(document, parameter, node);
	memcpy(field, &choice, sizeof choice);
	return NS_OK;
}

static enum ns_status read_text(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, char *field)
{
	const char *text = (const char *)node->data.scalar.value, *slash = strrchr(document->path, '/');
	const size_t length = node->data.scalar.length;
	size_t folder = 0;
	if (parameter->type == NS_TYPE_PATH && *text != '/' && slash != NULL)
		folder = (size_t)(slash - document->path) + 1;
	if (length == 0 || folder + length >= NS_TEXT_LENGTH)
		return out_of_range(document, parameter, node);
	memcpy(field, document->path, folder);
	memcpy(field + folder, text, length + 1);
	return NS_OK;
}

static enum ns_status read_sha256(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, char *field)
{
	const char *text = (const char *)node->data.scalar.value;
	if (node->data.scalar.length != 64 || strspn(text, "0123456789abcdefABCDEF") != 64)
		return out_of_range(document, parameter, node);
	memcpy(field, text, 64 + 1);
	return NS_OK;
}

static enum ns_status expect_scalar(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node)
{
	static const char *const expectations[] = {
		[NS_TYPE_REAL] = "be a number",
		[NS_TYPE_COUNT] = "be a whole number",
		[NS_TYPE_FLAG] = "be true or false",
		[NS_TYPE_CHOICE] = "be one name",
		[NS_TYPE_TEXT] = "be a text",
		[NS_TYPE_PATH] = "be the path of a file",
		[NS_TYPE_SHA256] = "be 64 hexadecimal digits",
		[NS_TYPE_FRACTIONS] = "be a number",
	};
	if (node->type != YAML_SCALAR_NODE || ns_spec_is_null(node))
		return refuse(document, parameter, node, expectations[parameter->type]);
	if (strcmp((const char *)node->tag, YAML_STR_TAG) != 0)
		return ns_spec_fail(document, node->start_mark, "%s has the YAML tag %.100s; tags are not supported",
			parameter->name, (const char *)node->tag);
	for (size_t i = 0; i < node->data.scalar.length; i++) /* a 0 among them */
		if (node->data.scalar.value[i] < ' ')
			return refuse(document, parameter, node, "be one line without control characters");
	return NS_OK;
}

static enum ns_status read_fractions(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, double *fractions)
{
	if (node->type != YAML_SEQUENCE_NODE || node->data.sequence.items.top - node->data.sequence.items.start != 3)
		return refuse(document, parameter, node, "be a list of three fractions, such as [0.4, 0.4, 0.2]");
	for (int f = 0; f < 3; f++) {
		const yaml_node_t *item = ns_spec_node(document, node->data.sequence.items.start[f]);
		enum ns_status status = expect_scalar(document, parameter, item);
		if (status == NS_OK)
			status = read_real(document, parameter, item, fractions + f);
		if (status != NS_OK)
			return status;
	}
	return NS_OK;
}

enum ns_status ns_spec_read_value(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, void *field)
{
	if (parameter->type == NS_TYPE_FRACTIONS)
		return read_fractions(document, parameter, node, field);
	const enum ns_status status = expect_scalar(document, parameter, node);
	if (status != NS_OK)
		return status;
	switch (parameter->type) {
	case NS_TYPE_REAL:
		return read_real(document, parameter, node, field);
	case NS_TYPE_COUNT:
		return read_count(document, parameter, node, field);
	case NS_TYPE_FLAG:
		return read_flag(document, parameter, node, field);
	case NS_TYPE_CHOICE:
		return read_choice(document, parameter, node, field);
	case NS_TYPE_SHA256:
		return read_sha256(document, parameter, node, field);
	default:
		return read_text(document, parameter, node, field);
	}
}
