#include <cblas.h>
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/memory.h>
#include <nodescale/ntk.h>
#include <nodescale/record.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 }; /* nodes looked at together: a fixed number, for sums over blocks are part of the results' bits */

struct ns_recorder {
	const struct ns_problem *problem;
	size_t n_probes, n_records, n_taken;
	bool piecewise;          /* the NTG follows from the pattern alone */
	double *inputs;          /* (n_probes, n_probes) x_i . x_k */
	double *slopes_product;  /* (n_probes, n_probes) sum_j lambda_j s_j s_j^T; s = [z > 0] if piecewise, else act'(z) */
	double *theta, *theta_0; /* (n_probes, n_probes) */
	uint8_t *pattern_0;      /* (m, n) at record 0 */
	uint8_t *pattern;        /* (m, n) at the last record */
	double *moved;           /* (n_records, m) |w_j(t) - w_j(0)| */
	uint32_t *order;         /* (m) nodes by how far they have moved, at the last record */
	/* of one block of nodes */
	double *delta, *w;           /* (BLOCK, d) */
	double *z;                   /* (BLOCK, max(n_test, n_probes)) */
	double *rows, *weighted;     /* (2 BLOCK, n_probes) */
	uint8_t *now;                /* (BLOCK, n) */
	double *f, *f_test, *square; /* (n), (n_test), (n_probes, n_probes) */
};

static size_t widest(size_t n_test, size_t n_probes)
{
	return n_test > n_probes ? n_test : n_probes;
}

double ns_recorder_memory(const struct ns_shape *shape, size_t n_probes, size_t n_records)
{
	const double n = (double)shape->n, d = (double)shape->d, m = (double)shape->m, probes = (double)n_probes;
	const double block = BLOCK * (2 * d + (double)widest(shape->n_test, n_probes) + 4 * probes) * 8 + BLOCK * n;
	return 8 * (5 * probes * probes + m * ((double)n_records + 0.5) + n + (double)shape->n_test) + 2 * m * n + block;
}

enum ns_status ns_recorder_create(struct ns_recorder **recorder, const struct ns_problem *problem, size_t n_probes,
	size_t n_records, struct ns_error *error)
{
	const size_t n = problem->n, d = problem->d, m = problem->m, kernel = n_probes * n_probes;
	struct ns_recorder *r = *recorder = ns_alloc(1, sizeof *r);
	if (r != NULL) {
		*r = (struct ns_recorder){.problem = problem,
			.n_probes = n_probes,
			.n_records = n_records,
			.piecewise = ns_activation_is_piecewise_linear(problem->activation)};
		double **const kernels[] = {&r->inputs, &r->slopes_product, &r->theta, &r->theta_0, &r->square};
		bool complete = true;
		for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
			complete = (*kernels[k] = ns_alloc(kernel, sizeof(double))) != NULL && complete;
		complete = (r->pattern_0 = ns_alloc(m, n)) != NULL && complete;
		complete = (r->pattern = ns_alloc(m, n)) != NULL && complete;
		complete = (r->moved = ns_alloc(n_records, m * sizeof(double))) != NULL && complete;
		complete = (r->order = ns_alloc(m, sizeof *r->order)) != NULL && complete;
		complete = (r->delta = ns_alloc(BLOCK, d * sizeof(double))) != NULL && complete;
		complete = (r->w = ns_alloc(BLOCK, d * sizeof(double))) != NULL && complete;
		complete = (r->z = ns_alloc(BLOCK, widest(problem->n_test, n_probes) * sizeof(double))) != NULL && complete;
		complete = (r->rows = ns_alloc(2 * BLOCK, n_probes * sizeof(double))) != NULL && complete;
		complete = (r->weighted = ns_alloc(2 * BLOCK, n_probes * sizeof(double))) != NULL && complete;
		complete = (r->now = ns_alloc(BLOCK, n)) != NULL && complete;
		complete = (r->f = ns_alloc(n, sizeof(double))) != NULL && complete;
		complete = (r->f_test = ns_alloc(problem->n_test, sizeof(double))) != NULL && complete;
		if (complete) {
			for (size_t j = 0; j < m; j++)
				r->order[j] = (uint32_t)j;
			ns_blas_use_one_thread();
			ns_input_gram(n_probes, d, problem->x, r->inputs);
			return NS_OK;
		}
	}
	ns_recorder_destroy(r);
	*recorder = NULL;
	const struct ns_shape shape = ns_problem_shape(problem);
	return ns_error_memory(error, "recording", ns_recorder_memory(&shape, n_probes, n_records));
}

