/* Where results come from: what a results file says of the program, its libraries and the machine. */
#ifndef NODESCALE_PROVENANCE_H
#define NODESCALE_PROVENANCE_H

#include <stddef.h>

enum { NS_PROVENANCE_LENGTH = 512 };

struct ns_provenance_item {
	const char *name;                          /* of the attribute */
	void (*describe)(char *text, size_t size); /* this process, at this moment */
};

/* NULL-terminated (name NULL). */
extern const struct ns_provenance_item ns_provenance[];

#endif
