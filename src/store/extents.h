/* Sizes of the file of a sweep. Private to src/store. */
#ifndef NODESCALE_STORE_EXTENTS_H
#define NODESCALE_STORE_EXTENTS_H

#include <nodescale/schema.h>
#include <nodescale/store.h>

/* NS_BAD_INPUT for a sweep that has nothing to store. */
enum ns_status ns_extents_of_sweep(const struct ns_sweep_description *sweep, struct ns_extents *extents, struct ns_error *error);

#endif
