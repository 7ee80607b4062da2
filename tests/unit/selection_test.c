/* Figures that are asked for: the options as text, curves along steps and along keys, a few curves of many. */
#include "fake_reader.h"
#include "place.h"
#include "test.h"
#include <math.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77, RECORDS = 3, POINTS = 7 };

static const struct ns_point points[POINTS] = {{1, NAN, 100, 0}, {1, NAN, 100, 1}, {0.5, 0.7, 100, 0}, {0.5, 0.7, 100, 1},
	{0.5, 0.3, 100, 0}, {0, 0.3, 100, 0}, {0, 0.7, 100, 0}};
static const uint8_t statuses[POINTS] = {1, 1, 1, 1, 1, 1, 1};
static const uint64_t steps[RECORDS] = {0, 50, 100};
static struct ns_reader reader = {POINTS, RECORDS, points, statuses, steps, 1e-3, 0};

static void options_are_read(void **unused)
{
	struct ns_figure_options o = {.command = NULL};
	static const char *const texts[][2] = {{"where", "gamma<1 and m==2000"}, {"x", "step"}, {"y", "seed"},
		{"quantity", "weight_delta_quantile[0.99]"}, {"at", "50"}, {"over", "seed,m"}, {"log", "value,x"}};
	struct ns_error error;
	for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
		assert_int_equal(ns_figure_option_parse(&o, texts[k][0], texts[k][1], &error), NS_OK);
	assert_true(o.where.count == 2 && o.x == NS_AXIS_STEP && o.y == NS_AXIS_SEED && o.one_quantity);
	assert_true(o.quantity == NS_WEIGHT_DELTA_QUANTILE && ns_quantile_levels[o.entry] == 0.99);
	assert_true(o.at == NS_AT_STEP && o.at_step == 50);
	assert_true(o.over_given && o.over == (NS_KEY_BIT(NS_KEY_SEED) | NS_KEY_BIT(NS_KEY_M)));
	assert_true(o.logarithms_given && o.logarithmic_x && !o.logarithmic_y && o.logarithmic_value);
	assert_int_equal(ns_figure_option_parse(&o, "quantity", "weight_delta_top[15]", &error), NS_OK);
	assert_true(o.quantity == NS_WEIGHT_DELTA_TOP && o.entry == 15);
	assert_int_equal(ns_figure_option_parse(&o, "quantity", "test_risk", &error), NS_OK);
	assert_true(o.quantity == NS_TEST_RISK && o.entry == 0);
	assert_int_equal(ns_figure_option_parse(&o, "at", "best", &error), NS_OK);
	assert_int_equal(o.at, NS_AT_BEST);
	assert_int_equal(ns_figure_option_parse(&o, "over", "none", &error), NS_OK);
	assert_true(o.over_given && o.over == 0);
	assert_int_equal(ns_figure_option_parse(&o, "log", "none", &error), NS_OK);
	assert_true(o.logarithms_given && !o.logarithmic_x && !o.logarithmic_y && !o.logarithmic_value);
}

