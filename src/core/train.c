#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/record.h>
#include <nodescale/train.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const double cycles_per_chunk = 3e6; /* about a millisecond of work between ticks */

/* One point in training. */
struct training {
	const struct ns_experiment *experiment;
	struct ns_problem *problem;
	const struct ns_engine *engine;
	void *state;
	struct ns_recorder *recorder;
	struct ns_tick tick;
	uint64_t step, flips_recorded;
	bool diverged;
};

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Advances to step `target` or to divergence. How steps are cut into chunks does not change the iterates. */
static enum ns_status advance_to(struct training *t, uint64_t target, struct ns_error *error)
{
	const struct ns_shape shape = ns_problem_shape(t->problem);
	const double chunk = fmax(1, cycles_per_chunk / t->engine->cycles_per_step(&shape));
	while (t->step < target && !t->diverged) {
		const uint64_t left = target - t->step, steps = chunk < (double)left ? (uint64_t)chunk : left;
		uint64_t taken;
		const enum ns_status status = t->engine->advance(t->state, steps, &taken, error);
		if (status != NS_OK)
			return status;
		t->step += taken;
		t->diverged = taken < steps;
		if (t->tick.call != NULL &&
			!t->tick.call(t->tick.context, (double)t->step / fmax(1, (double)t->experiment->steps)))
			return ns_error_set(error, NS_STOPPED, "stopped at step %llu", (unsigned long long)t->step);
	}
	return NS_OK;
}

static bool risk_is_finite(struct training *t, double *f)
{
	double square = 0;
	t->engine->outputs(t->state, f);
	for (size_t i = 0; i < t->problem->n; i++)
		square += (f[i] - t->problem->y[i]) * (f[i] - t->problem->y[i]);
	return isfinite(square);
}

static enum ns_status train(struct training *t, struct ns_result *result, double *f, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (size_t record = 0; record < result->n_records && status == NS_OK; record++) {
		status = advance_to(t, ns_record_step(t->experiment, record), error);
		/* advance tells of divergence only when asked to go on from it: the iterate at a record is looked at here */
		t->diverged = t->diverged || (status == NS_OK && !risk_is_finite(t, f));
		if (status != NS_OK || t->diverged)
			break;
		const uint64_t flips = t->engine->flips(t->state);
		status = ns_recorder_take(t->recorder, record, t->engine, t->state, flips - t->flips_recorded, result, error);
		t->flips_recorded = flips;
	}
	return status;
}

static void keep_weights(const struct training *t, struct ns_result *result)
{
	const struct ns_problem *p = t->problem;
	if (result->initial_weights != NULL)
		memcpy(result->initial_weights, p->w0, p->m * p->d * sizeof(double));
	if (result->final_weights != NULL) {
		t->engine->weight_change(t->state, 0, p->m, result->final_weights);
		for (size_t e = 0; e < p->m * p->d; e++)
			result->final_weights[e] += p->w0[e];
	}
}

enum ns_status ns_train_point(struct ns_result *result, const struct ns_experiment *experiment, const struct ns_data *data,
	const struct ns_point *point, const struct ns_engine *engine, const struct ns_engine_options *options,
	struct ns_tick tick, struct ns_error *error)
{
	const double started = seconds();
	struct training t = {.experiment = experiment, .tick = tick};
	const size_t n_probes = experiment->probes < data->train.n ? experiment->probes : data->train.n;
	double *f = ns_alloc(data->train.n, sizeof *f);
	enum ns_status status = f == NULL ? ns_error_memory(error, "outputs", 8.0 * (double)data->train.n) : NS_OK;
	if (status == NS_OK)
		status = ns_problem_create(&t.problem, experiment, data, point, error);
	if (status == NS_OK) {
		const struct ns_shape shape = ns_problem_shape(t.problem);
		t.engine = engine != NULL ? engine : ns_engine_choose(&shape);
		const char *refusal = t.engine->refusal(&shape);
		status = refusal == NULL
				 ? t.engine->create(&t.state, t.problem, NULL, options, error)
				 : ns_error_set(error, NS_BAD_INPUT, "engine %s cannot train this: %s", t.engine->name, refusal);
	}
	if (status == NS_OK)
		status = ns_recorder_create(&t.recorder, t.problem, n_probes, result->n_records, error);
	if (status == NS_OK)
		status = train(&t, result, f, error);
	if (status == NS_OK) {
		if (t.step > 0 || !t.diverged)
			ns_recorder_finish(t.recorder, result);
		keep_weights(&t, result);
		if (result->output_sign != NULL)
			ns_output_signs(point->seed, point->m, result->output_sign);
		snprintf(result->engine, sizeof result->engine, "%s", t.engine->name);
		result->status = t.diverged ? NS_POINT_DIVERGED : NS_POINT_DONE;
		result->steps_done = t.step;
		result->wall_seconds = seconds() - started;
	}
	ns_recorder_destroy(t.recorder);
	if (t.state != NULL)
		t.engine->destroy(t.state);
	ns_problem_destroy(t.problem);
	ns_free(f);
	return status;
}
