/* From an iterate W0 + delta0 to the engine's state there: signs, cold keys and outputs from a GEMM over blocks of nodes, and S.
 *
 * S is a GEMM too: entries of the 0/1 pattern and of its product with lambda are exact, and so is every sum of them in any order
 * (multiples of 2^-51 below 2), so the bits depend neither on the library nor on the threads. Outputs are summed block by block.
 */
#include "events.h"
#include <cblas.h>
#include <math.h>
#include <nodescale/memory.h>
#include <omp.h>
#include <string.h>

enum { BLOCK = NS_FIRST_NODES, PANEL = 4 * NS_LANES };

struct scratch {
	double *w, *z;         /* (BLOCK, d), (BLOCK, stride) */
	double *on, *weighted; /* (BLOCK, stride) */
	double *s;             /* (n, stride) this thread's share of S, up to the tile on the diagonal */
};

static void scratch_finish(struct scratch *scratch)
{
	ns_free(scratch->w);
	ns_free(scratch->z);
	ns_free(scratch->on);
	ns_free(scratch->weighted);
	ns_free(scratch->s);
}

static bool scratch_init(const struct ns_events *e, struct scratch *scratch)
{
	*scratch = (struct scratch){ns_alloc(BLOCK, e->d * sizeof(double)), ns_alloc(BLOCK, e->stride * sizeof(double)),
		ns_alloc(BLOCK, e->stride * sizeof(double)), ns_alloc(BLOCK, e->stride * sizeof(double)),
		ns_alloc(e->n, e->stride * sizeof(double))};
	return scratch->w && scratch->z && scratch->on && scratch->weighted && scratch->s;
}

/* x y summed with the rounding errors of products and sums (Ogita, Rump, Oishi 2005, Dot2): K is used at every step, so its
 * errors would add up along the way, those of a plain sum visibly (1e-14 of the risk after 10,000 steps). *rest: what the
 * nearest double still lacks. */
static double accurate_dot(size_t d, const double *x, const double *y, double *rest)
{
	double sum = 0, low = 0;
	for (size_t k = 0; k < d; k++)
		ns_add_product(&sum, &low, x[k], y[k]);
	sum = ns_nearest(sum, &low);
	*rest = low;
	return sum;
}

/* K, and kappa rounded up by far more than its rounding; largest element first out of the root, lest squares under- or overflow.
 */
static void set_up_samples(struct ns_events *e)
{
	struct ns_coupling *q = &e->coupling;
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k <= i; k++) {
			const size_t at = i * e->stride + k, mirrored = k * e->stride + i;
			q->k[at] = q->k[mirrored] =
				accurate_dot(e->d, e->samples.x + i * e->d, e->samples.x + k * e->d, &q->k_low[at]);
			q->k_low[mirrored] = q->k_low[at];
		}
	for (size_t i = 0; i < e->n; i++) {
		double largest = 0, square = 0;
		q->diagonal[i] = q->k[i * e->stride + i];
		for (size_t k = 0; k < e->n; k++)
			largest = fmax(largest, fabs(q->k[i * e->stride + k]));
		for (size_t k = 0; k < e->n && largest > 0; k++) {
			const double share = q->k[i * e->stride + k] / largest;
			square += share * share;
		}
		q->kappa[i] = largest > 0 ? fmax(fmax(1, fabs(e->leak)) * largest * sqrt(square), 1e-280) * (1 + 1e-9) : 0;
		q->inverse_kappa[i] = 1 / q->kappa[i];
	}
}

/* ns_cold_key for a whole row at create: no step taken, so nothing but the rounding of z itself is in doubt. Returns the least.
 */
float ns_events_first_keys(const struct ns_events *e, const double *z, double c, float *key)
{
	const double scale = c != 0 ? e->margins.stretch * (1 - 0x1p-40) / fabs(c) : 0;
	float least = INFINITY;
	for (size_t i = 0; i < e->cold.key_stride; i++)
		key[i] = INFINITY;
	for (size_t i = 0; i < e->n && c != 0; i++) {
		key[i] = e->coupling.kappa[i] > 0 ? ns_key_of(fabs(z[i]) * e->coupling.inverse_kappa[i] * scale) : INFINITY;
		least = key[i] < least ? key[i] : least;
	}
	return least;
}

