/* From text to a YAML document, and from libyaml's complaints to ours. */
#include "spec_reader.h"
#include <stdio.h>
#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";
enum { DEEPEST = 32, NAMES_MOST = 1000 };

enum ns_status ns_spec_fail(const struct ns_spec_document *document, yaml_mark_t mark, const char *format, ...)
{
	char text[sizeof document->error->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return ns_error_set(
		document->error, NS_BAD_INPUT, "%s:%zu:%zu: %s", document->path, mark.line + 1, mark.column + 1, text);
}

static bool continues_character(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* libyaml's reader, which complains about bytes that are not UTF-8 text, gives a byte offset only. */
static yaml_mark_t mark_of_byte(const char *text, size_t length, size_t offset)
{
	yaml_mark_t mark = {.index = offset};
	for (size_t i = 0; i < offset && i < length; i++) {
		mark.column += !continues_character(text[i]);
		if (text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

static bool is_tab_at(const char *text, const char *end, yaml_mark_t mark)
{
	for (size_t line = 0; line < mark.line && text != NULL; line++) {
		text = memchr(text, '\n', (size_t)(end - text));
		text = text == NULL ? NULL : text + 1;
	}
	return text != NULL && mark.column < (size_t)(end - text) && text[mark.column] == '\t';
}

static enum ns_status translate(
	const struct ns_spec_document *document, const yaml_parser_t *parser, const char *text, size_t length)
{
	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		return ns_error_memory(document->error, document->path, 16.0 * (double)length);
	case YAML_READER_ERROR:
		return ns_spec_fail(
			document, mark_of_byte(text, length, parser->problem_offset), "%s; expected UTF-8 text", parser->problem);
	default:
		if (is_tab_at(text, text + length, parser->problem_mark))
			return ns_spec_fail(document, parser->problem_mark, "a tab; YAML is indented with spaces");
		return ns_spec_fail(document, parser->problem_mark, "not valid YAML: %s%s%s", parser->problem,
			parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "");
	}
}

/* Whether another document follows. What comes behind the first one is read even if it is none, so that garbage there shows. */
static enum ns_status expect_end(const struct ns_spec_document *document, yaml_parser_t *parser, const char *text, size_t length)
{
	yaml_document_t next;
	if (!yaml_parser_load(parser, &next))
		return translate(document, parser, text, length);
	const bool is_another = yaml_document_get_root_node(&next) != NULL;
	const yaml_mark_t mark = next.start_mark;
	yaml_document_delete(&next);
	return is_another ? ns_spec_fail(document, mark, "a second YAML document; expected one per file") : NS_OK;
}

static int nesting(yaml_token_type_t type)
{
	switch (type) {
	case YAML_BLOCK_SEQUENCE_START_TOKEN:
	case YAML_BLOCK_MAPPING_START_TOKEN:
	case YAML_FLOW_SEQUENCE_START_TOKEN:
	case YAML_FLOW_MAPPING_START_TOKEN:
		return 1;
	case YAML_BLOCK_END_TOKEN:
	case YAML_FLOW_SEQUENCE_END_TOKEN:
	case YAML_FLOW_MAPPING_END_TOKEN:
		return -1;
	default:
		return 0;
	}
}

/* libyaml takes time quadratic in the depth of nesting and in the number of anchors and tag prefixes, so a spec of a megabyte
 * could take hours. Its scanner's tokens are enough to know. What it cannot scan is left to the parser, which says why. */
static enum ns_status limit_structure(const struct ns_spec_document *document, const char *text, size_t length)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return ns_error_memory(document->error, document->path, sizeof parser);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	enum ns_status status = NS_OK;
	int depth = 0, n_names = 0;
	for (bool goes_on = true; goes_on && status == NS_OK;) {
		yaml_token_t token;
		if (!yaml_parser_scan(&parser, &token))
			break;
		depth += nesting(token.type);
		n_names += token.type == YAML_ANCHOR_TOKEN || token.type == YAML_TAG_DIRECTIVE_TOKEN;
		if (depth > DEEPEST)
			status = ns_spec_fail(document, token.start_mark,
				"lists and maps in one another more than %d deep; expected a spec, which needs 5", DEEPEST);
		else if (n_names > NAMES_MOST)
			status = ns_spec_fail(
				document, token.start_mark, "more than %d YAML anchors and tag prefixes up to here", NAMES_MOST);
		goes_on = token.type != YAML_STREAM_END_TOKEN && token.type != YAML_NO_TOKEN;
		yaml_token_delete(&token);
	}
	yaml_parser_delete(&parser);
	return status;
}

enum ns_status ns_spec_document_load(
	struct ns_spec_document *document, const char *path, const char *text, size_t length, struct ns_error *error)
{
	*document = (struct ns_spec_document){.path = path, .error = error};
	const size_t mark_length = strlen(byte_order_mark);
	if (length >= mark_length && memcmp(text, byte_order_mark, mark_length) == 0) {
		text += mark_length;
		length -= mark_length;
	}
	enum ns_status status = limit_structure(document, text, length);
	if (status != NS_OK)
		return status;
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return ns_error_memory(error, path, sizeof parser);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (!yaml_parser_load(&parser, &document->yaml)) {
		status = translate(document, &parser, text, length);
	} else {
		document->root = yaml_document_get_root_node(&document->yaml);
		status = document->root != NULL ? expect_end(document, &parser, text, length) : NS_OK;
		if (status != NS_OK)
			ns_spec_document_finish(document);
	}
	yaml_parser_delete(&parser);
	return status;
}

void ns_spec_document_finish(struct ns_spec_document *document)
{
	yaml_document_delete(&document->yaml);
	document->root = NULL;
}

const yaml_node_t *ns_spec_node(const struct ns_spec_document *document, int number)
{
	return document->yaml.nodes.start + number - 1;
}

bool ns_spec_is_null(const yaml_node_t *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t n = 0; n < sizeof nulls / sizeof *nulls; n++)
		if (strcmp((const char *)node->data.scalar.value, nulls[n]) == 0)
			return true;
	return false;
}

struct ns_spec_shown ns_spec_show(const yaml_node_t *node)
{
	enum { LONGEST = 40 };
	struct ns_spec_shown shown = {"empty"};
	if (node->type == YAML_SEQUENCE_NODE)
		strcpy(shown.text, "a list");
	else if (node->type == YAML_MAPPING_NODE)
		strcpy(shown.text, "a map");
	if (node->type != YAML_SCALAR_NODE || ns_spec_is_null(node))
		return shown;
	const char *value = (const char *)node->data.scalar.value;
	size_t length = node->data.scalar.length;
	const bool is_long = length > LONGEST;
	if (is_long)
		for (length = LONGEST; continues_character(value[length]);)
			length--;
	const char *quote = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? "" : "\"";
	snprintf(shown.text, sizeof shown.text, "%s%.*s%s%s", quote, (int)length, value, is_long ? "..." : "", quote);
	for (char *byte = shown.text; *byte != '\0'; byte++)
		if ((unsigned char)*byte < ' ')
			*byte = '?';
	return shown;
}
