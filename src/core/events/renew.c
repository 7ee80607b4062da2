/* What rounding does to f and to z of hot pairs in the same way at every step adds up: K and Theta are rounded once and then
 * used thousands of times, while residuals that last move P without end. Now and then that is taken back. */
#include "events.h"
#include <math.h>
#include <string.h>

static const double PATIENCE = 256;
enum { LOOK_EVERY = 64 }; /* renewing costs as much as some ten steps */

/* What Theta lacks, with S as it is now, along the path since the last time. S changes meanwhile, and the share of hot pairs in
 * other outputs is not in it: both are small beside it. */
static void renew_outputs(struct ns_events *e)
{
	double *since = e->residual, *lost = e->df; /* both free to use: the step is over for f */
	for (size_t i = 0; i < e->n; i++) {
		since[i] = e->nodes.p[i] - e->nodes.p_renewed[i];
		lost[i] = 0;
	}
	for (size_t i = 0; i < e->n; i++) {
		for (size_t k = 0; k < i; k++) {
			const double lacks = ns_coupling_lacks(e, i, k);
			lost[i] += lacks * since[k];
			lost[k] += lacks * since[i];
		}
		lost[i] += ns_coupling_lacks(e, i, i) * since[i];
	}
	for (size_t i = 0; i < e->n; i++)
		ns_add_exactly(&e->f[i], &e->f_low[i], -lost[i]);
	memcpy(e->nodes.p_renewed, e->nodes.p, e->stride * sizeof *e->nodes.p);
}

static void renew_hot(struct ns_events *e)
{
	for (size_t p = 0; p < e->hot.count; p++)
		ns_hot_renew(e, p, ns_node_first_z(e, e->hot.sample[p], e->nodes.row[e->hot.row[p]].node));
}

/* While the norm clock goes N further, the rounding of K moves z_ij by at most u |c_j| kappa_i N, hence f_i by u lambda_j kappa_i
 * N for a hot pair and, Theta being of all nodes, by u kappa_i N. PATIENCE is how many u of the largest output those may come to;
 * rounding has many signs, so that it is some u in fact. The largest lambda of hot pairs stands for all of a sample's. */
void ns_renewal_set_up(struct ns_events *e)
{
	double output = 0, kappa = 0;
	for (size_t i = 0; i < e->problem->n; i++) {
		const size_t u = e->samples.group[i];
		const double t = e->samples.multiple[i];
		output = fmax(output, fmax(fabs(e->problem->y[i]), fabs(t * e->f[u])));
		kappa = fmax(kappa, t * e->coupling.kappa[u]);
	}
	e->renewal.patience = PATIENCE * output / kappa; /* INFINITY if nothing can move */
	e->renewal.hot_at = e->renewal.outputs_at = 0;
}

static double largest_lambda(const struct ns_events *e)
{
	double largest = 0;
	for (size_t p = 0; p < e->hot.count; p++)
		largest = fmax(largest, e->hot.weight[p]);
	return largest;
}

void ns_renewal_if_due(struct ns_events *e)
{
	if (e->step % LOOK_EVERY != LOOK_EVERY - 1)
		return;
	const double now = e->clocks.norm;
	if ((now - e->renewal.hot_at) * largest_lambda(e) > e->renewal.patience) {
		renew_hot(e);
		e->renewal.hot_at = now;
	}
	if (now - e->renewal.outputs_at > e->renewal.patience) {
		renew_outputs(e);
		e->renewal.outputs_at = now;
	}
}
