/* Initial weights of the hidden layer. Every node has a stream of its own, so a node's weights do not depend on m. */
#include <lapacke.h>
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/problem.h>
#include <nodescale/random.h>

static void gaussian_row(uint64_t seed, size_t node, size_t d, double std, double *row)
{
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_WEIGHTS, node);
	for (size_t k = 0; k < d; k++)
		row[k] = std * ns_stream_gaussian(&stream);
}

static void uniform_row(uint64_t seed, size_t node, size_t d, double std, double *row)
{
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_WEIGHTS, node);
	for (size_t k = 0; k < d; k++)
		row[k] = std * sqrt(3) * (2 * ns_stream_uniform(&stream) - 1);
}

static void sphere_row(uint64_t seed, size_t node, size_t d, double std, double *row)
{
	gaussian_row(seed, node, d, 1, row);
	double square = 0;
	for (size_t k = 0; k < d; k++)
		square += row[k] * row[k];
	const double scale = std * sqrt((double)d) / sqrt(square);
	for (size_t k = 0; k < d; k++)
		row[k] *= scale;
}

/* A Haar orthogonal matrix is the Q of a Gaussian matrix's QR with R's diagonal positive (Mezzadri, Notices AMS 54, 2007).
 * square (d, d) and work (2 d) are scratch. */
static enum ns_status orthogonal_block(
	uint64_t seed, size_t block, size_t d, double *square, double *work, struct ns_error *error)
{
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_ORTHOGONAL, block);
	for (size_t e = 0; e < d * d; e++)
		square[e] = ns_stream_gaussian(&stream);
	const lapack_int order = (lapack_int)d;
	double *tau = work, *sign = work + d;
	if (LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, order, order, square, order, tau) != 0)
		return ns_error_set(error, NS_FAILED, "orthogonal initialisation: LAPACK's dgeqrf failed");
	for (size_t k = 0; k < d; k++)
		sign[k] = square[k * d + k] < 0 ? -1 : 1;
	if (LAPACKE_dorgqr(LAPACK_ROW_MAJOR, order, order, order, square, order, tau) != 0)
		return ns_error_set(error, NS_FAILED, "orthogonal initialisation: LAPACK's dorgqr failed");
	for (size_t row = 0; row < d; row++)
		for (size_t k = 0; k < d; k++)
			square[row * d + k] *= sign[k];
	return NS_OK;
}

static enum ns_status orthogonal_rows(uint64_t seed, size_t m, size_t d, double std, double *w0, struct ns_error *error)
{
	double *square = ns_alloc(d * d + 2 * d, sizeof *square);
	if (square == NULL)
		return ns_error_memory(error, "orthogonal initialisation", (double)d * (double)d * sizeof *square);
	enum ns_status status = NS_OK;
	for (size_t first = 0; first < m && status == NS_OK; first += d) {
		status = orthogonal_block(seed, first / d, d, square, square + d * d, error);
		const size_t rows = m - first < d ? m - first : d;
		for (size_t e = 0; e < rows * d; e++)
			w0[first * d + e] = std * sqrt((double)d) * square[e];
	}
	ns_free(square);
	return status;
}

enum ns_status ns_initial_weights(
	enum ns_initialisation init, double std, uint64_t seed, size_t m, size_t d, double *w0, struct ns_error *error)
{
	if (init == NS_INIT_ORTHOGONAL)
		return orthogonal_rows(seed, m, d, std, w0, error);
	void (*const row)(uint64_t, size_t, size_t, double, double *) = init == NS_INIT_UNIFORM  ? uniform_row
									: init == NS_INIT_SPHERE ? sphere_row
												 : gaussian_row;
	for (size_t j = 0; j < m; j++)
		row(seed, j, d, std, w0 + j * d);
	return NS_OK;
}
