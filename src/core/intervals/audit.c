/* The state against the definition: every sign and output from the weights, in plain loops over the problem as it was given. */
#include "deferral.h"
#include <math.h>
#include <nodescale/memory.h>

/* |z| below this part of ||x|| ||w|| says nothing about the sign. */
static const double sign_scale = 1e-12;

struct audit {
	const struct intervals *state;
	double *f, *bound; /* (n) in tour order: outputs, and what rounding may do to them */
	uint8_t *row;
};

static double norm(const double *v, size_t d)
{
	double square = 0;
	for (size_t k = 0; k < d; k++)
		square += v[k] * v[k];
	return sqrt(square);
}

/* Adds node j of the problem to the outputs; an error if one of its bits is wrong. */
static enum ns_status audit_node(struct audit *audit, size_t j, struct ns_error *error)
{
	const struct intervals *state = audit->state;
	const struct ns_problem *problem = state->problem;
	alignas(64) double delta[MOST_INPUTS];
	double w[MOST_INPUTS];
	const size_t place = state->place[j];
	state->form->delta(state, place, delta);
	for (size_t k = 0; k < state->d; k++)
		w[k] = problem->w0[j * state->d + k] + delta[k];
	ns_intervals_row(state, place, audit->row);
	for (size_t p = 0; p < state->n; p++) {
		const double *x = problem->x + state->tour->order[p] * state->d;
		double z = 0;
		for (size_t k = 0; k < state->d; k++)
			z += x[k] * w[k];
		const double scale = norm(x, state->d) * norm(w, state->d);
		const bool on = (audit->row[p / 8] ^ state->opposed[p / 8]) >> p % 8 & 1;
		if (on != (z > 0) && fabs(z) >= sign_scale * scale)
			return ns_error_set(error, NS_FAILED,
				"audit of the interval engine: sample %u of node %zu is held to be %s, but its pre-activation is "
				"%g",
				state->tour->order[p], j, on ? "on" : "off", z);
		audit->f[p] += problem->c[j] * (z > 0 ? z : state->leak * z);
		audit->bound[p] += fabs(problem->c[j]) * scale;
	}
	return NS_OK;
}

/* Both sums have at most n + m + d terms after another, and deferred nodes one more a step since their review, none larger than
 * the sum of |c_j| ||w_j|| ||x||. */
static enum ns_status audit_outputs(const struct audit *audit, struct ns_error *error)
{
	const struct intervals *state = audit->state;
	const double terms = (double)(state->n + state->m + state->d + LONGEST_REVIEW);
	for (size_t p = 0; p < state->n; p++)
		if (!(fabs(state->f[p] - audit->f[p]) <= 0x1p-52 * terms * audit->bound[p]) && isfinite(audit->f[p]))
			return ns_error_set(error, NS_FAILED,
				"audit of the interval engine: the output on sample %u is held to be %.17g, but is %.17g",
				state->tour->order[p], state->f[p], audit->f[p]);
	return NS_OK;
}

enum ns_status ns_intervals_audit(const struct intervals *state, struct ns_error *error)
{
	struct audit audit = {.state = state,
		.f = ns_alloc(state->n, sizeof(double)),
		.bound = ns_alloc(state->n, sizeof(double)),
		.row = ns_alloc(state->row_bytes, 1)};
	enum ns_status status = NS_OK;
	if (!audit.f || !audit.bound || !audit.row)
		status = ns_error_memory(error, "an audit of the interval engine", 16 * (double)state->n);
	for (size_t j = 0; status == NS_OK && j < state->m; j++)
		status = audit_node(&audit, j, error);
	if (status == NS_OK)
		status = audit_outputs(&audit, error);
	ns_free(audit.f);
	ns_free(audit.bound);
	ns_free(audit.row);
	return status;
}
