/* The dense engine: one fused pass over blocks of nodes a step, two GEMMs a block (OpenBLAS, one thread a call), or, where there
 * are few inputs, kernels of its own (dense_narrow.h).
 *
 * With S_b (nodes, n) the slopes act'(z) left by the forward pass before, and Y (n, d) the rows rho_i x_i, a block does
 *     D_b -= c o (S_b Y);   W_b = W0_b + D_b;   Z_b = W_b X^T;   f_b = sum_j c_j act(Z_b);   S_b = act'(Z_b)
 * so that only the n outputs cross blocks. The size of a block depends on n alone and block sums are added in block order:
 * the bits are the same for any number of threads. Floor: 4 n d m floating-point operations a step. */
#include "dense_narrow.h"
#include <cblas.h>
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/engine.h>
#include <nodescale/memory.h>
#include <omp.h>
#include <string.h>

struct dense {
	const struct ns_problem *problem;
	int threads;
	size_t block, n_blocks; /* nodes per block, the last one may be short */
	double *delta;          /* (m, d) */
	ns_narrow_pass *narrow; /* NULL for GEMM: then what follows is not there */
	struct ns_narrow samples;
	uint8_t *bits;         /* (m, groups) [z > 0] */
	double *slope;         /* (m, n) act'(z) of the present iterate; NULL where narrow */
	uint8_t *on;           /* (m, n) [z > 0]; NULL if slope tells it (piecewise-linear) */
	double *y_rows;        /* (n, d) rho_i x_i; NULL where narrow */
	size_t n_padded;       /* n, where narrow a multiple of 8 */
	double *f, *f_block;   /* (n), (n_blocks, n_padded) */
	uint64_t *flips_block; /* (n_blocks) */
	double *scratch;       /* (threads, scratch_size): Z_b, W_b, gradient, act(Z) */
	size_t scratch_size;
	uint64_t flips;
};

enum { BLOCK_BYTES = 192 << 10, LEAST_BLOCK = 16, MOST_BLOCK = 256, NARROW_BLOCK = 128 };

static bool is_narrow(enum ns_activation activation, size_t d)
{
	return ns_activation_is_piecewise_linear(activation) && d <= NS_MOST_NARROW_INPUTS;
}

/* Z_b and S_b of a block together should stay in a core's second-level cache; narrow blocks hold neither. */
static size_t nodes_per_block(size_t n, bool narrow)
{
	if (narrow)
		return NARROW_BLOCK;
	const size_t fitting = BLOCK_BYTES / sizeof(double) / n / LEAST_BLOCK * LEAST_BLOCK;
	return fitting < LEAST_BLOCK ? LEAST_BLOCK : fitting > MOST_BLOCK ? MOST_BLOCK : fitting;
}

static double block_count(const struct ns_shape *shape, bool narrow)
{
	return ceil((double)shape->m / (double)nodes_per_block(shape->n, narrow));
}

static const char *dense_refusal(const struct ns_shape *shape)
{
	return NULL;
}

static double dense_memory(const struct ns_shape *shape)
{
	const double n = (double)shape->n, d = (double)shape->d, m = (double)shape->m;
	if (is_narrow(shape->activation, shape->d))
		return 8 * (m * d + (n + 7) * (2 * d + 1 + block_count(shape, true))) + m * (n + 7) / 8;
	return 8 * (m * d + m * n + n * d + n * (1 + block_count(shape, false))) + m * n;
}

/* Fitted to 400 random problems (tests/bench/auto_bench.c, RESULTS.md): within 20 % for nine in ten of them. */
static double dense_cycles(const struct ns_shape *shape)
{
	const double n = (double)shape->n, d = (double)shape->d, m = (double)shape->m;
	if (is_narrow(shape->activation, shape->d))
		return 1400 + 1.75 * n * d + m * (ceil(n / 8) * (2.1 * d + 3) + 11 * d) + 10 * n * block_count(shape, true);
	const double pair = 0.36 * d + (ns_activation_is_piecewise_linear(shape->activation) ? 2 : 20);
	return 1740 * block_count(shape, false) + 1.5 * n * d + m * (n * pair + 1.8 * d + 64);
}

