/* The pattern of a block of nodes as runs along the tour. */
#ifndef NODESCALE_INTERVALS_RUNS_H
#define NODESCALE_INTERVALS_RUNS_H

#include "state.h"

enum { MOST_BLOCKS = 64 };

enum { POSITIONS_AT_ONCE = 8 };

/* Invariant: list[q] for q < scan_length[a] are the positions at which node a's row rises and falls in turn, increasing; from
 * there to length[a] stand the exceptions, one pair (rise, fall) for each watched sample whose bit is not the scan's: a sample p
 * that came on is the run (p, p + 1), one that went off is the negative run (p + 1, p). A processor cannot foresee how long the
 * list of the next node is, which costs more than a few additions: scan_length is a multiple of POSITIONS_AT_ONCE, and what
 * is left of it and of the list stands `nowhere`, where prefixes are 0 and steps of no effect. */
struct run_block {
	size_t first, count;            /* nodes */
	size_t width, nowhere;          /* of the engine; a position of no sample */
	bool wide;                      /* positions have 32 bits, else 16 */
	size_t capacity;                /* positions a node has room for */
	void *list;                     /* (count, capacity) positions 0 .. n or nowhere, times width */
	uint32_t *scan_length, *length; /* (count), even */
	uint32_t *active;               /* (n_active) nodes that are not deferred, counted from first, increasing */
	size_t n_active;
	double *steps; /* (lanes + 2, width) what sum_j c_j w_j over the nodes on changes by at each position */
	alignas(64) double total[MOST_INPUTS]; /* sum_j c_j w_j */
	uint64_t flips;
	bool short_of_memory;
};

struct deferral;

struct runs {
	size_t block_nodes, n_blocks;
	struct run_block *blocks;
	uint64_t turn;             /* steps taken, which tell whose turn it is to be scanned anew */
	double *prefix;            /* (lanes + 2, width) prefix sums of rho x~, 0 nowhere */
	struct deferral *deferral; /* NULL if no node is ever deferred */
};

/* A position of no sample, past all others: arrays over the positions end with it. */
static inline size_t ns_nowhere(const struct intervals *state)
{
	return state->lanes + 1;
}

/* archive.c: the form's transfer() */
void ns_runs_transfer(struct intervals *state, struct ns_archive *archive);

#endif
