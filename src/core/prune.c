#include <cblas.h>
#include <math.h>
#include <nodescale/followup.h>
#include <nodescale/memory.h>
#include <nodescale/problem.h>

enum { BLOCK = 256 }; /* nodes taken together: a fixed number, for sums over blocks are part of the results' bits */

struct pruned {
	const struct ns_trained *trained;
	const double *c; /* (m) sqrt(lambda_j) a_j; lambda never grows with j */
	size_t n;
	double *x; /* (n, d) divided by sqrt(d) */
	double *z; /* (BLOCK, n) */
	double *f; /* (n) outputs of the nodes put in so far */
};

/* f += sum over nodes first .. first + count - 1 of c_j act(z_j) */
static void put_in(struct pruned *p, size_t first, size_t count)
{
	const struct ns_experiment *experiment = p->trained->experiment;
	const int n = (int)p->n, d = (int)p->trained->data->d;
	const double *w = p->trained->weights + first * p->trained->data->d;
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, n, d, 1, w, d, p->x, d, 0, p->z, n);
	ns_activation_apply(experiment->activation, experiment->leak, count * p->n, p->z, p->z, NULL);
	cblas_dgemv(CblasRowMajor, CblasTrans, (int)count, n, 1, p->z, n, p->c + first, 1, 1, p->f, 1);
}

static double risk(const struct pruned *p, const double *y)
{
	double square = 0;
	for (size_t i = 0; i < p->n; i++)
		square += (p->f[i] - y[i]) * (p->f[i] - y[i]);
	return square / (double)p->n; /* NaN without samples */
}

/* From the empty network on: each level puts in the nodes that the next one prunes. */
static void risks(struct pruned *p, const double *y, double *risk_at)
{
	const size_t m = p->trained->point->m;
	size_t kept = 0;
	for (size_t level = NS_PRUNE_LEVELS; level-- > 0;) {
		const size_t wanted = m - ns_prune_nodes(m, level);
		while (kept < wanted) {
			const size_t count = wanted - kept < BLOCK ? wanted - kept : BLOCK;
			if (p->n > 0)
				put_in(p, kept, count);
			kept += count;
		}
		risk_at[level] = risk(p, y);
	}
}

static enum ns_status prune_on(
	const struct ns_trained *trained, const double *c, const struct ns_part *part, double *risk_at, struct ns_error *error)
{
	const size_t n = part->n, d = trained->data->d;
	struct pruned p = {.trained = trained,
		.c = c,
		.n = n,
		.x = ns_alloc(n * d, sizeof(double)),
		.z = ns_alloc(n, BLOCK * sizeof(double)),
		.f = ns_alloc(n, sizeof(double))};
	enum ns_status status = NS_OK;
	if (p.x != NULL && p.z != NULL && p.f != NULL) {
		for (size_t e = 0; e < n * d; e++)
			p.x[e] = part->x[e] / sqrt((double)d);
		risks(&p, part->y, risk_at);
	} else {
		status = ns_error_memory(error, "pruning", 8.0 * (double)n * (double)(d + BLOCK + 1));
	}
	ns_free(p.x);
	ns_free(p.z);
	ns_free(p.f);
	return status;
}

enum ns_status ns_prune(const struct ns_trained *trained, struct ns_followup_result *result, struct ns_error *error)
{
	const struct ns_point *point = trained->point;
	double *c = ns_alloc(point->m, sizeof *c);
	if (c == NULL)
		return ns_error_memory(error, "the node scaling", 8.0 * (double)point->m);
	ns_node_scaling(point->gamma, point->alpha, point->m, c);
	for (size_t j = 0; j < point->m; j++)
		c[j] = sqrt(c[j]) * trained->output_sign[j];
	enum ns_status status = prune_on(trained, c, &trained->data->train, result->train_risk, error);
	if (status == NS_OK)
		status = prune_on(trained, c, &trained->data->test, result->test_risk, error);
	ns_free(c);
	return status;
}