static void wrong_options_say_what_would_be_right(void **unused)
{
	static const struct {
		const char *name, *text, *message;
	} cases[] = {{"where", "beta<1", "--where 'beta<1', character 1"},
		{"x", "beta", "--x is 'beta' but must be one of step, gamma, alpha, m, seed"},
		{"y", "step", "--y is 'step' but must be one of gamma, alpha, m, seed"}, {"x", "", "--x is ''"},
		{"quantity", "risk", "one of train_risk, test_risk, "},
		{"quantity", "risk", "weight_delta_quantile[LEVEL], weight_delta_top[NODE]"},
		{"quantity", "test_risk[0]", "--quantity is 'test_risk[0]'"}, {"quantity", "test_ris", "--quantity is"},
		{"quantity", "weight_delta_quantile", "one of 0, 0.25, 0.5"},
		{"quantity", "weight_delta_quantile[0.6]", "needs a recorded level"},
		{"quantity", "weight_delta_quantile[0.5", "needs a recorded level"},
		{"quantity", "weight_delta_quantile[0.5]x", "needs a recorded level"},
		{"quantity", "weight_delta_top[16]", "weight_delta_top[15]"}, {"quantity", "weight_delta_top[]", "needs a node"},
		{"at", "first", "must be last, best or a recorded step"}, {"at", "-1", "must be last"},
		{"at", "1e3", "must be last"}, {"over", "seed,step", "must be a list of gamma, alpha, m, seed, or none"},
		{"over", "", "must be"}, {"over", "seed,", "must be"}, {"over", "seed m", "must be"},
		{"log", "x,z", "must be a list of x, y, value, or none"}};
	struct ns_error error;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct ns_figure_options options = {.command = NULL};
		error.text[0] = 0;
		assert_int_equal(ns_figure_option_parse(&options, cases[c].name, cases[c].text, &error), NS_BAD_INPUT);
		if (strstr(error.text, cases[c].message) == NULL)
			fail_msg("--%s %s: %s", cases[c].name, cases[c].text, error.text);
	}
}

static void set(struct ns_figure_options *options, const char *text)
{
	char words[256], *rest = words;
	struct ns_error error;
	snprintf(words, sizeof words, "%s", text);
	while (rest != NULL) {
		const char *name = strsep(&rest, " "), *value = strsep(&rest, " ");
		assert_int_equal(ns_figure_option_parse(options, name, value, &error), NS_OK);
	}
}

static void contradictions_are_refused(void **state)
{
	static const char *const cases[][2] = {{"y gamma", "--y needs --x"}, {"x step y gamma", "--x step gives curves"},
		{"x gamma y gamma", "both gamma"}, {"x step at best", "--at has no meaning"},
		{"log x", "--log needs --x or --quantity"}, {"x gamma at 51", "next to it are 50 and 100"},
		{"x gamma at 101", "the last step is 100"}, {"x gamma log x", "--log x: gamma has the value 0"},
		{"x alpha where gamma==1", "no selected point has an alpha"},
		{"x alpha y gamma where gamma==1", "at gamma = 1 there is none"}, {"where m<3", "none of the 7 points"}};
	const struct place *place = *state;
	struct ns_error error;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct ns_figure_options options = {.command = NULL};
		struct ns_drawn_figures drawn;
		set(&options, cases[c][0]);
		error.text[0] = 0;
		const enum ns_status status = ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, &drawn, &error);
		if (status != NS_BAD_INPUT || strstr(error.text, cases[c][1]) == NULL)
			fail_msg("%s: %d %s", cases[c][0], (int)status, error.text);
		assert_int_equal(drawn.n, 0);
	}
}

static void draw(const struct place *place, const char *words, struct ns_drawn_figures *drawn)
{
	struct ns_figure_options options = {.command = NULL};
	struct ns_error error;
	set(&options, words);
	if (ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, drawn, &error) != NS_OK)
		fail_msg("%s: %s", words, error.text);
}

/* What the block with this legend says at x: mean, std, n. Fails if it says nothing. */
struct entry {
	double mean, std;
	size_t n;
};

static struct entry look_up(const struct place *place, const char *name, const char *legend, double x)
{
	size_t size;
	char *text = contents(place->folder, name, "txt", &size), quoted[64];
	assert_non_null(text);
	snprintf(quoted, sizeof quoted, "\n\"%s\"\n", legend);
	const char *position = strstr(text, quoted);
	if (position == NULL)
		fail_msg("%s has no curve %s", name, legend);
	struct entry entry = {NAN, NAN, 0};
	bool found = false;
	double at;
	int length;
	for (position += strlen(quoted);
		!found && sscanf(position, "%lf %lf %lf %zu%n", &at, &entry.mean, &entry.std, &entry.n, &length) == 4;
		position += length)
		found = at == x;
	if (!found)
		fail_msg("%s, %s: nothing at %g", name, legend, x);
	ns_free(text);
	return entry;
}

