/* Where a point stands in a list of points. Private to src/store. */
#ifndef NODESCALE_STORE_INDEX_H
#define NODESCALE_STORE_INDEX_H

#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stddef.h>

struct ns_index_entry {
	uint64_t id;
	size_t place;
};

struct ns_index {
	struct ns_index_entry *entries; /* (n) in the order of id */
	size_t n;
};

/* NS_BAD_INPUT if two points have the same identity. Release with ns_index_finish. */
enum ns_status ns_index_init(struct ns_index *index, const struct ns_point *points, size_t n, struct ns_error *error);
void ns_index_finish(struct ns_index *index);

/* SIZE_MAX if there is none. */
size_t ns_index_find(const struct ns_index *index, uint64_t id);

#endif
