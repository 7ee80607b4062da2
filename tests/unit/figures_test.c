/* The folder of figures, with gnuplot itself (skipped without it) and with gnuplots that fail. */
#include "fake_reader.h"
#include "place.h"
#include "test.h"
#include <dirent.h>
#include <math.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SKIPPED = 77, FILES_PER_FIGURE = 3, CURVES = 5, FIGURES = 6, SHARED_SCRIPTS = 2 };

static const struct {
	const char *name;
	enum ns_quantity quantity;
} figures[FIGURES] = {{"train_risk", NS_TRAIN_RISK}, {"test_risk", NS_TEST_RISK}, {"weight_delta", NS_WEIGHT_DELTA_OF_MAX_NODE},
	{"ntk_drift", NS_NTK_DRIFT_SPECTRAL}, {"ntk_min_eig", NS_NTK_MIN_EIG}, {"generalisation", NS_TEST_RISK}};

static const struct ns_point points[] = {
	{1, NAN, 2000, 0}, {1, NAN, 2000, 1}, {0.5, 0.7, 2000, 0}, {0.5, 0.7, 2000, 1}, {0.5, 0.7, 2000, 2}, {0, 0.4, 2000, 0}};
static const uint8_t statuses[] = {1, 1, 1, NS_POINT_DIVERGED, 1, NS_POINT_MISSING};
static const uint64_t steps[] = {0, 1000, 2000, 2500};
static struct ns_reader reader = {6, 4, points, statuses, steps, 1e-3, 0};

static size_t count_files(const char *folder)
{
	size_t count = 0;
	DIR *directory = opendir(folder);
	assert_non_null(directory);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(directory);
	return count;
}

static void draw(const char *folder, enum ns_figure_format format)
{
	struct ns_error error = {.text = ""};
	if (ns_figures_draw(&reader, folder, format, NULL, NULL, &error) != NS_OK)
		fail_msg("%s", error.text);
}

static void every_format_is_what_it_says_and_the_same_twice(void **state)
{
	const struct place *place = *state;
	const char *const magic[] = {"%PDF-", "\x89PNG\r\n\x1a\n", "<?xml"};
	char again[128];
	snprintf(again, sizeof again, "%s/again", place->root);
	for (int format = 0; ns_figure_format_names[format] != NULL; format++) {
		draw(place->folder, (enum ns_figure_format)format);
		if (format == NS_FIGURE_PDF)
			sleep(1); /* a date of creation has whole seconds */
		draw(again, (enum ns_figure_format)format);
		for (int f = 0; f < FIGURES; f++) {
			size_t size, size_again;
			char *bytes = contents(place->folder, figures[f].name, ns_figure_format_names[format], &size);
			char *bytes_again = contents(again, figures[f].name, ns_figure_format_names[format], &size_again);
			assert_memory_equal(bytes, magic[format], strlen(magic[format]));
			assert_int_equal(size, size_again);
			assert_memory_equal(bytes, bytes_again, size);
			ns_free(bytes);
			ns_free(bytes_again);
		}
	}
	/* three formats, table and script of each, what scripts share: nothing temporary is left */
	assert_int_equal(count_files(place->folder), FIGURES * (3 + 2) + SHARED_SCRIPTS);
}

static void png_is_sharp(void **state)
{
	const struct place *place = *state;
	size_t size;
	draw(place->folder, NS_FIGURE_PNG);
	char *bytes = contents(place->folder, "train_risk", "png", &size);
	const unsigned char *width = (unsigned char *)bytes + 16; /* big-endian, in the IHDR chunk */
	assert_true((width[0] << 24 | width[1] << 16 | width[2] << 8 | width[3]) >= 1600);
	ns_free(bytes);
}

static void pdf_embeds_its_fonts(void **state)
{
	const struct place *place = *state;
	size_t size;
	draw(place->folder, NS_FIGURE_PDF);
	char *bytes = contents(place->folder, "train_risk", "pdf", &size);
	assert_non_null(memmem(bytes, size, "/FontFile", 9));
	ns_free(bytes);
}

/* Reads `step mean std n` rows of a block and compares; returns what follows them. */
static const char *expect_block(const char *text, const struct ns_curve *curve)
{
	for (size_t r = 0; r < reader.n_records; r++) {
		unsigned long long step;
		size_t n;
		double mean, std;
		int length;
		assert_int_equal(sscanf(text, "%llu %lf %lf %zu\n%n", &step, &mean, &std, &n, &length), 4);
		assert_true(step == steps[r] && n == curve->n[r]);
		assert_true(n == 0 ? isnan(mean) && isnan(std) : mean == curve->mean[r] && std == curve->std[r]);
		text += length;
	}
	return text;
}

