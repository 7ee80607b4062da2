#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/ntk.h>

void ns_input_gram(size_t n, size_t d, const double *x, double *inputs)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k <= i; k++)
			inputs[i * n + k] = inputs[k * n + i] = cblas_ddot((int)d, x + i * d, 1, x + k * d, 1);
}

void ns_ntk_limit(size_t n, size_t d, const double *x, double *limit)
{
	ns_input_gram(n, d, x, limit);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const double lengths = sqrt(limit[i * n + i]) * sqrt(limit[k * n + k]);
			const double cosine = lengths > 0 ? limit[i * n + k] / lengths : 0;
			const double angle = acos(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine);
			limit[i * n + k] = limit[k * n + i] = limit[i * n + k] * (M_PI - angle) / (2 * M_PI);
		}
	for (size_t i = 0; i < n; i++)
		limit[i * n + i] /= 2; /* angle 0; last, because the diagonal held the lengths */
}

enum ns_status ns_extreme_eigenvalues(size_t n, double *matrix, double *smallest, double *largest, struct ns_error *error)
{
	double *eigenvalues = ns_alloc(n, sizeof *eigenvalues);
	if (eigenvalues == NULL)
		return ns_error_memory(error, "eigenvalues", 8.0 * (double)n);
	const lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'L', (lapack_int)n, matrix, (lapack_int)n, eigenvalues);
	*smallest = eigenvalues[0];
	*largest = eigenvalues[n - 1];
	ns_free(eigenvalues);
	if (info != 0)
		return ns_error_set(
			error, NS_FAILED, "eigenvalues of a %zu x %zu kernel: LAPACK's dsyevd failed (info %d)", n, n, (int)info);
	return NS_OK;
}

double ns_frobenius_norm(size_t n, const double *matrix)
{
	return cblas_dnrm2((int)(n * n), matrix, 1);
}
