#include "deferral.h"
#include "cost.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

/* A node is deferred if it can wait this many steps like the reference's, and comes back when it could only wait that many. */
static const double enter_steps = 10, leave_steps = 2;

/* What of the residuals may differ from the reference before the clock goes faster than once a step. */
static const double part_apart = 0.1;

enum { FIRST_REVIEW = 16 };

/* Taken off what a node may wait and off the clock: more than the rounding of either between two reviews. */
static const double slack_margin = 0x1p-20, clock_margin = 0x1p-40;

/* A scan that promises this many times the distance to the nearest sample is worth its while. */
static const double promise = 2;

void ns_deferral_destroy(struct deferral *deferral)
{
	if (deferral == NULL)
		return;
	void *const blocks[] = {deferral->due, deferral->listed, deferral->time, deferral->deferred, deferral->kernel,
		deferral->sum, deferral->theta, deferral->f_review, deferral->change, deferral->path, deferral->path_prefix,
		deferral->reference, deferral->reference_prefix, deferral->included, deferral->waiting_rows, deferral->row,
		deferral};
	for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
		ns_free(blocks[b]);
}

/* ||X||_2^2 is the largest eigenvalue of A = X^T X, at most trace(A^16)^(1/16); A is scaled to trace 1 so that no power
 * overflows. */
static double bound_norm(const struct ns_problem *problem)
{
	const size_t d = problem->d;
	double a[MOST_INPUTS * MOST_INPUTS] = {0}, square[MOST_INPUTS * MOST_INPUTS], scale = 0;
	for (size_t i = 0; i < problem->n; i++)
		for (size_t e = 0; e < d * d; e++)
			a[e] += problem->x[i * d + e / d] * problem->x[i * d + e % d];
	for (size_t k = 0; k < d; k++)
		scale += a[k * d + k];
	if (scale == 0)
		return 0;
	for (size_t e = 0; e < d * d; e++)
		a[e] /= scale;
	for (int doubling = 0; doubling < 4; doubling++) {
		for (size_t e = 0; e < d * d; e++) {
			square[e] = 0;
			for (size_t k = 0; k < d; k++)
				square[e] += a[e / d * d + k] * a[k * d + e % d];
		}
		memcpy(a, square, sizeof a);
	}
	double trace = 0;
	for (size_t k = 0; k < d; k++)
		trace += a[k * d + k];
	return sqrt(scale * pow(trace, 1.0 / 16)) * (1 + 1e-9);
}

static void set_kernel(struct deferral *deferral, const struct intervals *state)
{
	for (size_t i = 0; i < state->n; i++)
		for (size_t k = i / 8 * 8; k < state->n; k++) {
			double dot = 0;
			for (size_t e = 0; e < state->d; e++)
				dot += state->x[i * state->width + e] * state->x[k * state->width + e];
			deferral->kernel[half_offset(state->lanes, i) + k - i / 8 * 8] =
				state->tour->sign[i] * state->tour->sign[k] * dot;
		}
}

static size_t round_up(size_t count)
{
	return (count + 7) / 8 * 8;
}

enum ns_status ns_deferral_create(struct deferral **created, const struct intervals *state, struct ns_error *error)
{
	*created = NULL;
	if (state->n > MOST_SAMPLES_TO_DEFER || state->leak != 0)
		return NS_OK;
	const size_t half = half_offset(state->lanes, state->lanes), vector = state->width * sizeof(double);
	struct deferral *deferral = ns_alloc(1, sizeof *deferral);
	if (deferral != NULL)
		*deferral = (struct deferral){
			.review = FIRST_REVIEW,
			.norm = bound_norm(state->problem),
			.due = ns_alloc(round_up(state->m), sizeof(double)),
			.listed = ns_alloc(state->m, sizeof(uint32_t)),
			.time = ns_alloc(state->m, sizeof(double)),
			.deferred = ns_alloc(state->m, sizeof(bool)),
			.kernel = ns_alloc(half, sizeof(double)),
			.sum = ns_alloc(half, sizeof(double)),
			.theta = ns_alloc(half, sizeof(double)),
			.f_review = ns_alloc(state->lanes, sizeof(double)),
			.change = ns_alloc(state->lanes, sizeof(double)),
			.path = ns_alloc(state->lanes, sizeof(double)),
			.path_prefix = ns_alloc(ns_nowhere(state) + 1, vector),
			.reference = ns_alloc(state->lanes, sizeof(double)),
			.reference_prefix = ns_alloc(ns_nowhere(state) + 1, vector),
			.included = ns_alloc(state->m, vector),
			.waiting_rows = ns_alloc(MOST_WAITING, state->lanes / 8),
			.row = ns_alloc(state->row_bytes, 1),
		};
	if (deferral == NULL || !deferral->due || !deferral->listed || !deferral->time || !deferral->deferred ||
		!deferral->kernel || !deferral->sum || !deferral->theta || !deferral->f_review || !deferral->change ||
		!deferral->path || !deferral->path_prefix || !deferral->reference || !deferral->reference_prefix ||
		!deferral->included || !deferral->waiting_rows || !deferral->row) {
		ns_deferral_destroy(deferral);
		return ns_error_memory(error, "the deferred nodes of the interval engine", 24.0 * (double)half);
	}
	for (size_t j = 0; j < round_up(state->m); j++)
		deferral->due[j] = INFINITY;
	set_kernel(deferral, state);
	*created = deferral;
	return NS_OK;
}

