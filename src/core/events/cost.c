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
	const double nodes = m * (8 * row + 8 * d + words + sizeof(struct ns_node) + 4 * (n + NS_FANOUT)) + ns_keys_bytes(m);
	const double rows = 1.5 * m * (8 * row + 3 * words + sizeof(struct ns_node_row));
	const double pairs =
		1.5 * (hot * (14 * 8 + sizeof(struct ns_hot_entry) + (NS_MOST_HOT_PER_NODE - 1) * sizeof(struct ns_hot_couple)) +
			      warm * (sizeof(struct ns_warm_pair) + sizeof(struct ns_look)) + ns_keys_bytes(warm));
	return nodes + rows + pairs + 5 * 8 * n * row;
}

/* sum_j sqrt(lambda_j): how much the nodes move altogether, sqrt(m) at gamma = 1. The sum over j runs over octaves, with 16 terms
 * each. */
static double total_mobility(double gamma, double alpha, double m)
{
	double zipf_sum = 0, mobility = 0;
	for (int pass = 0; pass < 2; pass++)
		for (double j = 1; j <= m;) {
			const double width = fmin(fmax(1, floor(j / 16)), m + 1 - j), zipf = pow(j + (width - 1) / 2, -1 / alpha);
			if (pass == 0)
				zipf_sum += gamma < 1 ? width * zipf : 0;
			else
				mobility += width * sqrt(gamma / m + (gamma < 1 ? (1 - gamma) * zipf / zipf_sum : 0));
			j += width;
		}
	return mobility;
}

/* Fitted to the first 1,000 steps on standardised data (tests/bench/RESULTS.md), which cost most: sphere data and later steps are
 * up to 50 times cheaper, but an engine once chosen must not lose against dense at any stage. In those steps every pair of n x m
 * = n x 2,000 is looked at 8 + 120 / d times at gamma = 1; otherwise looks go with mobility. A look is a pass over n, and there
 * is the product with Theta and the hot pairs. */
double ns_events_cycles(const struct ns_shape *shape)
{
	const double n = (double)shape->n, d = (double)shape->d, m = (double)shape->m;
	const double mobility = total_mobility(shape->gamma, shape->alpha, m);
	const double looks = n * mobility * sqrt(2000) * (8 + 120 / d) / 1000, pairs = n * m;
	const double memory = n * n * 24 > 1 << 20 ? 3 * n * n / 4 : 0; /* K, S and Theta beyond the second-level cache */
	return fmin(looks, pairs) * (n + 150) + n * n / 4 + memory + 20 * n * mobility / sqrt(2000) + 5000;
}