/* z (n) of one node: adds c act(z) to f, sets slope, counts sign changes. leak is 0 for ReLU. The clones differ in vector length
 * only: no sum crosses lanes, so their bits agree. */
__attribute__((target_clones("avx512f", "avx2", "default"))) static uint64_t activate_piecewise(
	size_t n, double c, double leak, const double *restrict z, double *restrict slope, double *restrict f)
{
	double changed = 0;
	const double unit = 1;
	for (size_t i = 0; i < n; i++) {
		const double now = z[i] > 0 ? unit : leak;
		changed += slope[i] != now ? 1.0 : 0.0;
		slope[i] = now;
		f[i] += c * (now * z[i]);
	}
	return (uint64_t)changed;
}

static uint64_t activate_smooth(const struct dense *state, size_t j, const double *z, double *value, double *f)
{
	const struct ns_problem *p = state->problem;
	uint64_t changed = 0;
	ns_activation_apply(p->activation, p->leak, p->n, z, value, state->slope + j * p->n);
	for (size_t i = 0; i < p->n; i++) {
		f[i] += p->c[j] * value[i];
		changed += state->on[j * p->n + i] != (z[i] > 0);
		state->on[j * p->n + i] = z[i] > 0;
	}
	return changed;
}

static void forward_block(struct dense *state, size_t block, double *z, double *w, double *value)
{
	const struct ns_problem *p = state->problem;
	const size_t first = block * state->block, rows = p->m - first < state->block ? p->m - first : state->block;
	for (size_t e = 0; e < rows * p->d; e++)
		w[e] = p->w0[first * p->d + e] + state->delta[first * p->d + e];
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)p->n, (int)p->d, 1, w, (int)p->d, p->x, (int)p->d, 0,
		z, (int)p->n);
	double *f = state->f_block + block * p->n;
	memset(f, 0, p->n * sizeof *f);
	uint64_t flips = 0;
	const double leak = p->activation == NS_LEAKY_RELU ? p->leak : 0;
	for (size_t row = 0; row < rows; row++) {
		const size_t j = first + row;
		if (state->on == NULL)
			flips += activate_piecewise(p->n, p->c[j], leak, z + row * p->n, state->slope + j * p->n, f);
		else
			flips += activate_smooth(state, j, z + row * p->n, value, f);
	}
	state->flips_block[block] = flips;
}

static void descend_block(struct dense *state, size_t block, double *gradient)
{
	const struct ns_problem *p = state->problem;
	const size_t first = block * state->block, rows = p->m - first < state->block ? p->m - first : state->block;
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)p->d, (int)p->n, 1, state->slope + first * p->n,
		(int)p->n, state->y_rows, (int)p->d, 0, gradient, (int)p->d);
	for (size_t row = 0; row < rows; row++)
		for (size_t k = 0; k < p->d; k++)
			state->delta[(first + row) * p->d + k] -= p->c[first + row] * gradient[row * p->d + k];
}

static void narrow_block(struct dense *state, size_t block, bool descending)
{
	const struct ns_problem *p = state->problem;
	const size_t first = block * state->block, rows = p->m - first < state->block ? p->m - first : state->block;
	double *f = state->f_block + block * state->n_padded;
	memset(f, 0, state->n_padded * sizeof *f);
	state->flips_block[block] = state->narrow(&state->samples, descending, rows, p->c + first, p->w0 + first * p->d,
		state->delta + first * p->d, state->bits + first * state->samples.groups, f);
}

static void gemm_block(struct dense *state, size_t block, bool descending, double *scratch)
{
	double *z = scratch, *w = z + state->block * state->problem->n, *gradient = w + state->block * state->problem->d,
	       *value = gradient + state->block * state->problem->d;
	if (descending)
		descend_block(state, block, gradient);
	forward_block(state, block, z, w, value);
}

