/* The event engine behind the contract of engine.h. README.md is the mathematics. */
#include "events.h"
#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

static const char *events_refusal(const struct ns_shape *shape)
{
	if (!ns_activation_is_piecewise_linear(shape->activation))
		return "its activation is not piecewise linear (relu or leaky_relu)";
	if (shape->m > INT32_MAX / 2 || shape->n > INT32_MAX / 64)
		return "it has more than 2^30 nodes or 2^25 samples";
	return NULL;
}

static void destroy_parts(struct ns_events *e)
{
	struct ns_coupling *q = &e->coupling;
	struct ns_nodes *nodes = &e->nodes;
	struct ns_hot *hot = &e->hot;
	if (e->slope_rho != e->rho)
		ns_free(e->slope_rho);
	void *const blocks[] = {e->f, e->f_low, e->residual, e->rho, e->df, e->linear, e->shift, e->everything, q->k, q->k_low,
		q->diagonal, q->kappa, q->inverse_kappa, q->s, q->theta, e->clocks.reference, nodes->delta0, nodes->node,
		nodes->pattern, nodes->p, nodes->p_low, nodes->p_renewed, nodes->path, nodes->row, nodes->bits, nodes->hot,
		nodes->b, nodes->b_low, hot->start, hot->z, hot->c, hot->weight, hot->path, hot->path_low, hot->push, hot->begin,
		hot->gain, hot->partial, hot->row, hot->sample, hot->last, hot->flipped, hot->entry, hot->cursor, hot->couple,
		hot->next, hot->partner, e->warm.pair, e->cold.key, e->looks.look};
	for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
		ns_free(blocks[b]);
	ns_samples_finish(&e->samples);
	ns_keys_finish(&e->warm.keys);
	ns_keys_finish(&e->cold.nodes);
}

static void events_destroy(void *opaque)
{
	if (opaque == NULL)
		return;
	destroy_parts(opaque);
	ns_free(opaque);
}

static double *row_of(const struct ns_events *e)
{
	return ns_alloc(e->stride, sizeof(double));
}

static double *tiles_of(const struct ns_events *e)
{
	return ns_alloc(ns_tile_at(e->stride, 0), sizeof(double));
}

/* Sizes that follow from the problem and the number of representatives. */
static void set_sizes(struct ns_events *e)
{
	e->n = e->samples.n;
	e->vectors = (e->n + NS_LANES - 1) / NS_LANES;
	e->stride = e->vectors * NS_LANES;
	e->words = (e->n + 63) / 64;
	e->most_hot = e->margins.most_pairs > 0 ? e->margins.most_pairs : ns_events_most_hot(e->n, e->m);
	e->most_warm = e->margins.most_pairs > 0 ? e->margins.most_pairs : ns_events_most_warm(e->n, e->m);
}

static bool allocate_samples(struct ns_events *e)
{
	set_sizes(e);
	struct ns_coupling *q = &e->coupling;
	const bool leaky = e->leak != 0;
	e->f = row_of(e);
	e->f_low = row_of(e);
	e->residual = row_of(e);
	e->rho = row_of(e);
	e->slope_rho = leaky ? row_of(e) : e->rho;
	e->df = row_of(e);
	e->linear = leaky ? row_of(e) : NULL;
	e->shift = leaky ? row_of(e) : NULL;
	if (leaky && (e->everything = ns_alloc(e->words, sizeof *e->everything)) != NULL)
		memset(e->everything, 0xff, e->words * sizeof *e->everything);
	e->clocks.reference = row_of(e);
	q->k = ns_alloc(e->n, e->stride * sizeof *q->k);
	q->k_low = ns_alloc(e->n, e->stride * sizeof *q->k_low);
	q->diagonal = row_of(e);
	q->kappa = row_of(e);
	q->inverse_kappa = row_of(e);
	q->s = tiles_of(e);
	q->theta = tiles_of(e);
	e->hot.start = ns_alloc(e->n + 1, sizeof *e->hot.start);
	e->hot.cursor = ns_alloc(e->n + 1, sizeof *e->hot.cursor);
	return e->f && e->f_low && e->residual && e->rho && e->slope_rho && e->df &&
	       (!leaky || (e->linear && e->shift && e->everything)) && e->clocks.reference && q->k && q->k_low && q->diagonal &&
	       q->kappa && q->inverse_kappa && q->s && q->theta && e->hot.start && e->hot.cursor;
}

