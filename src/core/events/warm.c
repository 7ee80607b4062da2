/* Warm pairs. Invariant: the key of a record in use is a value of psi until which the sign of its pair is certain; every record
 * whose node changed since has key -1, which is always due. Records not in use have key INFINITY. */
#include "events.h"
#include <assert.h>
#include <math.h>
#include <nodescale/memory.h>

static const float ALWAYS_DUE = -1;

bool ns_warm_reserve(struct ns_events *e, size_t more)
{
	struct ns_warm *warm = &e->warm;
	const size_t needed = warm->used + more < e->most_warm ? warm->used + more : e->most_warm;
	if (needed <= warm->keys.capacity)
		return true;
	size_t capacity = 2 * warm->keys.capacity > needed ? 2 * warm->keys.capacity : needed;
	capacity = capacity < e->most_warm ? capacity : e->most_warm;
	struct ns_warm_pair *pair = ns_grow(warm->pair, warm->used, capacity, sizeof *pair);
	if (pair == NULL)
		return false;
	warm->pair = pair;
	return ns_keys_grow(&warm->keys, capacity);
}

void ns_warm_add(struct ns_events *e, size_t i, size_t j, double z0, float key)
{
	struct ns_warm *warm = &e->warm;
	int32_t record = warm->free;
	if (record >= 0)
		warm->free = warm->pair[record].next;
	else
		record = (int32_t)warm->used++;
	assert((size_t)record < warm->keys.capacity);
	warm->pair[record] =
		(struct ns_warm_pair){.z0 = z0, .sample = (uint32_t)i, .node = (uint32_t)j, .next = e->nodes.node[j].warm};
	e->nodes.node[j].warm = record;
	warm->count++;
	ns_keys_lower(&warm->keys, (size_t)record, key);
}

void ns_warm_remove(struct ns_events *e, int32_t record)
{
	struct ns_warm *warm = &e->warm;
	int32_t *link = &e->nodes.node[warm->pair[record].node].warm;
	while (*link != record)
		link = &warm->pair[*link].next;
	*link = warm->pair[record].next;
	warm->pair[record].next = warm->free;
	warm->free = record;
	warm->count--;
	warm->keys.key[0][record] = INFINITY;
	ns_keys_refresh(&warm->keys, (size_t)record);
}

void ns_warm_invalidate_node(struct ns_events *e, size_t j)
{
	for (int32_t record = e->nodes.node[j].warm; record >= 0; record = e->warm.pair[record].next)
		ns_keys_lower(&e->warm.keys, (size_t)record, ALWAYS_DUE);
}

void ns_warm_invalidate_all(struct ns_events *e)
{
	float *key = e->warm.keys.key[0];
	for (size_t record = 0; record < e->warm.used; record++)
		if (key[record] != INFINITY)
			key[record] = ALWAYS_DUE;
	ns_keys_rebuild(&e->warm.keys);
}
