#include "map.h"
#include "values.h"
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

/* NaN goes with every value. */
static bool same(const double *a, const double *b)
{
	for (int key = 0; key < NS_KEY_COUNT; key++)
		if (a[key] != b[key] && !isnan(a[key]) && !isnan(b[key]))
			return false;
	return true;
}

static void fix(double *fixed, const struct ns_curve *curve, unsigned free_keys)
{
	for (int key = 0; key < NS_KEY_COUNT; key++)
		fixed[key] = free_keys & NS_KEY_BIT(key) ? NAN : ns_key_of_curve(curve, (enum ns_key)key);
}

static void name(struct ns_facet *facet, unsigned varying)
{
	facet->suffix[0] = facet->words[0] = 0;
	for (int key = 0; key < NS_KEY_COUNT; key++) {
		const size_t s = strlen(facet->suffix), w = strlen(facet->words);
		char grouped[64];
		if (isnan(facet->fixed[key]))
			continue;
		ns_grouped_words((uint64_t)facet->fixed[key], grouped, sizeof grouped);
		if (varying & NS_KEY_BIT(key))
			snprintf(facet->suffix + s, sizeof facet->suffix - s, "_%s%.6g", ns_keys[key].name, facet->fixed[key]);
		if (key == NS_KEY_M)
			snprintf(facet->words + w, sizeof facet->words - w, "; m = %s", grouped);
		else
			snprintf(
				facet->words + w, sizeof facet->words - w, "; %s = %.6g", ns_keys[key].symbol, facet->fixed[key]);
	}
}

enum ns_status ns_facets_init(struct ns_facet **facets, size_t *n_facets, const struct ns_aggregate *aggregate, enum ns_key x,
	enum ns_key y, struct ns_error *error)
{
	const unsigned free_keys = aggregate->over | NS_KEY_BIT(x) | NS_KEY_BIT(y);
	struct ns_facet *all = ns_alloc(aggregate->n_curves, sizeof *all);
	size_t n = 0;
	unsigned varying = 0;
	if (all == NULL)
		return ns_error_memory(error, "the maps", (double)(aggregate->n_curves * sizeof *all));
	/* from the end: what has no alpha (gamma = 1) comes first among the curves, and joins those that have one */
	for (size_t c = aggregate->n_curves; c-- > 0;) {
		double fixed[NS_KEY_COUNT];
		size_t known = 0;
		fix(fixed, &aggregate->curves[c], free_keys);
		while (known < n && !same(all[known].fixed, fixed))
			known++;
		if (known == n)
			memcpy(all[n++].fixed, fixed, sizeof fixed);
	}
	for (size_t f = 1; f < n; f++)
		for (int key = 0; key < NS_KEY_COUNT; key++)
			if (!isnan(all[f].fixed[key]) && all[f].fixed[key] != all[0].fixed[key])
				varying |= NS_KEY_BIT(key);
	for (size_t f = 0; f < n / 2; f++) {
		const struct ns_facet other = all[f];
		all[f] = all[n - 1 - f];
		all[n - 1 - f] = other;
	}
	for (size_t f = 0; f < n; f++)
		name(&all[f], varying);
	*facets = all;
	*n_facets = n;
	return NS_OK;
}
