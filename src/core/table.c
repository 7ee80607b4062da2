/* libcsv splits the fields but does not know where it is, so the file is fed to it byte by byte and the place is counted here. */
#include <csv.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <nodescale/number.h>
#include <nodescale/table.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";
static const size_t largest_file = (size_t)4 << 30;

struct table_reader {
	struct ns_table *table;
	const char *path;
	struct ns_error *error;
	enum ns_status status;
	size_t line, column;             /* of the next byte, from 1 */
	size_t field_line, field_column; /* where the present field starts, blanks before it left out */
	bool in_field;                   /* behind that place */
	size_t field;                    /* number of the present field in its row, from 0 */
	bool header_is_read;
	size_t row_line; /* where the present row starts */
	size_t name_room, row_room;
};

static void fail_at(struct table_reader *reader, size_t line, size_t column, const char *what, const char *expected)
{
	if (reader->status == NS_OK)
		reader->status = ns_error_set(
			reader->error, NS_BAD_INPUT, "%s:%zu:%zu: %s; expected %s", reader->path, line, column, what, expected);
}

static void out_of_memory(struct table_reader *reader, size_t bytes)
{
	if (reader->status == NS_OK)
		reader->status = ns_error_memory(reader->error, reader->path, (double)bytes);
}

static void take_name(struct table_reader *reader, const char *text, size_t length)
{
	struct ns_table *table = reader->table;
	if (table->n_columns == reader->name_room) {
		const size_t room = 2 * reader->name_room + 16;
		char **names = ns_grow(table->names, table->n_columns, room, sizeof *names);
		if (names == NULL) {
			out_of_memory(reader, room * sizeof *names);
			return;
		}
		table->names = names;
		reader->name_room = room;
	}
	char *name = ns_alloc(length + 1, 1);
	if (name == NULL) {
		out_of_memory(reader, length);
		return;
	}
	memcpy(name, text, length);
	table->names[table->n_columns++] = name;
}

static void make_room_for_row(struct table_reader *reader)
{
	struct ns_table *table = reader->table;
	if (table->n_rows < reader->row_room)
		return;
	const size_t room = 2 * reader->row_room + 64;
	double *values = ns_grow(table->values, table->n_rows, room, table->n_columns * sizeof *values);
	if (values != NULL)
		table->values = values;
	size_t *lines = ns_grow(table->lines, table->n_rows, room, sizeof *lines);
	if (lines != NULL)
		table->lines = lines;
	if (values == NULL || lines == NULL)
		out_of_memory(reader, room * table->n_columns * sizeof *values);
	else
		reader->row_room = room;
}

static void take_number(struct table_reader *reader, const char *text, size_t length)
{
	struct ns_table *table = reader->table;
	double value;
	if (reader->field >= table->n_columns) {
		char expected[64];
		snprintf(expected, sizeof expected, "%zu fields, as the header has", table->n_columns);
		fail_at(reader, reader->field_line, reader->field_column, "one field too many", expected);
		return;
	}
	if (reader->field == 0)
		make_room_for_row(reader);
	if (reader->status != NS_OK)
		return;
	if (ns_number_real(text, length, &value) != NS_NUMBER_OK) {
		char what[256];
		snprintf(what, sizeof what, "column %.80s has \"%.60s\"", table->names[reader->field], text);
		fail_at(reader, reader->field_line, reader->field_column, what, "a finite number");
		return;
	}
	table->values[table->n_rows * table->n_columns + reader->field] = value;
}

static void end_field(void *text, size_t length, void *context)
{
	struct table_reader *reader = context;
	if (reader->status != NS_OK)
		return;
	if (reader->field == 0)
		reader->row_line = reader->field_line;
	if (reader->header_is_read)
		take_number(reader, text, length);
	else
		take_name(reader, text, length);
	reader->field++;
	reader->in_field = false;
}

static void end_header(struct table_reader *reader)
{
	struct ns_table *table = reader->table;
	double number;
	size_t n_numbers = 0;
	for (size_t c = 0; c < table->n_columns; c++)
		n_numbers += ns_number_real(table->names[c], strlen(table->names[c]), &number) == NS_NUMBER_OK;
	if (n_numbers == table->n_columns)
		fail_at(reader, reader->row_line, 1, "the first line holds numbers", "the names of the columns");
	table->header_line = reader->row_line;
	reader->header_is_read = true;
}

