/* Up to two inputs sorted by angle; else nearest neighbour, then 2-opt and or-opt over each sample's nearest neighbours, on the
 * angle between lines, acos |u . u'|: a sample and its opposite cut every half-space in the same place, so orientations are free
 * and are chosen along the finished tour.
 *
 * Invariant: position[order[p]] == p for all p, at every call of reverse(). */
#include "tour.h"
#include <assert.h>
#include <math.h>
#include <nodescale/memory.h>
#include <stdbool.h>
#include <stdlib.h>

enum { NEIGHBOURS = 10, MOST_PASSES = 20, LONGEST_SEGMENT = 3 };

/* Below this gain in angle a move is not worth its rounding: without it a pass could undo the one before. */
static const double least_gain = 1e-6;

struct path {
	size_t n, d;
	double *unit;      /* (n, d) directions; 0 for a zero sample */
	double *closeness; /* (n) scratch: |u_i . u| to one sample */
	uint32_t *order, *position;
	uint32_t *near; /* (n, neighbours) the samples closest to each, closest first */
	size_t neighbours;
};

static void path_finish(struct path *path)
{
	ns_free(path->unit);
	ns_free(path->closeness);
	ns_free(path->position);
	ns_free(path->near);
}

static double closeness(const struct path *path, size_t i, size_t k)
{
	double dot = 0;
	for (size_t e = 0; e < path->d; e++)
		dot += path->unit[i * path->d + e] * path->unit[k * path->d + e];
	return fabs(dot);
}

static double angle(const struct path *path, size_t i, size_t k)
{
	return acos(fmin(closeness(path, i, k), 1));
}

static void set_directions(struct path *path, const double *x)
{
	for (size_t i = 0; i < path->n; i++) {
		double largest = 0, square = 0;
		for (size_t e = 0; e < path->d; e++)
			largest = fmax(largest, fabs(x[i * path->d + e]));
		for (size_t e = 0; e < path->d && largest > 0; e++)
			square += (x[i * path->d + e] / largest) * (x[i * path->d + e] / largest);
		for (size_t e = 0; e < path->d && largest > 0; e++)
			path->unit[i * path->d + e] = x[i * path->d + e] / largest / sqrt(square);
	}
}

/* The samples not yet on the path stay in order[s..n); the closest of them is swapped to order[s]. */
static void start_with_nearest_neighbours(struct path *path)
{
	for (size_t i = 0; i < path->n; i++)
		path->order[i] = (uint32_t)i;
	for (size_t s = 1; s < path->n; s++) {
		size_t best = s;
		double best_closeness = -1;
		for (size_t p = s; p < path->n; p++) {
			const double now = closeness(path, path->order[p], path->order[s - 1]);
			if (now > best_closeness) {
				best = p;
				best_closeness = now;
			}
		}
		const uint32_t next = path->order[best];
		path->order[best] = path->order[s];
		path->order[s] = next;
	}
	for (size_t p = 0; p < path->n; p++)
		path->position[path->order[p]] = (uint32_t)p;
}

static void find_neighbours(struct path *path)
{
	double *const to = path->closeness;
	for (size_t i = 0; i < path->n; i++) {
		uint32_t *near = path->near + i * path->neighbours;
		size_t found = 0;
		for (size_t k = 0; k < path->n; k++) {
			to[k] = closeness(path, i, k);
			if (k == i || (found == path->neighbours && to[k] <= to[near[found - 1]]))
				continue;
			size_t at = found < path->neighbours ? found++ : found - 1;
			for (; at > 0 && to[near[at - 1]] < to[k]; at--)
				near[at] = near[at - 1];
			near[at] = (uint32_t)k;
		}
	}
}

static void reverse(struct path *path, size_t low, size_t high)
{
	for (; low < high; low++, high--) {
		const uint32_t swapped = path->order[low];
		path->order[low] = path->order[high];
		path->order[high] = swapped;
		path->position[path->order[low]] = (uint32_t)low;
		path->position[path->order[high]] = (uint32_t)high;
	}
}

