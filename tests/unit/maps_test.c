/* Phase diagrams and the generalisation map: what their tables hold, against the definition. */
#include "fake_reader.h"
#include "place.h"
#include "test.h"
#include <math.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77, NX = 4, NY = 3, SEEDS = 2, POINTS = ((NX - 1) * NY + 1) * SEEDS, RECORDS = 3 };

static const double gammas[NX] = {0, 0.1, 0.5, 1}, alphas[NY] = {0.2, 0.4, 0.8};
static struct ns_point points[2 * POINTS];
static uint8_t statuses[2 * POINTS];
static const uint64_t steps[RECORDS] = {0, 50, 100};
static struct ns_reader reader = {POINTS, RECORDS, points, statuses, steps, 1e-3, 0};

/* Not in order: seeds outermost, gamma falling. The second half is the same at another m. */
static int make_grid(void **unused)
{
	size_t n = 0;
	for (uint64_t m = 100; m <= 200; m += 100)
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			for (size_t i = NX; i-- > 0;)
				for (size_t j = 0; j < (gammas[i] == 1 ? 1 : NY); j++) {
					statuses[n] = NS_POINT_DONE;
					points[n++] = (struct ns_point){gammas[i], gammas[i] == 1 ? NAN : alphas[j], m, seed};
				}
	return n == 2 * POINTS ? 0 : -1;
}

static void set_status(double gamma, double alpha, uint64_t seed, enum ns_point_status status)
{
	for (size_t p = 0; p < POINTS; p++)
		if (points[p].gamma == gamma && points[p].alpha == alpha && points[p].seed == seed)
			statuses[p] = (uint8_t)status;
}

/* A missing cell, a diverged one, one of which a run is missing. */
static int make_holes(void **state)
{
	make_grid(state);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		set_status(0, 0.4, seed, NS_POINT_MISSING);
		set_status(0.1, 0.8, seed, seed == 0 ? NS_POINT_DIVERGED : NS_POINT_MISSING);
	}
	set_status(0.5, 0.2, 1, NS_POINT_CRASHED);
	return enter_place(state);
}

struct cell {
	double x, y, bounds[4], values[4];
	char state[16];
	size_t n, runs;
};

/* Reads the cells of a table with so many values each; returns how many there are. */
static size_t read_table(const struct place *place, const char *name, int n_values, struct cell *cells, size_t most)
{
	size_t size, n = 0;
	char *text = contents(place->folder, name, "txt", &size), *rest = text;
	if (text == NULL)
		fail_msg("there is no %s", name);
	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		struct cell *c = &cells[n];
		int length;
		if (*line == 0 || *line == '#')
			continue;
		assert_true(n < most);
		assert_int_equal(sscanf(line, "%lf %lf %lf %lf %lf %lf %15s %zu %zu%n", &c->x, &c->y, &c->bounds[0],
					 &c->bounds[1], &c->bounds[2], &c->bounds[3], c->state, &c->n, &c->runs, &length),
			9);
		for (int v = 0; v < n_values; v++) {
			char *end;
			c->values[v] = strtod(line + length, &end);
			assert_true(end > line + length);
			length = (int)(end - line);
		}
		assert_int_equal(line[length], 0);
		n++;
	}
	ns_free(text);
	return n;
}

static void draw(const struct place *place, const struct ns_figure_options *options, struct ns_drawn_figures *drawn)
{
	struct ns_error error;
	if (ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, options, drawn, &error) != NS_OK)
		fail_msg("%s", error.text);
}

