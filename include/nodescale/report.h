/* The report: one HTML page about a results file that needs nothing else: no network, no fonts, no scripts to be read. */
#ifndef NODESCALE_REPORT_H
#define NODESCALE_REPORT_H

#include <nodescale/reader.h>

/* Writes the page to path, in one step: what stands there is a whole page, this one or an earlier one. source: name of the
 * results file, as the page gives it. The same results under the same name give the same bytes on the same machine. Figures are
 * drawn in a folder of their own below TMPDIR or /tmp, which is removed. NS_BAD_INPUT: path cannot be written. NS_FAILED: a
 * result is damaged, or gnuplot is missing or failed. */
enum ns_status ns_report_write(struct ns_reader *reader, const char *source, const char *path, struct ns_error *error);

#endif
