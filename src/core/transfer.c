#include <cblas.h>
#include <math.h>
#include <nodescale/followup.h>
#include <nodescale/memory.h>
#include <nodescale/mlp.h>
#include <nodescale/problem.h>

static const double step_size = 0.1;
enum { STEPS = 5000 };

/* h (n, k) = sqrt(lambda_j) act(z_j) of all validation samples and the k nodes of largest lambda: the first, as lambda never
 * grows with j. */
static enum ns_status features(const struct ns_trained *trained, size_t k, double *h, struct ns_error *error)
{
	const struct ns_experiment *experiment = trained->experiment;
	const struct ns_part *part = &trained->data->validation;
	const size_t n = part->n, d = trained->data->d, m = trained->point->m;
	double *x = ns_alloc(n * d, sizeof *x), *lambda = ns_alloc(m, sizeof *lambda);
	enum ns_status status = NS_OK;
	if (x != NULL && lambda != NULL) {
		ns_node_scaling(trained->point->gamma, trained->point->alpha, m, lambda);
		for (size_t e = 0; e < n * d; e++)
			x[e] = part->x[e] / sqrt((double)d);
		cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)k, (int)d, 1, x, (int)d, trained->weights,
			(int)d, 0, h, (int)k);
		ns_activation_apply(experiment->activation, experiment->leak, n * k, h, h, NULL);
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < k; j++)
				h[i * k + j] *= sqrt(lambda[j]);
	} else {
		status = ns_error_memory(error, "the features to transfer", 8.0 * ((double)n * (double)d + (double)m));
	}
	ns_free(x);
	ns_free(lambda);
	return status;
}

enum ns_status ns_transfer(const struct ns_trained *trained, size_t i, struct ns_tick tick, struct ns_followup_result *result,
	struct ns_error *error)
{
	const struct ns_part *part = &trained->data->validation;
	const size_t k = ns_transfer_features(i), n_train = part->n / 2;
	if (k > trained->point->m || n_train == 0)
		return NS_OK;
	struct ns_mlp mlp;
	double *h = ns_alloc(part->n, k * sizeof *h);
	if (h == NULL)
		return ns_error_memory(error, "the features to transfer", 8.0 * (double)part->n * (double)k);
	enum ns_status status = ns_mlp_init(&mlp, k, trained->point->seed, error);
	if (status == NS_OK)
		status = features(trained, k, h, error);
	if (status == NS_OK)
		status = ns_mlp_train(&mlp, n_train, h, part->y, step_size, STEPS, tick, error);
	if (status == NS_OK) {
		result->train_risk[i] = ns_mlp_risk(&mlp, n_train, h, part->y, NULL);
		result->test_risk[i] = ns_mlp_risk(&mlp, part->n - n_train, h + n_train * k, part->y + n_train, NULL);
	}
	ns_mlp_finish(&mlp);
	ns_free(h);
	return status;
}
