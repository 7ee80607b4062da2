/* One step of gradient descent, from iterate t = e->step to t + 1. */
#include "events.h"
#include <math.h>

/* P is within two roundings of the exact sum of rho, however many steps it takes. */
static void accumulate_path(struct ns_events *e)
{
	double *const restrict p = e->nodes.p, *const restrict low = e->nodes.p_low;
	for (size_t i = 0; i < e->n; i++) {
		ns_add_exactly(&p[i], &low[i], e->rho[i]);
		const double sum = p[i] + low[i];
		low[i] -= sum - p[i];
		p[i] = sum;
	}
}

bool ns_events_step(struct ns_events *e)
{
	accumulate_path(e);
	if (e->leak != 0)
		for (size_t i = 0; i < e->n; i++)
			e->slope_rho[i] = (1 - e->leak) * e->rho[i];
	e->kernels->product(e->vectors, e->coupling.theta, e->rho, e->df);
	ns_hot_advance(e);
	if (!ns_look_at_due(e) || !ns_hot_reserve(e, 0))
		return false;
	ns_hot_merge_entries(e);
	ns_hot_leave(e);
	e->step++;
	return ns_hot_couple(e);
}
