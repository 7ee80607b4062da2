/* Checkpoints: a trajectory saved and resumed anywhere, with other threads and vector instructions, has the bits of one that was
 * left alone. Engines first, beside a twin that nobody disturbs; then whole points. */
#include "../../src/core/events/events.h"
#include "../../src/core/intervals/deferral.h"
#include "fixture.h"
#include "test.h"
#include <fcntl.h>
#include <math.h>
#include <nodescale/archive.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <nodescale/train.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static char folder[64], path[80];

/* In memory if possible: thousands of files are brought to disk here. */
static int make_folder(void **unused)
{
	snprintf(folder, sizeof folder, "%s/nodescale_checkpoint_XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/point", folder);
	return 0;
}

static int remove_folder(void **unused)
{
	ns_archive_remove(path);
	return rmdir(folder);
}

/* --- engines --- */

/* An engine, or one form or margin of it. */
struct subject {
	const char *name;
	const struct ns_engine *engine;
	const struct form *form;                /* of the interval engine */
	size_t most_pairs;                      /* of the event engine; 0: as usual */
	uint64_t (*insides)(const void *state); /* what else tells that nothing was forgotten; NULL: nothing */
};

static void digest(uint64_t *hash, const void *bytes, size_t count)
{
	*hash = XXH3_64bits_withSeed(bytes, count, *hash);
}

/* Looks tell whether certificates are the same; so do their keys, including those that would only cost time if they were not. */
static uint64_t insides_of_events(const void *state)
{
	const struct ns_events *e = state;
	uint64_t hash = e->n_looks;
	for (int level = 0; level < e->cold.nodes.levels; level++)
		digest(&hash, e->cold.nodes.key[level], e->cold.nodes.size[level] * sizeof(float));
	digest(&hash, e->warm.keys.key[0], e->warm.used * sizeof(float));
	digest(&hash, e->coupling.theta, ns_tile_at(e->stride, 0) * sizeof(double));
	return hash;
}

/* Radii and first guesses of them decide when nodes are scanned; outputs of deferred nodes, of which rounding may have left
 * something when none is deferred any more. */
static uint64_t insides_of_intervals(const void *opaque)
{
	const struct intervals *state = opaque;
	uint64_t hash = 0;
	digest(&hash, state->radii, state->m * sizeof *state->radii);
	digest(&hash, state->reach, state->m * sizeof *state->reach);
	digest(&hash, state->f_deferred, state->n * sizeof *state->f_deferred);
	return hash;
}

