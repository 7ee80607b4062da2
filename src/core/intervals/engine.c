/* The interval engine (README.md): full-batch gradient descent on piecewise-linear activations in which a step's cost follows the
 * boundaries of the nodes' half-spaces along a tour of the samples instead of all n m pairs. */
#include "cost.h"
#include "shared.h"
#include "state.h"
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

enum { NODES_COUNTED = 64, ORDERED_TOGETHER = 1024 };

static const char *intervals_refusal(const struct ns_shape *shape)
{
	if (!ns_activation_is_piecewise_linear(shape->activation))
		return "the activation is not linear between sign changes (relu and leaky_relu are)";
	if (shape->d > MOST_INPUTS)
		return "more than 16 inputs";
	return NULL;
}

static void intervals_destroy(void *opaque)
{
	struct intervals *state = opaque;
	if (state == NULL)
		return;
	if (state->form != NULL)
		state->form->destroy(state);
	ns_tour_destroy(state->own_tour);
	void *const blocks[] = {state->x, state->x_lanes, state->inverse_norm, state->y, state->opposed, state->f,
		state->f_deferred, state->rho, state->node, state->place, state->c, state->w0, state->delta, state->w_scan,
		state->radii, state->reach, state->near_x, state->near_sample, state->near_opposed, state->near_scan,
		state->near_now, state->rows, state->distance, state->difference, state};
	for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
		ns_free(blocks[b]);
}

static bool allocate(struct intervals *state)
{
	const size_t m = state->m, vector = state->width * sizeof(double), threads = (size_t)state->threads;
	return (state->x = ns_alloc(state->lanes, vector)) &&
	       (state->x_lanes = ns_alloc(state->d * state->lanes, sizeof(double))) &&
	       (state->inverse_norm = ns_alloc(state->lanes + 1, sizeof(double))) &&
	       (state->y = ns_alloc(state->lanes, sizeof(double))) && (state->opposed = ns_alloc(state->row_bytes, 1)) &&
	       (state->f = ns_alloc(state->lanes, sizeof(double))) &&
	       (state->f_deferred = ns_alloc(state->lanes, sizeof(double))) &&
	       (state->rho = ns_alloc(state->lanes, sizeof(double))) && (state->node = ns_alloc(m, sizeof(uint32_t))) &&
	       (state->place = ns_alloc(m, sizeof(uint32_t))) && (state->c = ns_alloc(m, sizeof(double))) &&
	       (state->w0 = ns_alloc(m, vector)) && (state->delta = ns_alloc(m, vector)) &&
	       (state->w_scan = ns_alloc(m, vector)) && (state->radii = ns_alloc(m, sizeof *state->radii)) &&
	       (state->reach = ns_alloc(m, sizeof(double))) && (state->near_x = ns_alloc(m, state->d * NEAR * sizeof(double))) &&
	       (state->near_sample = ns_alloc(m, NEAR * sizeof *state->near_sample)) &&
	       (state->near_opposed = ns_alloc(m, sizeof(uint16_t))) && (state->near_scan = ns_alloc(m, sizeof(uint16_t))) &&
	       (state->near_now = ns_alloc(m, sizeof(uint16_t))) && (state->rows = ns_alloc(m, state->row_bytes)) &&
	       (state->distance = ns_alloc(threads * state->lanes, sizeof(double))) &&
	       (state->difference = ns_alloc(threads, state->row_bytes));
}

/* 1 / ||x||: infinity for a zero sample, whose z is always 0; 0, that is always near, where products of x could underflow. */
static double inverse_norm(const double *x, size_t d)
{
	static const double least_norm = 0x1p-400;
	double largest = 0, square = 0;
	for (size_t k = 0; k < d; k++)
		largest = fmax(largest, fabs(x[k]));
	if (largest == 0)
		return INFINITY;
	if (largest < least_norm)
		return 0;
	for (size_t k = 0; k < d; k++)
		square += x[k] / largest * (x[k] / largest);
	return 1 / (largest * sqrt(square));
}

static void set_samples(struct intervals *state)
{
	const struct ns_problem *problem = state->problem;
	for (size_t p = 0; p < state->n; p++) {
		const size_t i = state->tour->order[p];
		for (size_t k = 0; k < state->d; k++) {
			const double x = state->tour->sign[p] * problem->x[i * state->d + k];
			state->x[p * state->width + k] = x;
			state->x_lanes[k * state->lanes + p] = x;
		}
		state->y[p] = problem->y[i];
		state->inverse_norm[p] = inverse_norm(problem->x + i * state->d, state->d);
		if (state->tour->sign[p] < 0)
			state->opposed[p / 8] |= (uint8_t)(1 << p % 8);
	}
	for (size_t p = state->n; p <= state->lanes; p++)
		state->inverse_norm[p] = INFINITY;
}

