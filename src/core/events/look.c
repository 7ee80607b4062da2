/* Looking at pairs: their z at the present iterate, whether they flipped, and for how long their sign is now certain.
 *
 * Looks of one step are made first and settled after, one by one in their order, so that they can be made by any number of
 * threads. A look's z stays right while others are settled (a flip at the present iterate changes no z); its warm key does not if
 * the node has changed meanwhile, which settle() sees by the number of the step kept in the node's row. */
#include "events.h"
#include <assert.h>
#include <math.h>
#include <nodescale/memory.h>

static const double NEAR = 3; /* a pair whose sign is certain for fewer steps turns hot */
static const double WARM_WITHIN =
	2000;                          /* only pairs that the norm clock would have looked at within so many steps turn warm .. */
static const double WARM_GAIN = 1.5;   /* .. if that lengthens their horizon by this factor */
static const double LOOK_AHEAD = 1000; /* a node looked at has all its pairs due within so many steps looked at, .. */
static const double LOOK_LITTLE_AHEAD = 3; /* .. or so few while none can turn warm */
enum { LOOKS_PER_THREAD = 2048 };          /* fewer do not pay for waking threads */
enum { MOST_LOOKS = 1 << 16 };             /* at a time: bounds their memory */

static struct ns_look_rows rows_of(const struct ns_events *e, size_t i, size_t j)
{
	const struct ns_nodes *nodes = &e->nodes;
	const int32_t row = nodes->node[j].row;
	return (struct ns_look_rows){
		.k = e->coupling.k + i * e->stride,
		.k_low = e->coupling.k_low + i * e->stride,
		.b = row < 0 ? NULL : nodes->b + (size_t)row * e->stride,
		.b_low = row < 0 ? NULL : nodes->b_low + (size_t)row * e->stride,
		.p = nodes->p,
		.p_low = nodes->p_low,
		.reference = e->clocks.reference,
		.cold = ns_node_cold(e, j),
	};
}

/* z_ij at the present iterate. *speed (NULL: not wanted) is sum_k K_ik act'_k rho_ref_k with s_k = 0 for the hot bits. */
double ns_pair_z(const struct ns_events *e, size_t i, size_t j, double z0, double *speed)
{
	const struct ns_look_rows rows = rows_of(e, i, j);
	double sums[2];
	e->kernels->look(e->vectors, &rows, sums);
	for (int32_t h = ns_hot_first(e, j); h >= 0; h = e->hot.next[h])
		sums[0] += rows.k[e->hot.sample[h]] * e->hot.path[h];
	if (e->leak != 0) {
		sums[0] = (1 - e->leak) * sums[0] + e->leak * e->kernels->dot(e->n, rows.k, rows.p);
		sums[1] = (1 - e->leak) * sums[1] + e->leak * e->kernels->dot(e->n, rows.k, rows.reference);
	}
	if (speed != NULL)
		*speed = sums[1];
	return z0 - e->nodes.node[j].c * sums[0];
}

/* sum_k K_k (B_k + cold_k P_k), in two words. */
static double close_sum(const struct ns_events *e, const struct ns_look_rows *rows, double *low)
{
	double lanes[2][NS_LANES], sum = 0;
	e->kernels->look_closely(e->vectors, rows, lanes);
	*low = 0;
	for (size_t l = 0; l < NS_LANES; l++) {
		ns_add_exactly(&sum, low, lanes[0][l]);
		*low += lanes[1][l];
	}
	return sum;
}

/* sum + low += sum of K times path over the hot pairs of node j. */
static void add_hot(const struct ns_events *e, size_t j, const struct ns_look_rows *rows, double *sum, double *low)
{
	for (int32_t h = ns_hot_first(e, j); h >= 0; h = e->hot.next[h]) {
		const size_t k = e->hot.sample[h];
		ns_add_product(sum, low, rows->k[k], e->hot.path[h]);
		*low += fma(rows->k_low[k], e->hot.path[h], rows->k[k] * e->hot.path_low[h]);
	}
}

/* z_ij without the rounding of its sum, whose terms are by far larger than what is left of them: P goes where residuals last, and
 * those are directions that K hardly sees. What a pair that turns hot or flips adds to f is credited by this z; an error of it
 * would stay in f, and the next one beside it. */
