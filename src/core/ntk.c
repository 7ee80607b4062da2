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

/* The angle between two inputs, not both zero, of which the inverse lengths are known. The arc cosine of x_i.x_k / |x_i||x_k|
 * would be off by 1e-8 where the inputs are close, which can be more than the smallest eigenvalue; this form (Kahan) is exact to
 * rounding, and 0 for equal inputs. */
static double angle(size_t d, const double *a, double inverse_a, const double *b, double inverse_b)
{
	double apart = 0, together = 0;
	for (size_t k = 0; k < d; k++) {
		const double u = a[k] * inverse_a, v = b[k] * inverse_b;
		apart += (u - v) * (u - v);
		together += (u + v) * (u + v);
	}
	return 2 * atan2(sqrt(apart), sqrt(together));
}

/* E act'(u) act'(v) for pre-activations u, v of weights with uniform directions, act' being leak or 1 by the sign. */
static double mean_slopes(double leak, double between)
{
	return leak + (1 - leak) * (1 - leak) * (M_PI - between) / (2 * M_PI);
}

static double inverse_length(double square)
{
	return square > 0 ? 1 / sqrt(square) : 0;
}

static void limit_of_piecewise(double leak, size_t n, size_t d, const double *x, double *limit)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const double between = angle(
				d, x + i * d, inverse_length(limit[i * n + i]), x + k * d, inverse_length(limit[k * n + k]));
			limit[i * n + k] = limit[k * n + i] = limit[i * n + k] * mean_slopes(leak, between);
		}
	for (size_t i = 0; i < n; i++)
		limit[i * n + i] *= mean_slopes(leak, 0); /* last, because the diagonal held the lengths */
}

/* act' = 2 / sqrt(pi) exp(-z^2), and E exp(-u^2 - v^2) = det(I + 2 Cov(u, v))^(-1/2). */
static void limit_of_erf(double init_std, size_t n, double *limit)
{
	const double twice = 2 * init_std * init_std;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const double c = limit[i * n + k], a = 1 + twice * limit[i * n + i], b = 1 + twice * limit[k * n + k];
			limit[i * n + k] = limit[k * n + i] = c * M_2_PI * 2 / sqrt(a * b - twice * c * twice * c);
		}
	for (size_t i = 0; i < n; i++) {
		const double c = limit[i * n + i];
		limit[i * n + i] = c * M_2_PI * 2 / sqrt(1 + 2 * twice * c);
	}
}

bool ns_ntk_has_limit(enum ns_activation activation)
{
	return activation == NS_ERF || ns_activation_is_piecewise_linear(activation);
}

bool ns_ntk_limit(enum ns_activation activation, double leak, double init_std, size_t n, size_t d, const double *x, double *limit)
{
	if (!ns_ntk_has_limit(activation))
		return false;
	ns_input_gram(n, d, x, limit);
	if (activation == NS_ERF)
		limit_of_erf(init_std, n, limit);
	else
		limit_of_piecewise(activation == NS_LEAKY_RELU ? leak : 0, n, d, x, limit);
	return true;
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