/* Mean and standard deviation over the done runs of a cell, at a record (or at each run's best). */
static size_t expected(double gamma, double alpha, enum ns_quantity quantity, int record, double *mean, double *std)
{
	double values[SEEDS];
	size_t n = 0;
	for (size_t p = 0; p < POINTS; p++) {
		int r = record;
		if (points[p].gamma != gamma || (gamma < 1 && points[p].alpha != alpha) || statuses[p] != NS_POINT_DONE)
			continue;
		for (int k = 0; record < 0 && k < RECORDS; k++)
			if (r < 0 || ns_fake_value(&reader, NS_TEST_RISK, p, (size_t)k, 0) <
					     ns_fake_value(&reader, NS_TEST_RISK, p, (size_t)r, 0))
				r = k;
		values[n++] = ns_fake_value(&reader, quantity, p, (size_t)r, 0);
	}
	*mean = n == 2 ? (values[0] + values[1]) / 2 : n == 1 ? values[0] : NAN;
	*std = n == 2 ? fabs(values[0] - values[1]) / 2 : NAN; /* of one there is none */
	return n;
}

static void assert_near(double value, double expected_value)
{
	if (isnan(expected_value) ? !isnan(value) : fabs(value - expected_value) > 1e-9 * fabs(expected_value)) /* 10 digits */
		fail_msg("%.12g, expected %.12g", value, expected_value);
}

static void cells_hold_means_and_spread_within_true_bounds(void **state)
{
	static const double x_edges[NX + 1] = {-0.05, 0.05, 0.3, 0.75, 1.25}, y_edges[NY + 1] = {0.1, 0.3, 0.6, 1};
	static const struct {
		const char *name;
		enum ns_quantity quantity;
	} maps[] = {{"phase_test_risk", NS_TEST_RISK}, {"phase_train_risk", NS_TRAIN_RISK},
		{"phase_ntk_drift_relative", NS_NTK_DRIFT_RELATIVE}, {"phase_weight_delta_max", NS_WEIGHT_DELTA_MAX}};
	const struct place *place = *state;
	struct cell cells[NX * NY];
	draw(place, NULL, NULL);
	for (size_t k = 0; k < sizeof maps / sizeof *maps; k++) {
		assert_int_equal(read_table(place, maps[k].name, 2, cells, NX * NY), NX * NY);
		for (size_t c = 0; c < NX * NY; c++) {
			const size_t i = c % NX, j = c / NX;
			double mean, std;
			const size_t n = expected(gammas[i], alphas[j], maps[k].quantity, RECORDS - 1, &mean, &std);
			assert_true(cells[c].x == gammas[i] && cells[c].y == alphas[j]);
			assert_near(cells[c].bounds[0], x_edges[i]);
			assert_near(cells[c].bounds[1], x_edges[i + 1]);
			assert_near(cells[c].bounds[2], y_edges[j]);
			assert_near(cells[c].bounds[3], y_edges[j + 1]);
			assert_int_equal(cells[c].n, n);
			assert_int_equal(cells[c].runs, SEEDS);
			assert_near(cells[c].values[0], mean);
			assert_near(cells[c].values[1], std);
			assert_string_equal(cells[c].state, i == 0 && j == 1   ? "missing"
							    : i == 1 && j == 2 ? "diverged"
							    : i == 2 && j == 0 ? "partial"
									       : "done");
		}
	}
}

static void logarithmic_cells_are_bounded_in_the_logarithm(void **state)
{
	struct ns_figure_options options = {.one_quantity = true,
		.quantity = NS_NTK_MIN_EIG,
		.x = NS_AXIS_ALPHA,
		.y = NS_AXIS_GAMMA,
		.logarithms_given = true,
		.logarithmic_x = true,
		.logarithmic_y = true};
	const struct place *place = *state;
	struct ns_error error;
	struct cell cells[NX * NY];
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, NULL, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "--log y: gamma has the value 0"));
	assert_int_equal(ns_filter_parse(&options.where, "gamma>0", "--where", &error), NS_OK);
	draw(place, &options, NULL);
	assert_int_equal(read_table(place, "ntk_min_eig_by_alpha_gamma", 2, cells, NX * NY), (NX - 1) * NY);
	assert_true(cells[1].x == 0.4 && cells[1].y == 0.1);
	assert_near(cells[1].bounds[0], sqrt(0.08));
	assert_near(cells[1].bounds[1], sqrt(0.32));
	assert_near(cells[1].bounds[2], 0.01 / sqrt(0.05)); /* as far out as in */
	assert_near(cells[1].bounds[3], sqrt(0.05));
	for (size_t i = 0; i < NY; i++) /* gamma = 1 fills its row */
		assert_true(cells[2 * NY + i].y == 1 && cells[2 * NY + i].runs == SEEDS);
}