static void tables_hold_the_aggregate(void **state)
{
	const struct place *place = *state;
	const char *const legends[] = {
		"\"γ = 1\"\n", "\"γ = 0.5, α = 0.7 (2 of 3 runs)\"\n", "\"γ = 0, α = 0.4 (0 of 1 runs)\"\n"};
	draw(place->folder, NS_FIGURE_SVG);
	for (int f = 0; f < CURVES; f++) {
		struct ns_aggregate aggregate;
		struct ns_error error;
		size_t size;
		double values[6 * 4];
		ns_reader_quantity(&reader, figures[f].quantity, values, &error);
		assert_int_equal(ns_aggregate_init(&aggregate, points, statuses, 6, values, 4, &error), NS_OK);
		char *text = contents(place->folder, figures[f].name, "txt", &size);
		const char *position = text;
		for (size_t c = 0; c < aggregate.n_curves; c++) {
			position = strstr(position, legends[c]);
			assert_non_null(position);
			position = expect_block(position + strlen(legends[c]), &aggregate.curves[c]);
		}
		assert_string_equal(position, "");
		ns_free(text);
		ns_aggregate_finish(&aggregate);
	}
}

static void drawn_figures_are_named_and_told(void **state)
{
	const struct place *place = *state;
	struct ns_drawn_figures drawn;
	struct ns_error error;
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, NULL, &drawn, &error), NS_OK);
	assert_int_equal(drawn.n, FIGURES);
	for (size_t f = 0; f < drawn.n; f++) {
		assert_string_equal(drawn.figures[f].name, figures[f].name);
		assert_true(strlen(drawn.figures[f].title) > 5);
		assert_non_null(strstr(drawn.figures[f].caption, f < CURVES ? "mean over seeds" : "means over seeds"));
	}
	ns_drawn_figures_finish(&drawn);
	assert_true(drawn.n == 0 && drawn.figures == NULL);
}

static void only_selected_points_are_shown(void **state)
{
	const struct place *place = *state;
	struct ns_figure_options options = {.command = NULL};
	struct ns_error error;
	size_t size;
	assert_int_equal(ns_filter_parse(&options.where, "gamma<1 and seed!=1", "--where", &error), NS_OK);
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, NULL, &error), NS_OK);
	char *text = contents(place->folder, "test_risk", "txt", &size);
	assert_null(strstr(text, "γ = 1"));
	assert_non_null(strstr(text, "\"γ = 0.5, α = 0.7\"\n")); /* the diverged one is seed 1 */
	ns_free(text);
	assert_int_equal(ns_filter_parse(&options.where, "m<1000", "--where", &error), NS_OK);
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, NULL, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "none of the 6 points"));
}

/* What gnuplot must cope with without an error: nothing finite, zeros and negative values on a logarithmic axis, a single record.
 */
static void awkward_results_are_drawn(void **state)
{
	const struct place *place = *state;
	const uint8_t missing[6] = {NS_POINT_MISSING};
	const struct ns_reader usual = reader;
	struct ns_reader awkward[] = {usual, usual, usual, usual, usual};
	awkward[0].status = missing;
	awkward[1].least = -1;
	awkward[2].least = -5;
	awkward[3].n_records = 1;
	awkward[4].least = 1e307;
	for (size_t a = 0; a < sizeof awkward / sizeof *awkward; a++) {
		reader = awkward[a];
		draw(place->folder, NS_FIGURE_SVG);
	}
	reader = usual;
}

static void untouched_script_is_replaced(void **state)
{
	const struct place *place = *state;
	struct ns_figure_options options = {.one_quantity = true, .quantity = NS_NTK_ALIGNMENT};
	struct ns_error error;
	size_t size;
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, NULL, &error), NS_OK);
	options.logarithms_given = options.logarithmic_value = true;
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_SVG, &options, NULL, &error), NS_OK);
	char *script = contents(place->folder, "ntk_alignment_by_step", "gnuplot", &size);
	assert_non_null(strstr(script, "\nlogarithmic = 1\n"));
	ns_free(script);
}

/* One letter is enough. */
static void touched_script_is_kept(void **state)
{
	const struct place *place = *state;
	size_t size;
	draw(place->folder, NS_FIGURE_SVG);
	char *script = contents(place->folder, "test_risk", "gnuplot", &size), *label = strstr(script, "test risk");
	label[0] = 'T';
	write_file(place->folder, "test_risk.gnuplot", script, 0644);
	draw(place->folder, NS_FIGURE_SVG);
	char *kept = contents(place->folder, "test_risk", "gnuplot", &size),
	     *svg = contents(place->folder, "test_risk", "svg", &size);
	assert_string_equal(kept, script);
	assert_non_null(strstr(svg, "Test risk (target²)"));
	ns_free(script);
	ns_free(kept);
	ns_free(svg);
}

