#include "svg.h"
#include "html.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct writer {
	FILE *out;
	const char *prefix, *label;
	int depth; /* of open elements */
	bool begun;
};

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Behind the next `end` in text; NULL if there is none. */
static const char *behind(const char *text, const char *end)
{
	const char *found = strstr(text, end);
	return found != NULL ? found + strlen(end) : NULL;
}

/* Whether a tag's name, which ends where names end, is this one. */
static bool is_named(const char *tag, const char *name)
{
	const size_t length = strlen(name);
	return strncmp(tag, name, length) == 0 && (isspace((unsigned char)tag[length]) || strchr("/>", tag[length]) != NULL);
}

/* url(#a) becomes url(#prefix-a), wherever it stands in a value. */
static void write_value(const struct writer *writer, const char *value, size_t length)
{
	static const char reference[] = "url(#";
	for (size_t c = 0; c < length; c++) {
		if (length - c > strlen(reference) && starts(value + c, reference)) {
			fprintf(writer->out, "%s%s-", reference, writer->prefix);
			c += strlen(reference) - 1;
		} else if (value[c] == '"') {
			fputs("&quot;", writer->out); /* between single quotes in the document */
		} else {
			fputc(isspace((unsigned char)value[c]) ? ' ' : value[c], writer->out);
		}
	}
}

/* Namespaces are the parser's business in HTML, which knows href without one. */
static void write_attribute(const struct writer *writer, const char *name, size_t name_length, const char *value, size_t length)
{
	if (name_length >= 5 && starts(name, "xmlns"))
		return;
	if (name_length > 6 && starts(name, "xlink:")) {
		name += strlen("xlink:");
		name_length -= strlen("xlink:");
	}
	const bool is_id = name_length == 2 && starts(name, "id");
	const bool is_link = name_length == 4 && starts(name, "href") && *value == '#';
	fprintf(writer->out, " %.*s=\"", (int)name_length, name);
	if (is_id || is_link)
		fprintf(writer->out, "%s%s-", is_link ? "#" : "", writer->prefix);
	write_value(writer, value + is_link, length - is_link);
	fputc('"', writer->out);
}

/* The attributes up to the end of the tag. Returns where that is, at > or />; NULL if the tag is none. */
static const char *write_attributes(const struct writer *writer, const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text == '>' || starts(text, "/>"))
			return text;
		const size_t name_length = strcspn(text, " \t\r\n=/<>\"'");
		const char *quote = text + name_length + strspn(text + name_length, " \t\r\n");
		if (name_length == 0 || *quote != '=')
			return NULL;
		quote += 1 + strspn(quote + 1, " \t\r\n");
		const char *end = *quote == '"' || *quote == '\'' ? strchr(quote + 1, *quote) : NULL;
		if (end == NULL)
			return NULL;
		write_attribute(writer, text, name_length, quote + 1, (size_t)(end - quote - 1));
		text = end + 1;
	}
}

static void write_label(const struct writer *writer)
{
	fprintf(writer->out, " role=\"img\" aria-label=\"");
	ns_html_text(writer->out, writer->label);
	fputc('"', writer->out);
}

/* tag is behind <; returns what follows it. */
static const char *write_tag(struct writer *writer, const char *tag)
{
	const bool closes = *tag == '/';
	const size_t name_length = closes + strcspn(tag + closes, " \t\r\n/>");
	if (name_length == (size_t)closes || (!writer->begun && !is_named(tag, "svg")))
		return NULL;
	fprintf(writer->out, "<%.*s", (int)name_length, tag);
	if (!writer->begun)
		write_label(writer);
	writer->begun = true;
	const char *end = write_attributes(writer, tag + name_length);
	if (end == NULL)
		return NULL;
	const bool alone = *end == '/';
	writer->depth += closes ? -1 : alone ? 0 : 1;
	fputs(alone ? "/>" : ">", writer->out);
	return end + 1 + alone;
}

/* What a page has no use for: behind it; otherwise text itself. NULL: it does not end. */
static const char *skip(const struct writer *writer, const char *text)
{
	if (starts(text, "<?"))
		return behind(text, "?>");
	if (starts(text, "<!--"))
		return behind(text, "-->");
	if (starts(text, "<!DOCTYPE"))
		return behind(text, ">");
	if (is_named(text + 1, "metadata"))
		return behind(text, "</metadata>");
	if (is_named(text + 1, "script"))
		return behind(text, "</script>");
	if (writer->depth == 1 && is_named(text + 1, "title"))
		return behind(text, "</title>");
	if (writer->depth == 1 && is_named(text + 1, "desc"))
		return behind(text, "</desc>");
	return text;
}

/* Character data, without the layout of the file; returns where the next tag begins. */
static const char *write_characters(const struct writer *writer, const char *text)
{
	const size_t length = strcspn(text, "<");
	if (writer->depth > 0 && strspn(text, " \t\r\n") < length)
		fwrite(text, 1, length, writer->out);
	else if (writer->depth > 0 && memchr(text, '\n', length) != NULL)
		fputc('\n', writer->out);
	return text + length;
}

enum ns_status ns_svg_inline(FILE *out, const char *svg, const char *prefix, const char *label, struct ns_error *error)
{
	struct writer writer = {out, prefix, label, 0, false};
	const char *text = svg;
	while (text != NULL && *text != 0) {
		if (*text != '<') {
			text = write_characters(&writer, text);
			continue;
		}
		const char *next = skip(&writer, text);
		text = next == text ? write_tag(&writer, text + 1) : next;
	}
	if (text != NULL && writer.begun && writer.depth == 0)
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "a figure is not an SVG document that can stand in a page");
}
