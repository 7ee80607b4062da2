#include "metadata.h"
#include <errno.h>
#include <inttypes.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FIELDS = 5, FILE_MOST = 1 << 30 };

struct field {
	const char *name, *text; /* as PDF and PNG know it, if they know it at all */
};

static void list_fields(const struct ns_metadata *metadata, struct field *fields)
{
	fields[0] = (struct field){"Title", metadata->title};
	fields[1] = (struct field){"Subject", metadata->description};
	fields[2] = (struct field){"Results", metadata->results};
	fields[3] = (struct field){"Points", metadata->points};
	fields[4] = (struct field){"Command", metadata->command};
}

/* --- PDF: an update at the end of the file, with a new information dictionary (ISO 32000-1, 7.5.6) --- */

/* UTF-16, big-endian, in hexadecimal, after a byte order mark. */
static void print_utf16(FILE *out, const char *text)
{
	fputs("<FEFF", out);
	for (const unsigned char *c = (const unsigned char *)text; *c != 0;) {
		const int more = *c < 0x80 ? 0 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;
		uint32_t code = more == 0 ? *c : *c & (0x3fu >> more);
		c++;
		for (int k = 0; k < more && (*c & 0xc0) == 0x80; k++)
			code = code << 6 | (*c++ & 0x3fu);
		if (code >= 0x10000)
			fprintf(out, "%04X%04X", 0xd800 + ((code - 0x10000) >> 10 & 0x3ff), 0xdc00 + (code & 0x3ff));
		else
			fprintf(out, "%04X", code);
	}
	fputc('>', out);
}

/* What an update must repeat of the file it updates. */
struct pdf {
	size_t table; /* where its cross-reference table, or stream, begins */
	bool has_stream;
	unsigned long objects, root, root_generation;
};

static bool read_pdf(const char *content, size_t size, struct pdf *pdf)
{
	static const char start[] = "startxref";
	const char *found = NULL;
	for (const char *next = content; (next = memmem(next, size - (size_t)(next - content), start, strlen(start))) != NULL;
		next++)
		found = next;
	if (found == NULL)
		return false;
	pdf->table = strtoul(found + strlen(start), NULL, 10);
	if (pdf->table == 0 || pdf->table >= size)
		return false;
	pdf->has_stream = strncmp(content + pdf->table, "xref", 4) != 0;
	const char *length = memmem(content + pdf->table, size - pdf->table, "/Size ", 6),
		   *root = memmem(content + pdf->table, size - pdf->table, "/Root ", 6);
	return length != NULL && root != NULL && sscanf(length, "/Size %lu", &pdf->objects) == 1 &&
	       sscanf(root, "/Root %lu %lu R", &pdf->root, &pdf->root_generation) == 2;
}

static void print_offset(FILE *out, size_t offset)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		fputc((int)(offset >> shift & 0xff), out);
}

static bool update_pdf(FILE *out, const char *content, size_t size, const struct field *fields)
{
	struct pdf pdf;
	if (!read_pdf(content, size, &pdf))
		return false;
	fwrite(content, 1, size, out);
	fputc('\n', out);
	const size_t dictionary = (size_t)ftell(out);
	fprintf(out, "%lu 0 obj\n<< /Creator (nodescale figures, gnuplot)", pdf.objects);
	for (int f = 0; f < FIELDS; f++)
		if (fields[f].text != NULL && *fields[f].text != 0) {
			fprintf(out, "\n/%s ", fields[f].name);
			print_utf16(out, fields[f].text);
		}
	fputs(" >>\nendobj\n", out);
	const size_t table = (size_t)ftell(out);
	if (pdf.has_stream) { /* in a file with cross-reference streams the update has to be one too: two entries of 1 + 4 + 2
				 bytes */
		fprintf(out,
			"%lu 0 obj\n<< /Type /XRef /Size %lu /W [1 4 2] /Index [%lu 2] /Root %lu %lu R /Info %lu 0 R /Prev %zu "
			"/Length 14 >>\nstream\n",
			pdf.objects + 1, pdf.objects + 2, pdf.objects, pdf.root, pdf.root_generation, pdf.objects, pdf.table);
		for (int k = 0; k < 2; k++) {
			fputc(1, out);
			print_offset(out, k == 0 ? dictionary : table);
			fputc(0, out);
			fputc(0, out);
		}
		fputs("\nendstream\nendobj\n", out);
	} else {
		fprintf(out, "xref\n%lu 1\n%010zu 00000 n \ntrailer\n<< /Size %lu /Root %lu %lu R /Info %lu 0 R /Prev %zu >>\n",
			pdf.objects, dictionary, pdf.objects + 1, pdf.root, pdf.root_generation, pdf.objects, pdf.table);
	}
	fprintf(out, "startxref\n%zu\n%%%%EOF\n", table);
	return true;
}

/* --- PNG: text chunks behind the header (PNG specification, 11.3.4) --- */

static void print_chunk(FILE *out, const char *type, const char *content, size_t size)
{
	uLong sum = crc32(crc32(0, NULL, 0), (const Bytef *)type, 4);
	sum = crc32(sum, (const Bytef *)content, (uInt)size);
	print_offset(out, size);
	fwrite(type, 1, 4, out);
	fwrite(content, 1, size, out);
	print_offset(out, sum);
}

