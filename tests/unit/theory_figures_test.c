/* The figures of theory and of exponents: when they are drawn, and that their tables hold what they are to show. gnuplot itself
 * (skipped without it). */
#include "fake_reader.h"
#include "test.h"
#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/bounds.h>
#include <nodescale/exponent.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SKIPPED = 77,
	RECORDS = 3,
	WIDTHS = 3,
	SEEDS = 4,
	CONFIGURATIONS = 5,
	POINTS = CONFIGURATIONS * WIDTHS * SEEDS,
	N = 3,
	D = 3
};

static struct ns_point points[POINTS];
static uint8_t statuses[POINTS];
static const uint64_t steps[RECORDS] = {0, 100, 300};
static double x[N * D] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, y[N];
static const struct ns_data data = {.d = D, .train = {N, x, y}};
static const struct ns_experiment experiment = {.probes = 2, .activation = NS_RELU, .init_std = 1, .step_size = 0.1};
static struct ns_reader reader = {POINTS, RECORDS, points, statuses, steps, 1e-3, 0};
static char folder[64];

/* The values rise with the number of the point, so drift falls with the width at gamma = 1 alone. */
static size_t place(size_t configuration, size_t w)
{
	return configuration == 0 ? WIDTHS - 1 - w : w;
}

static int enter(void **state)
{
	const double gamma[] = {1, 0.5, 0.5, 0, 0}, alpha[] = {NAN, 0.7, 0.4, 0.7, 0.4};
	for (size_t p = 0; p < POINTS; p++) {
		const size_t c = p / (WIDTHS * SEEDS);
		const size_t w = p / SEEDS % WIDTHS;
		points[p] = (struct ns_point){gamma[c], alpha[c], 100u << place(c, w), p % SEEDS};
		statuses[p] = NS_POINT_DONE;
	}
	ns_fake_experiment = &experiment;
	ns_fake_data = &data;
	strcpy(folder, "/tmp/nodescale-theory-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int delete_entry(const char *path, const struct stat *found, int kind, struct FTW *position)
{
	return remove(path);
}

static int leave(void **state)
{
	return nftw(folder, delete_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct ns_drawn_figures draw(enum ns_figure_format format)
{
	struct ns_drawn_figures drawn;
	struct ns_error error;
	if (ns_figures_draw(&reader, folder, format, NULL, &drawn, &error) != NS_OK)
		fail_msg("%s", error.text);
	return drawn;
}

static bool has(const struct ns_drawn_figures *drawn, const char *name)
{
	for (size_t f = 0; f < drawn->n; f++)
		if (strcmp(drawn->figures[f].name, name) == 0)
			return true;
	return false;
}

/* The table without comments; free with ns_free. */
static char *table(const char *name)
{
	char path[160], line[512], *text = ns_alloc(1 << 16, 1);
	snprintf(path, sizeof path, "%s/%s.txt", folder, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL)
		if (*line != '#')
			strcat(text, line);
	fclose(file);
	return text;
}

static const char *next_numbers(const char *text, double *numbers, int count)
{
	for (int k = 0; k < count; k++) {
		char *end;
		numbers[k] = strtod(text, &end);
		assert_ptr_not_equal(end, text);
		text = end;
	}
	return text;
}

static bool is_near(double value, double expected)
{
	return fabs(value - expected) <= 1e-14 * fabs(expected);
}

/* Of gamma 0 nothing is guaranteed: its curves are not there. */
static void bounds_are_drawn_where_there_is_a_guarantee(void **state)
{
	struct ns_theory theory;
	struct ns_error error;
	struct ns_drawn_figures drawn = draw(NS_FIGURE_SVG);
	assert_int_equal(ns_bounds_theory(&theory, &reader, NS_BOUNDS_DELTA, &error), NS_OK);
	assert_true(has(&drawn, "ntk_bound") && has(&drawn, "decay"));
	char *ratios = table("ntk_bound"), *decays = table("decay");
	assert_null(strstr(ratios, "γ = 0,"));
	assert_null(strstr(decays, "γ = 0,"));
	const char *legend = "\"γ = 0.5, α = 0.7, m = 200\"\n", *ratio = strstr(ratios, legend), *decay = strstr(decays, legend);
	assert_true(ratio != NULL && decay != NULL);
	ratio += strlen(legend);
	decay += strlen(legend);
	for (size_t r = 0; r < RECORDS; r++) {
		double numbers[5], eigenvalues = 0, risks = 0;
		for (size_t p = (WIDTHS + 1) * SEEDS; p < (WIDTHS + 2) * SEEDS; p++) { /* the seeds at m = 200 */
			eigenvalues += ns_fake_value(&reader, NS_NTK_MIN_EIG, p, r, 0) / SEEDS;
			risks += ns_fake_value(&reader, NS_TRAIN_RISK, p, r, 0) / ns_fake_value(&reader, NS_TRAIN_RISK, p, 0, 0) /
				 SEEDS;
		}
		ratio = next_numbers(ratio, numbers, 4);
		assert_true(
			numbers[0] == (double)steps[r] && is_near(numbers[1], eigenvalues / ns_theory_eigenvalue(&theory, 0.5)));
		decay = next_numbers(decay, numbers, 5);
		assert_true(is_near(numbers[1], risks) && is_near(numbers[4], ns_theory_decay(&theory, 0.5, steps[r])));
	}
	ns_free(ratios);
	ns_free(decays);
	ns_drawn_figures_finish(&drawn);
}

static void without_theory_there_are_no_bounds(void **state)
{
	const double twice[N * D] = {1, 0, 0, 0, 1, 0, 0, 1, 0}; /* the third input repeats the second: kappa of all is 0 */
	const struct ns_data repeated = {.d = D, .train = {N, (double *)twice, y}};
	ns_fake_data = &repeated;
	struct ns_drawn_figures drawn = draw(NS_FIGURE_SVG);
	assert_true(has(&drawn, "ntk_bound") && !has(&drawn, "decay"));
	ns_drawn_figures_finish(&drawn);
	ns_fake_data = NULL;
	ns_fake_experiment = NULL; /* an activation without a limit: the data is not even asked for */
	drawn = draw(NS_FIGURE_SVG);
	assert_true(!has(&drawn, "ntk_bound") && !has(&drawn, "decay"));
	ns_drawn_figures_finish(&drawn);
}

static void expect_scaling(const char *name, enum ns_quantity quantity, size_t entry)
{
	struct ns_exponents exponents;
	struct ns_error error;
	assert_int_equal(ns_exponents_read(&exponents, &reader, quantity, NULL, &error), NS_OK);
	char *text = table(name);
	const char *line = text;
	for (size_t c = 0; c < CONFIGURATIONS; c++) {
		const struct ns_slope *slope = &exponents.rows[c].large;
		line = strchr(strchr(line, '"'), '\n') + 1;
		for (size_t w = 0; w < WIDTHS; w++) {
			const size_t p = (c * WIDTHS + place(c, w)) * SEEDS;
			double mean = 0;
			for (size_t s = 0; s < SEEDS; s++)
				mean += ns_fake_value(&reader, quantity, p + s, RECORDS - 1, entry) / SEEDS;
			double numbers[6];
			line = next_numbers(line, numbers, 6);
			assert_true(numbers[0] == (double)points[p].m && is_near(numbers[1], mean) && numbers[3] == SEEDS);
			assert_true(is_near(log(numbers[4]), slope->intercept + slope->exponent * log(numbers[0])) &&
				    numbers[5] == 1);
		}
	}
	ns_free(text);
	ns_exponents_finish(&exponents);
}

static void drift_against_width_has_the_fitted_line(void **state)
{
	struct ns_drawn_figures drawn = draw(NS_FIGURE_PNG);
	assert_true(has(&drawn, "width_scaling_weight_delta") && has(&drawn, "width_scaling_ntk_drift") &&
		    has(&drawn, "width_scaling_ntk_drift_relative") && has(&drawn, "width_scaling_weight_delta_median"));
	ns_drawn_figures_finish(&drawn);
	expect_scaling("width_scaling_weight_delta", NS_WEIGHT_DELTA_MAX, 0);
	expect_scaling("width_scaling_ntk_drift", NS_NTK_DRIFT_SPECTRAL, 0);
	expect_scaling("width_scaling_ntk_drift_relative", NS_NTK_DRIFT_RELATIVE, 0);
	expect_scaling("width_scaling_weight_delta_median", NS_WEIGHT_DELTA_QUANTILE, 2);
}

/* Every cell of the grid has its exponent, gamma = 1 for both alphas; then the edges between what is lazy and what is not. */
static void map_holds_the_exponents_and_the_boundary(void **state)
{
	struct ns_exponents exponents;
	struct ns_error error;
	reader.least = 0.1; /* steep enough for -1/2, at gamma = 1 */
	struct ns_drawn_figures drawn = draw(NS_FIGURE_PDF);
	assert_true(has(&drawn, "exponent_map_weight_delta") && !has(&drawn, "exponents_weight_delta"));
	ns_drawn_figures_finish(&drawn);
	assert_int_equal(ns_exponents_read(&exponents, &reader, NS_WEIGHT_DELTA_MAX, NULL, &error), NS_OK);
	char *text = table("exponent_map_weight_delta");
	const char *line = text;
	const size_t row_of[2][3] = {{4, 2, 0}, {3, 1, 0}}; /* rising alpha, rising gamma */
	size_t edges = 0;
	for (size_t a = 0; a < 2; a++)
		for (size_t g = 0; g < 3; g++) {
			const struct ns_exponent *row = &exponents.rows[row_of[a][g]];
			double numbers[9];
			line = next_numbers(line, numbers, 9);
			assert_true(numbers[0] == 0.5 * (double)g && numbers[1] == (a == 0 ? 0.4 : 0.7));
			assert_true(numbers[2] == 0.5 * (double)g - 0.25 && numbers[3] == 0.5 * (double)g + 0.25);
			assert_true(numbers[6] == row->large.exponent && numbers[7] == row->large.low &&
				    numbers[8] == row->large.high);
			const bool lazy = row->large.low <= -0.5;
			edges += g < 2 && lazy != (exponents.rows[row_of[a][g + 1]].large.low <= -0.5);
			edges += a < 1 && lazy != (exponents.rows[row_of[a + 1][g]].large.low <= -0.5);
		}
	size_t lines = 0;
	for (; *line != 0; line++)
		lines += *line == '\n' && line[1] != '\n' && line[1] != 0;
	assert_true(edges > 0);
	assert_int_equal(lines, edges);
	reader.least = 1e-3;
	ns_free(text);
	ns_exponents_finish(&exponents);
}

static void few_configurations_are_dots(void **state)
{
	const struct ns_reader usual = reader;
	reader.n_points = 2 * WIDTHS * SEEDS; /* gamma = 1, and one other */
	struct ns_drawn_figures drawn = draw(NS_FIGURE_SVG);
	assert_true(has(&drawn, "exponents_weight_delta") && !has(&drawn, "exponent_map_weight_delta"));
	ns_drawn_figures_finish(&drawn);
	char *text = table("exponents_weight_delta");
	double numbers[4];
	const char *line = strstr(text, "\"γ = 1\"\n");
	assert_non_null(line);
	line = next_numbers(strchr(line, '\n'), numbers, 4);
	assert_true(numbers[0] == 1 && numbers[2] < numbers[1] && numbers[1] < numbers[3]);
	line = strstr(line, "\"α = 0.7\"\n");
	assert_non_null(line);
	ns_free(text);
	reader.n_points = WIDTHS * SEEDS; /* gamma = 1 alone */
	drawn = draw(NS_FIGURE_SVG);
	assert_true(has(&drawn, "exponents_weight_delta"));
	ns_drawn_figures_finish(&drawn);
	for (size_t p = 0; p < SEEDS; p++)
		statuses[p] = NS_POINT_DIVERGED; /* two widths are left */
	drawn = draw(NS_FIGURE_SVG);
	assert_false(has(&drawn, "exponents_weight_delta") || has(&drawn, "width_scaling_weight_delta"));
	ns_drawn_figures_finish(&drawn);
	reader = usual;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		return SKIPPED;
	const struct CMUnitTest tests[] = {
		IN_FOLDER(bounds_are_drawn_where_there_is_a_guarantee),
		IN_FOLDER(without_theory_there_are_no_bounds),
		IN_FOLDER(drift_against_width_has_the_fitted_line),
		IN_FOLDER(map_holds_the_exponents_and_the_boundary),
		IN_FOLDER(few_configurations_are_dots),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