double ns_pair_close_z(const struct ns_events *e, size_t i, size_t j, double z0)
{
	struct ns_look_rows rows = rows_of(e, i, j);
	const double c = e->nodes.node[j].c;
	double low, sum = close_sum(e, &rows, &low);
	add_hot(e, j, &rows, &sum, &low);
	if (e->leak != 0) {
		const double on = sum;
		double all_low;
		rows.b = rows.b_low = NULL;
		rows.cold = e->everything;
		const double all = close_sum(e, &rows, &all_low);
		low = (1 - e->leak) * low + e->leak * all_low;
		sum = 0;
		ns_add_product(&sum, &low, 1 - e->leak, on);
		ns_add_product(&sum, &low, e->leak, all);
	}
	return fma(-c, sum, z0) - c * low;
}

/* |z|, less what rounding can have done to it (README.md, "One margin"), as a distance that certificates may spend. */
static double reach(const struct ns_events *e, size_t i, size_t j, double z0, double z)
{
	const double path = fabs(e->nodes.node[j].c) * e->coupling.kappa[i] * e->clocks.norm;
	const double doubt = 0x1p-51 * ((double)e->n + 16) * path + 0x1p-51 * (fabs(z0) + fabs(z));
	const double left = fabs(z) - doubt;
	return left > 0 ? e->margins.stretch * left : 0;
}

/* The time on the norm clock until which the sign of z_ij is certain, INFINITY if it cannot move. */
float ns_cold_key(const struct ns_events *e, size_t i, size_t j, double z0, double z)
{
	const double c = fabs(e->nodes.node[j].c);
	if (c == 0 || e->coupling.kappa[i] == 0)
		return INFINITY;
	return ns_key_of(e->clocks.norm + reach(e, i, j, z0, z) * e->coupling.inverse_kappa[i] / c);
}

/* The most that z_ij can approach zero along one rho_ref: hot bits of the node count as they hurt most. */
static double approach(const struct ns_events *e, const struct ns_look *look, double speed)
{
	const struct ns_node node = e->nodes.node[look->node];
	const double towards = look->z > 0 ? node.c : -node.c;
	double sum = towards * speed;
	if (node.row < 0 || e->nodes.row[node.row].n_hot == 0)
		return fmax(sum, 0);
	const double *k = e->coupling.k + look->sample * e->stride, slope = (1 - e->leak) * towards;
	for (size_t word = 0; word < e->words; word++)
		for (uint64_t bits = e->nodes.hot[(size_t)node.row * e->words + word]; bits != 0; bits &= bits - 1) {
			const size_t h = 64 * word + (size_t)__builtin_ctzll(bits);
			sum += fmax(slope * (k[h] * e->clocks.reference[h]), 0);
		}
	return fmax(sum, 0);
}

/* Of a pair at z whose sign seems not to have changed: what it is to become, and its keys. */
static void certify(const struct ns_events *e, struct ns_look *look, double speed)
{
	const size_t i = look->sample, j = look->node;
	const struct ns_clocks *clocks = &e->clocks;
	const double c = fabs(e->nodes.node[j].c), left = reach(e, i, j, look->z0, look->z);
	const double by_norm = left * e->coupling.inverse_kappa[i] / c, norm_steps = by_norm / clocks->norm_rate;
	look->cold_key = ns_key_of(clocks->norm + by_norm);
	look->kind = norm_steps < NEAR ? NS_LOOK_NEAR : NS_LOOK_COLD;
	if (!clocks->has_reference || (look->warm < 0 && norm_steps > WARM_WITHIN))
		return;
	const double by_psi = left / (approach(e, look, speed) + c * e->coupling.kappa[i] * clocks->budget);
	const double psi_steps = by_psi / clocks->psi_rate;
	look->warm_key = ns_key_of(clocks->psi + by_psi);
	if (norm_steps < NEAR && psi_steps < NEAR)
		look->kind = NS_LOOK_NEAR;
	else
		look->kind = look->warm >= 0 || psi_steps >= WARM_GAIN * norm_steps ? NS_LOOK_WARM : NS_LOOK_COLD;
}

