/* Running gnuplot, and what it leaves that depends on the hour. */
#ifndef NODESCALE_ANALYSIS_GNUPLOT_H
#define NODESCALE_ANALYSIS_GNUPLOT_H

#include <nodescale/status.h>

/* Runs `gnuplot -e settings script` in folder, without a shell. The folder's name reaches no script: script, and the names in
 * settings, are relative to it. NS_FAILED with gnuplot's own words if it is missing or ends with anything but success. */
enum ns_status ns_gnuplot_run(const char *folder, const char *settings, const char *script, struct ns_error *error);

/* Overwrites the date of creation in a PDF file. */
enum ns_status ns_gnuplot_clear_pdf_date(const char *path, struct ns_error *error);

#endif
