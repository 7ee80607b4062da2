/* Figures of what the experiments after training yield: they are there where something was computed, and hold just that. */
#include "fake_reader.h"
#include "place.h"
#include "test.h"
#include <math.h>
#include <nodescale/aggregate.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SKIPPED = 77, POINTS = 6 };

/* Computed of the first four; point 3 has diverged. */
static struct ns_point points[POINTS] = {
	{1, NAN, 2000, 0}, {1, NAN, 2000, 1}, {0.5, 0.7, 2000, 0}, {0.5, 0.7, 2000, 1}, {0.5, 0.7, 2000, 2}, {0, 0.4, 2000, 0}};
static const uint8_t statuses[POINTS] = {1, 1, 1, NS_POINT_DIVERGED, 1, NS_POINT_MISSING};
static const uint64_t steps[] = {0, 1000};
static struct ns_reader reader = {POINTS, 2, points, statuses, steps, 1e-3, 4};

static const struct {
	const char *name;
	enum ns_followup followup;
	bool of_test;
} figures[] = {{"prune_train_risk", NS_PRUNE, false}, {"prune_test_risk", NS_PRUNE, true},
	{"transfer_train_risk", NS_TRANSFER, false}, {"transfer_test_risk", NS_TRANSFER, true}};
enum { FIGURES = sizeof figures / sizeof *figures };

static void draw(const char *folder, struct ns_drawn_figures *drawn)
{
	struct ns_error error;
	if (ns_figures_draw(&reader, folder, NS_FIGURE_SVG, NULL, drawn, &error) != NS_OK)
		fail_msg("%s", error.text);
}

/* Reads `x mean std n` rows and compares with mean and deviation of the points' values, taken plainly. Returns what follows. */
static const char *expect_block(const char *text, int figure, const size_t *of, size_t n_of, double x_step)
{
	const size_t length = ns_followups[figures[figure].followup].length;
	for (size_t k = 0; k < length; k++) {
		double x, mean, std, expected = 0, square = 0;
		size_t n;
		int read;
		assert_int_equal(sscanf(text, "%lf %lf %lf %zu\n%n", &x, &mean, &std, &n, &read), 4);
		for (size_t p = 0; p < n_of; p++)
			expected += ns_fake_value(&reader, figures[figure].of_test ? NS_TEST_RISK : NS_TRAIN_RISK, of[p], k,
					    figures[figure].followup) /
				    (double)n_of;
		for (size_t p = 0; p < n_of; p++)
			square += pow(ns_fake_value(&reader, figures[figure].of_test ? NS_TEST_RISK : NS_TRAIN_RISK, of[p], k,
					      figures[figure].followup) -
						  expected,
					  2) /
				  (double)n_of;
		assert_true(fabs(x - x_step * (double)(figures[figure].followup == NS_PRUNE ? k : k + 1)) < 1e-9);
		assert_int_equal(n, n_of);
		if (n_of > 0)
			assert_true(fabs(mean - expected) < 1e-14 && fabs(std - sqrt(square)) < 1e-14);
		text += read;
	}
	return text;
}

static void tables_hold_what_was_computed(void **state)
{
	const struct place *place = *state;
	const char *const legends[] = {
		"\"γ = 1\"\n", "\"γ = 0.5, α = 0.7 (1 of 3 runs)\"\n", "\"γ = 0, α = 0.4 (0 of 1 runs)\"\n"};
	static const size_t of[3][2] = {{0, 1}, {2}, {0}}, n_of[3] = {2, 1, 0};
	draw(place->folder, NULL);
	for (int f = 0; f < FIGURES; f++) {
		size_t size;
		char *text = contents(place->folder, figures[f].name, "txt", &size);
		const char *position = text;
		for (size_t c = 0; c < 3; c++) {
			position = strstr(position, legends[c]);
			assert_non_null(position);
			position = expect_block(
				position + strlen(legends[c]), f, of[c], n_of[c], figures[f].followup == NS_PRUNE ? 100 : 10);
		}
		assert_string_equal(position, "");
		ns_free(text);
		char *svg = contents(place->folder, figures[f].name, "svg", &size);
		assert_non_null(strstr(svg, figures[f].followup == NS_PRUNE ? "nodes pruned" : "features transferred"));
		ns_free(svg);
	}
}

static void networks_of_several_widths_are_pruned_by_shares(void **state)
{
	const struct place *place = *state;
	static const size_t narrow[] = {0}, wide[] = {1};
	size_t size;
	points[1].m = 500;
	draw(place->folder, NULL);
	points[1].m = 2000;
	char *text = contents(place->folder, "prune_test_risk", "txt", &size);
	const char *legend = "\"γ = 1, m = 500\"\n", *position = strstr(text, legend);
	assert_non_null(position);
	position = expect_block(position + strlen(legend), 1, wide, 1, 5);
	legend = "\"γ = 1, m = 2\u2009000\"\n";
	position = strstr(position, legend);
	assert_non_null(position);
	expect_block(position + strlen(legend), 1, narrow, 1, 5);
	char *svg = contents(place->folder, "prune_test_risk", "svg", &size);
	assert_non_null(strstr(svg, "nodes pruned (%)"));
	ns_free(svg);
	ns_free(text);
}

static void there_are_none_where_nothing_was_computed(void **state)
{
	const struct place *place = *state;
	struct ns_drawn_figures drawn;
	size_t size, told = 0;
	draw(place->folder, &drawn);
	for (size_t d = 0; d < drawn.n; d++)
		for (int f = 0; f < FIGURES; f++)
			told += strcmp(drawn.figures[d].name, figures[f].name) == 0;
	assert_int_equal(told, FIGURES);
	ns_drawn_figures_finish(&drawn);
	char again[160];
	snprintf(again, sizeof again, "%s/again", place->root);
	reader.n_followed = 0;
	draw(again, NULL);
	reader.n_followed = 4;
	for (int f = 0; f < FIGURES; f++)
		assert_null(contents(again, figures[f].name, "svg", &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(tables_hold_what_was_computed),
		IN_PLACE(networks_of_several_widths_are_pruned_by_shares),
		IN_PLACE(there_are_none_where_nothing_was_computed),
	};
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