static double value(enum ns_quantity quantity, size_t point, size_t record)
{
	return ns_fake_value(&reader, quantity, point, record, 0);
}

static void any_quantity_against_steps(void **state)
{
	const struct place *place = *state;
	struct ns_drawn_figures drawn;
	draw(place, "quantity weight_delta_top[3] x step", &drawn);
	assert_int_equal(drawn.n, 1);
	assert_string_equal(drawn.figures[0].name, "weight_delta_top_3_by_step");
	ns_drawn_figures_finish(&drawn);
	const double a = ns_fake_value(&reader, NS_WEIGHT_DELTA_TOP, 2, 1, 3),
		     b = ns_fake_value(&reader, NS_WEIGHT_DELTA_TOP, 3, 1, 3);
	const struct entry entry = look_up(place, "weight_delta_top_3_by_step", "γ = 0.5, α = 0.7", 50);
	assert_true(entry.mean == (a + b) / 2 && entry.n == 2);
}

/* gamma = 1 is the end of the curve of every alpha. */
static void curves_along_gamma_end_at_gamma_one(void **state)
{
	const struct place *place = *state;
	draw(place, "quantity ntk_max_eig x gamma", NULL);
	const double lazy = (value(NS_NTK_MAX_EIG, 0, 2) + value(NS_NTK_MAX_EIG, 1, 2)) / 2;
	for (int k = 0; k < 2; k++) {
		const struct entry entry = look_up(place, "ntk_max_eig_by_gamma", k == 0 ? "α = 0.7" : "α = 0.3", 1);
		assert_true(entry.mean == lazy && entry.n == 2);
	}
	assert_true(look_up(place, "ntk_max_eig_by_gamma", "α = 0.3", 0).mean == value(NS_NTK_MAX_EIG, 5, 2));
	const struct entry entry = look_up(place, "ntk_max_eig_by_gamma", "α = 0.7", 0.5);
	assert_true(entry.mean == (value(NS_NTK_MAX_EIG, 2, 2) + value(NS_NTK_MAX_EIG, 3, 2)) / 2 && entry.n == 2);
}

static void curves_along_alpha_are_level_at_gamma_one(void **state)
{
	const struct place *place = *state;
	draw(place, "quantity test_risk x alpha at 50", NULL);
	const double lazy = (value(NS_TEST_RISK, 0, 1) + value(NS_TEST_RISK, 1, 1)) / 2;
	assert_true(look_up(place, "test_risk_by_alpha_at50", "γ = 1", 0.3).mean == lazy);
	assert_true(look_up(place, "test_risk_by_alpha_at50", "γ = 1", 0.7).mean == lazy);
	assert_true(look_up(place, "test_risk_by_alpha_at50", "γ = 0", 0.7).mean == value(NS_TEST_RISK, 6, 1));
}

static void averages_run_over_what_is_asked_for(void **state)
{
	const struct place *place = *state;
	draw(place, "quantity test_risk x step over none", NULL);
	assert_true(look_up(place, "test_risk_by_step", "γ = 0.5, α = 0.7, seed 1", 100).mean == value(NS_TEST_RISK, 3, 2));
	draw(place, "quantity test_risk x step over gamma,alpha,seed", NULL);
	double sum = 0;
	for (size_t p = 0; p < POINTS; p++)
		sum += value(NS_TEST_RISK, p, 2);
	const struct entry entry = look_up(place, "test_risk_by_step", "mean", 100);
	assert_true(entry.n == POINTS && fabs(entry.mean - sum / POINTS) < 1e-14);
	struct ns_drawn_figures drawn;
	draw(place, "quantity test_risk x seed", &drawn); /* the seed is an axis: not averaged over */
	assert_null(strstr(drawn.figures[0].caption, "mean over"));
	ns_drawn_figures_finish(&drawn);
	assert_true(look_up(place, "test_risk_by_seed", "γ = 1", 1).mean == value(NS_TEST_RISK, 1, 2));
}