static void end_row(int terminator, void *context)
{
	struct table_reader *reader = context;
	struct ns_table *table = reader->table;
	if (reader->status != NS_OK)
		return;
	if (!reader->header_is_read) {
		end_header(reader);
	} else if (reader->field < table->n_columns) {
		char what[128], expected[128];
		snprintf(what, sizeof what, "the row ends after %zu of %zu fields", reader->field, table->n_columns);
		snprintf(expected, sizeof expected, "a number for column %.80s", table->names[reader->field]);
		fail_at(reader, reader->line, reader->column, what, expected);
	} else {
		table->lines[table->n_rows++] = reader->row_line;
	}
	reader->field = 0;
}

/* Counts characters, not bytes: bytes 10xxxxxx continue one in UTF-8. */
static void step_over(struct table_reader *reader, char byte, char next)
{
	if (byte == '\n' || (byte == '\r' && next != '\n')) {
		reader->line++;
		reader->column = 1;
	} else if (((unsigned char)next & 0xc0) != 0x80) {
		reader->column++;
	}
}

static void mark_field(struct table_reader *reader)
{
	if (reader->in_field)
		return;
	reader->field_line = reader->line;
	reader->field_column = reader->column;
}

static void cannot_parse(struct table_reader *reader, struct csv_parser *parser)
{
	if (csv_error(parser) == CSV_EPARSE)
		fail_at(reader, reader->line, reader->column, "a misplaced quote",
			"quotes around a whole field, and quotes inside it doubled");
	else
		out_of_memory(reader, csv_get_buffer_size(parser));
}

static void feed(struct table_reader *reader, struct csv_parser *parser, const char *text, size_t length)
{
	for (size_t i = 0; i < length && reader->status == NS_OK; i++) {
		mark_field(reader);
		reader->in_field = reader->in_field || strchr(" \t\r\n", text[i]) == NULL;
		if (csv_parse(parser, text + i, 1, end_field, end_row, reader) != 1)
			cannot_parse(reader, parser);
		step_over(reader, text[i], text[i + 1]);
	}
	mark_field(reader);
	if (reader->status == NS_OK && csv_fini(parser, end_field, end_row, reader) != 0)
		fail_at(reader, reader->field_line, reader->field_column, "a quote that is never closed", "a closing quote");
}

static enum ns_status parse(struct table_reader *reader, const char *text, size_t length)
{
	struct csv_parser parser;
	const size_t mark = length >= 3 && memcmp(text, byte_order_mark, 3) == 0 ? 3 : 0;
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
		return ns_error_memory(reader->error, reader->path, sizeof parser);
	feed(reader, &parser, text + mark, length - mark);
	csv_free(&parser);
	if (!reader->header_is_read)
		fail_at(reader, 1, 1, "the file is empty", "a line of column names and rows of numbers");
	if (reader->table->n_rows == 0)
		fail_at(reader, reader->line, reader->column, "the file ends after its header", "rows of numbers");
	return reader->status;
}

static enum ns_status check_sha256(
	const char *path, const char *text, size_t length, const char *expected, struct ns_error *error)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char found[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned size = 0;
	if (EVP_Digest(text, length, hash, &size, EVP_sha256(), NULL) != 1)
		return ns_error_set(error, NS_FAILED, "%s: libcrypto cannot compute its SHA-256", path);
	for (unsigned byte = 0; byte < size; byte++)
		snprintf(found + 2 * byte, 3, "%02x", hash[byte]);
	if (strcasecmp(found, expected) == 0)
		return NS_OK;
	return ns_error_set(error, NS_BAD_INPUT,
		"%s: has the sha256 %s; expected %s, which the spec gives: another file, or "
		"the same numbers written otherwise",
		path, found, expected);
}

enum ns_status ns_table_read(struct ns_table *table, const char *path, const char *sha256, struct ns_error *error)
{
	char *text;
	size_t length;
	*table = (struct ns_table){0};
	enum ns_status status = ns_file_read(path, largest_file, &text, &length, error);
	if (status != NS_OK)
		return status;
	struct table_reader reader = {.table = table, .path = path, .error = error, .line = 1, .column = 1};
	if (sha256 != NULL && *sha256 != '\0')
		status = check_sha256(path, text, length, sha256, error);
	if (status == NS_OK)
		status = parse(&reader, text, length);
	ns_free(text);
	if (status != NS_OK)
		ns_table_finish(table);
	return status;
}

void ns_table_finish(struct ns_table *table)
{
	for (size_t c = 0; c < table->n_columns; c++)
		ns_free(table->names[c]);
	ns_free(table->names);
	ns_free(table->values);
	ns_free(table->lines);
	*table = (struct ns_table){0};
}