static const struct subject subjects[] = {
	{"reference", &ns_reference_engine, NULL, 0, NULL},
	{"dense", &ns_dense_engine, NULL, 0, NULL},
	{"events", &ns_event_engine, NULL, 0, insides_of_events},
	{"events with small tables", &ns_event_engine, NULL, 40, insides_of_events},
	{"runs", &ns_interval_engine, &ns_runs_form, 0, insides_of_intervals},
	{"tables", &ns_interval_engine, &ns_tables_form, 0, insides_of_intervals},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

struct twins {
	const struct subject *subject;
	const struct ns_problem *p;
	const struct ns_fixture *fixture;
	struct ns_stream stream;
	void *is, *expected; /* the one that is interrupted, the one that is not */
	double *f[2], *delta[2];
	uint8_t *pattern[2];
	uint64_t step;
	size_t most_deferred, most_hot, most_warm;
};

static void *create(const struct subject *subject, const struct ns_problem *p, const double *delta, int threads, enum ns_isa isa)
{
	const struct ns_engine_options options = {.threads = threads, .isa = isa};
	const struct ns_events_margins margins = {.stretch = 1, .most_pairs = subject->most_pairs};
	struct ns_error error;
	struct ns_events *events;
	void *state;
	enum ns_status status;
	if (subject->engine == &ns_event_engine) {
		status = ns_events_create(&events, p, delta, &options, margins, &error);
		state = events;
	} else if (subject->form != NULL)
		status = ns_intervals_create(&state, p, delta, &options, subject->form, &error);
	else
		status = subject->engine->create(&state, p, delta, &options, &error);
	if (status != NS_OK)
		fail_msg("%s", error.text);
	return state;
}

static void *create_with_any_options(struct twins *t, const double *delta)
{
	const int threads = 1 + (int)ns_stream_below(&t->stream, 3);
	const enum ns_isa isa = (enum ns_isa)ns_stream_below(&t->stream, (uint64_t)ns_isa_best() + 1);
	return create(t->subject, t->p, delta, threads, isa);
}

static void transfer(const struct twins *t, void *state, bool loading)
{
	struct ns_error error;
	struct ns_archive *archive;
	if ((loading ? ns_archive_open(&archive, path, 1, &error) : ns_archive_create(&archive, path, 1, &error)) != NS_OK)
		fail_msg("%s", error.text);
	if (t->subject->engine->transfer(state, archive, &error) != NS_OK || ns_archive_close(archive, &error) != NS_OK)
		fail_msg("%s: %s", t->subject->name, error.text);
}

static void assert_twins_agree(const struct twins *t, const char *when)
{
	const struct ns_problem *p = t->p;
	const struct ns_engine *engine = t->subject->engine;
	void *const states[2] = {t->is, t->expected};
	for (int side = 0; side < 2; side++) {
		engine->outputs(states[side], t->f[side]);
		engine->weight_change(states[side], 0, p->m, t->delta[side]);
		engine->pattern(states[side], 0, p->m, t->pattern[side]);
	}
	const char *wrong = memcmp(t->f[0], t->f[1], p->n * 8) != 0                                                 ? "outputs"
			    : memcmp(t->delta[0], t->delta[1], p->m * p->d * 8) != 0                                ? "weights"
			    : memcmp(t->pattern[0], t->pattern[1], p->m * p->n) != 0                                ? "patterns"
			    : engine->flips(t->is) != engine->flips(t->expected)                                    ? "flips"
			    : t->subject->insides && t->subject->insides(t->is) != t->subject->insides(t->expected) ? "insides"
														    : NULL;
	if (wrong != NULL) {
		ns_fixture_print(t->fixture);
		fail_msg("%s: %s differ at step %llu, %s", t->subject->name, wrong, (unsigned long long)t->step, when);
	}
}

/* How far the state has got into what only some problems bring about. */
static void note_state(struct twins *t)
{
	if (t->subject->engine == &ns_event_engine) {
		const struct ns_events *e = t->expected;
		t->most_hot = e->hot.count > t->most_hot ? e->hot.count : t->most_hot;
		t->most_warm = e->warm.count > t->most_warm ? e->warm.count : t->most_warm;
	} else if (t->subject->form == &ns_runs_form) {
		const struct runs *runs = ((const struct intervals *)t->expected)->held;
		const size_t count = runs->deferral != NULL ? runs->deferral->count : 0;
		t->most_deferred = count > t->most_deferred ? count : t->most_deferred;
	}
}

/* Saves one twin; either it goes on, or a new state takes its place. */
static void interrupt(struct twins *t)
{
	transfer(t, t->is, false);
	assert_twins_agree(t, "after saving");
	if (ns_stream_below(&t->stream, 4) == 0)
		return;
	t->subject->engine->destroy(t->is);
	t->is = create_with_any_options(t, NULL);
	transfer(t, t->is, true);
	assert_twins_agree(t, "after loading");
}

static uint64_t advance(const struct twins *t, void *state, uint64_t steps)
{
	struct ns_error error;
	uint64_t taken;
	if (t->subject->engine->advance(state, steps, &taken, &error) != NS_OK)
		fail_msg("%s: %s", t->subject->name, error.text);
	return taken;
}

/* Stretches of 0, 1 or about `stretch` steps between the interruptions. */
static void run_twins(struct twins *t, uint64_t steps, uint64_t stretch)
{
	for (bool diverged = false; t->step < steps && !diverged;) {
		interrupt(t);
		const uint64_t kind = ns_stream_below(&t->stream, 6);
		const uint64_t chunk = kind < 2 ? kind : 1 + ns_stream_below(&t->stream, 2 * stretch);
		const uint64_t taken = advance(t, t->is, chunk);
		assert_int_equal(advance(t, t->expected, chunk), taken);
		t->step += taken;
		diverged = taken < chunk;
		note_state(t);
		assert_twins_agree(t, "after stepping");
	}
	interrupt(t);
	assert_int_equal(advance(t, t->is, 1), advance(t, t->expected, 1)); /* none, if they diverged */
	assert_twins_agree(t, "at the end");
}

static void start_twins(struct twins *t, const struct subject *subject, const struct ns_problem *p,
	const struct ns_fixture *fixture, const double *delta)
{
	*t = (struct twins){.subject = subject, .p = p, .fixture = fixture};
	ns_stream_start(&t->stream, fixture->seed, NS_PURPOSE_TEST_SUITE, 7);
	t->is = create_with_any_options(t, delta);
	t->expected = create(subject, p, delta, 1, ns_isa_best());
	for (int side = 0; side < 2; side++) {
		t->f[side] = ns_alloc(p->n, 8);
		t->delta[side] = ns_alloc(p->m, 8 * p->d);
		t->pattern[side] = ns_alloc(p->m, p->n);
	}
}

static void end_twins(struct twins *t)
{
	t->subject->engine->destroy(t->is);
	t->subject->engine->destroy(t->expected);
	for (int side = 0; side < 2; side++) {
		ns_free(t->f[side]);
		ns_free(t->delta[side]);
		ns_free(t->pattern[side]);
	}
}

static const struct {
	double gamma, alpha;
} configurations[] = {{1, 0.5}, {0.5, 0.7}, {0.2, 0.5}, {0, 0.4}};

/* Every configuration, both activations, sphere and standardised data, duplicates, zero samples: early steps. */
static void engines_resume_early(void **unused)
{
	for (size_t s = 0; s < SUBJECTS; s++)
		for (size_t c = 0; c < 8; c++) {
			const struct ns_fixture fixture = {.n = 20 + 25 * (c % 4),
				.d = 1 + 2 * c,
				.m = 30 + 60 * (c % 3),
				.gamma = configurations[c % 4].gamma,
				.alpha = configurations[c % 4].alpha,
				.activation = c < 4 ? NS_RELU : NS_LEAKY_RELU,
				.leak = 0.1,
				.standardised = c % 2 == 0,
				.duplicates = c % 4 == 1,
				.zero_inputs = c % 4 >= 2,
				.antipodal = c % 4 == 2,
				.collinear = c % 4 == 3,
				.seed = 100 + c};
			struct ns_problem *p = ns_fixture_problem(&fixture);
			struct twins t;
			start_twins(&t, &subjects[s], p, &fixture, NULL);
			if (c % 4 == 0)
				p->step_size *= 1.8;
			run_twins(&t, 150, 5);
			end_twins(&t);
			ns_problem_destroy(p);
		}
}

struct late {
	uint64_t steps, stretch;
	size_t least_hot, least_warm, least_deferred; /* to be reached, where the subject knows such things */
	struct ns_fixture fixture;
};

/* Long runs: pairs that chatter, references that change, nodes that are deferred and come back. Engines that know none of these
 * take a tenth of the steps. */
static const struct late late[] = {
	{6000, 200, 20, 300, 0, {.n = 40, .d = 6, .m = 100, .gamma = 1, .seed = 201}},
	{6000, 200, 20, 200, 0, {.n = 40, .d = 6, .m = 100, .gamma = 0.5, .alpha = 0.7, .standardised = true, .seed = 202}},
	{2000, 70, 20, 300, 0,
		{.n = 70,
			.d = 5,
			.m = 80,
			.gamma = 1,
			.duplicates = true,
			.activation = NS_LEAKY_RELU,
			.leak = 0.2,
			.seed = 203}},
	{3000, 100, 5, 100, 20, {.n = 60, .d = 3, .m = 600, .gamma = 0, .alpha = 0.4, .standardised = true, .seed = 28}},
	{3000, 100, 5, 100, 20, {.n = 50, .d = 2, .m = 700, .gamma = 0.2, .alpha = 0.5, .zero_inputs = true, .seed = 205}},
};

static void engines_resume_late(void **unused)
{
	for (size_t l = 0; l < sizeof late / sizeof *late; l++) {
		struct ns_problem *p = ns_fixture_problem(&late[l].fixture);
		for (size_t s = 1; s < SUBJECTS; s++) {
			struct twins t;
			if (l > 0 && subjects[s].most_pairs > 0)
				continue;
			start_twins(&t, &subjects[s], p, &late[l].fixture, NULL);
			const uint64_t part =
				subjects[s].engine == &ns_dense_engine || subjects[s].form == &ns_tables_form ? 10 : 1;
			run_twins(&t, late[l].steps / part, late[l].stretch / part);
			if (subjects[s].engine == &ns_event_engine && subjects[s].most_pairs == 0)
				assert_true(t.most_hot >= late[l].least_hot && t.most_warm >= late[l].least_warm);
			if (subjects[s].form == &ns_runs_form)
				assert_true(t.most_deferred >= late[l].least_deferred);
			end_twins(&t);
		}
		ns_problem_destroy(p);
	}
}

static void dense_and_reference_resume_with_every_activation(void **unused)
{
	for (int a = 0; a < NS_ACTIVATION_COUNT; a++)
		for (size_t s = 0; s < 2; s++) {
			const struct ns_fixture fixture = {.n = 23,
				.d = 4,
				.m = 70,
				.gamma = 0.5,
				.alpha = 0.6,
				.activation = (enum ns_activation)a,
				.leak = 0.2,
				.step_size = 0.3,
				.seed = 300};
			struct ns_problem *p = ns_fixture_problem(&fixture);
			struct twins t;
			start_twins(&t, &subjects[s], p, &fixture, NULL);
			run_twins(&t, 60, 5);
			end_twins(&t);
			ns_problem_destroy(p);
		}
}

static void engines_resume_on_the_way_to_divergence(void **unused)
{
	static const double factors[] = {30, 1e3, 1e5};
	for (size_t s = 0; s < SUBJECTS; s++)
		for (size_t f = 0; f < 3; f++) {
			const struct ns_fixture fixture = {.n = 20, .d = 4, .m = 60, .gamma = 0.5, .alpha = 0.7, .seed = 400 + f};
			struct ns_problem *p = ns_fixture_problem(&fixture);
			p->step_size *= factors[f];
			struct twins t;
			start_twins(&t, &subjects[s], p, &fixture, NULL);
			run_twins(&t, 2000, 20);
			assert_true(t.step < 2000);
			end_twins(&t);
			ns_problem_destroy(p);
		}
}

static void run_from_elsewhere(const struct ns_fixture *fixture)
{
	const struct ns_engine_options options = {.threads = 1, .isa = ns_isa_best()};
	struct ns_problem *p = ns_fixture_problem(fixture);
	struct ns_error error;
	uint64_t taken;
	void *dense;
	double *delta = ns_alloc(p->m * p->d, 8);
	assert_int_equal(ns_dense_engine.create(&dense, p, NULL, &options, &error), NS_OK);
	assert_int_equal(ns_dense_engine.advance(dense, 200, &taken, &error), NS_OK);
	ns_dense_engine.weight_change(dense, 0, p->m, delta);
	ns_dense_engine.destroy(dense);
	for (size_t s = 0; s < SUBJECTS; s++) {
		struct twins t;
		start_twins(&t, &subjects[s], p, fixture, delta);
		run_twins(&t, 150, 10);
		end_twins(&t);
	}
	ns_free(delta);
	ns_problem_destroy(p);
}

/* States that began elsewhere than at W0, loaded into ones that did not. */
static void states_that_took_over_from_another_engine_resume(void **unused)
{
	struct ns_fixture fixture = {.n = 50, .d = 6, .m = 90, .gamma = 1, .duplicates = true, .leak = 0.1, .seed = 500};
	run_from_elsewhere(&fixture);
	fixture.activation = NS_LEAKY_RELU;
	run_from_elsewhere(&fixture);
}

/* What a state saved may be cut or altered so that the archive is right but the state is not: refused, whatever it is. */
static void states_that_cannot_be_are_refused(void **unused)
{
	const struct ns_fixture fixture = {.n = 40, .d = 5, .m = 60, .gamma = 1, .seed = 600},
				other = {.n = 41, .d = 5, .m = 59, .gamma = 1, .seed = 600};
	struct ns_problem *p = ns_fixture_problem(&fixture), *q = ns_fixture_problem(&other);
	for (size_t s = 0; s < SUBJECTS; s++) {
		struct ns_error error;
		struct ns_archive *archive;
		struct twins t;
		start_twins(&t, &subjects[s], p, &fixture, NULL);
		advance(&t, t.is, 300);
		transfer(&t, t.is, false);
		void *state = create(&subjects[s], q, NULL, 1, ns_isa_best());
		assert_int_equal(ns_archive_open(&archive, path, 1, &error), NS_OK);
		subjects[s].engine->transfer(state, archive, &error);
		assert_int_equal(ns_archive_close(archive, &error), NS_BAD_INPUT);
		assert_non_null(strstr(error.text, "does not fit"));
		subjects[s].engine->destroy(state);
		end_twins(&t);
	}
	ns_problem_destroy(p);
	ns_problem_destroy(q);
}

/* --- points --- */

enum { M = 120, D = 4 };

static const struct ns_point point = {0.4, 0.6, M, 5};

static struct ns_experiment experiment(enum ns_activation activation)
{
	return (struct ns_experiment){.data_kind = NS_DATA_GAUSSIAN_SINE,
		.n_train = 60,
		.n_test = 7,
		.d = D,
		.noise = 0.1,
		.data_seed = 3,
		.activation = activation,
		.leak = activation == NS_LEAKY_RELU ? 0.1 : 0,
		.init_std = M_SQRT2,
		.step_size = 2,
		.steps = 400,
		.record_every = 37,
		.probes = 50,
		.weights = NS_WEIGHTS_ENDS};
}

/* Answers of a tick: drawn, but the first of all and the first at the last step stop. */
struct whim {
	struct ns_stream stream;
	uint64_t stops_of_16; /* of 16 ticks, as many stop; twice as many save */
	unsigned ticks, stops, saves;
	bool seen_end, always_stop;
};

static enum ns_tick_answer answer(void *context, double fraction)
{
	struct whim *whim = context;
	const uint64_t draw = ns_stream_below(&whim->stream, 16);
	const bool at_end = fraction == 1 && !whim->seen_end;
	whim->seen_end |= at_end;
	if (whim->always_stop || whim->ticks++ == 0 || at_end || draw < whim->stops_of_16) {
		whim->stops++;
		return NS_TICK_STOP;
	}
	whim->saves += draw < 3 * whim->stops_of_16;
	return draw < 3 * whim->stops_of_16 ? NS_TICK_SAVE : NS_TICK_GO_ON;
}

struct run {
	struct ns_experiment e;
	const struct ns_point *point;
	const struct ns_engine *engine;
	struct ns_data data;
	struct ns_result result;
};

static void run_init(struct run *run, const struct ns_experiment *e, const struct ns_engine *engine)
{
	struct ns_error error;
	*run = (struct run){.e = *e, .engine = engine, .point = &point};
	assert_int_equal(ns_data_synthesise(&run->data, e, &error), NS_OK);
	assert_int_equal(ns_result_init(&run->result, ns_record_count(e), M, D, true, true, &error), NS_OK);
}

static void run_finish(struct run *run)
{
	ns_result_finish(&run->result);
	ns_data_finish(&run->data);
}

static enum ns_status train(struct run *run, struct ns_checkpoint *checkpoint, struct whim *whim)
{
	struct ns_error error;
	const struct ns_engine_options options = {.threads = whim != NULL ? 1 + (int)ns_stream_below(&whim->stream, 3) : 1,
		.isa = whim != NULL ? (enum ns_isa)ns_stream_below(&whim->stream, (uint64_t)ns_isa_best() + 1) : ns_isa_best()};
	const struct ns_tick tick = {whim != NULL ? answer : NULL, whim};
	const enum ns_status status =
		ns_train_point(&run->result, &run->e, &run->data, run->point, run->engine, &options, checkpoint, tick, &error);
	if (status != NS_OK && status != NS_STOPPED)
		fail_msg("%s", error.text);
	return status;
}

static void assert_same_result(const struct ns_result *a, const struct ns_result *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->steps_done, b->steps_done);
	assert_string_equal(a->engine, b->engine);
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		if (memcmp(a->values[q], b->values[q], a->n_records * ns_quantities[q].width * 8) != 0)
			fail_msg("engine %s: %s differs", a->engine, ns_quantities[q].name);
	assert_memory_equal(a->initial_weights, b->initial_weights, M * D * 8);
	assert_memory_equal(a->final_weights, b->final_weights, M * D * 8);
	assert_memory_equal(a->output_sign, b->output_sign, M * 8);
}

