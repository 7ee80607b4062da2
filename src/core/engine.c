#include <nodescale/engine.h>
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

/* The dense engine's cost is nearly the same whatever the data; that of the others depends on what flips. They must count this
 * much less to be preferred. */
static const double doubt = 1.25;

const struct ns_engine *ns_engine_choose(const struct ns_shape *shape)
{
	const struct ns_engine *best = &ns_dense_engine;
	double least = best->cycles_per_step(shape) / doubt;
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		if (*engine == &ns_dense_engine || *engine == &ns_reference_engine || (*engine)->refusal(shape) != NULL)
			continue;
		const double cycles = (*engine)->cycles_per_step(shape);
		if (cycles < least) {
			best = *engine;
			least = cycles;
		}
	}
	return best;
}