static bool allocate_nodes(struct ns_events *e, const double *delta)
{
	struct ns_nodes *nodes = &e->nodes;
	e->cold.key_stride = (e->n + NS_FANOUT - 1) / NS_FANOUT * NS_FANOUT;
	nodes->node = ns_alloc(e->m, sizeof *nodes->node);
	nodes->pattern = ns_alloc(e->m, e->words * sizeof *nodes->pattern);
	nodes->path = ns_alloc(NS_PATH_ROWS, e->stride * sizeof(double));
	nodes->p = row_of(e);
	nodes->p_low = row_of(e);
	nodes->p_renewed = row_of(e);
	e->cold.key = ns_alloc(e->m, e->cold.key_stride * sizeof(float));
	if (delta != NULL && (nodes->delta0 = ns_alloc(e->m, e->d * sizeof(double))) != NULL)
		memcpy(nodes->delta0, delta, e->m * e->d * sizeof(double));
	return nodes->node && nodes->pattern && nodes->path && nodes->p && nodes->p_low && nodes->p_renewed && e->cold.key &&
	       (delta == NULL || nodes->delta0 != NULL) && ns_keys_init(&e->cold.nodes, e->kernels, e->m) &&
	       ns_keys_init(&e->warm.keys, e->kernels, 0) && ns_hot_reserve(e, 0);
}

enum ns_status ns_events_create(struct ns_events **state, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, struct ns_events_margins margins, struct ns_error *error)
{
	struct ns_events *e = ns_alloc(1, sizeof *e);
	const struct ns_shape shape = ns_problem_shape(problem);
	if (e == NULL)
		return ns_error_memory(error, "the event engine", sizeof *e);
	e->problem = problem;
	e->kernels = ns_events_kernels(options->isa);
	e->margins = margins;
	e->threads = options->threads;
	e->audit = options->audit;
	e->m = problem->m;
	e->d = problem->d;
	e->leak = problem->activation == NS_LEAKY_RELU ? problem->leak : 0;
	e->warm.free = -1;
	openblas_set_num_threads(1); /* threads go over blocks, and a GEMM's bits must not depend on how many there are */
	if (!ns_samples_init(&e->samples, problem) || !allocate_samples(e) || !allocate_nodes(e, delta) || !ns_events_set_up(e)) {
		events_destroy(e);
		return ns_error_memory(error, "the event engine", ns_events_memory(&shape));
	}
	*state = e;
	return NS_OK;
}

static enum ns_status events_create(void **opaque, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, struct ns_error *error)
{
	struct ns_events *e;
	const enum ns_status status =
		ns_events_create(&e, problem, delta, options, (struct ns_events_margins){.stretch = 1}, error);
	if (status == NS_OK)
		*opaque = e;
	return status;
}

/* Residuals of groups of samples: the sum of t r over each. Returns the sum of squares of all r. */
static double weigh_groups(struct ns_events *e)
{
	double risk = 0;
	memset(e->residual, 0, e->n * sizeof *e->residual);
	for (size_t i = 0; i < e->problem->n; i++) {
		const size_t u = e->samples.group[i];
		const double t = e->samples.multiple[i], r = (t * e->f[u] - e->problem->y[i]) + t * e->f_low[u];
		e->residual[u] += t * r;
		risk += r * r;
	}
	return risk;
}

