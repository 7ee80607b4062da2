/* What the event engine needs, as counts. */
#include "events.h"

/* Late in training about one pair in 300 is hot and one in four warm; early on more would be. Beyond these bounds pairs stay
 * cold: slower, never wrong. */
size_t ns_events_most_hot(size_t n, size_t m)
{
	return 4096 + n * m / 32;
}

size_t ns_events_most_warm(size_t n, size_t m)
{
	const size_t most = (1 << 20) + n * m / 8;
	return most < n * m ? most : n * m;
}

double ns_events_memory(const struct ns_shape *shape)
{
	const double n = (double)shape->n, m = (double)shape->m, d = (double)shape->d, row = n + NS_LANES;
	const double words = 8 * (n / 64 + 1), hot = (double)ns_events_most_hot(shape->n, shape->m);
	const double warm = (double)ns_events_most_warm(shape->n, shape->m);
	const double nodes = m * (8 * row + 8 * d + words + sizeof(struct ns_node) + 4 * (n + NS_FANOUT)) + ns_keys_bytes(m);
	const double rows = 1.5 * m * (8 * row + 3 * words + sizeof(struct ns_node_row));
	const double pairs = 1.5 * (hot * (14 * 8 + sizeof(struct ns_hot_entry)) +
					   warm * (sizeof(struct ns_warm_pair) + sizeof(struct ns_look)) + ns_keys_bytes(warm));
	return nodes + rows + pairs + 5 * 8 * n * row;
}

double ns_events_cycles(const struct ns_shape *shape)
{
	const double n = (double)shape->n;
	return n * n / 4 + 20000;
}
