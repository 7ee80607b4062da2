#include "store_fixture.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <stdio.h>
#include <stdlib.h>

static void fill(double *values, size_t count, uint64_t seed, uint64_t index)
{
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_TEST_SUITE, index);
	for (size_t e = 0; e < count; e++)
		values[e] = ns_stream_gaussian(&stream);
}

void ns_store_fixture_init(struct ns_store_fixture *fixture, size_t n_points, enum ns_weights_kept weights)
{
	struct ns_error error;
	*fixture = (struct ns_store_fixture){.experiment = {.name = "a small sweep",
						     .data_kind = NS_DATA_SPHERE_SINE,
						     .n_train = 6,
						     .n_test = 3,
						     .d = 3,
						     .noise = 0.1,
						     .data_seed = 7,
						     .init_std = M_SQRT2,
						     .step_size = 0.5,
						     .steps = 95,
						     .record_every = 10,
						     .probes = 4,
						     .weights = weights}};
	fixture->points = ns_alloc(n_points, sizeof *fixture->points);
	if (fixture->points == NULL || ns_data_init(&fixture->data, 3, 6, 2, 3, &error) != NS_OK)
		abort();
	for (size_t p = 0; p < n_points; p++)
		fixture->points[p] = (struct ns_point){p % 3 == 0 ? 1 : 0.5, p % 3 == 0 ? NAN : 0.7, 1 + p % 4, p};
	fill(fixture->data.train.x, 18, 1, 0);
	fill(fixture->data.train.y, 6, 1, 1);
	fill(fixture->data.validation.x, 6, 1, 2);
	fill(fixture->data.validation.y, 2, 1, 3);
	fill(fixture->data.test.x, 9, 1, 4);
	fill(fixture->data.test.y, 3, 1, 5);
	fixture->sweep = (struct ns_sweep_description){.experiment = &fixture->experiment,
		.data = &fixture->data,
		.points = fixture->points,
		.n_points = n_points,
		.spec_text = "name: a small sweep\n",
		.command_line = "nodescale run small.yaml"};
}

void ns_store_fixture_finish(struct ns_store_fixture *fixture)
{
	ns_data_finish(&fixture->data);
	ns_free(fixture->points);
}

void ns_store_fixture_result(const struct ns_store_fixture *fixture, size_t point, struct ns_result *result)
{
	struct ns_error error;
	const size_t m = fixture->points[point].m, n_records = ns_record_count(&fixture->experiment);
	const enum ns_weights_kept weights = fixture->experiment.weights;
	if (ns_result_init(result, n_records, m, 3, weights == NS_WEIGHTS_ENDS, weights != NS_WEIGHTS_NONE, &error) != NS_OK)
		abort();
	const bool diverged = point % 5 == 4;
	const size_t recorded = diverged ? n_records / 2 : n_records;
	for (uint64_t q = 0; q < NS_QUANTITY_COUNT; q++)
		fill(result->values[q], recorded * ns_quantities[q].width, 100 + point, q);
	if (result->output_sign != NULL)
		fill(result->output_sign, m, 100 + point, 1000);
	if (result->final_weights != NULL)
		fill(result->final_weights, m * 3, 100 + point, 1001);
	if (result->initial_weights != NULL)
		fill(result->initial_weights, m * 3, 100 + point, 1002);
	result->status = diverged ? NS_POINT_DIVERGED : NS_POINT_DONE;
	result->steps_done = diverged ? 40 : 95;
	result->wall_seconds = 0.25 * (double)point;
	snprintf(result->engine, sizeof result->engine, "%s", diverged ? "dense" : "events");
}

void ns_store_fixture_followup(size_t point, enum ns_followup followup, struct ns_followup_result *result)
{
	const size_t length = ns_followups[followup].length;
	ns_followup_clear(result);
	fill(result->train_risk, length - 1, 100 + point, 2000 + 2 * followup);
	fill(result->test_risk, length - 1, 100 + point, 2001 + 2 * followup);
}
