#include <math.h>
#include <nodescale/grid.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>

static double to_15_digits(double value)
{
	char digits[32];
	snprintf(digits, sizeof digits, "%.15g", value);
	return strtod(digits, NULL);
}

union ns_axis_value ns_axis_value(const struct ns_axis *axis, size_t index)
{
	if (axis->kind == NS_AXIS_LIST)
		return axis->list[index];
	if (axis->kind == NS_AXIS_CONSECUTIVE)
		return (union ns_axis_value){.whole = axis->from.whole + index};
	if (index == 0)
		return axis->from;
	if (index == axis->count - 1)
		return axis->to;
	const double from = axis->is_whole ? (double)axis->from.whole : axis->from.real,
		     to = axis->is_whole ? (double)axis->to.whole : axis->to.real,
		     fraction = (double)index / (double)(axis->count - 1),
		     value = axis->kind == NS_AXIS_LOG ? from * pow(to / from, fraction) : from + (to - from) * fraction;
	if (axis->is_whole)
		return (union ns_axis_value){.whole = (uint64_t)llround(value)};
	return (union ns_axis_value){.real = fmin(fmax(to_15_digits(value), from), to)};
}

void ns_block_finish(struct ns_block *block)
{
	ns_free(block->gamma.list);
	ns_free(block->alpha.list);
	ns_free(block->m.list);
	ns_free(block->seed.list);
	*block = (struct ns_block){0};
}

size_t ns_block_size(const struct ns_block *block)
{
	const size_t n_alpha = block->alpha.count > 0 ? block->alpha.count : 1;
	size_t size;
	if (__builtin_mul_overflow(block->gamma.count, n_alpha, &size) || __builtin_mul_overflow(size, block->m.count, &size) ||
		__builtin_mul_overflow(size, block->seed.count, &size))
		return SIZE_MAX;
	return size;
}

/* The points so far, and an open-addressed hash table of their numbers from 1 (0: free) that is at most half full. */
struct point_set {
	struct ns_point *points;
	size_t n_points;
	uint32_t *slots;
	size_t mask;
};

static bool same_point(const struct ns_point *a, const struct ns_point *b)
{
	return a->gamma == b->gamma && (a->gamma == 1 || a->alpha == b->alpha) && a->m == b->m && a->seed == b->seed;
}

static void add_point(struct point_set *set, const struct ns_point *point)
{
	size_t slot = ns_point_id(point) & set->mask;
	while (set->slots[slot] != 0) {
		if (same_point(&set->points[set->slots[slot] - 1], point))
			return;
		slot = (slot + 1) & set->mask;
	}
	set->points[set->n_points++] = *point;
	set->slots[slot] = (uint32_t)set->n_points;
}

static void add_widths_and_seeds(struct point_set *set, const struct ns_block *block, double gamma, double alpha)
{
	for (size_t w = 0; w < block->m.count; w++) {
		const uint64_t m = ns_axis_value(&block->m, w).whole;
		for (size_t s = 0; s < block->seed.count; s++) {
			const struct ns_point point = {gamma, alpha, m, ns_axis_value(&block->seed, s).whole};
			add_point(set, &point);
		}
	}
}

static void add_block(struct point_set *set, const struct ns_block *block)
{
	for (size_t g = 0; g < block->gamma.count; g++) {
		const double gamma = ns_axis_value(&block->gamma, g).real + 0.0; /* -0 is 0 */
		if (gamma == 1)
			add_widths_and_seeds(set, block, gamma, NAN);
		for (size_t a = 0; a < block->alpha.count && gamma < 1; a++)
			add_widths_and_seeds(set, block, gamma, ns_axis_value(&block->alpha, a).real);
	}
}

enum ns_status ns_grid_expand(
	const struct ns_block *blocks, size_t n_blocks, struct ns_point **points, size_t *n_points, struct ns_error *error)
{
	size_t most = 0, n_slots = 2;
	for (size_t b = 0; b < n_blocks; b++)
		most += ns_block_size(blocks + b);
	while (n_slots < 2 * most)
		n_slots *= 2;
	struct point_set set = {
		.points = ns_alloc(most, sizeof *set.points), .slots = ns_alloc(n_slots, sizeof *set.slots), .mask = n_slots - 1};
	if (set.points == NULL || set.slots == NULL) {
		ns_free(set.points);
		ns_free(set.slots);
		return ns_error_memory(
			error, "the list of points", (double)most * sizeof *set.points + (double)n_slots * sizeof *set.slots);
	}
	for (size_t b = 0; b < n_blocks; b++)
		add_block(&set, blocks + b);
	ns_free(set.slots);
	*points = set.points;
	*n_points = set.n_points;
	return NS_OK;
}
