/* What a results file needs before a sweep can go on in it, on one rank. Private to src/store. */
#ifndef NODESCALE_STORE_PREPARE_H
#define NODESCALE_STORE_PREPARE_H

#include "slots.h"
#include <nodescale/store.h>

struct ns_prepared {
	struct ns_seal seal;
	bool checked;    /* every slot has been looked at, or is new */
	char news[1024]; /* what was done to an existing file, for people; empty if nothing */
};

/* Makes path be a sound file that holds every point of the sweep: as it is if it is one, else created, extended, or made anew
 * from what is whole of a damaged file, which is kept as PATH.damaged. NS_BAD_INPUT, with nothing changed, if it is of another
 * experiment (with every field that differs, and both values), no results file, or not writable. */
enum ns_status ns_prepare(
	const char *path, const struct ns_sweep_description *sweep, struct ns_prepared *prepared, struct ns_error *error);

#endif
