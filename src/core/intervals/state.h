/* What the files of the interval engine share. README.md has the mathematics.
 *
 * Inside the engine samples stand in tour order and orientation: "sample p" is x~_p = sign_p x_order[p], its bit is [x~_p . w >
 * 0], and it is opposed where sign_p = -1 (there the bit is [x~_p . w >= 0], the negation of "on", so that z = 0 is off). Vectors
 * over the d inputs are padded with zeros to `width` doubles; `lanes` is n rounded up to a multiple of 8. Nodes stand in an order
 * of the engine's own as well: "node j" is node[j] of the problem. */
#ifndef NODESCALE_INTERVALS_STATE_H
#define NODESCALE_INTERVALS_STATE_H

#include "kernels.h"
#include "tour.h"
#include <nodescale/engine.h>
#include <stdalign.h>

enum {
	MOST_INPUTS = 16,
	NEAR = 16,   /* samples a node keeps under watch */
	BATCH = 128, /* nodes that go through gradient, move and outputs together, so that they stay in the first-level cache */
	MUST_SCAN = 1 << NEAR /* what move() says of a node that has left its far radius */
};

/* A node moves freely within these distances of where it was scanned; squares, rounded down, negative if there is no such
 * distance. */
struct radii {
	double none;  /* within: no sample's bit differs from the scan's */
	double half;  /* within: only the first NEAR/2 watched samples' may */
	double watch; /* within: only the watched samples' may */
};

struct intervals {
	const struct ns_problem *problem;
	size_t n, lanes, d, width, m;
	int threads;
	bool audit;
	double leak, slope; /* act'(z) = leak + slope [z > 0]: 0 and 1 for ReLU */
	const struct tour *tour;
	struct tour *own_tour; /* NULL if the tour is shared */
	const struct ns_interval_kernels *kernels;

	/* samples */
	double *x;            /* (lanes, width) x~ */
	double *x_lanes;      /* (d, lanes) the same, transposed */
	double *inverse_norm; /* (lanes + 1) 1 / ||x||; infinity for a zero sample and past n: never near */
	double *y;            /* (lanes) */
	uint8_t *opposed;     /* (lanes / 8) bits */

	/* the present iterate */
	double *f;                              /* (lanes) outputs; here and above, 0 past n */
	double *f_deferred;                     /* (lanes) of them, those of the deferred nodes (deferral.h), else 0 */
	double *rho;                            /* (lanes) step_size (2/n) r, 0 past n */
	double square;                          /* sum of r^2 */
	alignas(64) double total[MOST_INPUTS];  /* sum_j c_j w_j */
	alignas(64) double common[MOST_INPUTS]; /* the part of the gradient that all nodes have in common */

	/* nodes */
	uint32_t *node, *place;                        /* (m) of the problem at each place here, and back */
	double *w0, *delta, *w_scan;                   /* (m, width); w_scan: where the node was last scanned */
	double *c;                                     /* (m) */
	struct radii *radii;                           /* (m) */
	double *reach;                                 /* (m) watch distance of the last scan: the next one's first guess */
	double *near_x;                                /* (m, d, NEAR) the watched samples, nearest first */
	uint32_t *near_sample;                         /* (m, NEAR) which they are; n if there are fewer */
	uint16_t *near_opposed, *near_scan, *near_now; /* (m) bits of the watched samples: opposed, at the scan, now */
	uint8_t *rows;                                 /* (m, row_bytes) bits of all samples at the scan; 0 past n */
	size_t row_bytes;                              /* multiple of 8 with room for a 0 past the last sample */
	double *distance;                              /* (threads, lanes) scratch of a scan */
	uint8_t *difference;                           /* (threads, row_bytes) likewise */
	uint64_t flips;
	double loosen_radii, loosen_waits; /* 1; tests set more to see that wrong bounds are noticed */

	const struct form *form;
	void *held; /* the form's own */
};

/* How a pattern is held so that products with it are cheap: as runs along the tour (runs.c) or for look-up tables (tables.c). */
struct form {
	const char *name;
	enum ns_status (*create)(struct intervals *state, struct ns_error *error);
	void (*destroy)(struct intervals *state);
	/* The bits of node j that differ from before: `difference` (row_bytes) after a scan, `changed` among the watched samples.
	 */
	void (*scanned)(struct intervals *state, size_t j, const uint8_t *difference);
	void (*changed)(struct intervals *state, size_t j, unsigned changed);
	/* One step of all nodes: weights, patterns, flips. False if memory ran short. With no residuals yet nothing moves. */
	bool (*descend)(struct intervals *state);
	/* Outputs, residuals and what the next descend() needs of them. */
	void (*weigh)(struct intervals *state);
	/* delta (width): D_j at the present iterate. */
	void (*delta)(const struct intervals *state, size_t j, double *delta);
	/* What the next descend() needs beside the bits, which scanned() and changed() have told already when loading. */
	void (*transfer)(struct intervals *state, struct ns_archive *archive);
};

extern const struct form ns_runs_form, ns_tables_form;

/* The engine's create() in this form, or, if form is NULL, in the one that suits the problem. */
enum ns_status ns_intervals_create(void **state, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, const struct form *form, struct ns_error *error);

/* Looks at all samples: sets the node's row, watched samples and radii, tells the form, and returns how many bits changed. */
uint64_t ns_intervals_scan(struct intervals *state, size_t j, int thread);

/* Sample p, or none if that is n, is the q-th watched by node j: its input and its bits at the scan, which were cleared. */
void ns_intervals_watch(struct intervals *state, size_t j, size_t q, size_t p);

/* Takes in what move() said of node j; returns how many bits changed. */
uint64_t ns_intervals_settle(struct intervals *state, size_t j, unsigned near, int thread);

/* How far W_j may surely go from where it is before a bit changes, found without a look at samples that are not watched. */
struct room {
	double distance; /* not positive if none is known */
	bool unwatched;  /* a scan may find more: not a watched sample is nearest, but how far the unwatched are is not known */
	bool changed;    /* a watched sample's bit is not the scan's */
};
struct room ns_intervals_room(const struct intervals *state, size_t j);

/* row (row_bytes): the bits of node j now. */
void ns_intervals_row(const struct intervals *state, size_t j, uint8_t *row);

/* archive.c: see engine.h */
enum ns_status ns_intervals_transfer(void *state, struct ns_archive *archive, struct ns_error *error);

/* See engine.h, ns_engine_options.audit. */
enum ns_status ns_intervals_audit(const struct intervals *state, struct ns_error *error);

#endif