static void look_at(const struct ns_events *e, struct ns_look *look)
{
	const size_t i = look->sample, j = look->node;
	const bool was_on = ns_node_pattern(e, j)[i / 64] >> i % 64 & 1;
	double speed;
	if (look->warm < 0)
		look->z0 = ns_node_first_z(e, i, j);
	look->z = ns_pair_z(e, i, j, look->z0, &speed);
	if ((look->z > 0) == was_on) {
		certify(e, look, speed);
		if (look->kind != NS_LOOK_NEAR)
			return;
	} else
		look->cold_key = 0; /* if it has not flipped after all it is at zero but for rounding */
	look->z = ns_pair_close_z(e, i, j, look->z0);
	look->kind = (look->z > 0) != was_on ? NS_LOOK_FLIP : NS_LOOK_NEAR;
}

/* What the looks some way ahead will read, for m so large that it lies in memory. */
static void prefetch(const struct ns_events *e, size_t l)
{
	enum { FAR = 12, CLOSE = 6 };
	if (l + FAR < e->looks.count)
		__builtin_prefetch(&e->nodes.node[e->looks.look[l + FAR].node]);
	if (l + CLOSE >= e->looks.count)
		return;
	const size_t j = e->looks.look[l + CLOSE].node;
	const struct ns_node *node = &e->nodes.node[j];
	__builtin_prefetch(ns_node_pattern(e, j));
	for (size_t k = 0; k < e->d && e->looks.look[l + CLOSE].warm < 0; k += NS_LANES)
		__builtin_prefetch(e->problem->w0 + j * e->d + k);
	for (size_t v = 0; v < e->vectors && node->row >= 0; v++)
		__builtin_prefetch(e->nodes.b + (size_t)node->row * e->stride + v * NS_LANES);
}

static void look_at_all(struct ns_events *e)
{
	const size_t count = e->looks.count;
	if (e->threads > 1 && count >= LOOKS_PER_THREAD * (size_t)e->threads) {
#pragma omp parallel for num_threads(e->threads) schedule(static)
		for (size_t l = 0; l < count; l++) {
			prefetch(e, l);
			look_at(e, &e->looks.look[l]);
		}
	} else
		for (size_t l = 0; l < count; l++) {
			prefetch(e, l);
			look_at(e, &e->looks.look[l]);
		}
	e->n_looks += count;
}

/* Room for n more looks, so that a node's pairs always fit. */
static bool reserve_looks(struct ns_events *e, size_t more)
{
	struct ns_looks *looks = &e->looks;
	if (looks->count + more <= looks->capacity)
		return true;
	const size_t capacity = 2 * (looks->count + more);
	struct ns_look *larger = ns_grow(looks->look, looks->count, capacity, sizeof *larger);
	if (larger == NULL)
		return false;
	looks->look = larger;
	looks->capacity = capacity;
	return true;
}

static void set_cold(struct ns_events *e, const struct ns_look *look, float key)
{
	e->cold.key[look->node * e->cold.key_stride + look->sample] = key;
	if (key < e->cold.nodes.key[0][look->node])
		ns_keys_lower(&e->cold.nodes, look->node, key);
}

static void settle_hot(struct ns_events *e, const struct ns_look *look, bool flipped)
{
	const bool room = ns_hot_has_room(e, look->node);
	if (room && look->warm >= 0)
		ns_warm_remove(e, look->warm);
	else if (look->warm < 0)
		set_cold(e, look, room ? INFINITY : 0);
	ns_hot_enter(e, look->sample, look->node, look->z, flipped);
}

static void settle_warm(struct ns_events *e, const struct ns_look *look)
{
	const int32_t row = e->nodes.node[look->node].row;
	const bool stale = row >= 0 && e->nodes.row[row].changed == e->step;
	const float key = stale ? -1 : look->warm_key;
	if (look->warm >= 0) {
		e->warm.keys.key[0][look->warm] = key;
		ns_keys_refresh(&e->warm.keys, (size_t)look->warm);
	} else {
		set_cold(e, look, INFINITY);
		ns_warm_add(e, look->sample, look->node, look->z0, key);
	}
}

