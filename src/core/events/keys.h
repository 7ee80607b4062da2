/* A hierarchy of minima over float keys: which leaves are due at a time, without touching the others.
 *
 * Invariant: an inner key is the least of the 16 below it; leaves past the capacity are INFINITY. So finding the due leaves costs
 * about one 16-wide comparison per due leaf and level, and changing a key costs one per level: nothing is linear in the leaves.
 *
 * Keys are times at which something must be looked at. They are rounded down, times now are rounded up (ns_key_of, ns_key_now),
 * and README.md, "One margin for all rounding", shows that the rounding down covers every other rounding error of a certificate.
 */
#ifndef NODESCALE_EVENTS_KEYS_H
#define NODESCALE_EVENTS_KEYS_H

#include "kernels.h"
#include <stdbool.h>

enum { NS_KEY_LEVELS = 9 };

struct ns_key_tree {
	const struct ns_events_kernels *kernels;
	int levels;                 /* key[levels - 1] is one group of 16 */
	size_t capacity;            /* leaves */
	size_t size[NS_KEY_LEVELS]; /* keys per level, multiples of 16 */
	float *key[NS_KEY_LEVELS];  /* key[0]: the leaves */
	uint32_t *due[2];           /* (size[0]) scratch of ns_keys_due */
};

/* All keys INFINITY. False if memory is short; release with ns_keys_finish either way. */
bool ns_keys_init(struct ns_key_tree *tree, const struct ns_events_kernels *kernels, size_t capacity);
void ns_keys_finish(struct ns_key_tree *tree);
double ns_keys_bytes(double capacity);

/* More leaves, the new ones INFINITY. False, with the tree as it was, if memory is short. */
bool ns_keys_grow(struct ns_key_tree *tree, size_t capacity);

/* Sets a leaf to a key no greater than the one it has. */
void ns_keys_lower(struct ns_key_tree *tree, size_t leaf, float key);

/* Restores the invariant above a leaf, or several of its group of 16, written directly in key[0]. */
void ns_keys_refresh(struct ns_key_tree *tree, size_t leaf);

/* Restores it everywhere. */
void ns_keys_rebuild(struct ns_key_tree *tree);

/* The leaves with key <= now in ascending order: the array is the tree's and valid until the next call. */
size_t ns_keys_due(struct ns_key_tree *tree, float now, const uint32_t **due);

/* Largest finite key. Absent things have INFINITY, which no time reaches. */
#define NS_KEY_MOST 0x1.fffffep127f

/* A key below time by at least time * 2^-24; 0 for NaN and for what is too small for that to hold. */
static inline float ns_key_of(double time)
{
	const double lower = time * (1 - 0x1p-23);
	if (!(lower > 1e-30))
		return 0;
	return lower < (double)NS_KEY_MOST ? (float)lower : NS_KEY_MOST;
}

/* The least float not below time, at most NS_KEY_MOST: every finite key is due when a clock overflows, INFINITY never is. */
static inline float ns_key_now(double time)
{
	const double upper = time * (1 + 0x1p-23);
	return upper < (double)NS_KEY_MOST ? (float)upper : NS_KEY_MOST;
}

#endif