static struct run_block *block_of(const struct intervals *state, size_t j)
{
	const struct runs *runs = state->held;
	return &runs->blocks[j / runs->block_nodes];
}

/* X^T (s_j o r) from the prefix sums of r x~ and what is common to all nodes. */
static void gradient_of(const struct intervals *state, size_t j, const double *prefix, const double *common, double *gradient)
{
	const struct run_block *block = block_of(state, j);
	const uint32_t node = (uint32_t)(j - block->first);
	state->kernels->gather(block, &node, 1, prefix, gradient);
	for (size_t k = 0; k < state->width; k++)
		gradient[k] += common[k];
}

static void path_gradient(struct deferral *deferral, const struct intervals *state, size_t j, double *gradient)
{
	if (!deferral->path_is_summed)
		state->kernels->sum_path(state, deferral->path, deferral->path_prefix, deferral->path_common);
	deferral->path_is_summed = true;
	gradient_of(state, j, deferral->path_prefix, deferral->path_common, gradient);
}

void ns_deferral_delta(struct deferral *deferral, const struct intervals *state, size_t j, double *delta)
{
	alignas(64) double gradient[MOST_INPUTS];
	path_gradient(deferral, state, j, gradient);
	for (size_t k = 0; k < state->width; k++) {
		const size_t e = j * state->width + k;
		delta[k] = state->delta[e] - state->c[j] * (gradient[k] - deferral->included[e]);
	}
}

/* Brings D_j to the present iterate. */
static void catch_up(struct deferral *deferral, struct intervals *state, size_t j)
{
	alignas(64) double gradient[MOST_INPUTS];
	path_gradient(deferral, state, j, gradient);
	for (size_t k = 0; k < state->width; k++) {
		const size_t e = j * state->width + k;
		state->delta[e] -= state->c[j] * (gradient[k] - deferral->included[e]);
		deferral->included[e] = gradient[k];
	}
}

/* By how much the clock may surely advance before W_j has gone this far (deferral.h). */
static double time_to_go(const struct deferral *deferral, const struct intervals *state, size_t j, double distance)
{
	alignas(64) double gradient[MOST_INPUTS];
	double square = 0;
	if (state->c[j] == 0)
		return INFINITY;
	gradient_of(state, j, deferral->reference_prefix, deferral->reference_common, gradient);
	for (size_t k = 0; k < state->width; k++)
		square += gradient[k] * gradient[k];
	return distance / (fabs(state->c[j]) * (sqrt(square) + deferral->norm * deferral->apart)) * (1 - slack_margin) *
	       state->loosen_waits;
}

/* v = scale c W_j at the present iterate, or as it was at the review. */
static void scaled_weights(
	const struct deferral *deferral, const struct intervals *state, size_t j, double scale, bool at_review, double *v)
{
	for (size_t k = 0; k < state->width; k++) {
		const size_t e = j * state->width + k;
		const double since = at_review ? -state->c[j] * deferral->included[e] : 0;
		v[k] = scale * state->c[j] * (state->w0[e] + (state->delta[e] - since));
	}
}

static void settle_sums(struct deferral *deferral, const struct intervals *state)
{
	if (deferral->waiting == 0)
		return;
	state->kernels->half_update(state, deferral->waiting, deferral->waiting_lambda, deferral->waiting_rows, deferral->kernel,
		deferral->sum, deferral->theta);
	deferral->waiting = 0;
}

/* S += lambda s s^T, at the latest when settle_sums() is called. */
static void add_to_sums(struct deferral *deferral, const struct intervals *state, const uint8_t *row, double lambda)
{
	memcpy(deferral->waiting_rows + deferral->waiting * (state->lanes / 8), row, state->lanes / 8);
	deferral->waiting_lambda[deferral->waiting++] = lambda;
	if (deferral->waiting == MOST_WAITING)
		settle_sums(deferral, state);
}

