/* The spec reader, on any text. */
#include "input.h"
#include <nodescale/grid.h>
#include <nodescale/spec.h>
#include <string.h>

static const char path[] = "folder/spec.yaml", place[] = "folder/spec.yaml:";

/* What ns_point and its users rely on. */
static void expect_sound(const struct ns_spec *spec)
{
	ns_input_expect(spec->n_points > 0 && spec->n_points <= NS_POINTS_MOST, "there are points");
	for (size_t p = 0; p < spec->n_points; p++) {
		const struct ns_point *point = spec->points + p;
		ns_input_expect(point->gamma >= 0 && point->gamma <= 1, "gamma lies in [0, 1]");
		ns_input_expect(point->gamma == 1 || (point->alpha > 0 && point->alpha < 1), "alpha lies in (0, 1)");
		ns_input_expect(point->m >= 1 && point->m <= 1000000000, "m lies in [1, 1e9]");
	}
	const struct ns_experiment *experiment = &spec->experiment;
	ns_input_expect(
		memchr(experiment->name, 0, sizeof experiment->name) != NULL && *experiment->name != 0, "there is a name");
	ns_input_expect(experiment->steps >= 1 && experiment->record_every >= 1, "there are steps");
	ns_input_expect(ns_record_count(experiment) >= 2, "the first and the last step are recorded");
	ns_input_expect((experiment->data_kind == NS_DATA_CSV) == (*experiment->file != 0), "a csv sweep has a file");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ns_spec spec;
	struct ns_error error;
	const enum ns_status status = ns_spec_parse(&spec, path, (const char *)bytes, length, &error);
	ns_input_expect_told(status, &error);
	if (status == NS_OK) {
		expect_sound(&spec);
		ns_spec_finish(&spec);
	} else if (status == NS_BAD_INPUT) {
		ns_input_expect(strncmp(error.text, place, strlen(place)) == 0, "a mistake is told with its place");
	}
	return 0;
}