/* Nodes of similar directions one after the other, stretch by stretch, since a tour takes time with the square of its length:
 * the runs of such nodes begin and end at nearby places, which are then still in the first-level cache. */
static enum ns_status order_nodes(struct intervals *state, struct ns_error *error)
{
	for (size_t start = 0; start < state->m; start += ORDERED_TOGETHER) {
		const size_t left = state->m - start, count = left < ORDERED_TOGETHER ? left : ORDERED_TOGETHER;
		const double *w0 = state->problem->w0 + start * state->d;
		struct tour *tour;
		const enum ns_status status = state->form == &ns_runs_form
						      ? ns_tour_create_greedy(&tour, count, state->d, w0, error)
						      : ns_tour_create_plain(&tour, count, state->d, error);
		if (status != NS_OK)
			return status;
		for (size_t q = 0; q < count; q++) {
			state->node[start + q] = (uint32_t)start + tour->order[q];
			state->place[state->node[start + q]] = (uint32_t)(start + q);
		}
		ns_tour_destroy(tour);
	}
	return NS_OK;
}

/* No node has been scanned: the first descent, without residuals, does it. An opposed sample's bit is set where z~ = 0. */
static void set_nodes(struct intervals *state, const double *delta)
{
	for (size_t j = 0; j < state->m; j++) {
		const size_t from = state->node[j];
		for (size_t k = 0; k < state->d; k++) {
			state->w0[j * state->width + k] = state->problem->w0[from * state->d + k];
			state->delta[j * state->width + k] = delta == NULL ? 0 : delta[from * state->d + k];
		}
		state->c[j] = state->problem->c[from];
		state->radii[j] = (struct radii){-1, -1, -1};
		state->reach[j] = 1;
	}
}

/* Runs where a half-space cuts the tour in few enough places, counted on the first nodes' weights; tables elsewhere. */
static bool prefer_runs(const struct intervals *state, const struct tour *tour)
{
	const struct ns_problem *problem = state->problem;
	const size_t nodes = state->m < NODES_COUNTED ? state->m : NODES_COUNTED;
	size_t boundaries = 0;
	for (size_t j = 0; j < nodes; j++) {
		bool last = false;
		for (size_t p = 0; p <= state->n; p++) {
			double z = 0;
			for (size_t k = 0; k < state->d && p < state->n; k++)
				z += tour->sign[p] * problem->x[tour->order[p] * state->d + k] * problem->w0[j * state->d + k];
			boundaries += (z > 0) != last;
			last = z > 0;
		}
	}
	return ns_cycles_of_runs(state->m, state->d, (double)boundaries / (double)nodes) <
	       ns_cycles_of_tables(state->n, state->m, state->d);
}

static enum ns_status find_tour(struct intervals *state, struct ns_shared *shared, struct ns_error *error)
{
	const struct ns_problem *problem = state->problem;
	if (shared != NULL)
		return ns_shared_tour(shared, state->n, state->d, problem->x, &state->tour, error);
	const enum ns_status status = ns_tour_create(&state->own_tour, state->n, state->d, problem->x, error);
	state->tour = state->own_tour;
	return status;
}

/* Sets form and tour: the form asked for, or, if that is NULL, the one that counts less work. */
static enum ns_status choose_form(
	struct intervals *state, const struct form *form, struct ns_shared *shared, struct ns_error *error)
{
	const struct form *chosen = form != NULL ? form : &ns_tables_form;
	if (chosen == &ns_runs_form || (form == NULL && state->d <= MOST_INPUTS_FOR_RUNS)) {
		const enum ns_status status = find_tour(state, shared, error);
		if (status != NS_OK)
			return status;
		if (form == NULL && prefer_runs(state, state->tour))
			chosen = &ns_runs_form;
	}
	if (chosen == &ns_tables_form) {
		ns_tour_destroy(state->own_tour);
		state->own_tour = NULL;
		const enum ns_status status = ns_tour_create_plain(&state->own_tour, state->n, state->d, error);
		if (status != NS_OK)
			return status;
		state->tour = state->own_tour;
	}
	state->form = chosen;
	return NS_OK;
}