static void print_text_chunk(FILE *out, const struct field *field)
{
	char content[8192];
	const char *name = strcmp(field->name, "Subject") == 0 ? "Description" : field->name;
	const bool ascii = field->text[strspn(field->text, " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
							   "abcdefghijklmnopqrstuvwxyz{|}~")] == 0;
	size_t length = strlen(name) + 1;
	memcpy(content, name, length);
	if (!ascii) { /* UTF-8: not compressed, no language, name not translated */
		memset(content + length, 0, 4);
		length += 4;
	}
	const size_t text = strnlen(field->text, sizeof content - length);
	memcpy(content + length, field->text, text);
	print_chunk(out, ascii ? "tEXt" : "iTXt", content, length + text);
}

static bool update_png(FILE *out, const char *content, size_t size, const struct field *fields)
{
	enum { HEADER = 8 + 25 }; /* signature, IHDR */
	if (size < HEADER || memcmp(content, "\x89PNG\r\n\x1a\n", 8) != 0)
		return false;
	fwrite(content, 1, HEADER, out);
	for (int f = 0; f < FIELDS; f++)
		if (fields[f].text != NULL && *fields[f].text != 0)
			print_text_chunk(out, &fields[f]);
	fwrite(content + HEADER, 1, size - HEADER, out);
	return true;
}

/* --- SVG: title and desc, which readers show and speak, in place of gnuplot's; metadata --- */

static void print_escaped(FILE *out, const char *text)
{
	for (; *text != 0; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			fputc(*text, out);
		}
}

/* A cell of a map as gnuplot writes it is twice as long as it need be, and a map has thousands: tenths of a unit are 1/600 cm. */
static bool print_cell(FILE *out, const char *text, size_t length)
{
	char line[160];
	unsigned red, green, blue;
	double x[4], y[4];
	if (length >= sizeof line)
		return false;
	memcpy(line, text, length); /* sscanf looks for the end of what it is given */
	line[length] = 0;
	if (sscanf(line, " <polygon fill = 'rgb(%u, %u, %u)' points = '%lf,%lf %lf,%lf %lf,%lf %lf,%lf '/>", &red, &green, &blue,
		    &x[0], &y[0], &x[1], &y[1], &x[2], &y[2], &x[3], &y[3]) != 11)
		return false;
	if (x[0] != x[3] || x[1] != x[2] || y[0] != y[1] || y[2] != y[3] || (red | green | blue) > 255)
		return false;
	fprintf(out, "<path fill=\"#%02x%02x%02x\" d=\"M%.1f %.1fH%.1fV%.1fH%.1fz\"/>\n", red, green, blue, x[0], y[0], x[1],
		y[2], x[0]);
	return true;
}

static void print_shorter(FILE *out, const char *text, size_t size)
{
	for (const char *end = text + size; text < end;) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		next = next != NULL ? next + 1 : end;
		if (!print_cell(out, text, (size_t)(next - text)))
			fwrite(text, 1, (size_t)(next - text), out);
		text = next;
	}
}

static bool update_svg(FILE *out, const char *content, size_t size, const struct field *fields)
{
	const char *title = memmem(content, size, "<title>", 7), *end = memmem(content, size, "</desc>", 7);
	if (title == NULL || end == NULL || end < title)
		return false;
	end += strlen("</desc>");
	fwrite(content, 1, (size_t)(title - content), out);
	fputs("<title>", out);
	print_escaped(out, fields[0].text);
	fputs("</title>\n<desc>", out);
	print_escaped(out, fields[1].text);
	fputs("</desc>\n<metadata>", out);
	for (int f = 2; f < FIELDS; f++)
		if (fields[f].text != NULL && *fields[f].text != 0) {
			fprintf(out, "\n%s: ", fields[f].name);
			print_escaped(out, fields[f].text);
		}
	fputs("\n</metadata>", out);
	print_shorter(out, end, size - (size_t)(end - content));
	return true;
}

enum ns_status ns_metadata_write(
	const char *path, enum ns_figure_format format, const struct ns_metadata *metadata, struct ns_error *error)
{
	static bool (*const updates[])(FILE *, const char *, size_t, const struct field *) = {
		[NS_FIGURE_PDF] = update_pdf, [NS_FIGURE_PNG] = update_png, [NS_FIGURE_SVG] = update_svg};
	struct field fields[FIELDS];
	char *content;
	size_t size;
	const enum ns_status status = ns_file_read(path, FILE_MOST, &content, &size, error);
	if (status != NS_OK)
		return status;
	list_fields(metadata, fields);
	FILE *out = fopen(path, "w");
	bool done = out != NULL && updates[format](out, content, size, fields) && !ferror(out);
	const int reason = errno;
	done = out != NULL && fclose(out) == 0 && done;
	ns_free(content);
	if (done)
		return NS_OK;
	return ns_error_set(error, NS_FAILED, "%s: where it comes from cannot be written into it%s%s", path,
		out == NULL ? ": " : "", out == NULL ? strerror(reason) : "");
}