/* Trains over and over until the point is done, each time into a new result. Returns the times it stopped. */
static unsigned train_in_parts(struct run *run, struct whim *whim)
{
	struct ns_error error;
	for (uint64_t last_saved = 0;;) {
		struct ns_checkpoint checkpoint = {.path = path};
		ns_result_finish(&run->result);
		assert_int_equal(ns_result_init(&run->result, ns_record_count(&run->e), M, D, true, true, &error), NS_OK);
		const bool existed = ns_archive_exists(path);
		const enum ns_status status = train(run, &checkpoint, whim);
		assert_int_equal(checkpoint.warning, NS_OK);
		assert_int_equal(checkpoint.resumed, existed);
		assert_int_equal(checkpoint.resumed_step, last_saved);
		last_saved = checkpoint.saved_step > last_saved ? checkpoint.saved_step : last_saved;
		if (status == NS_OK)
			return whim->stops;
		assert_int_equal(run->result.status, NS_POINT_MISSING);
	}
}

static void check_point(const struct ns_experiment *e, const struct ns_engine *engine, uint64_t seed)
{
	struct run whole, parts;
	struct whim whim = {.stops_of_16 = 3};
	ns_archive_remove(path);
	ns_stream_start(&whim.stream, seed, NS_PURPOSE_TEST_SUITE, 8);
	run_init(&whole, e, engine);
	run_init(&parts, e, engine);
	assert_int_equal(train(&whole, NULL, NULL), NS_OK);
	const unsigned stops = train_in_parts(&parts, &whim);
	assert_true(stops > 0);
	assert_same_result(&whole.result, &parts.result);
	const struct ns_checkpoint checkpoint = {.path = path};
	ns_checkpoint_remove(&checkpoint);
	assert_false(ns_archive_exists(path));
	run_finish(&whole);
	run_finish(&parts);
}

