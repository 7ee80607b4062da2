#include "training.h"
#include <math.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const double cycles_per_chunk = 3e6; /* about a millisecond of work between ticks */

double ns_training_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Does as the tick says. */
static enum ns_status attend(struct training *t, struct ns_error *error)
{
	const double fraction = (double)t->step / fmax(1, (double)t->experiment->steps);
	const enum ns_tick_answer answer = t->tick.call != NULL ? t->tick.call(t->tick.context, fraction) : NS_TICK_GO_ON;
	if (answer != NS_TICK_GO_ON)
		ns_checkpoint_save(t);
	if (answer == NS_TICK_STOP)
		return ns_error_set(error, NS_STOPPED, "stopped at step %llu", (unsigned long long)t->step);
	return NS_OK;
}

/* Advances to step `target` or to divergence. How steps are cut into chunks does not change the iterates. */
static enum ns_status advance_to(struct training *t, uint64_t target, struct ns_error *error)
{
	const struct ns_shape shape = ns_problem_shape(t->problem);
	const double chunk = fmax(1, cycles_per_chunk / t->engine->cycles_per_step(&shape));
	while (t->step < target && !t->diverged) {
		const uint64_t left = target - t->step, steps = chunk < (double)left ? (uint64_t)chunk : left;
		uint64_t taken;
		enum ns_status status = t->engine->advance(t->state, steps, &taken, error);
		if (status != NS_OK)
			return status;
		t->step += taken;
		t->diverged = taken < steps;
		status = attend(t, error);
		if (status != NS_OK)
			return status;
	}
	return NS_OK;
}

static bool risk_is_finite(struct training *t)
{
	double square = 0;
	t->engine->outputs(t->state, t->f);
	for (size_t i = 0; i < t->problem->n; i++)
		square += (t->f[i] - t->problem->y[i]) * (t->f[i] - t->problem->y[i]);
	return isfinite(square);
}

static enum ns_status train(struct training *t, struct ns_error *error)
{
	for (; t->record < t->result->n_records; t->record++) {
		enum ns_status status = advance_to(t, ns_record_step(t->experiment, t->record), error);
		/* advance tells of divergence only when asked to go on from it: the iterate at a record is looked at here */
		t->diverged = t->diverged || (status == NS_OK && !risk_is_finite(t));
		if (status != NS_OK || t->diverged)
			return status;
		const uint64_t flips = t->engine->flips(t->state);
		status = ns_recorder_take(
			t->recorder, t->record, t->engine, t->state, flips - t->flips_recorded, t->result, error);
		if (status != NS_OK)
			return status;
		t->flips_recorded = flips;
	}
	return NS_OK;
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
	if (result->output_sign != NULL)
		ns_output_signs(t->point->seed, t->point->m, result->output_sign);
}

static void forget_state(struct training *t)
{
	ns_recorder_destroy(t->recorder);
	t->recorder = NULL;
	if (t->state != NULL)
		t->engine->destroy(t->state);
	t->state = NULL;
}

enum ns_status ns_training_start(struct training *t, struct ns_error *error)
{
	const size_t n_probes = t->experiment->probes < t->problem->n ? t->experiment->probes : t->problem->n;
	forget_state(t);
	t->step = t->flips_recorded = 0;
	t->record = 0;
	t->diverged = false;
	t->seconds_before = 0;
	ns_result_clear_values(t->result);
	const enum ns_status status = t->engine->create(&t->state, t->problem, NULL, t->options, error);
	if (status != NS_OK)
		return status;
	return ns_recorder_create(&t->recorder, t->problem, n_probes, t->result->n_records, error);
}

/* The problem and who is to train it. */
static enum ns_status prepare(struct training *t, const struct ns_engine *engine, struct ns_error *error)
{
	t->f = ns_alloc(t->data->train.n, sizeof *t->f);
	if (t->f == NULL)
		return ns_error_memory(error, "outputs", 8.0 * (double)t->data->train.n);
	const enum ns_status status = ns_problem_create(&t->problem, t->experiment, t->data, t->point, error);
	if (status != NS_OK)
		return status;
	const struct ns_shape shape = ns_problem_shape(t->problem);
	t->engine = engine != NULL ? engine : ns_engine_choose(&shape);
	const char *refusal = t->engine->refusal(&shape);
	if (refusal != NULL)
		return ns_error_set(error, NS_BAD_INPUT, "engine %s cannot train this: %s", t->engine->name, refusal);
	return NS_OK;
}

static void conclude(struct training *t)
{
	struct ns_result *result = t->result;
	ns_recorder_finish(t->recorder, result);
	keep_weights(t, result);
	const struct ns_shape shape = ns_problem_shape(t->problem);
	snprintf(result->engine, sizeof result->engine, "%s", t->engine->name);
	ns_engine_count_cycles(&shape, result->engine_cycles);
	result->status = t->diverged ? NS_POINT_DIVERGED : NS_POINT_DONE;
	result->steps_done = t->step;
	result->wall_seconds = t->seconds_before + (ns_training_seconds() - t->started);
}

enum ns_status ns_train_point(struct ns_result *result, const struct ns_experiment *experiment, const struct ns_data *data,
	const struct ns_point *point, const struct ns_engine *engine, const struct ns_engine_options *options,
	struct ns_checkpoint *checkpoint, struct ns_tick tick, struct ns_error *error)
{
	struct ns_checkpoint none = {0};
	struct training t = {
		.experiment = experiment,
		.data = data,
		.point = point,
		.options = options,
		.tick = tick,
		.checkpoint = checkpoint != NULL ? checkpoint : &none,
		.started = ns_training_seconds(),
		.result = result,
	};
	enum ns_status status = prepare(&t, engine, error);
	if (status == NS_OK)
		status = ns_training_start(&t, error);
	if (status == NS_OK)
		status = ns_checkpoint_load(&t, error);
	if (status == NS_OK)
		status = train(&t, error);
	if (status == NS_OK)
		conclude(&t);
	forget_state(&t);
	ns_problem_destroy(t.problem);
	ns_free(t.f);
	return status;
}
