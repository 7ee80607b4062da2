/* SVG documents as part of an HTML page. */
#ifndef NODESCALE_ANALYSIS_SVG_H
#define NODESCALE_ANALYSIS_SVG_H

#include <nodescale/status.h>
#include <stdio.h>

/* Writes the document without what a page has no use for: XML declaration, document type, comments, scripts, metadata, and
 * the document's own title and description, in whose place stands `label`, for those who hear the page. Every id, and every
 * reference to one, gets "prefix-" in front: ids are the page's, and gnuplot uses the same in every figure. Deals with what
 * gnuplot writes, not with all of SVG (no style sheets). NS_FAILED if svg is not one whole document. */
enum ns_status ns_svg_inline(FILE *out, const char *svg, const char *prefix, const char *label, struct ns_error *error);

#endif
