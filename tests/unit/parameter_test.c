/* The table of parameters: consistent in itself, and told in full by the help text and the reference sweep. */
#include "test.h"
#include <math.h>
#include <nodescale/file.h>
#include <nodescale/memory.h>
#include <nodescale/parameter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void entries_are_consistent(void **unused)
{
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++) {
		const size_t help = strlen(p->help);
		assert_ptr_equal(ns_parameter_find(p->section, p->name), p);
		assert_true(help > 20 && p->help[help - 1] == '.' && strstr(p->help, "  ") == NULL);
		assert_int_equal(p->type == NS_TYPE_CHOICE, p->choices != NULL);
		const bool is_number = p->type == NS_TYPE_REAL || p->type == NS_TYPE_COUNT;
		assert_int_equal(is_number || p->type == NS_TYPE_FRACTIONS, p->unit != NULL);
		assert_true(!is_number || p->least < p->most);
		assert_true(p->required || p->fallback != NULL || strcmp(p->section, "grid") == 0);
		assert_true(!p->required || p->fallback == NULL);
		/* a section's keys stand together */
		if (p > ns_parameters && strcmp(p[-1].section, p->section) != 0)
			for (const struct ns_parameter *before = ns_parameters; before < p; before++)
				assert_string_not_equal(before->section, p->section);
	}
	assert_null(ns_parameter_find("data", "gamma"));
}

static void conditions_follow_the_choices(void **unused)
{
	struct ns_experiment experiment = {.data_kind = NS_DATA_CUBE_SINE, .activation = NS_RELU};
	assert_true(ns_parameter_applies(ns_parameter_find("data", "noise"), &experiment));
	assert_false(ns_parameter_applies(ns_parameter_find("data", "file"), &experiment));
	assert_false(ns_parameter_applies(ns_parameter_find("model", "leak"), &experiment));
	assert_true(ns_parameter_applies(ns_parameter_find("train", "steps"), &experiment));
	experiment = (struct ns_experiment){.data_kind = NS_DATA_CSV, .activation = NS_LEAKY_RELU};
	assert_false(ns_parameter_applies(ns_parameter_find("data", "noise"), &experiment));
	assert_true(ns_parameter_applies(ns_parameter_find("data", "file"), &experiment));
	assert_true(ns_parameter_applies(ns_parameter_find("model", "leak"), &experiment));
}

static void expect(const char *section, const char *name, const char *expected)
{
	char text[256];
	ns_parameter_expectation(ns_parameter_find(section, name), text, sizeof text);
	assert_string_equal(text, expected);
}

static void ranges_are_told(void **unused)
{
	expect("grid", "gamma", "lie in [0, 1]");
	expect("grid", "alpha", "lie in (0, 1)");
	expect("train", "step_size", "be greater than 0");
	expect("data", "noise", "be at least 0");
	expect("record", "weights", "be one of none, final, ends");
	expect("data", "standardise", "be true or false");
}

static void help_names_every_key(void **unused)
{
	char *help = NULL;
	size_t length;
	FILE *out = open_memstream(&help, &length);
	ns_parameter_print_help(out);
	fclose(out);
	const char *at = help;
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++) {
		char line[64];
		snprintf(line, sizeof line, "\n  %s ", p->name);
		at = p == ns_parameters ? help : strstr(at, line);
		assert_non_null(at);
		at++;
	}
	free(help);
}

/* Each key must stand at a line's start (in a comment or not), or behind the dash of a block, under its section. */
static void reference_sweep_names_every_key(void **unused)
{
	char *text;
	size_t length;
	struct ns_error error;
	assert_int_equal(ns_file_read(NS_SOURCE_ROOT "/sweeps/reference.yaml", 1 << 20, &text, &length, &error), NS_OK);
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++) {
		static const char *const before[] = {"\n", "\n  ", "\n  # ", "\n    ", "\n  - "};
		char heading[32], key[64];
		snprintf(heading, sizeof heading, "\n%s:\n", p->section);
		const char *section = *p->section == '\0' ? text : strstr(text, heading);
		assert_non_null(section);
		const char *end = strstr(section + 1, "\n# ---"), *found = NULL;
		for (size_t b = 0; b < sizeof before / sizeof *before && found == NULL; b++) {
			snprintf(key, sizeof key, "%s%s:", before[b], p->name);
			found = strstr(section, key);
			found = found != NULL && (end == NULL || found < end) ? found : NULL;
		}
		if (found == NULL)
			fail_msg("sweeps/reference.yaml does not document %s.%s", p->section, p->name);
		char stated[128];
		snprintf(stated, sizeof stated, "[default: %s]", p->fallback == NULL ? "" : p->fallback);
		if (p->fallback != NULL && *p->fallback != '\0' &&
			(strstr(found, stated) == NULL || strstr(found, stated) > found + 400))
			fail_msg("sweeps/reference.yaml does not say %s of %s.%s", stated, p->section, p->name);
	}
	ns_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_consistent),
		cmocka_unit_test(conditions_follow_the_choices),
		cmocka_unit_test(ranges_are_told),
		cmocka_unit_test(help_names_every_key),
		cmocka_unit_test(reference_sweep_names_every_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