static void points_in_parts_have_the_same_bits(void **unused)
{
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++)
		for (uint64_t seed = 0; seed < 4; seed++) {
			struct ns_experiment e = experiment(seed % 2 == 0 ? NS_RELU : NS_LEAKY_RELU);
			e.steps = seed < 2 ? 400 : 370; /* the last recorded step is, or is not, a multiple */
			check_point(&e, *engine, seed);
		}
	const struct ns_experiment smooth = experiment(NS_TANH);
	check_point(&smooth, &ns_dense_engine, 9);
}

static void diverging_points_in_parts_have_the_same_bits(void **unused)
{
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++)
		for (uint64_t seed = 0; seed < 3; seed++) {
			struct ns_experiment e = experiment(NS_RELU);
			e.step_size = seed < 2 ? 1e3 : 1e200;
			e.steps = 5000;
			check_point(&e, *engine, seed);
		}
}

/* Stops a training at its first tick and leaves the checkpoint. */
static void leave_checkpoint(struct run *run)
{
	struct whim whim = {.always_stop = true};
	struct ns_checkpoint checkpoint = {.path = path};
	ns_checkpoint_remove(&checkpoint);
	assert_int_equal(train(run, &checkpoint, &whim), NS_STOPPED);
	assert_true(checkpoint.saved_step > 0);
}