static void without_a_quantity_the_four_are_drawn(void **state)
{
	const struct place *place = *state;
	struct ns_drawn_figures drawn;
	draw(place, "x gamma where alpha==0.3", &drawn);
	assert_int_equal(drawn.n, 4);
	assert_string_equal(drawn.figures[3].name, "weight_delta_max_by_gamma");
	ns_drawn_figures_finish(&drawn);
}

/* --- a few of many --- */

enum { GAMMAS = 9, ALPHAS = 7, MANY = (GAMMAS - 1) * ALPHAS + 1 };

static size_t count_blocks(const char *text)
{
	size_t n = 0;
	for (const char *line = text; (line = strstr(line, "\n\"")) != NULL; line++)
		n++;
	return n;
}

static void of_many_curves_twelve_at_most_whatever_the_order(void **state)
{
	static struct ns_point many[MANY], reversed[MANY];
	static uint8_t done[MANY];
	const struct place *place = *state;
	const struct ns_reader usual = reader;
	struct ns_drawn_figures drawn;
	size_t n = 0, size;
	for (size_t i = 0; i < GAMMAS; i++)
		for (size_t j = 0; j < (i + 1 == GAMMAS ? 1 : ALPHAS); j++)
			many[n++] = (struct ns_point){
				(double)i / (GAMMAS - 1), i + 1 == GAMMAS ? NAN : 0.1 + 0.1 * (double)j, 100, 0};
	assert_int_equal(n, MANY);
	memset(done, NS_POINT_DONE, sizeof done);
	for (size_t p = 0; p < MANY; p++)
		reversed[p] = many[MANY - 1 - p];
	reader = (struct ns_reader){MANY, RECORDS, many, done, steps, 1e-3, 0};
	draw(place, "x step quantity test_risk", &drawn);
	assert_non_null(strstr(drawn.figures[0].caption, "10 of 57 curves are shown"));
	ns_drawn_figures_finish(&drawn);
	char *text = contents(place->folder, "test_risk_by_step", "txt", &size);
	assert_int_equal(count_blocks(text), 10); /* 4 gammas, one of them 1, times 3 alphas */
	assert_non_null(strstr(text, "# Points: 10, by id:"));
	for (int k = 0; k < 3; k++)
		assert_non_null(strstr(text, (const char *const[]){"\"γ = 1\"", "\"γ = 0, α = 0.1\"", "\"γ = 0, α = 0.7\""}[k]));
	reader.points = reversed;
	draw(place, "x step quantity test_risk", NULL);
	char *again = contents(place->folder, "test_risk_by_step", "txt", &size);
	char *legends[2] = {strstr(text, "# Points"), strstr(again, "# Points")};
	assert_memory_equal(legends[0], legends[1], (size_t)(strstr(legends[0], "# test_risk") - legends[0]));
	reader.points = many;
	draw(place, "x step quantity test_risk where m==100,seed==0", NULL);
	ns_free(again);
	again = contents(place->folder, "test_risk_by_step", "txt", &size);
	assert_int_equal(count_blocks(again), MANY);
	ns_free(text);
	ns_free(again);
	reader = usual;
}

int main(void)
{
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		return SKIPPED;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(wrong_options_say_what_would_be_right),
		IN_PLACE(contradictions_are_refused),
		IN_PLACE(any_quantity_against_steps),
		IN_PLACE(curves_along_gamma_end_at_gamma_one),
		IN_PLACE(curves_along_alpha_are_level_at_gamma_one),
		IN_PLACE(averages_run_over_what_is_asked_for),
		IN_PLACE(without_a_quantity_the_four_are_drawn),
		IN_PLACE(of_many_curves_twelve_at_most_whatever_the_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
