#include <cblas.h>
#include <float.h>
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

/* The index-th (from 1) eigenvalue of a tridiagonal matrix by bisection, as exactly as its entries allow. */
static lapack_int eigenvalue_of_tridiagonal(lapack_int n, lapack_int index, double *diagonal, double *beside, double *value)
{
	lapack_int found, splits, *blocks = ns_alloc((size_t)n, 2 * sizeof *blocks);
	double *values = ns_alloc((size_t)n, sizeof *values);
	lapack_int info = LAPACK_WORK_MEMORY_ERROR;
	if (blocks != NULL && values != NULL)
		info = LAPACKE_dstebz('I', 'E', n, 0, 0, index, index, 2 * DBL_MIN, diagonal, beside, &found, &splits, values,
			blocks, blocks + n);
	if (info == 0)
		*value = values[0];
	ns_free(values);
	ns_free(blocks);
	return info;
}

/* To tridiagonal form, then only the two eigenvalues that are asked for: less than half the time of all of them. */
enum ns_status ns_extreme_eigenvalues(size_t n, double *matrix, double *smallest, double *largest, struct ns_error *error)
{
	enum { PANEL = 32 }; /* columns that dsytrd takes together */
	if (!isfinite(cblas_dasum((int)(n * n), matrix, 1)))
		return ns_error_set(error, NS_FAILED, "eigenvalues of a %zu x %zu kernel: an entry of it is not finite", n, n);
	double *scratch = ns_alloc(PANEL + 3, n * sizeof *scratch);
	if (scratch == NULL)
		return ns_error_memory(error, "eigenvalues", 8.0 * (PANEL + 3) * (double)n);
	double *diagonal = scratch, *beside = diagonal + n, *reflectors = beside + n, *work = reflectors + n;
	const lapack_int order = (lapack_int)n;
	lapack_int info = LAPACKE_dsytrd_work(
		LAPACK_COL_MAJOR, 'L', order, matrix, order, diagonal, beside, reflectors, work, PANEL * order);
	if (info == 0)
		info = eigenvalue_of_tridiagonal(order, 1, diagonal, beside, smallest);
	if (info == 0)
		info = eigenvalue_of_tridiagonal(order, order, diagonal, beside, largest);
	ns_free(scratch);
	if (info != 0)
		return ns_error_set(error, NS_FAILED,
			"eigenvalues of a %zu x %zu kernel: LAPACK's dsytrd or dstebz failed (info %d)", n, n, (int)info);
	return NS_OK;
}

double ns_frobenius_norm(size_t n, const double *matrix)
{
	return cblas_dnrm2((int)(n * n), matrix, 1);
}