/* residual and rho of the present iterate; *square is the sum of squares of residual. False if the risk is not finite. */
static bool weigh_samples(struct ns_events *e, double *square)
{
	const struct ns_problem *p = e->problem;
	const bool grouped = e->n < p->n; /* else every sample is its own group, in its own place */
	const double risk = grouped ? weigh_groups(e) : 0;
	for (size_t i = 0; i < e->n && !grouped; i++)
		e->residual[i] = (e->f[i] - p->y[i]) + e->f_low[i];
	for (size_t u = 0; u < e->n; u++)
		e->rho[u] = p->step_size * (2 / (double)p->n) * e->residual[u];
	*square = e->kernels->dot(e->n, e->residual, e->residual);
	return isfinite(grouped ? risk : *square);
}

static enum ns_status events_advance(void *opaque, uint64_t steps, uint64_t *taken, struct ns_error *error)
{
	struct ns_events *e = opaque;
	for (*taken = 0; *taken < steps; (*taken)++) {
		double square;
		if (!weigh_samples(e, &square))
			return NS_OK; /* nothing is left to audit */
		ns_clocks_advance(e, square);
		if (!ns_events_step(e)) {
			const struct ns_shape shape = ns_problem_shape(e->problem);
			return ns_error_memory(error, "the event engine", ns_events_memory(&shape));
		}
	}
	return e->audit ? ns_events_audit(e, error) : NS_OK;
}

static void events_outputs(void *opaque, double *f)
{
	const struct ns_events *e = opaque;
	for (size_t i = 0; i < e->problem->n; i++)
		f[i] = e->samples.multiple[i] * (e->f[e->samples.group[i]] + e->f_low[e->samples.group[i]]);
}

static void events_weight_change(void *opaque, size_t first, size_t count, double *delta)
{
	ns_nodes_weight_change(opaque, first, count, delta);
}

/* Bit k of byte becomes byte k: multiplied, bit k stands alone in byte k of the product, at place k; adding 127 carries it to the
 * top. */
static void unpack_byte(uint8_t byte, uint8_t *values)
{
	const uint64_t ones = 0x0101010101010101, alone = byte * ones & 0x8040201008040201;
	const uint64_t unpacked = (alone + 0x7f * ones) >> 7 & ones;
	for (int k = 0; k < 8; k++)
		values[k] = (uint8_t)(unpacked >> 8 * k);
}

static void events_pattern(void *opaque, size_t first, size_t count, uint8_t *pattern)
{
	const struct ns_events *e = opaque;
	const size_t n = e->problem->n;
	for (size_t row = 0; row < count; row++) {
		const uint64_t *on = ns_node_pattern(e, first + row);
		uint8_t *values = pattern + row * n;
		size_t i = 0;
		for (; e->n == n && i + 8 <= n; i += 8) /* no two samples share a direction: sample i is group i */
			unpack_byte((uint8_t)(on[i / 64] >> i % 64), values + i);
		for (; i < n; i++) {
			const size_t u = e->samples.group[i];
			values[i] = on[u / 64] >> u % 64 & 1;
		}
	}
}

static uint64_t events_flips(const void *opaque)
{
	const struct ns_events *e = opaque;
	return e->flips;
}

static enum ns_status events_transfer(void *opaque, struct ns_archive *archive, struct ns_error *error)
{
	return ns_events_transfer(opaque, archive, error);
}

const struct ns_engine ns_event_engine = {
	.name = "events",
	.summary = "computes only where a pre-activation may change sign; exact, for ReLU and leaky ReLU; best for few samples",
	.refusal = events_refusal,
	.memory = ns_events_memory,
	.cycles_per_step = ns_events_cycles,
	.late_share = 0.08,
	.create = events_create,
	.advance = events_advance,
	.outputs = events_outputs,
	.weight_change = events_weight_change,
	.pattern = events_pattern,
	.flips = events_flips,
	.transfer = events_transfer,
	.destroy = events_destroy,
};
