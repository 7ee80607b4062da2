/* The state held against gradient descent's own definition: every sign and output recomputed from the weights, S from the
 * patterns. */
#include "events.h"
#include <cblas.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

/* Relative to |x_i| |w_j|: a sign is open below it; outputs are sums of m such terms. */
static const double TOLERANCE = 1e-12;

enum { ROWS = 64 };

struct audit {
	double *w, *z;     /* (ROWS, d), (ROWS, n) */
	double *x_length;  /* (n) |x_i| */
	double *f, *scale; /* (n) outputs from scratch, sum_j |c_j| |x_i| |w_j| */
};

static double length(const double *v, size_t count)
{
	double square = 0;
	for (size_t k = 0; k < count; k++)
		square += v[k] * v[k];
	return sqrt(square);
}

static enum ns_status check_node(const struct ns_events *e, struct audit *audit, size_t j, size_t r, struct ns_error *error)
{
	const uint64_t *on = ns_node_pattern(e, j);
	const double w_length = length(audit->w + r * e->d, e->d), c = e->problem->c[j];
	for (size_t i = 0; i < e->problem->n; i++) {
		const size_t u = e->samples.group[i];
		const double z = audit->z[r * e->problem->n + i], scale = audit->x_length[i] * w_length;
		const bool is_on = on[u / 64] >> u % 64 & 1;
		audit->f[i] += c * (z > 0 ? z : e->leak * z);
		audit->scale[i] += fabs(c) * scale;
		if ((z > 0) != is_on && !(fabs(z) <= TOLERANCE * scale))
			return ns_error_set(error, NS_FAILED,
				"audit of the event engine at step %llu: sample %zu of node %zu is held to be %s, but z = %.17g "
				"(|x| |w| = %.3g)",
				(unsigned long long)e->step, i, j, is_on ? "on" : "off", z, scale);
	}
	return NS_OK;
}

static enum ns_status check_signs(const struct ns_events *e, struct audit *audit, struct ns_error *error)
{
	const int n = (int)e->problem->n, d = (int)e->d;
	enum ns_status status = NS_OK;
	for (size_t first = 0; first < e->m && status == NS_OK; first += ROWS) {
		const size_t rows = e->m - first < ROWS ? e->m - first : ROWS;
		ns_nodes_weight_change(e, first, rows, audit->w);
		for (size_t a = 0; a < rows * e->d; a++)
			audit->w[a] += e->problem->w0[first * e->d + a];
		cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, n, d, 1, audit->w, d, e->problem->x, d, 0,
			audit->z, n);
		for (size_t r = 0; r < rows && status == NS_OK; r++)
			status = check_node(e, audit, first + r, r, error);
	}
	return status;
}

static enum ns_status check_outputs(const struct ns_events *e, const struct audit *audit, struct ns_error *error)
{
	for (size_t i = 0; i < e->problem->n; i++) {
		const size_t u = e->samples.group[i];
		const double f = e->samples.multiple[i] * (e->f[u] + e->f_low[u]);
		if (!(fabs(f - audit->f[i]) <= TOLERANCE * audit->scale[i]))
			return ns_error_set(error, NS_FAILED,
				"audit of the event engine at step %llu: output of sample %zu is held to be %.17g, but the "
				"weights give %.17g",
				(unsigned long long)e->step, i, f, audit->f[i]);
	}
	return NS_OK;
}

/* S is sums of multiples of 2^-51 and must be right to the last bit; theta follows from it. */
static enum ns_status check_coupling(const struct ns_events *e, double *sums, struct ns_error *error)
{
	for (size_t i = 0; i < e->n; i++) {
		memset(sums, 0, e->n * sizeof *sums);
		for (size_t j = 0; j < e->m; j++) {
			const uint64_t *cold = ns_node_cold(e, j);
			const double lambda = cold[i / 64] >> i % 64 & 1 ? e->problem->lambda[j] : 0;
			for (size_t k = 0; k < e->n && lambda != 0; k++)
				sums[k] += cold[k / 64] >> k % 64 & 1 ? lambda : 0;
		}
		for (size_t k = 0; k < e->n && k / NS_LANES <= i / NS_LANES; k++)
			if (sums[k] != e->coupling.s[ns_tile_at(i, k)])
				return ns_error_set(error, NS_FAILED,
					"audit of the event engine at step %llu: S of samples %zu and %zu is held to be %.17g, "
					"but the patterns "
					"give %.17g",
					(unsigned long long)e->step, i, k, e->coupling.s[ns_tile_at(i, k)], sums[k]);
	}
	return NS_OK;
}

enum ns_status ns_events_audit(struct ns_events *e, struct ns_error *error)
{
	const size_t n = e->problem->n;
	struct audit audit = {ns_alloc(ROWS, e->d * sizeof(double)), ns_alloc(ROWS, n * sizeof(double)),
		ns_alloc(n, sizeof(double)), ns_alloc(n, sizeof(double)), ns_alloc(n, sizeof(double))};
	enum ns_status status;
	if (!audit.w || !audit.z || !audit.x_length || !audit.f || !audit.scale)
		status = ns_error_memory(error, "the audit of the event engine", 8.0 * ROWS * (double)(e->d + n));
	else {
		for (size_t i = 0; i < n; i++)
			audit.x_length[i] = length(e->problem->x + i * e->d, e->d);
		status = check_signs(e, &audit, error);
		if (status == NS_OK)
			status = check_outputs(e, &audit, error);
		if (status == NS_OK)
			status = check_coupling(e, audit.f, error);
	}
	ns_free(audit.w);
	ns_free(audit.z);
	ns_free(audit.x_length);
	ns_free(audit.f);
	ns_free(audit.scale);
	return status;
}
