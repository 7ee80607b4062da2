/* The lazy weights: P, and B and the pattern of the nodes that ever changed. See struct ns_nodes for the invariants.
 *
 * sum over steps of s_jk rho_k = B_jk + s_jk P_k while a pair is not hot: a flip on takes P_k away from B_jk, a flip off adds it.
 */
#include "events.h"
#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <nodescale/memory.h>
#include <string.h>

const uint64_t *ns_node_pattern(const struct ns_events *e, size_t j)
{
	const int32_t row = e->nodes.node[j].row;
	return row < 0 ? e->nodes.pattern + j * e->words : e->nodes.bits + (size_t)row * 2 * e->words;
}

const uint64_t *ns_node_cold(const struct ns_events *e, size_t j)
{
	return ns_node_pattern(e, j) + (e->nodes.node[j].row < 0 ? 0 : e->words);
}

/* z0_ij: computed whenever it is wanted, for with the keys it would be by far the most of what the engine holds. */
double ns_node_first_z(const struct ns_events *e, size_t i, size_t j)
{
	const double *x = e->samples.x + i * e->d, z = e->kernels->dot(e->d, x, e->problem->w0 + j * e->d);
	return e->nodes.delta0 != NULL ? z + e->kernels->dot(e->d, x, e->nodes.delta0 + j * e->d) : z;
}

/* Room for `more` further rows, at most one per node. */
bool ns_nodes_reserve(struct ns_events *e, size_t more)
{
	struct ns_nodes *nodes = &e->nodes;
	const size_t needed = nodes->n_rows + more < e->m ? nodes->n_rows + more : e->m;
	if (needed <= nodes->capacity)
		return true;
	size_t capacity = 2 * nodes->capacity > needed ? 2 * nodes->capacity : needed;
	capacity = capacity < e->m ? capacity : e->m;
	struct ns_node_row *row = ns_grow(nodes->row, nodes->n_rows, capacity, sizeof *row);
	nodes->row = row != NULL ? row : nodes->row;
	uint64_t *bits = ns_grow(nodes->bits, nodes->n_rows, capacity, 2 * e->words * sizeof *bits);
	nodes->bits = bits != NULL ? bits : nodes->bits;
	uint64_t *hot = ns_grow(nodes->hot, nodes->n_rows, capacity, e->words * sizeof *hot);
	nodes->hot = hot != NULL ? hot : nodes->hot;
	double *b = ns_grow(nodes->b, nodes->n_rows, capacity, e->stride * sizeof *b);
	nodes->b = b != NULL ? b : nodes->b;
	double *b_low = ns_grow(nodes->b_low, nodes->n_rows, capacity, e->stride * sizeof *b_low);
	nodes->b_low = b_low != NULL ? b_low : nodes->b_low;
	if (row == NULL || bits == NULL || hot == NULL || b == NULL || b_low == NULL)
		return false;
	nodes->capacity = capacity;
	return true;
}

/* The node's row, made now if it has none. */
uint32_t ns_node_row(struct ns_events *e, size_t j)
{
	struct ns_nodes *nodes = &e->nodes;
	if (nodes->node[j].row >= 0)
		return (uint32_t)nodes->node[j].row;
	assert(nodes->n_rows < nodes->capacity);
	const size_t row = nodes->n_rows++;
	nodes->row[row] = (struct ns_node_row){.node = (uint32_t)j, .first = -1};
	memcpy(nodes->bits + row * 2 * e->words, nodes->pattern + j * e->words, e->words * sizeof *nodes->bits);
	memcpy(nodes->bits + (row * 2 + 1) * e->words, nodes->pattern + j * e->words, e->words * sizeof *nodes->bits);
	nodes->node[j].row = (int32_t)row;
	return (uint32_t)row;
}

/* B of sample i gains P_i (side 1) or loses it (side -1). */
void ns_node_add_p(struct ns_events *e, size_t row, size_t i, double side)
{
	ns_node_gain(&e->nodes, row * e->stride + i, side * e->nodes.p[i], side * e->nodes.p_low[i]);
}

/* Sample i of the row's node has just turned on, or off, at the present iterate. */
void ns_node_flip(struct ns_events *e, uint32_t row, size_t i, bool on)
{
	uint64_t *const word = e->nodes.bits + (size_t)row * 2 * e->words + i / 64;
	assert((*word >> i % 64 & 1) != on);
	*word ^= 1ull << i % 64;
	ns_node_add_p(e, row, i, on ? -1 : 1);
	e->flips += e->samples.size[i];
}

/* The path of node j, -c_j times sum of act' rho over the steps taken. */
static void node_path(const struct ns_events *e, size_t j, double *path)
{
	const struct ns_nodes *nodes = &e->nodes;
	const struct ns_node node = nodes->node[j];
	const double *b = node.row < 0 ? NULL : nodes->b + (size_t)node.row * e->stride, leak = e->leak;
	e->kernels->path(e->vectors, b, nodes->p, ns_node_cold(e, j), -node.c, leak, path);
	for (int32_t h = ns_hot_first(e, j); h >= 0; h = e->hot.next[h]) {
		const size_t k = e->hot.sample[h];
		path[k] = -node.c * (leak * nodes->p[k] + (1 - leak) * (b[k] + e->hot.path[h]));
	}
}

/* delta (count, d) = delta0 + paths X, some nodes at a time. */
void ns_nodes_weight_change(const struct ns_events *e, size_t first, size_t count, double *delta)
{
	const struct ns_nodes *nodes = &e->nodes;
	double *path = nodes->path;
	for (size_t done = 0; done < count; done += NS_PATH_ROWS) {
		const size_t rows = count - done < NS_PATH_ROWS ? count - done : NS_PATH_ROWS;
		double *to = delta + done * e->d;
		for (size_t r = 0; r < rows; r++)
			node_path(e, first + done + r, path + r * e->stride);
		if (nodes->delta0 != NULL)
			memcpy(to, nodes->delta0 + (first + done) * e->d, rows * e->d * sizeof *to);
		else
			memset(to, 0, rows * e->d * sizeof *to);
		cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)e->d, (int)e->n, 1, path, (int)e->stride,
			e->samples.x, (int)e->d, 1, to, (int)e->d);
	}
}