/* Makes i and its neighbour k adjacent by reversing what lies between them; ahead tells on which side of both the path is cut. */
static bool try_two_opt(struct path *path, size_t i, size_t k, bool ahead)
{
	const size_t a = path->position[i], b = path->position[k], low = a < b ? a : b, high = a < b ? b : a;
	if (ahead ? high + 1 >= path->n : low == 0)
		return false;
	const size_t i_next = path->order[ahead ? a + 1 : a - 1], k_next = path->order[ahead ? b + 1 : b - 1];
	const double before = angle(path, i, i_next) + angle(path, k, k_next),
		     after = angle(path, i, k) + angle(path, i_next, k_next);
	if (before - after < least_gain)
		return false;
	if (ahead)
		reverse(path, low + 1, high);
	else
		reverse(path, low, high - 1);
	return true;
}

/* Carries the `length` samples at one end of low..high to its other end, turning them round if turned. */
static void carry(struct path *path, size_t low, size_t high, size_t length, bool from_low, bool turned)
{
	reverse(path, low, high);
	const size_t cut = from_low ? high - length : low + length - 1; /* last position of the first part, now */
	if (!from_low || !turned)
		reverse(path, cut + 1, high);
	if (from_low || !turned)
		reverse(path, low, cut);
}

/* Moves the segment of `length` samples that starts with i next to i's neighbour k: behind it as it is, or before it turned. */
static bool try_or_opt(struct path *path, size_t i, size_t k, size_t length)
{
	const size_t a = path->position[i], b = path->position[k], end = a + length - 1;
	if (a == 0 || end + 1 >= path->n || (b + 1 >= a && b <= end + 1) || b == 0 || b + 1 >= path->n)
		return false;
	const size_t last = path->order[end], before = path->order[a - 1], behind = path->order[end + 1];
	const size_t k_before = path->order[b - 1], k_behind = path->order[b + 1];
	const double freed = angle(path, before, i) + angle(path, last, behind) - angle(path, before, behind);
	const double gain = freed - (angle(path, k, i) + angle(path, last, k_behind) - angle(path, k, k_behind));
	const double gain_turned = freed - (angle(path, k_before, last) + angle(path, i, k) - angle(path, k_before, k));
	if (gain < least_gain && gain_turned < least_gain)
		return false;
	const bool turned = gain_turned > gain;
	if (b > a)
		carry(path, a, turned ? b - 1 : b, length, true, turned);
	else
		carry(path, turned ? b : b + 1, end, length, false, turned);
	return true;
}

static void improve(struct path *path)
{
	bool improved = true;
	for (int pass = 0; pass < MOST_PASSES && improved; pass++) {
		improved = false;
		for (size_t i = 0; i < path->n; i++)
			for (size_t q = 0; q < path->neighbours; q++) {
				const size_t k = path->near[i * path->neighbours + q];
				improved |= try_two_opt(path, i, k, true);
				improved |= try_two_opt(path, i, k, false);
				for (size_t length = 1; length <= LONGEST_SEGMENT; length++)
					improved |= try_or_opt(path, i, k, length);
			}
	}
}

struct direction {
	double angle;
	uint32_t sample;
};

static int by_angle(const void *a, const void *b)
{
	const struct direction *x = a, *y = b;
	return x->angle != y->angle ? (x->angle > y->angle) - (x->angle < y->angle)
				    : (x->sample > y->sample) - (x->sample < y->sample);
}

