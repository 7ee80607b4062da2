#include "index.h"
#include <inttypes.h>
#include <nodescale/memory.h>
#include <stdlib.h>

static int by_id(const void *a, const void *b)
{
	const struct ns_index_entry *one = a, *other = b;
	return (one->id > other->id) - (one->id < other->id);
}

enum ns_status ns_index_init(struct ns_index *index, const struct ns_point *points, size_t n, struct ns_error *error)
{
	*index = (struct ns_index){.entries = ns_alloc(n, sizeof *index->entries), .n = n};
	if (index->entries == NULL)
		return ns_error_memory(error, "the list of points", (double)(n * sizeof *index->entries));
	for (size_t p = 0; p < n; p++)
		index->entries[p] = (struct ns_index_entry){ns_point_id(&points[p]), p};
	qsort(index->entries, n, sizeof *index->entries, by_id);
	for (size_t k = 1; k < n; k++)
		if (index->entries[k].id == index->entries[k - 1].id) {
			const size_t one = index->entries[k - 1].place, other = index->entries[k].place;
			ns_index_finish(index);
			return ns_error_set(error, NS_BAD_INPUT, "points %zu and %zu have the same identity", one, other);
		}
	return NS_OK;
}

void ns_index_finish(struct ns_index *index)
{
	ns_free(index->entries);
	*index = (struct ns_index){0};
}

size_t ns_index_find(const struct ns_index *index, uint64_t id)
{
	const struct ns_index_entry wanted = {.id = id},
				    *found = bsearch(&wanted, index->entries, index->n, sizeof wanted, by_id);
	return found != NULL ? found->place : SIZE_MAX;
}
