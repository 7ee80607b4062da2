/* The pattern of a block of nodes as runs along the tour. */
#ifndef NODESCALE_INTERVALS_RUNS_H
#define NODESCALE_INTERVALS_RUNS_H

#include "state.h"

enum { MOST_BLOCKS = 64 };

/* Invariant: list[q] for q < scan_length[a] are the positions at which node a's row rises and falls in turn, increasing; from
 * there to length[a] stand the exceptions, one pair (rise, fall) for each watched sample whose bit is not the scan's: a sample p
 * that came on is the run (p, p + 1), one that went off is the negative run (p + 1, p). */
struct run_block {
	size_t first, count;            /* nodes */
	bool wide;                      /* positions have 32 bits, else 16 */
	size_t capacity;                /* positions a node has room for */
	void *list;                     /* (count, capacity) positions 0 .. n */
	uint32_t *scan_length, *length; /* (count), even */
	uint32_t *active;               /* (n_active) nodes that are not deferred, counted from first, increasing */
	size_t n_active;
	double *steps; /* (lanes + 1, width) what sum_j c_j w_j over the nodes on changes by at each position */
	alignas(64) double total[MOST_INPUTS]; /* sum_j c_j w_j */
	uint64_t flips;
	bool short_of_memory;
};

struct deferral;

struct runs {
	size_t block_nodes, n_blocks;
	struct run_block *blocks;
	double *prefix;            /* (lanes + 1, width) prefix sums of rho x~ */
	struct deferral *deferral; /* NULL if no node is ever deferred */
};

/* archive.c: the form's transfer() */
void ns_runs_transfer(struct intervals *state, struct ns_archive *archive);

#endif