/* Signs, cold keys and share of the outputs of one node. Signs at the beginning are coin tosses: nothing here branches on one. */
static void set_up_node(struct ns_events *e, size_t j, const double *restrict z, double *restrict on, double *restrict weighted,
	double *restrict f)
{
	const double c = e->problem->c[j], lambda = e->problem->lambda[j], leak = e->leak;
	e->nodes.node[j] = (struct ns_node){.c = c, .row = -1, .warm = -1};
	for (size_t i = 0; i < e->n; i++) {
		const double if_off = leak * z[i];
		on[i] = z[i] > 0 ? 1 : 0;
		weighted[i] = z[i] > 0 ? lambda : 0;
		f[i] += c * (z[i] > 0 ? z[i] : if_off);
	}
	e->kernels->signs(e->vectors, z, e->nodes.pattern + j * e->words);
	e->cold.nodes.key[0][j] = ns_events_first_keys(e, z, c, e->cold.key + j * e->cold.key_stride);
}

void ns_events_first_z(const struct ns_events *e, size_t first, size_t count, double *w, double *z)
{
	const double *from = e->problem->w0 + first * e->d;
	if (e->nodes.delta0 != NULL) {
		for (size_t a = 0; a < count * e->d; a++)
			w[a] = from[a] + e->nodes.delta0[first * e->d + a];
		from = w;
	}
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, (int)e->n, (int)e->d, 1, from, (int)e->d, e->samples.x,
		(int)e->d, 0, z, (int)e->stride);
}

static void set_up_block(struct ns_events *e, size_t block, struct scratch *scratch, double *f)
{
	const size_t first = block * BLOCK, rows = e->m - first < BLOCK ? e->m - first : BLOCK;
	const int n = (int)e->n, stride = (int)e->stride;
	ns_events_first_z(e, first, rows, scratch->w, scratch->z);
	for (size_t r = 0; r < rows; r++) {
		const size_t at = r * e->stride;
		set_up_node(e, first + r, scratch->z + at, scratch->on + at, scratch->weighted + at, f);
	}
	for (int left = 0; left < n; left += PANEL) /* S is symmetric: each panel from the diagonal down */
		cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n - left, n - left < PANEL ? n - left : PANEL, (int)rows, 1,
			scratch->on + left, stride, scratch->weighted + left, stride, 1,
			scratch->s + (size_t)left * e->stride + (size_t)left, stride);
}

static bool set_up_blocks(struct ns_events *e, double *f_block, size_t n_blocks)
{
	bool enough = true;
#pragma omp parallel num_threads(e->threads)
	{
		struct scratch scratch;
		const bool ready = scratch_init(e, &scratch);
#pragma omp for schedule(static)
		for (size_t block = 0; block < n_blocks; block++)
			if (ready)
				set_up_block(e, block, &scratch, f_block + block * e->n);
#pragma omp critical
		{
			for (size_t i = 0; i < e->n && ready; i++)
				for (size_t k = 0; k < (i / NS_LANES + 1) * NS_LANES; k++)
					e->coupling.s[ns_tile_at(i, k)] += scratch.s[i * e->stride + k];
			enough = enough && ready;
		}
		scratch_finish(&scratch);
	}
	return enough;
}

bool ns_events_set_up(struct ns_events *e)
{
	const size_t n_blocks = (e->m + BLOCK - 1) / BLOCK;
	double *f_block = ns_alloc(n_blocks, e->n * sizeof *f_block);
	if (f_block == NULL)
		return false;
	set_up_samples(e);
	const bool enough = set_up_blocks(e, f_block, n_blocks);
	for (size_t block = 0; block < n_blocks; block++)
		for (size_t i = 0; i < e->n; i++)
			e->f[i] += f_block[block * e->n + i];
	ns_free(f_block);
	for (size_t j = 0; j < e->m; j++)
		e->coupling.total += e->problem->lambda[j];
	ns_coupling_derive(e);
	ns_renewal_set_up(e);
	ns_keys_rebuild(&e->cold.nodes);
	return enough;
}