static void best_is_where_each_run_is_best(void **state)
{
	const struct ns_figure_options options = {.at = NS_AT_BEST};
	const struct place *place = *state;
	struct cell cells[NX * NY];
	draw(place, &options, NULL);
	assert_int_equal(read_table(place, "phase_train_risk_best", 2, cells, NX * NY), NX * NY);
	for (size_t c = 0; c < NX * NY; c++) {
		double mean, std;
		expected(cells[c].x, cells[c].y, NS_TRAIN_RISK, -1, &mean, &std);
		assert_near(cells[c].values[0], mean);
		assert_near(cells[c].values[1], std);
	}
}

static void generalisation_has_final_and_best(void **state)
{
	const struct place *place = *state;
	struct cell cells[NX * NY];
	draw(place, NULL, NULL);
	assert_int_equal(read_table(place, "generalisation", 4, cells, NX * NY), NX * NY);
	for (size_t c = 0; c < NX * NY; c++) {
		double final, final_std, best, std;
		expected(cells[c].x, cells[c].y, NS_TEST_RISK, RECORDS - 1, &final, &final_std);
		expected(cells[c].x, cells[c].y, NS_TEST_RISK, -1, &best, &std);
		assert_near(cells[c].values[0], final);
		assert_near(cells[c].values[1], best);
		assert_near(cells[c].values[3], final_std);
		assert_true(isnan(final) ? isnan(cells[c].values[2]) : cells[c].values[2] >= 0 && cells[c].values[2] <= 100);
		assert_true(!(cells[c].values[0] < cells[c].values[1]));
	}
}

static void other_keys_make_maps_of_their_own(void **state)
{
	struct ns_figure_options options = {
		.one_quantity = true, .quantity = NS_TEST_RISK, .x = NS_AXIS_GAMMA, .y = NS_AXIS_ALPHA};
	const struct place *place = *state;
	struct ns_drawn_figures drawn;
	struct cell cells[NX * NY];
	size_t size;
	reader.n_points = 2 * POINTS;
	draw(place, &options, &drawn);
	assert_int_equal(drawn.n, 2);
	assert_string_equal(drawn.figures[0].name, "test_risk_by_gamma_alpha_m100");
	assert_string_equal(drawn.figures[1].name, "test_risk_by_gamma_alpha_m200");
	ns_drawn_figures_finish(&drawn);
	char *text = contents(place->folder, "test_risk_by_gamma_alpha_m200", "txt", &size);
	assert_non_null(strstr(text, "# Points: 20, by id:"));
	ns_free(text);
	read_table(place, "test_risk_by_gamma_alpha_m100", 2, cells, NX * NY);
	double mean, std;
	expected(0.5, 0.8, NS_TEST_RISK, RECORDS - 1, &mean, &std);
	assert_near(cells[NX * NY - 2].values[0], mean);
	/* averaged over m instead */
	options.over_given = true;
	options.over = NS_KEY_BIT(NS_KEY_SEED) | NS_KEY_BIT(NS_KEY_M);
	draw(place, &options, &drawn);
	assert_int_equal(drawn.n, 1);
	assert_string_equal(drawn.figures[0].name, "test_risk_by_gamma_alpha");
	ns_drawn_figures_finish(&drawn);
	read_table(place, "test_risk_by_gamma_alpha", 2, cells, NX * NY);
	assert_int_equal(cells[0].runs, 2 * SEEDS);
	/* every seed for itself would be 4 maps; of 24 and more there is an end */
	options.over = 0;
	draw(place, &options, &drawn);
	assert_int_equal(drawn.n, 2 * SEEDS);
	assert_string_equal(drawn.figures[0].name, "test_risk_by_gamma_alpha_m100_seed0");
	ns_drawn_figures_finish(&drawn);
	reader.n_points = POINTS;
}

