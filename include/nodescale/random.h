/* Counter-based random streams (Philox 4x64-10 of Random123: Salmon, Moraes, Dror, Shaw, SC'11).
 *
 * A stream is named by (seed, purpose, index) and by nothing else, so what it yields depends neither on who draws nor on the
 * order: node j of seed s has the same initial weights on any rank, with any number of threads, for any m. */
#ifndef NODESCALE_RANDOM_H
#define NODESCALE_RANDOM_H

#include <stdint.h>

/* Numbers are part of the file format's meaning (numerics version): append, never renumber. */
enum ns_purpose {
	NS_PURPOSE_WEIGHTS = 1,           /* index: node */
	NS_PURPOSE_OUTPUT_SIGNS = 2,      /* index: node */
	NS_PURPOSE_TRAIN_INPUTS = 3,      /* index: sample */
	NS_PURPOSE_TEST_INPUTS = 4,       /* index: sample */
	NS_PURPOSE_TRAIN_NOISE = 5,       /* index: sample */
	NS_PURPOSE_TEST_NOISE = 6,        /* index: sample */
	NS_PURPOSE_PERMUTATION = 7,       /* index: 0 */
	NS_PURPOSE_TEST_SUITE = 8,        /* free for tests */
	NS_PURPOSE_ORTHOGONAL = 9,        /* index: block of d nodes */
	NS_PURPOSE_TRANSFER_NETWORK = 10, /* index: (inputs, layer, unit) */
	NS_PURPOSE_BOOTSTRAP = 100,       /* of analysis, in no results file; index: 0 */
};

struct ns_stream {
	uint64_t key[2];
	uint64_t counter[2]; /* block of draws, index */
	uint64_t drawn[4];
	unsigned used; /* of drawn */
	int has_spare;
	double spare; /* second number of a Box-Muller pair */
};

void ns_stream_start(struct ns_stream *stream, uint64_t seed, enum ns_purpose purpose, uint64_t index);

uint64_t ns_stream_bits(struct ns_stream *stream);                  /* 64 uniform bits */
double ns_stream_uniform(struct ns_stream *stream);                 /* in (0, 1), 53 bits, never 0 or 1 */
double ns_stream_gaussian(struct ns_stream *stream);                /* N(0, 1), Box-Muller */
uint64_t ns_stream_below(struct ns_stream *stream, uint64_t bound); /* uniform in 0 .. bound-1, without bias; bound > 0 */

#endif