static void adapted_script_is_kept_and_used(void **state)
{
	const struct place *place = *state;
	size_t size;
	draw(place->folder, NS_FIGURE_SVG);
	write_file(place->folder, "train_risk.gnuplot",
		"name = 'train_risk'\nlogarithmic = 1\nload \"curves.gnuplot\"\nset ylabel 'mine'\nplot @curves\n", 0644);
	draw(place->folder, NS_FIGURE_SVG);
	char *svg = contents(place->folder, "train_risk", "svg", &size);
	assert_non_null(strstr(svg, "mine"));
	ns_free(svg);
}

static void failing_gnuplot_is_quoted_and_leaves_the_earlier_figure(void **state)
{
	const struct place *place = *state;
	struct ns_error error;
	size_t size, size_after;
	draw(place->folder, NS_FIGURE_PDF);
	char *before = contents(place->folder, "train_risk", "pdf", &size);
	write_file(place->folder, "train_risk.gnuplot", "set output output\nplot nonsense(\n", 0644);
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_PDF, NULL, NULL, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "gnuplot-nox"));
	assert_non_null(strstr(error.text, "nonsense"));
	char *after = contents(place->folder, "train_risk", "pdf", &size_after);
	assert_int_equal(size, size_after);
	assert_memory_equal(before, after, size);
	assert_int_equal(count_files(place->folder), FIGURES * FILES_PER_FIGURE + SHARED_SCRIPTS);
	ns_free(before);
	ns_free(after);
}

static void silent_script_is_an_error(void **state)
{
	const struct place *place = *state;
	struct ns_error error;
	draw(place->folder, NS_FIGURE_PDF);
	write_file(place->folder, "test_risk.gnuplot", "# draws nothing\n", 0644);
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_PDF, NULL, NULL, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "test_risk.gnuplot"));
}

static void missing_gnuplot_names_the_package(void **state)
{
	const struct place *place = *state;
	struct ns_error error;
	char folder[128];
	snprintf(folder, sizeof folder, "%s/bin", place->root);
	assert_int_equal(mkdir(folder, 0755), 0);
	char env[200];
	snprintf(env, sizeof env, "%s/env", folder);
	assert_int_equal(symlink("/usr/bin/env", env), 0);
	setenv("PATH", folder, 1);
	assert_int_equal(ns_figures_draw(&reader, place->folder, NS_FIGURE_PDF, NULL, NULL, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "apt install gnuplot-nox"));
}

static void unusable_folders_are_bad_input(void **state)
{
	const struct place *place = *state;
	struct ns_error error;
	char below_file[200];
	write_file(place->root, "file", "", 0644);
	snprintf(below_file, sizeof below_file, "%s/file/below", place->root);
	assert_int_equal(ns_figures_draw(&reader, below_file, NS_FIGURE_PDF, NULL, NULL, &error), NS_BAD_INPUT);
	*strrchr(below_file, '/') = 0;
	assert_int_equal(ns_figures_draw(&reader, below_file, NS_FIGURE_PDF, NULL, NULL, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, below_file));
	assert_int_equal(ns_figures_draw(&reader, "/proc/nodescale", NS_FIGURE_PDF, NULL, NULL, &error), NS_BAD_INPUT);
	assert_int_equal(ns_figures_draw(&reader, "", NS_FIGURE_PDF, NULL, NULL, &error), NS_BAD_INPUT);
}

int main(void)
{
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		return SKIPPED;
	const struct CMUnitTest tests[] = {
		IN_PLACE(every_format_is_what_it_says_and_the_same_twice),
		IN_PLACE(png_is_sharp),
		IN_PLACE(pdf_embeds_its_fonts),
		IN_PLACE(tables_hold_the_aggregate),
		IN_PLACE(drawn_figures_are_named_and_told),
		IN_PLACE(only_selected_points_are_shown),
		IN_PLACE(awkward_results_are_drawn),
		IN_PLACE(untouched_script_is_replaced),
		IN_PLACE(touched_script_is_kept),
		IN_PLACE(adapted_script_is_kept_and_used),
		IN_PLACE(failing_gnuplot_is_quoted_and_leaves_the_earlier_figure),
		IN_PLACE(silent_script_is_an_error),
		IN_PLACE(missing_gnuplot_names_the_package),
		IN_PLACE(unusable_folders_are_bad_input),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
