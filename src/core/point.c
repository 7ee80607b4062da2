#include <math.h>
#include <nodescale/point.h>
#include <xxhash.h>

uint64_t ns_point_id(const struct ns_point *point)
{
	struct {
		double gamma, alpha;
		uint64_t m, seed;
	} identity = {point->gamma + 0.0, point->gamma < 1 ? point->alpha : 0, point->m, point->seed}; /* + 0.0: -0 is 0 */
	return XXH3_64bits(&identity, sizeof identity);
}
