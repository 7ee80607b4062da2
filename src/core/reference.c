/* The reference engine: gradient descent exactly as model.md writes it, in plain loops. It is the definition that every other
 * engine is held against, so it is kept readable, not fast. W = W0 + D with D accumulated (engines.md, "Rounding"). */
#include <math.h>
#include <nodescale/engine.h>
#include <nodescale/memory.h>
#include <string.h>

struct reference {
	const struct ns_problem *problem;
	double *delta; /* (m, d) D */
	double *w;     /* (m, d) W0 + D */
	double *z;     /* (m, n) pre-activations of the present iterate */
	double *f;     /* (n) outputs of the present iterate */
	uint64_t flips;
};

static const char *reference_refusal(const struct ns_shape *shape)
{
	return NULL;
}

static double reference_memory(const struct ns_shape *shape)
{
	return 8.0 * ((double)shape->m * (2.0 * (double)shape->d + (double)shape->n) + (double)shape->n);
}

static double reference_cycles(const struct ns_shape *shape)
{
	return 8.0 * (double)shape->n * (double)shape->d * (double)shape->m;
}

/* z and f at the present iterate; counts the pairs whose sign differs from the z that stood there. */
static uint64_t forward(struct reference *state)
{
	const struct ns_problem *p = state->problem;
	uint64_t flips = 0;
	memset(state->f, 0, p->n * sizeof *state->f);
	for (size_t j = 0; j < p->m; j++)
		for (size_t i = 0; i < p->n; i++) {
			double z = 0;
			for (size_t k = 0; k < p->d; k++)
				z += p->x[i * p->d + k] * state->w[j * p->d + k];
			flips += (z > 0) != (state->z[j * p->n + i] > 0);
			state->z[j * p->n + i] = z;
			state->f[i] += p->c[j] * ns_activation_value(p->activation, p->leak, z);
		}
	return flips;
}

static void descend(struct reference *state)
{
	const struct ns_problem *p = state->problem;
	for (size_t j = 0; j < p->m; j++)
		for (size_t k = 0; k < p->d; k++) {
			double gradient = 0;
			for (size_t i = 0; i < p->n; i++) {
				const double rho = p->step_size * (2 / (double)p->n) * (state->f[i] - p->y[i]);
				const double slope = ns_activation_slope(p->activation, p->leak, state->z[j * p->n + i]);
				gradient += rho * slope * p->x[i * p->d + k];
			}
			state->delta[j * p->d + k] -= p->c[j] * gradient;
		}
	for (size_t e = 0; e < p->m * p->d; e++)
		state->w[e] = p->w0[e] + state->delta[e];
}

static void reference_destroy(void *opaque)
{
	struct reference *state = opaque;
	if (state == NULL)
		return;
	ns_free(state->delta);
	ns_free(state->w);
	ns_free(state->z);
	ns_free(state->f);
	ns_free(state);
}

static enum ns_status reference_create(void **opaque, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, struct ns_error *error)
{
	struct reference *state = ns_alloc(1, sizeof *state);
	if (state != NULL) {
		state->problem = problem;
		state->delta = ns_alloc(problem->m, problem->d * sizeof(double));
		state->w = ns_alloc(problem->m, problem->d * sizeof(double));
		state->z = ns_alloc(problem->m, problem->n * sizeof(double));
		state->f = ns_alloc(problem->n, sizeof(double));
	}
	if (state == NULL || !state->delta || !state->w || !state->z || !state->f) {
		reference_destroy(state);
		const struct ns_shape shape = ns_problem_shape(problem);
		return ns_error_memory(error, "the reference engine", reference_memory(&shape));
	}
	if (delta != NULL)
		memcpy(state->delta, delta, problem->m * problem->d * sizeof *delta);
	for (size_t e = 0; e < problem->m * problem->d; e++)
		state->w[e] = problem->w0[e] + state->delta[e];
	forward(state);
	*opaque = state;
	return NS_OK;
}

static bool risk_is_finite(const struct reference *state)
{
	double square = 0;
	for (size_t i = 0; i < state->problem->n; i++) {
		const double r = state->f[i] - state->problem->y[i];
		square += r * r;
	}
	return isfinite(square);
}

static enum ns_status reference_advance(void *opaque, uint64_t steps, uint64_t *taken, struct ns_error *error)
{
	struct reference *state = opaque;
	for (*taken = 0; *taken < steps && risk_is_finite(state); (*taken)++) {
		descend(state);
		state->flips += forward(state);
	}
	return NS_OK;
}

static void reference_outputs(void *opaque, double *f)
{
	const struct reference *state = opaque;
	memcpy(f, state->f, state->problem->n * sizeof *f);
}

static void reference_weight_change(void *opaque, size_t first, size_t count, double *delta)
{
	const struct reference *state = opaque;
	memcpy(delta, state->delta + first * state->problem->d, count * state->problem->d * sizeof *delta);
}

static void reference_pattern(void *opaque, size_t first, size_t count, uint8_t *pattern)
{
	const struct reference *state = opaque;
	const size_t n = state->problem->n;
	for (size_t e = 0; e < count * n; e++)
		pattern[e] = state->z[first * n + e] > 0;
}

static uint64_t reference_flips(const void *opaque)
{
	const struct reference *state = opaque;
	return state->flips;
}

/* All else follows from D. */
static enum ns_status reference_transfer(void *opaque, struct ns_archive *archive, struct ns_error *error)
{
	struct reference *state = opaque;
	const struct ns_problem *p = state->problem;
	ns_archive_transfer(archive, &state->flips, sizeof state->flips);
	ns_archive_transfer(archive, state->delta, p->m * p->d * sizeof *state->delta);
	if (ns_archive_is_loading(archive)) {
		for (size_t e = 0; e < p->m * p->d; e++)
			state->w[e] = p->w0[e] + state->delta[e];
		forward(state);
	}
	return ns_archive_status(archive, error);
}

const struct ns_engine ns_reference_engine = {
	.name = "reference",
	.summary = "plain loops in double precision: the definition, for checking the others",
	.refusal = reference_refusal,
	.memory = reference_memory,
	.cycles_per_step = reference_cycles,
	.late_share = 1,
	.create = reference_create,
	.advance = reference_advance,
	.outputs = reference_outputs,
	.weight_change = reference_weight_change,
	.pattern = reference_pattern,
	.flips = reference_flips,
	.transfer = reference_transfer,
	.destroy = reference_destroy,
};