void ns_recorder_destroy(struct ns_recorder *r)
{
	if (r == NULL)
		return;
	void *const blocks[] = {r->inputs, r->slopes_product, r->theta, r->theta_0, r->square, r->pattern_0, r->pattern, r->moved,
		r->order, r->delta, r->w, r->z, r->rows, r->weighted, r->now, r->f, r->f_test};
	for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
		ns_free(blocks[b]);
	ns_free(r);
}

/* z (rows, n) = W_block X^T */
static void preactivations(const struct ns_recorder *r, size_t rows, size_t n, const double *x, double *z)
{
	const int d = (int)r->problem->d;
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)n, d, 1, r->w, d, x, d, 0, z, (int)n);
}

static void add_test_outputs(struct ns_recorder *r, size_t first, size_t rows)
{
	const struct ns_problem *p = r->problem;
	if (p->n_test == 0)
		return;
	preactivations(r, rows, p->n_test, p->x_test, r->z);
	ns_activation_apply(p->activation, p->leak, rows * p->n_test, r->z, r->z, NULL);
	for (size_t row = 0; row < rows; row++) {
		const double c = p->c[first + row];
		for (size_t i = 0; i < p->n_test; i++)
			r->f_test[i] += c * r->z[row * p->n_test + i];
	}
}

/* slopes_product += sum over count rows of factor_row row row^T */
static void add_products(struct ns_recorder *r, size_t count, const double *factors)
{
	const int n = (int)r->n_probes;
	for (size_t row = 0; row < count; row++)
		for (size_t k = 0; k < r->n_probes; k++)
			r->weighted[row * r->n_probes + k] = factors[row] * r->rows[row * r->n_probes + k];
	cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, (int)count, 1, r->rows, n, r->weighted, n, 1,
		r->slopes_product, n);
}

/* Patterns are 0 and 1 and lambda a multiple of 2^-51, so the sum of lambda s s^T is exact, whatever the order: only nodes whose
 * pattern on the probes has changed since the last record are taken out and put in again. */
static void update_pattern_products(struct ns_recorder *r, size_t first, size_t rows, bool initial)
{
	const struct ns_problem *p = r->problem;
	double factors[2 * BLOCK];
	size_t count = 0;
	for (size_t row = 0; row < rows; row++) {
		const uint8_t *now = r->now + row * p->n, *before = r->pattern + (first + row) * p->n;
		if (!initial && memcmp(now, before, r->n_probes) == 0)
			continue;
		for (int put = 0; put < 2; put++) {
			if (!put && initial)
				continue;
			for (size_t k = 0; k < r->n_probes; k++)
				r->rows[count * r->n_probes + k] = put ? now[k] : before[k];
			factors[count++] = put ? p->lambda[first + row] : -p->lambda[first + row];
		}
	}
	if (count > 0)
		add_products(r, count, factors);
}

static void add_slope_products(struct ns_recorder *r, size_t first, size_t rows)
{
	const struct ns_problem *p = r->problem;
	preactivations(r, rows, r->n_probes, p->x, r->z);
	ns_activation_apply(p->activation, p->leak, rows * r->n_probes, r->z, NULL, r->rows);
	add_products(r, rows, p->lambda + first);
}

/* Of zeros and ones, eight at a time. */
static uint64_t count_differences(size_t count, const uint8_t *a, const uint8_t *b)
{
	uint64_t differences = 0;
	size_t e = 0;
	for (; e + 8 <= count; e += 8) {
		uint64_t eight_of_a, eight_of_b;
		memcpy(&eight_of_a, a + e, 8);
		memcpy(&eight_of_b, b + e, 8);
		differences += (uint64_t)__builtin_popcountll(eight_of_a ^ eight_of_b);
	}
	for (; e < count; e++)
		differences += a[e] != b[e];
	return differences;
}

