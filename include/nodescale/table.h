/* A table of numbers from a CSV file (RFC 4180): one header line of column names, then rows of as many numbers. CRLF and LF,
 * quoted fields, blanks around numbers, a byte order mark and blank lines are fine. */
#ifndef NODESCALE_TABLE_H
#define NODESCALE_TABLE_H

#include <nodescale/status.h>
#include <stddef.h>

struct ns_table {
	size_t n_columns, n_rows;
	char **names;       /* (n_columns) */
	double *values;     /* (n_rows, n_columns) row-major, all finite */
	size_t header_line; /* in the file, from 1, for errors about the columns */
	size_t *lines;      /* (n_rows) the same of each row, for errors about its contents */
};

/* Anything but such a file is NS_BAD_INPUT with path:line:column, where column is the character at which the field starts, and
 * the column's name, and so is one of another SHA-256 than sha256 (hexadecimal; NULL or empty: any). Release with
 * ns_table_finish. */
enum ns_status ns_table_read(struct ns_table *table, const char *path, const char *sha256, struct ns_error *error);
void ns_table_finish(struct ns_table *table);

#endif