/* All blocks forward, after a descent if descending; then f in block order. */
static void sweep_blocks(struct dense *state, bool descending)
{
	const struct ns_problem *p = state->problem;
#pragma omp parallel for num_threads(state->threads) schedule(static)
	for (size_t block = 0; block < state->n_blocks; block++) {
		if (state->narrow != NULL)
			narrow_block(state, block, descending);
		else
			gemm_block(state, block, descending, state->scratch + (size_t)omp_get_thread_num() * state->scratch_size);
	}
	memset(state->f, 0, p->n * sizeof *state->f);
	for (size_t block = 0; block < state->n_blocks; block++)
		for (size_t i = 0; i < p->n; i++)
			state->f[i] += state->f_block[block * state->n_padded + i];
}

static void dense_destroy(void *opaque)
{
	struct dense *state = opaque;
	if (state == NULL)
		return;
	ns_free(state->delta);
	ns_free(state->samples.x);
	ns_free(state->samples.y);
	ns_free(state->bits);
	ns_free(state->slope);
	ns_free(state->on);
	ns_free(state->y_rows);
	ns_free(state->f);
	ns_free(state->f_block);
	ns_free(state->flips_block);
	ns_free(state->scratch);
	ns_free(state);
}

static bool allocate_for_narrow(struct dense *state)
{
	const struct ns_problem *p = state->problem;
	struct ns_narrow *samples = &state->samples;
	*samples = (struct ns_narrow){.groups = (p->n + 7) / 8, .d = p->d, .leak = p->activation == NS_LEAKY_RELU ? p->leak : 0};
	state->n_padded = 8 * samples->groups;
	samples->x = ns_alloc(state->n_padded, p->d * sizeof(double));
	samples->y = ns_alloc(state->n_padded, p->d * sizeof(double));
	state->bits = ns_alloc(p->m, samples->groups);
	for (size_t e = 0; e < p->n * p->d && samples->x != NULL; e++)
		samples->x[(e / p->d / 8 * p->d + e % p->d) * 8 + e / p->d % 8] = p->x[e];
	return samples->x && samples->y && state->bits;
}

static bool allocate_for_gemm(struct dense *state)
{
	const struct ns_problem *p = state->problem;
	const bool smooth = !ns_activation_is_piecewise_linear(p->activation);
	state->n_padded = p->n;
	state->scratch_size = (state->block * (p->n + 2 * p->d) + p->n + 7) / 8 * 8;
	state->slope = ns_alloc(p->m, p->n * sizeof(double));
	state->on = smooth ? ns_alloc(p->m, p->n) : NULL;
	state->y_rows = ns_alloc(p->n, p->d * sizeof(double));
	state->scratch = ns_alloc((size_t)state->threads, state->scratch_size * sizeof(double));
	return state->slope && (state->on || !smooth) && state->y_rows && state->scratch;
}

static bool allocate(struct dense *state)
{
	const struct ns_problem *p = state->problem;
	state->block = nodes_per_block(p->n, state->narrow != NULL);
	state->n_blocks = (p->m + state->block - 1) / state->block;
	if (!(state->narrow != NULL ? allocate_for_narrow(state) : allocate_for_gemm(state)))
		return false;
	state->delta = ns_alloc(p->m, p->d * sizeof(double));
	state->f = ns_alloc(p->n, sizeof(double));
	state->f_block = ns_alloc(state->n_blocks, state->n_padded * sizeof(double));
	state->flips_block = ns_alloc(state->n_blocks, sizeof(uint64_t));
	return state->delta && state->f && state->f_block && state->flips_block;
}

