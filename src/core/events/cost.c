/* What the event engine needs, as counts. */
#include "events.h"
#include <math.h>

/* Late in training about one pair in 300 is hot and one in four warm; early on more would be. Beyond these bounds pairs stay
 * cold: slower, never wrong. */
size_t ns_events_most_hot(size_t n, size_t m)
{
	const size_t share = n * m / 32;
	return 4096 + (share < 65536 ? share : 65536) + n * m / 1024;
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
	const double nodes = m * (8 * d + words + sizeof(struct ns_node) + 4 * (n + NS_FANOUT)) + ns_keys_bytes(m);
	const double rows = 1.5 * m * (2 * 8 * row + 3 * words + sizeof(struct ns_node_row));
	const double couples = (NS_MOST_HOT_PER_NODE - 1) / 2.0 * sizeof(struct ns_hot_couple);
	const double pairs = 1.5 * (hot * (20 * 8 + sizeof(struct ns_hot_entry) + couples) +
					   warm * (sizeof(struct ns_warm_pair) + sizeof(struct ns_look)) + ns_keys_bytes(warm));
	return nodes + rows + pairs + 5 * 8 * n * row;
}

struct mobility {
	double nodes; /* how many nodes of gamma = 1, m = 2,000 move as much as all nodes of this shape do together */
	double fast;  /* sum of min(1, v_j / 20)^2, see below */
};

/* A node's pairs are looked at the more often the faster it moves, with sqrt(lambda), but not without end: 1.37 v / (0.37 + v), v
 * = sqrt(2000 lambda), is a fit. Of a fast node more pairs are hot than of a slow one, and hot pairs of one node act on each
 * other. The sums over nodes take 16 terms an octave. */
static struct mobility mobility(double gamma, double alpha, double m)
{
	double zipf_sum = 0;
	struct mobility sums = {0};
	for (int pass = 0; pass < 2; pass++)
		for (double j = 1; j <= m;) {
			const double width = fmin(fmax(1, floor(j / 16)), m + 1 - j), zipf = pow(j + (width - 1) / 2, -1 / alpha);
			const double asymmetric = pass == 1 && gamma < 1 ? (1 - gamma) * zipf / zipf_sum : 0;
			const double speed = sqrt(2000 * (gamma / m + asymmetric));
			zipf_sum += pass == 0 && gamma < 1 ? width * zipf : 0;
			sums.nodes += pass == 1 ? width * 1.37 * speed / (0.37 + speed) : 0;
			sums.fast += pass == 1 ? width * fmin(1, speed * speed / 400) : 0;
			j += width;
		}
	return sums;
}

/* Fitted to the first 1,000 steps on standardised data (tests/bench/RESULTS.md), which cost most: sphere data and later steps are
 * up to 50 times cheaper, but an engine once chosen must not lose against dense at any stage. In those steps every pair of a
 * mobile node is looked at 8 + 120 / d times. A look is a pass over n and d; there is also the product with Theta, and the hot
 * pairs.
 */
double ns_events_cycles(const struct ns_shape *shape)
{
	const double n = (double)shape->n, d = (double)shape->d, looks = 8 + 120 / d;
	const struct mobility mobile = mobility(shape->gamma, shape->alpha, (double)shape->m);
	const double memory = n * n * 24 > 1 << 20 ? n * n / 4 : 0; /* the matrices beyond the second-level cache */
	return 1500 + 1.6 * n * mobile.nodes * looks / 1000 * (n + d / 4 + 150) + n * n * (1 + 0.05 * looks * mobile.fast) +
	       memory + 0.4 * n * mobile.nodes;
}
