/* One step of gradient descent, from iterate t = e->step to t + 1. */
#include "events.h"

bool ns_events_step(struct ns_events *e)
{
	e->kernels->accumulate(e->vectors, e->rho, e->nodes.p, e->nodes.p_low);
	if (e->leak != 0)
		for (size_t i = 0; i < e->n; i++)
			e->slope_rho[i] = (1 - e->leak) * e->rho[i];
	e->kernels->product(e->vectors, e->coupling.theta, e->rho, e->df);
	ns_hot_advance(e);
	if (!ns_look_at_due(e) || !ns_hot_reserve(e, 0))
		return false;
	ns_renewal_if_due(e);
	ns_hot_leave(e);
	ns_hot_merge_entries(e);
	e->step++;
	return ns_hot_couple(e);
}