/* One block of nodes: norms, test outputs, pattern and kernel. Returns the pairs whose sign differs from record 0. */
static uint64_t take_block(
	struct ns_recorder *r, size_t record, size_t first, size_t rows, const struct ns_engine *engine, void *state)
{
	const struct ns_problem *p = r->problem;
	engine->weight_change(state, first, rows, r->delta);
	engine->pattern(state, first, rows, r->now);
	for (size_t row = 0; row < rows; row++) {
		const double *delta = r->delta + row * p->d;
		r->moved[record * p->m + first + row] = sqrt(cblas_ddot((int)p->d, delta, 1, delta, 1));
	}
	for (size_t e = 0; e < rows * p->d; e++)
		r->w[e] = p->w0[first * p->d + e] + r->delta[e];
	add_test_outputs(r, first, rows);
	if (r->piecewise)
		update_pattern_products(r, first, rows, record == 0);
	else
		add_slope_products(r, first, rows);
	memcpy(r->pattern + first * p->n, r->now, rows * p->n);
	if (record == 0)
		memcpy(r->pattern_0 + first * p->n, r->now, rows * p->n);
	return count_differences(rows * p->n, r->now, r->pattern_0 + first * p->n);
}

/* theta = inputs o S. With slopes act' = leak + (1 - leak) s, S = leak^2 L + leak (1 - leak)(l_i + l_k) + (1 - leak)^2 P, where
 * P = sum lambda s s^T, l_i = sum lambda s_i = P_ii (s^2 = s) and L = sum lambda: all exact. ReLU has leak 0. */
static void assemble_kernel(struct ns_recorder *r)
{
	const struct ns_problem *p = r->problem;
	const size_t n = r->n_probes;
	const double leak = p->activation == NS_LEAKY_RELU ? p->leak : 0, steep = 1 - leak;
	double total = 0;
	for (size_t j = 0; j < p->m; j++)
		total += p->lambda[j];
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			const double *products = r->slopes_product;
			double s = products[i * n + k];
			if (leak != 0)
				s = leak * leak * total + leak * steep * (products[i * n + i] + products[k * n + k]) +
				    steep * steep * s;
			r->theta[i * n + k] = r->inputs[i * n + k] * s;
		}
}

static double alignment_with_targets(const struct ns_recorder *r)
{
	const size_t n = r->n_probes;
	const double *y = r->problem->y;
	double product = 0, square = 0;
	for (size_t i = 0; i < n; i++) {
		product += y[i] * cblas_ddot((int)n, r->theta + i * n, 1, y, 1);
		square += y[i] * y[i];
	}
	return product / (ns_frobenius_norm(n, r->theta) * square);
}

static enum ns_status record_kernel(struct ns_recorder *r, size_t record, struct ns_result *result, struct ns_error *error)
{
	const size_t n = r->n_probes;
	double **const values = result->values;
	assemble_kernel(r);
	if (record == 0)
		memcpy(r->theta_0, r->theta, n * n * sizeof(double));
	for (size_t e = 0; e < n * n; e++)
		r->square[e] = r->theta[e] - r->theta_0[e];
	values[NS_NTK_DRIFT_FROBENIUS][record] = ns_frobenius_norm(n, r->square);
	values[NS_NTK_DRIFT_RELATIVE][record] = values[NS_NTK_DRIFT_FROBENIUS][record] / ns_frobenius_norm(n, r->theta_0);
	values[NS_NTK_ALIGNMENT][record] = alignment_with_targets(r);
	double smallest = 0, largest = 0;
	if (record > 0) {
		const enum ns_status status = ns_extreme_eigenvalues(n, r->square, &smallest, &largest, error);
		if (status != NS_OK)
			return status;
	}
	values[NS_NTK_DRIFT_SPECTRAL][record] = fmax(fabs(smallest), fabs(largest));
	memcpy(r->square, r->theta, n * n * sizeof(double));
	return ns_extreme_eigenvalues(n, r->square, &values[NS_NTK_MIN_EIG][record], &values[NS_NTK_MAX_EIG][record], error);
}

static int by_distance(const void *a, const void *b, void *moved)
{
	const double x = ((const double *)moved)[*(const uint32_t *)a], y = ((const double *)moved)[*(const uint32_t *)b];
	return (x > y) - (x < y);
}

/* Quantiles with linear interpolation between order statistics (Hyndman and Fan's type 7, numpy's default). Nodes are sorted from
 * their last order: it changes little, and processors foresee comparisons that come out as they did before. */
