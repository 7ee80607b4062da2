/* Whether a file is of a sweep. Private to src/store. */
#ifndef NODESCALE_STORE_MATCH_H
#define NODESCALE_STORE_MATCH_H

#include <nodescale/store.h>

/* NS_BAD_INPUT with every field that differs and both its values, or if the file cannot be read or written. */
enum ns_status ns_match(const char *path, const struct ns_sweep_description *sweep, struct ns_error *error);

#endif
