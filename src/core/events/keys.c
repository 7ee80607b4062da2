#include "keys.h"
#include <assert.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static size_t padded(size_t count)
{
	return (count + NS_FANOUT - 1) / NS_FANOUT * NS_FANOUT;
}

bool ns_keys_init(struct ns_key_tree *tree, const struct ns_events_kernels *kernels, size_t capacity)
{
	*tree = (struct ns_key_tree){.kernels = kernels, .capacity = capacity};
	size_t count = capacity > 0 ? capacity : 1;
	do {
		tree->size[tree->levels] = padded(count);
		count = tree->size[tree->levels] / NS_FANOUT;
		tree->levels++;
	} while (count > 1);
	for (int level = 0; level < tree->levels; level++) {
		tree->key[level] = ns_alloc(tree->size[level], sizeof(float));
		if (tree->key[level] == NULL)
			return false;
		for (size_t e = 0; e < tree->size[level]; e++)
			tree->key[level][e] = INFINITY;
	}
	for (int side = 0; side < 2; side++)
		if ((tree->due[side] = ns_alloc(tree->size[0], sizeof(uint32_t))) == NULL)
			return false;
	return true;
}

void ns_keys_finish(struct ns_key_tree *tree)
{
	for (int level = 0; level < tree->levels; level++)
		ns_free(tree->key[level]);
	ns_free(tree->due[0]);
	ns_free(tree->due[1]);
	*tree = (struct ns_key_tree){0};
}

double ns_keys_bytes(double capacity)
{
	return (capacity + NS_FANOUT) * 4 * (1 + 1 / 15.0 + 2) + 64.0 * NS_KEY_LEVELS;
}

bool ns_keys_grow(struct ns_key_tree *tree, size_t capacity)
{
	struct ns_key_tree larger;
	if (!ns_keys_init(&larger, tree->kernels, capacity)) {
		ns_keys_finish(&larger);
		return false;
	}
	memcpy(larger.key[0], tree->key[0], tree->size[0] * sizeof(float));
	ns_keys_rebuild(&larger);
	ns_keys_finish(tree);
	*tree = larger;
	return true;
}

void ns_keys_lower(struct ns_key_tree *tree, size_t leaf, float key)
{
	assert(leaf < tree->capacity && key <= tree->key[0][leaf]);
	tree->key[0][leaf] = key;
	for (int level = 1; level < tree->levels; level++) {
		leaf /= NS_FANOUT;
		if (tree->key[level][leaf] <= key)
			return;
		tree->key[level][leaf] = key;
	}
}

void ns_keys_refresh(struct ns_key_tree *tree, size_t leaf)
{
	for (int level = 1; level < tree->levels; level++) {
		leaf /= NS_FANOUT;
		const float least = tree->kernels->least(tree->key[level - 1] + leaf * NS_FANOUT);
		if (tree->key[level][leaf] == least)
			return;
		tree->key[level][leaf] = least;
	}
}

void ns_keys_rebuild(struct ns_key_tree *tree)
{
	for (int level = 1; level < tree->levels; level++)
		for (size_t e = 0; e < tree->size[level - 1] / NS_FANOUT; e++)
			tree->key[level][e] = tree->kernels->least(tree->key[level - 1] + e * NS_FANOUT);
}

size_t ns_keys_due(struct ns_key_tree *tree, float now, const uint32_t **due)
{
	size_t count = 1;
	uint32_t *groups = tree->due[0], *found = tree->due[1];
	groups[0] = 0;
	for (int level = tree->levels - 1; level >= 0; level--) {
		size_t n_found = 0;
		for (size_t g = 0; g < count; g++) {
			const uint32_t first = groups[g] * NS_FANOUT;
			for (unsigned bits = tree->kernels->below(tree->key[level] + first, now); bits != 0; bits &= bits - 1) {
				found[n_found] = first + (uint32_t)__builtin_ctz(bits);
				if (level > 0)
					__builtin_prefetch(tree->key[level - 1] + (size_t)found[n_found] * NS_FANOUT);
				n_found++;
			}
		}
		uint32_t *const previous = groups;
		groups = found;
		found = previous;
		count = n_found;
	}
	*due = groups;
	return count;
}
