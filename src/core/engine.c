#include <math.h>
#include <nodescale/engine.h>
#include <nodescale/result.h>
#include <string.h>

const struct ns_engine *const ns_engines[] = {
	&ns_event_engine, &ns_interval_engine, &ns_dense_engine, &ns_reference_engine, NULL};

struct ns_shape ns_problem_shape(const struct ns_problem *problem)
{
	return (struct ns_shape){
		.n = problem->n,
		.n_test = problem->n_test,
		.d = problem->d,
		.m = problem->m,
		.gamma = problem->gamma,
		.alpha = problem->alpha,
		.activation = problem->activation,
	};
}

const struct ns_engine *ns_engine_find(const char *name)
{
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++)
		if (strcmp((*engine)->name, name) == 0)
			return *engine;
	return NULL;
}

_Static_assert(sizeof ns_engines / sizeof *ns_engines == NS_CANDIDATES + 1, "results have room for the counts of all engines");

/* The dense engine's cost is nearly the same whatever the data; that of the others depends on what flips. They must count this
 * much less to be preferred. */
static const double doubt = 1.25;

void ns_engine_count_cycles(const struct ns_shape *shape, double *cycles)
{
	for (size_t e = 0; ns_engines[e] != NULL; e++)
		cycles[e] = ns_engines[e]->refusal(shape) == NULL ? ns_engines[e]->cycles_per_step(shape) : NAN;
}

const struct ns_engine *ns_engine_choose(const struct ns_shape *shape)
{
	const struct ns_engine *best = &ns_dense_engine;
	double cycles[NS_CANDIDATES], least = best->cycles_per_step(shape) / doubt;
	ns_engine_count_cycles(shape, cycles);
	for (size_t e = 0; ns_engines[e] != NULL; e++)
		if (ns_engines[e] != &ns_reference_engine && cycles[e] < least) { /* NaN is not */
			best = ns_engines[e];
			least = cycles[e];
		}
	return best;
}