static enum ns_status prepare(struct intervals *state, const double *delta, const struct ns_engine_options *options,
	const struct form *form, struct ns_error *error)
{
	const struct ns_shape shape = ns_problem_shape(state->problem);
	enum ns_status status = choose_form(state, form, options->shared, error);
	if (status != NS_OK)
		return status;
	if (!allocate(state))
		return ns_error_memory(error, "the interval engine", ns_intervals_memory(&shape));
	set_samples(state);
	status = order_nodes(state, error);
	if (status != NS_OK)
		return status;
	set_nodes(state, delta);
	status = state->form->create(state, error);
	if (status != NS_OK)
		return status;
	if (!state->form->descend(state))
		return ns_error_memory(error, "the interval engine's runs", ns_intervals_memory(&shape));
	state->form->weigh(state);
	state->flips = 0;
	return NS_OK;
}

enum ns_status ns_intervals_create(void **opaque, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, const struct form *form, struct ns_error *error)
{
	struct intervals *state = ns_alloc(1, sizeof *state);
	if (state == NULL)
		return ns_error_memory(error, "the interval engine", sizeof *state);
	state->problem = problem;
	state->n = problem->n;
	state->lanes = (problem->n + 7) / 8 * 8;
	state->row_bytes = (problem->n + 64) / 64 * 8;
	state->d = problem->d;
	state->m = problem->m;
	state->threads = options->threads;
	state->audit = options->audit;
	state->leak = problem->activation == NS_LEAKY_RELU ? problem->leak : 0;
	state->slope = 1 - state->leak;
	state->loosen_radii = state->loosen_waits = 1;
	state->kernels = ns_interval_kernels(options->isa, problem->d);
	state->width = state->kernels->width;
	const enum ns_status status = prepare(state, delta, options, form, error);
	if (status != NS_OK) {
		intervals_destroy(state);
		return status;
	}
	*opaque = state;
	return NS_OK;
}

static enum ns_status intervals_create(void **opaque, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, struct ns_error *error)
{
	return ns_intervals_create(opaque, problem, delta, options, NULL, error);
}

static enum ns_status intervals_advance(void *opaque, uint64_t steps, uint64_t *taken, struct ns_error *error)
{
	struct intervals *state = opaque;
	for (*taken = 0; *taken < steps && isfinite(state->square); (*taken)++) {
		if (!state->form->descend(state))
			return ns_error_set(error, NS_FAILED, "the interval engine ran short of memory for its runs");
		state->form->weigh(state);
	}
	return state->audit ? ns_intervals_audit(state, error) : NS_OK;
}

static void intervals_outputs(void *opaque, double *f)
{
	const struct intervals *state = opaque;
	for (size_t p = 0; p < state->n; p++)
		f[state->tour->order[p]] = state->f[p];
}

static void intervals_weight_change(void *opaque, size_t first, size_t count, double *delta)
{
	const struct intervals *state = opaque;
	alignas(64) double padded[MOST_INPUTS];
	for (size_t a = 0; a < count; a++) {
		state->form->delta(state, state->place[first + a], padded);
		memcpy(delta + a * state->d, padded, state->d * sizeof *delta);
	}
}

static void intervals_pattern(void *opaque, size_t first, size_t count, uint8_t *pattern)
{
	struct intervals *state = opaque;
	uint8_t *row = state->difference;
	for (size_t a = 0; a < count; a++) {
		ns_intervals_row(state, state->place[first + a], row);
		for (size_t p = 0; p < state->n; p++)
			pattern[a * state->n + state->tour->order[p]] = (row[p / 8] ^ state->opposed[p / 8]) >> p % 8 & 1;
	}
}

static uint64_t intervals_flips(const void *opaque)
{
	const struct intervals *state = opaque;
	return state->flips;
}

const struct ns_engine ns_interval_engine = {
	.name = "intervals",
	.summary = "half-spaces as runs along a tour of the samples, or bits for look-up tables: ReLU and leaky ReLU, up to 16 "
		   "inputs",
	.refusal = intervals_refusal,
	.memory = ns_intervals_memory,
	.cycles_per_step = ns_intervals_cycles,
	.late_share = 0.6,
	.cycles_of_data = ns_intervals_cycles_of_data,
	.create = intervals_create,
	.advance = intervals_advance,
	.outputs = intervals_outputs,
	.weight_change = intervals_weight_change,
	.pattern = intervals_pattern,
	.flips = intervals_flips,
	.transfer = ns_intervals_transfer,
	.destroy = intervals_destroy,
};