/* Trains to the end with the file as it is: from step 0, saying why, and with the right result. */
static void assert_of_no_use(struct run *run, const char *why)
{
	struct ns_checkpoint checkpoint = {.path = path};
	struct run whole;
	run_init(&whole, &run->e, run->engine);
	whole.point = run->point;
	assert_int_equal(train(&whole, NULL, NULL), NS_OK);
	assert_int_equal(train(run, &checkpoint, NULL), NS_OK);
	assert_false(checkpoint.resumed);
	assert_int_equal(checkpoint.warning, NS_BAD_INPUT);
	if (strstr(checkpoint.warning_text.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", checkpoint.warning_text.text, why);
	assert_same_result(&whole.result, &run->result);
	run_finish(&whole);
}

static void damaged_checkpoints_are_of_no_use(void **unused)
{
	const struct ns_experiment e = experiment(NS_RELU);
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		struct run run;
		run_init(&run, &e, *engine);
		leave_checkpoint(&run);
		const int file = open(path, O_RDWR | O_CLOEXEC);
		unsigned char byte;
		assert_int_equal(pread(file, &byte, 1, 1000), 1);
		byte ^= 16;
		assert_int_equal(pwrite(file, &byte, 1, 1000), 1);
		assert_of_no_use(&run, "is damaged");
		assert_int_equal(ftruncate(file, 500), 0);
		assert_of_no_use(&run, "is damaged");
		close(file);
		run_finish(&run);
	}
}

/* One that was whole when it was written, but by a program that wrote something else: noticed half way, and started anew. */
static void unfit_checkpoints_are_of_no_use(void **unused)
{
	const struct ns_experiment e = experiment(NS_RELU);
	for (const struct ns_engine *const *engine = ns_engines; *engine != NULL; engine++) {
		struct ns_error error;
		struct ns_archive *archive;
		struct run run;
		char header[24], payload[30000];
		uint64_t key;
		run_init(&run, &e, *engine);
		leave_checkpoint(&run);
		const int file = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(read(file, header, sizeof header), sizeof header);
		const ssize_t got = read(file, payload, sizeof payload);
		close(file);
		memcpy(&key, header + 16, sizeof key);
		for (ssize_t length = 0; length < got - 16; length = 3 * length + 1) {
			assert_int_equal(ns_archive_create(&archive, path, key, &error), NS_OK);
			ns_archive_transfer(archive, payload, (size_t)length);
			assert_int_equal(ns_archive_close(archive, &error), NS_OK);
			assert_of_no_use(&run, "does not fit");
		}
		run_finish(&run);
	}
}

static void foreign_checkpoints_are_of_no_use(void **unused)
{
	const struct ns_experiment e = experiment(NS_RELU);
	const struct ns_point others[] = {{0.4, 0.6, M, 6}, {0.4, 0.61, M, 5}, {0.39, 0.6, M, 5}};
	struct run run, other;
	run_init(&run, &e, &ns_event_engine);
	leave_checkpoint(&run);
	for (size_t o = 0; o < 3; o++) {
		run.point = &others[o];
		assert_of_no_use(&run, "belongs to something else");
	}
	run.point = &point;
	for (int change = 0; change < 6; change++) {
		struct ns_experiment changed = e;
		changed.step_size = change == 0 ? 1.9 : changed.step_size;
		changed.init_std = change == 1 ? 1 : changed.init_std;
		changed.record_every = change == 2 ? 38 : changed.record_every;
		changed.probes = change == 3 ? 49 : changed.probes;
		changed.init = change == 4 ? NS_INIT_UNIFORM : changed.init;
		changed.steps = change == 5 ? 401 : changed.steps;
		run_init(&other, &changed, &ns_event_engine);
		assert_of_no_use(&other, "belongs to something else");
		run_finish(&other);
	}
	run.data.test.y[2] += 1e-9;
	other = run;
	struct ns_checkpoint checkpoint = {.path = path};
	assert_int_equal(train(&other, &checkpoint, NULL), NS_OK);
	assert_int_equal(checkpoint.warning, NS_BAD_INPUT);
	run.data.test.y[2] -= 1e-9;
	run.engine = &ns_dense_engine;
	assert_of_no_use(&run, "belongs to something else");
	run_finish(&run);
}

static void a_save_that_fails_does_no_harm(void **unused)
{
	const struct ns_experiment e = experiment(NS_RELU);
	struct run whole, run;
	struct whim whim = {.stops_of_16 = 0};
	struct ns_checkpoint checkpoint = {.path = "/nonexistent/point"};
	run_init(&whole, &e, &ns_event_engine);
	run_init(&run, &e, &ns_event_engine);
	assert_int_equal(train(&whole, NULL, NULL), NS_OK);
	whim.always_stop = true;
	assert_int_equal(train(&run, &checkpoint, &whim), NS_STOPPED);
	assert_int_equal(checkpoint.warning, NS_FAILED);
	assert_non_null(strstr(checkpoint.warning_text.text, "/nonexistent/point cannot be created"));
	whim = (struct whim){.stops_of_16 = 5, .seen_end = true, .ticks = 1};
	ns_stream_start(&whim.stream, 1, NS_PURPOSE_TEST_SUITE, 9);
	while (train(&run, &checkpoint, &whim) == NS_STOPPED)
		whim.stops_of_16--;
	assert_true(whim.saves > 0);
	assert_int_equal(checkpoint.saved_step, 0);
	assert_same_result(&whole.result, &run.result);
	run_finish(&whole);
	run_finish(&run);
}

static enum ns_tick_answer rest_once(void *context, double fraction)
{
	bool *rested = context;
	if (*rested)
		return NS_TICK_GO_ON;
	*rested = true;
	usleep(50000);
	return NS_TICK_STOP;
}

static void seconds_add_up(void **unused)
{
	const struct ns_experiment e = experiment(NS_RELU);
	const struct ns_engine_options options = {.threads = 1};
	struct ns_error error;
	struct run run;
	bool rested = false;
	const struct ns_tick tick = {rest_once, &rested};
	struct ns_checkpoint checkpoint = {.path = path};
	ns_checkpoint_remove(&checkpoint);
	run_init(&run, &e, NULL);
	for (enum ns_status expected = NS_STOPPED;; expected = NS_OK) {
		assert_int_equal(
			ns_train_point(&run.result, &e, &run.data, &point, NULL, &options, &checkpoint, tick, &error), expected);
		if (expected == NS_OK)
			break;
		assert_true(checkpoint.save_seconds > 0 && checkpoint.save_seconds < 10);
	}
	assert_true(checkpoint.resumed);
	assert_true(run.result.wall_seconds >= 0.05);
	run_finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines_resume_early),
		cmocka_unit_test(engines_resume_late),
		cmocka_unit_test(dense_and_reference_resume_with_every_activation),
		cmocka_unit_test(engines_resume_on_the_way_to_divergence),
		cmocka_unit_test(states_that_took_over_from_another_engine_resume),
		cmocka_unit_test(states_that_cannot_be_are_refused),
		cmocka_unit_test(points_in_parts_have_the_same_bits),
		cmocka_unit_test(diverging_points_in_parts_have_the_same_bits),
		cmocka_unit_test(damaged_checkpoints_are_of_no_use),
		cmocka_unit_test(unfit_checkpoints_are_of_no_use),
		cmocka_unit_test(foreign_checkpoints_are_of_no_use),
		cmocka_unit_test(a_save_that_fails_does_no_harm),
		cmocka_unit_test(seconds_add_up),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