static enum ns_status dense_create(void **opaque, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, struct ns_error *error)
{
	struct dense *state = ns_alloc(1, sizeof *state);
	if (state != NULL) {
		state->problem = problem;
		state->threads = options->threads;
		state->narrow = is_narrow(problem->activation, problem->d) ? ns_narrow_pass_for(options->isa) : NULL;
	}
	if (state == NULL || !allocate(state)) {
		dense_destroy(state);
		const struct ns_shape shape = ns_problem_shape(problem);
		return ns_error_memory(error, "the dense engine", dense_memory(&shape));
	}
	ns_blas_use_one_thread();
	if (delta != NULL)
		memcpy(state->delta, delta, problem->m * problem->d * sizeof *delta);
	sweep_blocks(state, false);
	*opaque = state;
	return NS_OK;
}

/* Sets rho_i x_i; false if the risk is not finite. */
static bool weigh_samples(struct dense *state)
{
	const struct ns_problem *p = state->problem;
	struct ns_narrow *samples = &state->samples;
	double square = 0;
	memset(samples->y_sum, 0, sizeof samples->y_sum);
	for (size_t i = 0; i < p->n; i++) {
		const double r = state->f[i] - p->y[i], rho = p->step_size * (2 / (double)p->n) * r;
		square += r * r;
		for (size_t k = 0; k < p->d; k++) {
			const double y = rho * p->x[i * p->d + k];
			if (state->narrow == NULL) {
				state->y_rows[i * p->d + k] = y;
			} else {
				samples->y[(i / 8 * p->d + k) * 8 + i % 8] = y;
				samples->y_sum[k] += y;
			}
		}
	}
	return isfinite(square);
}

static enum ns_status dense_advance(void *opaque, uint64_t steps, uint64_t *taken, struct ns_error *error)
{
	struct dense *state = opaque;
	for (*taken = 0; *taken < steps && weigh_samples(state); (*taken)++) {
		sweep_blocks(state, true);
		for (size_t block = 0; block < state->n_blocks; block++)
			state->flips += state->flips_block[block];
	}
	return NS_OK;
}

static void dense_outputs(void *opaque, double *f)
{
	const struct dense *state = opaque;
	memcpy(f, state->f, state->problem->n * sizeof *f);
}

static void dense_weight_change(void *opaque, size_t first, size_t count, double *delta)
{
	const struct dense *state = opaque;
	memcpy(delta, state->delta + first * state->problem->d, count * state->problem->d * sizeof *delta);
}

static void dense_pattern(void *opaque, size_t first, size_t count, uint8_t *pattern)
{
	const struct dense *state = opaque;
	const size_t n = state->problem->n;
	if (state->narrow != NULL) {
		const uint8_t *bits = state->bits + first * state->samples.groups;
		for (size_t a = 0; a < count; a++)
			for (size_t i = 0; i < n; i++)
				pattern[a * n + i] = bits[a * state->samples.groups + i / 8] >> i % 8 & 1;
		return;
	}
	for (size_t e = 0; e < count * n; e++)
		pattern[e] = state->on != NULL ? state->on[first * n + e] : state->slope[first * n + e] == 1;
}

static uint64_t dense_flips(const void *opaque)
{
	const struct dense *state = opaque;
	return state->flips;
}

/* All else follows from D by the same products as in a step. */
static enum ns_status dense_transfer(void *opaque, struct ns_archive *archive, struct ns_error *error)
{
	struct dense *state = opaque;
	ns_archive_transfer(archive, &state->flips, sizeof state->flips);
	ns_archive_transfer(archive, state->delta, state->problem->m * state->problem->d * sizeof *state->delta);
	if (ns_archive_is_loading(archive))
		sweep_blocks(state, false);
	return ns_archive_status(archive, error);
}

const struct ns_engine ns_dense_engine = {
	.name = "dense",
	.summary = "every pair at every step, by matrix products (OpenBLAS) or, for few inputs, fused passes: any activation, "
		   "any size",
	.refusal = dense_refusal,
	.memory = dense_memory,
	.cycles_per_step = dense_cycles,
	.late_share = 1,
	.create = dense_create,
	.advance = dense_advance,
	.outputs = dense_outputs,
	.weight_change = dense_weight_change,
	.pattern = dense_pattern,
	.flips = dense_flips,
	.transfer = dense_transfer,
	.destroy = dense_destroy,
};
