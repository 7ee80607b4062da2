#include <math.h>
#include <nodescale/cost.h>
#include <nodescale/record.h>

static const double operations_per_cycle = 16, eigenvalue_operations = 4; /* dsytrd: about 4/3 n^3, at a third of the rate */

static double record_cycles(const struct ns_shape *shape, double n_probes)
{
	const double n = (double)shape->n, m = (double)shape->m, d = (double)shape->d;
	const double rebuilding = 2 * n * d * m, testing = 2 * (double)shape->n_test * d * m,
		     kernel = 2 * n_probes * n_probes * m;
	return (rebuilding + testing + kernel + 2 * eigenvalue_operations * n_probes * n_probes * n_probes) /
		       operations_per_cycle +
	       n * m;
}

struct ns_cost ns_point_cost(const struct ns_experiment *experiment, size_t n, size_t n_test, size_t d,
	const struct ns_point *point, const struct ns_engine *engine)
{
	const struct ns_shape shape = {.n = n,
		.n_test = n_test,
		.d = d,
		.m = point->m,
		.gamma = point->gamma,
		.alpha = point->alpha,
		.activation = experiment->activation};
	const size_t n_probes = experiment->probes < n ? experiment->probes : n, n_records = ns_record_count(experiment);
	const double weights = (double)shape.m * (double)d;
	const double gaussian_cycles = 30,
		     kept = experiment->weights == NS_WEIGHTS_ENDS ? 2 : experiment->weights == NS_WEIGHTS_FINAL;
	struct ns_cost cost = {.engine = engine != NULL ? engine : ns_engine_choose(&shape)};
	const double steps = (double)experiment->steps, early = fmin(steps, NS_EARLY_STEPS);
	cost.cycles = cost.engine->cycles_per_step(&shape) * (early + cost.engine->late_share * (steps - early)) +
		      gaussian_cycles * weights + record_cycles(&shape, (double)n_probes) * (double)n_records;
	cost.cycles_of_data = cost.engine->cycles_of_data != NULL ? cost.engine->cycles_of_data(&shape) : 0;
	cost.bytes = cost.engine->memory(&shape) + ns_recorder_memory(&shape, n_probes, n_records) + 8 * (1 + kept) * weights +
		     8 * (double)(n + n_test) * (double)d;
	return cost;
}
