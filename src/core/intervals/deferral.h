/* Nodes that cannot change a sign soon, left out of the step until they might.
 *
 * While its pattern stands, a node's weights are linear in the residuals: w_j(t) = w_j(0) - c_j X^T (s_j o R), R the sum of rho
 * since then. All deferred nodes together then change the outputs by -Theta R, Theta = K o S, S = sum_j lambda_j s_j s_j^T, K = X
 * X^T: one product of n^2 / 2 elements a step instead of the runs of each node. S has no rounding at all (problem.h), so nodes
 * may come and go.
 *
 * How long a node can wait: write rho_t = b_t rho_ref + e_t with the residuals at the last review and b_t the projection. Then a
 * step moves w_j by at most |c_j| (|b_t| g_j + ||X||_2 ||e_t||), g_j = ||X^T (s_j o rho_ref)||, so by at most |c_j| (g_j +
 * ||X||_2 e') for each unit of one clock for all nodes that advances by max(|b_t|, ||e_t|| / e') a step. e' is a tenth of
 * ||rho_ref||; any other would do.
 *
 * Invariants, for every deferred node j: its row of bits is as it was when it was deferred, and no sign of it can change before
 * the clock is at due[j]. S and Theta are those of the deferred nodes and of the few that have left and wait to be taken out of
 * them together (reading and writing the matrices is what takes the time); until then their part is taken off each step anew.
 * f_deferred = f_review - Theta R are the outputs of the deferred nodes: rounding does not add up over more steps than lie
 * between reviews. */
#ifndef NODESCALE_INTERVALS_DEFERRAL_H
#define NODESCALE_INTERVALS_DEFERRAL_H

#include "runs.h"

enum {
	MOST_SAMPLES_TO_DEFER = 1024, /* three matrices of n^2 / 2 */
	LONGEST_REVIEW = 256          /* steps from one review to the next, at most */
};

struct deferral {
	size_t count;                 /* nodes deferred */
	double norm;                  /* upper bound of ||X||_2 */
	double clock;                 /* since the last review: see above */
	uint64_t steps, review;       /* since create; the step of the next review */
	double *due;                  /* (m, to a multiple of 8) infinity for nodes that are not deferred */
	uint32_t *listed;             /* (m) scratch: those that are due */
	bool *deferred;               /* (m) */
	double *kernel, *sum, *theta; /* half matrices of (lanes, lanes) */
	double *f_review;             /* (lanes) outputs at the last review of the nodes deferred now */
	double *change;               /* (lanes) Theta R: what they have changed by since */
	double *path;                 /* (lanes) R: sum of rho since the last review */
	double *path_prefix;          /* (lanes + 2, width) prefix sums of R x~, if path_is_summed */
	alignas(64) double path_common[MOST_INPUTS];
	bool path_is_summed;
	double *reference;        /* (lanes) rho at the last review */
	double *reference_prefix; /* (lanes + 2, width) prefix sums of it times x~ */
	alignas(64) double reference_common[MOST_INPUTS];
	double reference_square, apart;      /* ||rho_ref||^2, e' */
	double *time;                        /* (m) scratch of a review */
	double *included;                    /* (m, width) X^T (s_j o R) that D_j has already */
	size_t waiting;                      /* nodes that have left, but are in sum and theta still */
	double waiting_lambda[MOST_WAITING]; /* minus theirs */
	uint8_t *waiting_rows;               /* (MOST_WAITING, lanes / 8) */
	uint8_t *row;                        /* (row_bytes) scratch */
};

/* Where row i of a symmetric (n, n) matrix starts, n a multiple of 8: it holds columns i / 8 * 8 .. n - 1. */
static inline size_t half_offset(size_t n, size_t i)
{
	const size_t tile = i / 8, before = 8 * tile * n - 32 * tile * (tile > 0 ? tile - 1 : 0);
	return before + i % 8 * (n - 8 * tile);
}

/* NULL in *deferral where it does not apply (leaky ReLU, many samples). */
enum ns_status ns_deferral_create(struct deferral **deferral, const struct intervals *state, struct ns_error *error);
void ns_deferral_destroy(struct deferral *deferral);

/* Before a step: now and then all nodes are reviewed, those that wait and those that do not. */
void ns_deferral_review(struct deferral *deferral, struct intervals *state);

/* After the other nodes have taken a step with the same rho the deferred ones take it too. Nodes that may not wait on are added
 * to their blocks' steps. */
void ns_deferral_step(struct deferral *deferral, struct intervals *state);

/* delta (width): D_j at the present iterate, without a trace in the state. */
void ns_deferral_delta(struct deferral *deferral, const struct intervals *state, size_t j, double *delta);

#endif