/* Node j, whose row was `row` until now, takes its steps with the others again. */
static void leave(struct deferral *deferral, struct intervals *state, size_t j, const uint8_t *row)
{
	struct run_block *block = block_of(state, j);
	alignas(64) double v[MOST_INPUTS];
	scaled_weights(deferral, state, j, -1, false, v);
	state->kernels->contribute(state, row, v, state->f_deferred);
	scaled_weights(deferral, state, j, -1, true, v);
	state->kernels->contribute(state, row, v, deferral->f_review);
	add_to_sums(deferral, state, row, -state->problem->lambda[state->node[j]]);
	deferral->deferred[j] = false;
	deferral->due[j] = INFINITY;
	deferral->count--;
	size_t at = block->n_active++;
	for (; at > 0 && block->active[at - 1] > j - block->first; at--)
		block->active[at] = block->active[at - 1];
	block->active[at] = (uint32_t)(j - block->first);
}

static double watch_distance(const struct intervals *state, size_t j)
{
	return sqrt(fmax(state->radii[j].watch, 0));
}

/* Whether a scan is worth its while: it finds out what has changed, and where the unwatched samples are. */
static bool wants_scan(const struct intervals *state, size_t j, const struct room *room)
{
	return room->changed || !(room->distance > 0) || (room->unwatched && !(room->distance > 0.5 * watch_distance(state, j)));
}

/* Finds out how long node j, brought to the present iterate, can wait on; it leaves if that is too short. */
static void look(struct deferral *deferral, struct intervals *state, size_t j)
{
	struct room room = ns_intervals_room(state, j);
	uint64_t flips = 0;
	memcpy(deferral->row, state->rows + j * state->row_bytes, state->row_bytes);
	if (wants_scan(state, j, &room)) {
		flips = ns_intervals_scan(state, j, 0);
		room = ns_intervals_room(state, j);
		block_of(state, j)->flips += flips;
	}
	const double time = time_to_go(deferral, state, j, room.distance);
	if (flips > 0 || !(time > leave_steps))
		leave(deferral, state, j, deferral->row);
	else
		deferral->due[j] = deferral->clock + time;
}

/* How long node j, which takes its steps, could wait; its row is up to date if that is long enough. A scan may find that it has
 * more room than was known. */
static double time_it_could_wait(const struct deferral *deferral, struct intervals *state, size_t j)
{
	const struct room room = ns_intervals_room(state, j);
	const double time = time_to_go(deferral, state, j, room.distance);
	if (time > enter_steps && !room.changed)
		return time;
	const bool promising = room.unwatched ? time_to_go(deferral, state, j, watch_distance(state, j)) > promise * enter_steps
					      : time > enter_steps;
	if (!promising)
		return room.changed ? 0 : time;
	block_of(state, j)->flips += ns_intervals_scan(state, j, 0);
	return time_to_go(deferral, state, j, ns_intervals_room(state, j).distance);
}

static void enter(struct deferral *deferral, struct intervals *state, size_t j, double time)
{
	assert(state->near_now[j] == state->near_scan[j]);
	add_to_sums(deferral, state, state->rows + j * state->row_bytes, state->problem->lambda[state->node[j]]);
	memset(deferral->included + j * state->width, 0, state->width * sizeof(double));
	deferral->deferred[j] = true;
	deferral->count++;
	deferral->due[j] = deferral->clock + time;
}

/* Starts the clock, the path and the reference anew, with all deferred nodes at the present iterate. */
static void start_anew(struct deferral *deferral, struct intervals *state)
{
	for (size_t j = 0; j < state->m; j++)
		if (deferral->deferred[j])
			catch_up(deferral, state, j);
	memset(deferral->path, 0, state->lanes * sizeof(double));
	memset(deferral->included, 0, state->m * state->width * sizeof(double));
	deferral->path_is_summed = false;
	deferral->clock = 0;
	deferral->reference_square = 0;
	for (size_t p = 0; p < state->n; p++)
		deferral->reference_square += state->rho[p] * state->rho[p];
	deferral->apart = fmax(part_apart * sqrt(deferral->reference_square), DBL_MIN);
	memcpy(deferral->reference, state->rho, state->n * sizeof(double));
	state->kernels->sum_path(state, deferral->reference, deferral->reference_prefix, deferral->reference_common);
}

/* Cycles a step that a node saves which can wait this long, if it then leaves and comes back at the next review. */
static double saving(const struct intervals *state, double time)
{
	const double own = ns_cycles_of_runs(1, state->d, ns_expected_boundaries(state->n, state->d));
	return fmax(own - ns_cycles_of_leaving(state->n) / time, 0);
}

