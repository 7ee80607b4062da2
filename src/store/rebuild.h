/* A new file that takes over what others have finished: how a file grows, is mended, and is merged. Private to src/store. */
#ifndef NODESCALE_STORE_REBUILD_H
#define NODESCALE_STORE_REBUILD_H

#include "slots.h"
#include <nodescale/store.h>

/* A file to take slots from, whole or damaged. */
struct ns_source {
	const char *name; /* for errors */
	int file;
	struct ns_slots slots;
};

/* What became of the slots of all sources. */
struct ns_rebuilt {
	size_t kept, lost;     /* results: copied; said to be there, but damaged */
	size_t lost_followups; /* damaged results of experiments after training, of trained results that were kept */
	size_t lost_in;        /* the last source with lost ones of either kind */
};

/* Makes temporary for the sweep, which names every point of the sources, and copies all slots whose bytes are whole. Two results
 * of one point that differ are NS_BAD_INPUT, naming the point and both files; a result goes before a mark, a mark before none. */
enum ns_status ns_rebuild(const char *temporary, const struct ns_sweep_description *sweep, const struct ns_source *sources,
	size_t n_sources, struct ns_rebuilt *rebuilt, struct ns_error *error);

#endif