/* The published grid has four configurations on a diagonal: nothing to see in a map. */
static void no_map_of_a_grid_that_is_mostly_empty(void **state)
{
	static const struct ns_point few[] = {{1, NAN, 9, 0}, {0.5, 0.7, 9, 0}, {0.2, 0.5, 9, 0}, {0, 0.4, 9, 0}};
	static const uint8_t done[] = {1, 1, 1, 1};
	const struct ns_reader usual = reader;
	const struct place *place = *state;
	struct ns_drawn_figures drawn;
	reader.points = few;
	reader.status = done;
	reader.n_points = 4;
	draw(place, NULL, &drawn);
	assert_int_equal(drawn.n, 6);
	for (size_t f = 0; f < drawn.n; f++)
		assert_null(strstr(drawn.figures[f].name, "phase"));
	ns_drawn_figures_finish(&drawn);
	reader = usual;
}

/* All missing, all equal, not positive, huge: gnuplot must cope. */
static void awkward_maps_are_drawn(void **state)
{
	static const uint8_t missing[POINTS] = {NS_POINT_MISSING};
	const struct ns_reader usual = reader;
	const struct place *place = *state;
	struct ns_reader awkward[] = {usual, usual, usual, usual, usual};
	awkward[0].status = missing;
	awkward[1].least = 1e20; /* all the same number */
	awkward[2].least = -5;
	awkward[3].n_records = 1;
	awkward[4].least = 1e307;
	for (size_t a = 0; a < sizeof awkward / sizeof *awkward; a++) {
		reader = awkward[a];
		draw(place, NULL, NULL);
	}
	reader = usual;
}

static void the_same_twice_in_every_format(void **state)
{
	const struct ns_figure_options options = {
		.one_quantity = true, .quantity = NS_TEST_RISK, .x = NS_AXIS_GAMMA, .y = NS_AXIS_ALPHA};
	const struct place *place = *state;
	for (int format = 0; format < 3; format++) {
		char *bytes[2];
		size_t size[2];
		for (int k = 0; k < 2; k++) {
			struct ns_error error;
			assert_int_equal(
				ns_figures_draw(&reader, place->folder, (enum ns_figure_format)format, &options, NULL, &error),
				NS_OK);
			bytes[k] = contents(place->folder, "test_risk_by_gamma_alpha", ns_figure_format_names[format], &size[k]);
		}
		assert_int_equal(size[0], size[1]);
		assert_memory_equal(bytes[0], bytes[1], size[0]);
		ns_free(bytes[0]);
		ns_free(bytes[1]);
	}
}

#define WITH_HOLES(test) cmocka_unit_test_setup_teardown(test, make_holes, leave_place)

int main(void)
{
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		return SKIPPED;
	const struct CMUnitTest tests[] = {
		WITH_HOLES(cells_hold_means_and_spread_within_true_bounds),
		WITH_HOLES(logarithmic_cells_are_bounded_in_the_logarithm),
		WITH_HOLES(best_is_where_each_run_is_best),
		WITH_HOLES(generalisation_has_final_and_best),
		IN_PLACE(other_keys_make_maps_of_their_own),
		IN_PLACE(no_map_of_a_grid_that_is_mostly_empty),
		WITH_HOLES(awkward_maps_are_drawn),
		WITH_HOLES(the_same_twice_in_every_format),
	};
	return cmocka_run_group_tests(tests, make_grid, NULL);
}