static void admit(struct deferral *deferral, struct intervals *state)
{
	const struct runs *runs = state->held;
	double saved = 0;
	for (size_t j = 0; j < state->m; j++)
		saved += deferral->deferred[j] ? saving(state, deferral->due[j] - deferral->clock) : 0;
	for (size_t b = 0; b < runs->n_blocks; b++)
		for (size_t a = 0; a < runs->blocks[b].n_active; a++) {
			const size_t j = runs->blocks[b].first + runs->blocks[b].active[a];
			deferral->time[j] = time_it_could_wait(deferral, state, j);
			saved += deferral->time[j] > enter_steps ? saving(state, deferral->time[j]) : 0;
		}
	if (!(saved > ns_cycles_of_deferral(state->n)))
		return;
	for (size_t b = 0; b < runs->n_blocks; b++) {
		struct run_block *block = &runs->blocks[b];
		size_t staying = 0;
		for (size_t a = 0; a < block->n_active; a++) {
			const size_t j = block->first + block->active[a];
			if (deferral->time[j] > enter_steps)
				enter(deferral, state, j, deferral->time[j]);
			else
				block->active[staying++] = block->active[a];
		}
		block->n_active = staying;
	}
}

void ns_deferral_review(struct deferral *deferral, struct intervals *state)
{
	if (deferral->steps < deferral->review)
		return;
	deferral->review += deferral->review < LONGEST_REVIEW ? deferral->review : LONGEST_REVIEW;
	start_anew(deferral, state);
	for (size_t j = 0; j < state->m; j++)
		if (deferral->deferred[j])
			look(deferral, state, j);
	admit(deferral, state);
	settle_sums(deferral, state);
	memset(deferral->f_review, 0, state->lanes * sizeof(double));
	for (size_t j = 0; j < state->m; j++)
		if (deferral->deferred[j]) {
			alignas(64) double v[MOST_INPUTS];
			scaled_weights(deferral, state, j, 1, false, v);
			state->kernels->contribute(state, state->rows + j * state->row_bytes, v, deferral->f_review);
		}
	memcpy(state->f_deferred, deferral->f_review, state->lanes * sizeof(double));
}

static void spread_node(const struct deferral *deferral, struct intervals *state, size_t j)
{
	struct run_block *block = block_of(state, j);
	const uint32_t node = (uint32_t)(j - block->first);
	alignas(64) double v[MOST_INPUTS];
	scaled_weights(deferral, state, j, 1, false, v);
	state->kernels->spread(block, &node, 1, v);
}

/* change = Theta R, what has left already taken off. */
static void find_change(struct deferral *deferral, const struct intervals *state)
{
	state->kernels->half_product(state->lanes, deferral->theta, deferral->path, deferral->change);
	for (size_t a = 0; a < deferral->waiting; a++) {
		const uint8_t *row = deferral->waiting_rows + a * (state->lanes / 8);
		alignas(64) double v[MOST_INPUTS];
		state->kernels->gradient_of_row(state, row, deferral->path, v);
		for (size_t k = 0; k < state->width; k++)
			v[k] *= deferral->waiting_lambda[a];
		state->kernels->contribute(state, row, v, deferral->change);
	}
}

/* By how much a step with these residuals moves the clock. */
static double tick(const struct deferral *deferral, const struct intervals *state)
{
	double along, square;
	state->kernels->project(state->lanes, state->rho, deferral->reference, deferral->reference_square, &along, &square);
	return fmax(fabs(along), sqrt(square) / deferral->apart);
}

void ns_deferral_step(struct deferral *deferral, struct intervals *state)
{
	deferral->steps++;
	if (deferral->count == 0)
		return;
	deferral->clock += tick(deferral, state);
	for (size_t p = 0; p < state->n; p++)
		deferral->path[p] += state->rho[p];
	find_change(deferral, state);
	for (size_t p = 0; p < state->n; p++)
		state->f_deferred[p] = deferral->f_review[p] - deferral->change[p];
	deferral->path_is_summed = false;
	const double past = nextafter(deferral->clock * (1 + clock_margin), INFINITY);
	const size_t count = state->kernels->collect(round_up(state->m), deferral->due, past, state->m, deferral->listed);
	for (size_t a = 0; a < count; a++) {
		const size_t j = deferral->listed[a];
		catch_up(deferral, state, j);
		look(deferral, state, j);
		if (!deferral->deferred[j])
			spread_node(deferral, state, j);
	}
}
