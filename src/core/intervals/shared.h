/* Tours kept from point to point. */
#ifndef NODESCALE_INTERVALS_SHARED_H
#define NODESCALE_INTERVALS_SHARED_H

#include "tour.h"
#include <nodescale/shared.h>

/* The short tour of x (n, d), computed at the first call with these inputs; other threads that want it meanwhile wait. It belongs
 * to shared. */
enum ns_status ns_shared_tour(
	struct ns_shared *shared, size_t n, size_t d, const double *x, const struct tour **tour, struct ns_error *error);

#endif