static void record_weight_change(struct ns_recorder *r, size_t record, struct ns_result *result)
{
	const size_t m = r->problem->m;
	double *moved = r->moved + record * m;
	qsort_r(r->order, m, sizeof *r->order, by_distance, moved);
	for (size_t q = 0; q < NS_QUANTILES; q++) {
		const double position = ns_quantile_levels[q] * (double)(m - 1), fraction = position - floor(position);
		const size_t rank = (size_t)position;
		const double below = moved[r->order[rank]], above = moved[r->order[rank + 1 < m ? rank + 1 : rank]];
		result->values[NS_WEIGHT_DELTA_QUANTILE][record * NS_QUANTILES + q] = below + fraction * (above - below);
	}
	result->values[NS_WEIGHT_DELTA_MAX][record] = moved[r->order[m - 1]];
	for (size_t j = 0; j < NS_TOP_NODES && j < m; j++) /* lambda never grows with j */
		result->values[NS_WEIGHT_DELTA_TOP][record * NS_TOP_NODES + j] = moved[j];
}

static double risk(size_t n, const double *f, const double *y)
{
	double square = 0;
	for (size_t i = 0; i < n; i++)
		square += (f[i] - y[i]) * (f[i] - y[i]);
	return square / (double)n; /* NaN without samples */
}

enum ns_status ns_recorder_take(struct ns_recorder *r, size_t record, const struct ns_engine *engine, void *state,
	uint64_t flips_since_last, struct ns_result *result, struct ns_error *error)
{
	const struct ns_problem *p = r->problem;
	uint64_t changed = 0;
	r->n_taken = record + 1;
	memset(r->f_test, 0, p->n_test * sizeof(double));
	if (!r->piecewise)
		memset(r->slopes_product, 0, r->n_probes * r->n_probes * sizeof(double));
	for (size_t first = 0; first < p->m; first += BLOCK)
		changed += take_block(r, record, first, p->m - first < BLOCK ? p->m - first : BLOCK, engine, state);
	engine->outputs(state, r->f);
	result->values[NS_TRAIN_RISK][record] = risk(p->n, r->f, p->y);
	result->values[NS_TEST_RISK][record] = risk(p->n_test, r->f_test, p->y_test);
	result->values[NS_PATTERN_CHANGED][record] = (double)changed / ((double)p->n * (double)p->m);
	result->values[NS_PATTERN_FLIPS][record] = (double)flips_since_last;
	record_weight_change(r, record, result);
	return record_kernel(r, record, result, error);
}

void ns_recorder_finish(const struct ns_recorder *r, struct ns_result *result)
{
	const size_t m = r->problem->m;
	if (r->n_taken == 0)
		return;
	const double *last = r->moved + (r->n_taken - 1) * m;
	size_t farthest = 0;
	for (size_t j = 1; j < m; j++)
		if (last[j] > last[farthest])
			farthest = j;
	for (size_t record = 0; record < r->n_taken; record++)
		result->values[NS_WEIGHT_DELTA_OF_MAX_NODE][record] = r->moved[record * m + farthest];
}

/* Zeros and ones, 64 at a time. */
static void transfer_bits(struct ns_archive *archive, uint8_t *values, size_t count)
{
	for (size_t first = 0; first < count; first += 64) {
		const size_t length = count - first < 64 ? count - first : 64;
		uint64_t bits = 0;
		for (size_t e = 0; e < length; e++)
			bits |= (uint64_t)values[first + e] << e;
		ns_archive_transfer(archive, &bits, sizeof bits);
		for (size_t e = 0; e < length; e++)
			values[first + e] = bits >> e & 1;
	}
}

size_t ns_recorder_transfer(struct ns_recorder *r, struct ns_archive *archive, struct ns_result *result)
{
	const size_t n = r->problem->n, m = r->problem->m, kernel = r->n_probes * r->n_probes * sizeof(double);
	r->n_taken = ns_archive_count(archive, r->n_taken, r->n_records);
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		ns_archive_transfer(archive, result->values[q], r->n_taken * ns_quantities[q].width * sizeof(double));
	if (r->n_taken == 0)
		return 0;
	ns_archive_transfer(archive, r->moved, r->n_taken * m * sizeof *r->moved);
	ns_archive_transfer(archive, r->theta_0, kernel);
	transfer_bits(archive, r->pattern_0, m * n);
	if (r->piecewise) { /* the kernel is updated where the pattern changes; else it is summed anew at each record */
		ns_archive_transfer(archive, r->slopes_product, kernel);
		transfer_bits(archive, r->pattern, m * n);
	}
	return r->n_taken;
}
