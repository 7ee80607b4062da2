/* The two clocks by which certificates expire.
 *
 * norm: |z_ij(t) - z_ij(t0)| <= |c_j| kappa_i (norm(t) - norm(t0)), whatever happens to the pattern meanwhile.
 * psi: every step's rho is b rho_ref + e with b > 0, and psi grows by at least max(b, ||e|| / e'). While the node's pattern
 * outside its hot pairs stays, z_ij approaches zero by at most (approach + |c_j| kappa_i e') (psi(t) - psi(t0)).
 *
 * b may be any number: the split is an identity for the b that was computed, and fma rounds each component of e once. Clocks are
 * bumped after every addition, so that what they grew by is never less than the exact sum of the increments, however many. */
#include "events.h"
#include <math.h>
#include <string.h>

static const double REFERENCE_SHARE = 0.1; /* e' / ||rho_ref|| */
static const double LARGEST_ERROR = 0.2;   /* a new reference when ||e|| exceeds this times b ||rho_ref|| .. */
static const double SMALLEST_B = 0.05;     /* .. or b falls to this */
/* Squares of norms outside this range cannot be trusted to divide by: no reference then. */
static const double LEAST_SQUARE = 1e-280, MOST_SQUARE = 1e280;
/* A reference that lasts less than SHORT_LIFE steps costs more (every warm pair is looked at) than it saves: go without one for a
 * while, twice as long after each such failure. */
enum { SHORT_LIFE = 32, FIRST_PAUSE = 16, LONGEST_PAUSE = 1024 };

/* clock + increment, rounded so that it is never below the exact sum. */
static double later(double clock, double increment)
{
	return (clock + increment) * (1 + 0x1p-51);
}

static void advance_norm(struct ns_events *e, double square)
{
	const struct ns_problem *p = e->problem;
	/* The last term covers what squares lose by underflow: n squares below 2^-1074 each. */
	const double rate = fabs(p->step_size) * (2 / (double)p->n) * (sqrt(square) + sqrt((double)e->n) * 0x1p-537);
	e->clocks.norm_rate = rate;
	e->clocks.norm = later(e->clocks.norm, rate);
}

static void drop_reference(struct ns_clocks *clocks, uint64_t now)
{
	clocks->pause = clocks->pause == 0 ? FIRST_PAUSE : 2 * clocks->pause > LONGEST_PAUSE ? LONGEST_PAUSE : 2 * clocks->pause;
	clocks->resume_at = now + clocks->pause;
	clocks->has_reference = false;
}

static void take_reference(struct ns_events *e)
{
	struct ns_clocks *clocks = &e->clocks;
	const double square = e->kernels->dot(e->n, e->rho, e->rho);
	clocks->has_reference = square > LEAST_SQUARE && square < MOST_SQUARE;
	if (!clocks->has_reference)
		return;
	memcpy(clocks->reference, e->rho, e->stride * sizeof *e->rho);
	clocks->inverse_square = 1 / square;
	clocks->budget = REFERENCE_SHARE * sqrt(square);
	clocks->psi = 0;
	clocks->taken_at = e->step;
}

/* b and ||e|| of rho = b rho_ref + e; false if rho has turned too far from the reference. */
static bool split(struct ns_events *e, double *b, double *error)
{
	const struct ns_clocks *clocks = &e->clocks;
	*b = e->kernels->dot(e->n, e->rho, clocks->reference) * clocks->inverse_square;
	*error = sqrt(e->kernels->residual(e->vectors, e->rho, *b, clocks->reference)) + sqrt((double)e->n) * 0x1p-537;
	return *b > SMALLEST_B && *error * sqrt(clocks->inverse_square) <= LARGEST_ERROR * *b && isfinite(*b);
}

void ns_clocks_advance(struct ns_events *e, double square)
{
	struct ns_clocks *clocks = &e->clocks;
	double b = 1, error = 0;
	advance_norm(e, square);
	if (clocks->has_reference && !split(e, &b, &error)) {
		if (e->step - clocks->taken_at < SHORT_LIFE)
			drop_reference(clocks, e->step);
		else {
			clocks->pause = 0;
			take_reference(e);
		}
		ns_warm_invalidate_all(e);
		b = 1;
		error = 0;
	} else if (!clocks->has_reference && e->step >= clocks->resume_at)
		take_reference(e);
	if (!clocks->has_reference)
		return;
	clocks->psi_rate = fmax(b, error / clocks->budget);
	clocks->psi = later(clocks->psi, clocks->psi_rate);
}
