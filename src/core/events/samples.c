/* Samples that share their direction count as one.
 *
 * If x_i = t x_u with t > 0 then z_ij = t z_uj: both pairs flip at the same step, always. Held apart, rounding could split them
 * when z is down to its last bits, and their residuals need not vanish (f_i = t f_u, whatever the targets), so a split would move
 * the weights by much more than rounding. So the engine works on one representative u with rho_u = sum of t_i rho_i over its
 * group: sum_i rho_i act'(z_ij) x_i is the same. Duplicates and zero samples are the usual case (t = 1). */
#include "events.h"
#include <nodescale/memory.h>
#include <string.h>

/* t if x = t representative component by component, else 0. */
static double multiple_of(size_t d, const double *x, const double *representative)
{
	double t = 1;
	for (size_t k = 0; k < d; k++)
		if (representative[k] != 0) {
			t = x[k] / representative[k];
			break;
		}
	for (size_t k = 0; k < d; k++)
		if (x[k] != t * representative[k])
			return 0;
	return t > 0 ? t : 0;
}

bool ns_samples_init(struct ns_samples *samples, const struct ns_problem *p)
{
	samples->group = ns_alloc(p->n, sizeof *samples->group);
	samples->multiple = ns_alloc(p->n, sizeof *samples->multiple);
	samples->size = ns_alloc(p->n, sizeof *samples->size);
	samples->x = ns_alloc(p->n, p->d * sizeof *samples->x);
	if (!samples->group || !samples->multiple || !samples->size || !samples->x)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		size_t u = 0;
		while (u < samples->n && (samples->multiple[i] = multiple_of(p->d, p->x + i * p->d, samples->x + u * p->d)) == 0)
			u++;
		if (u == samples->n) {
			memcpy(samples->x + u * p->d, p->x + i * p->d, p->d * sizeof *samples->x);
			samples->multiple[i] = 1;
			samples->n++;
		}
		samples->group[i] = (uint32_t)u;
		samples->size[u]++;
	}
	return true;
}

void ns_samples_finish(struct ns_samples *samples)
{
	ns_free(samples->group);
	ns_free(samples->multiple);
	ns_free(samples->size);
	ns_free(samples->x);
}
