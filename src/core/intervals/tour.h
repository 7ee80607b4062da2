/* A tour of the samples: an order and an orientation in which the direction sign_i x_i turns slowly, so that any half-space
 * { x : x . w > 0 } is a few runs of consecutive samples. It depends on the inputs alone; every tour is valid, a short one is
 * fast. */
#ifndef NODESCALE_INTERVALS_TOUR_H
#define NODESCALE_INTERVALS_TOUR_H

#include <nodescale/status.h>
#include <stddef.h>
#include <stdint.h>

struct tour {
	size_t n, d;
	uint32_t *order; /* (n) sample at each position: a permutation of 0 .. n-1 */
	int8_t *sign;    /* (n) orientation at each position, +1 or -1 */
};

/* x (n, d) row-major. Deterministic; O(n^2 d) operations, up to two inputs O(n log n), and O(n d) memory. */
enum ns_status ns_tour_create(struct tour **tour, size_t n, size_t d, const double *x, struct ns_error *error);

/* Nearest neighbours only: longer, but ready much sooner. */
enum ns_status ns_tour_create_greedy(struct tour **tour, size_t n, size_t d, const double *x, struct ns_error *error);

/* The samples as they stand, none turned: for those who need a tour but no short one. */
enum ns_status ns_tour_create_plain(struct tour **tour, size_t n, size_t d, struct ns_error *error);

/* Accepts NULL. */
void ns_tour_destroy(struct tour *tour);

#endif
