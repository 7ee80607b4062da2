/* What the two targets of the results file share: an undamaged file, and reading all that a file offers. */
#ifndef NODESCALE_FUZZ_RESULTS_H
#define NODESCALE_FUZZ_RESULTS_H

#include "input.h"
#include "store_fixture.h"

enum { RESULTS_POINTS = 6 };

/* A sealed file of RESULTS_POINTS points, some done, one diverged, one missing, with weights. Made at the first call, which
 * starts MPI. */
struct results_base {
	struct ns_store_fixture fixture;
	uint8_t *bytes;
	size_t length;
	uint64_t id[RESULTS_POINTS], checksum[RESULTS_POINTS]; /* of the points' results */
};
const struct results_base *results_base(void);

/* Opens path, reads and verifies everything, in vain or not. base: what is read as a result must be one of that file's; NULL: it
 * may be anything. */
void results_read(const char *path, const struct results_base *base);

#endif