static void settle(struct ns_events *e, const struct ns_look *look)
{
	const bool room_hot = ns_hot_has_room(e, look->node), room_warm = e->warm.count < e->most_warm;
	if (look->kind == NS_LOOK_FLIP || (look->kind == NS_LOOK_NEAR && room_hot))
		settle_hot(e, look, look->kind == NS_LOOK_FLIP);
	else if (look->kind == NS_LOOK_WARM && (look->warm >= 0 || room_warm))
		settle_warm(e, look);
	else {
		if (look->warm >= 0)
			ns_warm_remove(e, look->warm);
		set_cold(e, look, look->cold_key);
	}
}

/* Makes and settles the looks collected so far. */
static bool look_and_settle(struct ns_events *e, bool cold)
{
	const size_t count = e->looks.count;
	if (!ns_nodes_reserve(e, count) || !ns_hot_reserve(e, count) || (cold && !ns_warm_reserve(e, count)))
		return false;
	look_at_all(e);
	for (size_t l = 0; l < count; l++)
		settle(e, &e->looks.look[l]);
	e->looks.count = 0;
	return true;
}

/* Pairs of node j due before `horizon` are added to the looks. */
static void collect_node(struct ns_events *e, size_t j, float horizon)
{
	const float *key = e->cold.key + j * e->cold.key_stride;
	for (size_t first = 0; first < e->n; first += NS_FANOUT)
		for (unsigned due = e->kernels->below(key + first, horizon); due != 0; due &= due - 1) {
			const size_t i = first + (size_t)__builtin_ctz(due);
			e->looks.look[e->looks.count++] =
				(struct ns_look){.sample = (uint32_t)i, .node = (uint32_t)j, .warm = -1};
		}
}

float ns_cold_least_of_node(const struct ns_events *e, size_t j)
{
	const float *key = e->cold.key + j * e->cold.key_stride;
	float least = INFINITY;
	for (size_t first = 0; first < e->n; first += NS_FANOUT) {
		const float of_group = e->kernels->least(key + first);
		least = of_group < least ? of_group : least;
	}
	return least;
}

static bool look_at_cold(struct ns_events *e)
{
	enum { AHEAD = 4 };
	const uint32_t *due;
	const size_t count = ns_keys_due(&e->cold.nodes, ns_key_now(e->clocks.norm), &due);
	const bool may_warm = e->clocks.has_reference && e->warm.count < e->most_warm;
	const double ahead = (may_warm ? LOOK_AHEAD : LOOK_LITTLE_AHEAD) * e->clocks.norm_rate;
	const float horizon = ns_key_now(e->clocks.norm + ahead);
	for (size_t a = 0; a < count; a++) {
		if (!reserve_looks(e, e->n))
			return false;
		for (size_t q = 0; a + AHEAD < count && q < e->n; q += 64 / sizeof(float))
			__builtin_prefetch(e->cold.key + due[a + AHEAD] * e->cold.key_stride + q);
		collect_node(e, due[a], horizon);
		if ((e->looks.count >= MOST_LOOKS || a + 1 == count) && !look_and_settle(e, true))
			return false;
	}
	for (size_t a = 0; a < count; a++) {
		e->cold.nodes.key[0][due[a]] = ns_cold_least_of_node(e, due[a]);
		ns_keys_refresh(&e->cold.nodes, due[a]);
	}
	return true;
}

static bool look_at_warm(struct ns_events *e)
{
	enum { AHEAD = 16 };
	const uint32_t *due;
	const size_t count = e->warm.count > 0 ? ns_keys_due(&e->warm.keys, ns_key_now(e->clocks.psi), &due) : 0;
	for (size_t a = 0; a < count; a++) {
		if (!reserve_looks(e, 1))
			return false;
		if (a + AHEAD < count)
			__builtin_prefetch(&e->warm.pair[due[a + AHEAD]]);
		const struct ns_warm_pair *pair = e->warm.pair + due[a];
		e->looks.look[e->looks.count++] =
			(struct ns_look){.sample = pair->sample, .node = pair->node, .warm = (int32_t)due[a], .z0 = pair->z0};
		if ((e->looks.count == MOST_LOOKS || a + 1 == count) && !look_and_settle(e, false))
			return false;
	}
	return true;
}

/* Cold pairs first: those that turn hot make the warm pairs of their node due. False if memory is short. */
bool ns_look_at_due(struct ns_events *e)
{
	return look_at_cold(e) && look_at_warm(e);
}