/* In the plane lines through 0 have an order of their own. */
static bool sort_by_angle(struct path *path)
{
	struct direction *directions = ns_alloc(path->n, sizeof *directions);
	for (size_t i = 0; i < path->n && directions != NULL; i++) {
		const double *u = path->unit + i * path->d;
		directions[i] = (struct direction){path->d == 2 ? atan2(u[1], u[0]) : 0, (uint32_t)i};
		directions[i].angle += directions[i].angle < 0 ? M_PI : 0;
	}
	if (directions != NULL)
		qsort(directions, path->n, sizeof *directions, by_angle);
	for (size_t p = 0; p < path->n && directions != NULL; p++) {
		path->order[p] = directions[p].sample;
		path->position[path->order[p]] = (uint32_t)p;
	}
	ns_free(directions);
	return directions != NULL;
}

static void orient(const struct path *path, int8_t *sign)
{
	sign[0] = 1;
	for (size_t p = 1; p < path->n; p++) {
		double dot = 0;
		for (size_t e = 0; e < path->d; e++)
			dot += path->unit[path->order[p] * path->d + e] * path->unit[path->order[p - 1] * path->d + e];
		sign[p] = dot < 0 ? (int8_t)-sign[p - 1] : sign[p - 1];
	}
}

static void assert_permutation(const struct path *path)
{
	for (size_t p = 0; p < path->n; p++)
		assert(path->order[p] < path->n && path->position[path->order[p]] == p);
}

static enum ns_status create(
	struct tour **tour, size_t n, size_t d, const double *x, size_t most_neighbours, struct ns_error *error)
{
	const enum ns_status status = ns_tour_create_plain(tour, n, d, error);
	if (status != NS_OK || n < 2)
		return status;
	struct path path = {
		.n = n, .d = d, .order = (*tour)->order, .neighbours = n - 1 < most_neighbours ? n - 1 : most_neighbours};
	path.unit = ns_alloc(n * d, sizeof(double));
	path.closeness = ns_alloc(n, sizeof(double));
	path.position = ns_alloc(n, sizeof(uint32_t));
	path.near = ns_alloc(n, path.neighbours * sizeof(uint32_t));
	bool ok = path.unit && path.closeness && path.position && path.near;
	if (ok) {
		set_directions(&path, x);
		ok = d > 2 || sort_by_angle(&path);
	}
	if (!ok) {
		path_finish(&path);
		ns_tour_destroy(*tour);
		return ns_error_memory(error, "a tour of the samples", (double)n * (8 * (double)d + 8 + 4 + 4 * NEIGHBOURS));
	}
	if (d > 2)
		start_with_nearest_neighbours(&path);
	if (d > 2 && most_neighbours > 0) {
		find_neighbours(&path);
		improve(&path);
	}
	assert_permutation(&path);
	orient(&path, (*tour)->sign);
	path_finish(&path);
	return NS_OK;
}

enum ns_status ns_tour_create(struct tour **tour, size_t n, size_t d, const double *x, struct ns_error *error)
{
	return create(tour, n, d, x, NEIGHBOURS, error);
}

enum ns_status ns_tour_create_greedy(struct tour **tour, size_t n, size_t d, const double *x, struct ns_error *error)
{
	return create(tour, n, d, x, 0, error);
}

enum ns_status ns_tour_create_plain(struct tour **tour, size_t n, size_t d, struct ns_error *error)
{
	struct tour *plain = ns_alloc(1, sizeof *plain);
	if (plain != NULL) {
		*plain = (struct tour){.n = n, .d = d, .order = ns_alloc(n, sizeof(uint32_t)), .sign = ns_alloc(n, 1)};
		for (size_t i = 0; i < n && plain->order && plain->sign; i++) {
			plain->order[i] = (uint32_t)i;
			plain->sign[i] = 1;
		}
	}
	if (plain == NULL || !plain->order || !plain->sign) {
		ns_tour_destroy(plain);
		return ns_error_memory(error, "a tour of the samples", 5 * (double)n);
	}
	*tour = plain;
	return NS_OK;
}

void ns_tour_destroy(struct tour *tour)
{
	if (tour == NULL)
		return;
	ns_free(tour->order);
	ns_free(tour->sign);
	ns_free(tour);
}
