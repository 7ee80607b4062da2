/* The spec reader: what is read, and that every mistake is told with its place and what was expected. */
#include "test.h"
#include <dirent.h>
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/spec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const valid_lines[] = {
	"name: t\n",
	"data: {kind: sphere_sine}\n",
	"grid: [{gamma: 1, m: 10, seed: 0}]\n",
	"train: {steps: 10}\n",
};
enum { WHOLE = 0, APPENDED = 5 };

/* A valid spec of four lines but for one, given from 1: WHOLE is the text alone, APPENDED a fifth line. */
static void write_spec(char *spec, size_t size, int changed, const char *text)
{
	size_t used = 0;
	*spec = '\0';
	for (int line = 1; line <= APPENDED && changed != WHOLE; line++)
		used += (size_t)snprintf(spec + used, size - used, "%s",
			line == changed    ? text
			: line == APPENDED ? ""
					   : valid_lines[line - 1]);
	if (changed == WHOLE)
		snprintf(spec, size, "%s", text);
}

struct mistake {
	int line;
	const char *text, *place, *phrase;
};

static const struct mistake mistakes[] = {
	/* keys */
	{APPENDED, "modle: {}\n", "5:1", "the spec has no key modle; did you mean model?"},
	{APPENDED, "zzzzzzz: 1\n", "5:1", "its keys are name, data, model, grid, train, record"},
	{APPENDED, "n_train: 10\n", "5:1", "it belongs under data"},
	{APPENDED, "name: again\n", "5:1", "the spec has name twice; it stands first in line 1"},
	{APPENDED, "[1, 2]: 3\n", "5:1", "no key a list"},
	{APPENDED, "? {a: 1}\n: 3\n", "5:3", "no key a map"},
	{APPENDED, "<<: {noise: 1}\n", "5:1", "no key <<"},
	{2, "data:\n  kind: csv\n  n_tran: 3\n", "4:3", "did you mean n_train?"},
	{2, "data: {kind: sphere_sine, d: 3, d: 4}\n", "2:33", "data has d twice"},
	{2, "data: {kind: sphere_sine, file: a.csv}\n", "2:27", "file has no meaning here; it needs data.kind = csv"},
	{2, "data: {kind: csv, file: a.csv, noise: 0}\n", "2:32", "noise has no meaning here; it needs data.kind != csv"},
	{2, "data: {kind: csv, file: a, permutation: b, permutation_seed: 1}\n", "2:44", "expected one of the two"},
	{APPENDED, "model: {leak: 0.5}\n", "5:9", "it needs model.activation = leaky_relu"},
	{3, "grid: [{gamma: 1, width: 10, seed: 0}]\n", "3:19", "a block of the grid has no key width"},
	{3, "grid: [{gamma: 1, m: {from: 1, to: 9, cout: 2}, seed: 0}]\n", "3:39", "did you mean count?"},
	/* missing */
	{1, "\n", "2:1", "name is missing; expected Title"},
	{2, "", "1:1", "data.kind is missing"},
	{2, "data: {kind: csv}\n", "2:1", "data.file is missing"},
	{3, "", "1:1", "grid is missing"},
	{4, "", "1:1", "train.steps is missing"},
	{4, "train: {step_size: 1}\n", "4:1", "train.steps is missing"},
	{WHOLE, "", "1:1", "the spec is empty"},
	{WHOLE, "# nothing\n", "1:1", "the spec is empty"},
	{1, "name:\n", "1:6", "name is empty but must be a text"},
	{1, "name: ~\n", "1:7", "name is empty but must be a text"},
	{4, "train: {steps: }\n", "4:16", "steps is empty but must be a whole number"},
	/* types */
	{WHOLE, "just a text\n", "1:1", "the spec is just a text but must be a map"},
	{2, "data: sphere_sine\n", "2:7", "data is sphere_sine but must be a map"},
	{2, "data:\n", "2:6", "data is empty but must be a map"},
	{4, "train: {steps: [1]}\n", "4:16", "steps is a list but must be a whole number"},
	{4, "train: {steps: 10, step_size: {a: 1}}\n", "4:31", "step_size is a map but must be a number"},
	{4, "train: {steps: 1e3}\n", "4:16", "steps is 1e3 but must be written in digits only: 1000"},
	{4, "train: {steps: 0x10}\n", "4:16", "steps is 0x10 but must be a whole number"},
	{4, "train: {steps: 1_000}\n", "4:16", "steps is 1_000 but"},
	{4, "train: {steps: 1.5}\n", "4:16", "steps is 1.5 but must be a whole number"},
	{4, "train: {steps: \"10\"}\n", "4:16", "steps is \"10\" but must be a whole number without quotes"},
	{4, "train: {steps: ' 5'}\n", "4:16", "without quotes"},
	{4, "train: {steps: 10, step_size: '1.0'}\n", "4:31", "step_size is \"1.0\" but must be a number without quotes"},
	{4, "train: {steps: 10, step_size: nan}\n", "4:31", "step_size is nan but must be a number"},
	{4, "train: {steps: 10, step_size: .inf}\n", "4:31", "step_size is .inf but must be a number"},
	{4, "train: {steps: 10, step_size: 0x1p3}\n", "4:31", "step_size is 0x1p3 but must be a number"},
	{4, "train: {steps: 10, step_size: 1,5}\n", "4:33", "train has no key 5"},
	{4, "train: {steps: !!float 10}\n", "4:16", "tags are not supported"},
	{2, "data: {kind: spheer}\n", "2:14", "must be one of sphere_sine, gaussian_sine, cube_sine, csv"},
	{2, "data: {kind: csv, file: a, standardise: yes}\n", "2:41", "standardise is yes but must be true or false"},
	{2, "data: {kind: csv, file: a, split: [0.5, 0.5]}\n", "2:35", "a list of three fractions"},
	{2, "data: {kind: csv, file: [a, b]}\n", "2:25", "file is a list but must be the path of a file"},
	{2, "data: {kind: csv, file: \"a\\0b\"}\n", "2:25", "control characters"},
	{2, "data: {kind: csv, file: a, sha256: 12ab}\n", "2:36", "sha256 is 12ab but must be 64 hexadecimal digits"},
	{2, "data: {kind: csv, file: a, sha256: [a]}\n", "2:36", "sha256 is a list but must be 64 hexadecimal digits"},
	{3, "grid: {gamma: 1, m: 10, seed: 0}\n", "3:7", "grid is a map but must be a list of blocks"},
	{3, "grid:\n  - 5\n", "4:5", "a block of the grid is 5 but must be a map"},
	{3, "grid: [{gamma: [[1]], m: 10, seed: 0}]\n", "3:17", "gamma is a list but must be a number"},
	/* ranges */
	{3, "grid: [{gamma: 1.2, alpha: 0.5, m: 10, seed: 0}]\n", "3:16", "gamma is 1.2 but must lie in [0, 1]"},
	{3, "grid: [{gamma: [0.5, -0.1], alpha: 0.5, m: 10, seed: 0}]\n", "3:22", "gamma is -0.1 but must lie in [0, 1]"},
	{3, "grid: [{gamma: 0.5, alpha: 1, m: 10, seed: 0}]\n", "3:28", "alpha is 1 but must lie in (0, 1)"},
	{3, "grid: [{gamma: 1, m: 0, seed: 0}]\n", "3:22", "m is 0 but must lie in [1, 1e+09]"},
	{3, "grid: [{gamma: 1, m: 10, seed: -1}]\n", "3:32", "seed is -1 but must be at least 0"},
	{3, "grid: [{gamma: 1, m: 10, seed: 18446744073709551616}]\n", "3:32", "must be at most 18446744073709551615"},
	{2, "data: {kind: sphere_sine, n_train: 0}\n", "2:36", "n_train is 0 but must lie in [1, 1e+09]"},
	{2, "data: {kind: sphere_sine, noise: -0.5}\n", "2:34", "noise is -0.5 but must be at least 0"},
	{4, "train: {steps: 10, step_size: 0}\n", "4:31", "step_size is 0 but must be greater than 0"},
	{4, "train: {steps: 10, step_size: 1e999}\n", "4:31", "must be at most 1.79e308"},
	{2, "data: {kind: csv, file: a, split: [0, 0.5, 0.5]}\n", "2:35", "leaves no training samples"},
	{2, "data: {kind: csv, file: a, split: [0.5, 0.5, 0.2]}\n", "2:35", "sums to 1.2 but must sum to at most 1"},
	{2,
		"data: {kind: csv, file: a, permutation_sha256: "
		"0000000000000000000000000000000000000000000000000000000000000000}\n",
		"2:28", "has no meaning without permutation"},
	{APPENDED, "record: {every: 0}\n", "5:17", "every is 0 but must lie in"},
	{4, "train: {steps: 100000000}\nrecord: {every: 1}\n", "5:17", "1000000 is the most"},
	{4, "train: {steps: 10000000000}\n", "4:1", "1000000 is the most"},
	/* grid */
	{3, "grid: []\n", "3:7", "at least one block"},
	{3, "grid: [{}]\n", "3:8", "this block of the grid has no gamma"},
	{3, "grid: [{gamma: [], m: 10, seed: 0}]\n", "3:16", "gamma is an empty list"},
	{3, "grid: [{gamma: [1, 0.5], m: 10, seed: 0}]\n", "3:8", "has no alpha, which every gamma below 1 needs"},
	{3, "grid: [{gamma: {from: 0, to: 1, count: 3}, m: 10, seed: 0}]\n", "3:8", "has no alpha"},
	{3, "grid: [{gamma: 1, m: 10, seed: {from: 0, count: 0}}]\n", "3:49", "count is 0 but must lie in [1, 1e+08]"},
	{3, "grid: [{gamma: 1, m: 10, seed: {from: 0}}]\n", "3:32", "seed has no count; expected {from, count}"},
	{3, "grid: [{gamma: 1, m: 10, seed: {from: 0, to: 4, count: 5}}]\n", "3:42", "seed has no to; expected {from, count}"},
	{3, "grid: [{gamma: 1, m: 10, seed: {from: 18446744073709551615, count: 2}}]\n", "3:32", "the last seed is larger than"},
	{3, "grid: [{gamma: 1, m: {from: 10, count: 2}, seed: 0}]\n", "3:22", "m has no to"},
	{3, "grid: [{gamma: 1, m: {from: 20, to: 10, count: 2}, seed: 0}]\n", "3:29", "m goes from 20 to 10"},
	{3, "grid: [{gamma: 1, m: {from: 10, to: 20, count: 1}, seed: 0}]\n", "3:48", "must be at least 2"},
	{3, "grid: [{gamma: 1, m: {from: 10, to: 20, count: 3, scale: cubic}, seed: 0}]\n", "3:58", "be one of linear, log"},
	{3, "grid: [{gamma: {from: 0, to: 1, count: 3, scale: log}, alpha: 0.5, m: 1, seed: 0}]\n", "3:23",
		"greater than 0 on a log"},
	{3,
		"grid:\n- {gamma: 1, m: 10, seed: {from: 0, count: 60000000}}\n- {gamma: 1, m: 9, seed: {from: 0, count: "
		"60000000}}\n",
		"5:3", "more than 100000000 points"},
	{3, "grid: [{gamma: 1, m: {from: 1, to: 100000000, count: 100000000}, seed: {from: 0, count: 100000000}}]\n", "3:8",
		"more than 100000000 points"},
	/* YAML */
	{APPENDED, "record: {every: 1\n", "6:1", "not valid YAML: did not find expected ',' or '}'"},
	{APPENDED, "record:\n\tevery: 1\n", "6:1", "a tab; YAML is indented with spaces"},
	{APPENDED, "record: *nowhere\n", "5:9", "not valid YAML: found undefined alias"},
	{APPENDED, "---\nname: second\n", "5:1", "a second YAML document"},
	{APPENDED, "...\n%%%\n", "6:2", "not valid YAML"},
	{1, "name: \"caf\xe9\"\n", "1:12", "expected UTF-8 text"},
	{1, "name: \xc3\xa9\xc3\xa9 # \x01\n", "1:12", "expected UTF-8 text"},
	{2, "data: {kind: sphere_sine, \"\xc3\xa9\xc3\xa9\": 1}\n", "2:27", "data has no key \"\xc3\xa9\xc3\xa9\""},
};

static void mistakes_are_told_with_their_place(void **unused)
{
	size_t n_untold = 0;
	for (size_t c = 0; c < sizeof mistakes / sizeof *mistakes; c++) {
		const struct mistake *mistake = mistakes + c;
		struct ns_spec spec;
		struct ns_error error = {0};
		char text[1024], start[64];
		write_spec(text, sizeof text, mistake->line, mistake->text);
		snprintf(start, sizeof start, "sweeps/bad.yaml:%s: ", mistake->place);
		const enum ns_status status = ns_spec_parse(&spec, "sweeps/bad.yaml", text, strlen(text), &error);
		if (status != NS_BAD_INPUT || strncmp(error.text, start, strlen(start)) != 0 ||
			strstr(error.text, mistake->phrase) == NULL) {
			print_error("%s--\nexpected %s...%s\nbut got  %s\n", text, start, mistake->phrase, error.text);
			n_untold++;
		}
	}
	assert_int_equal(n_untold, 0);
}

/* Of a megabyte each: what libyaml alone would take hours over. */
static void hostile_structure_is_refused_at_once(void **unused)
{
	static const struct {
		const char *start, *repeated, *place, *phrase;
	} texts[] = {
		{"", "[", "1:33", "more than 32 deep"},
		{"name: x\ngrid: [", "{a: ", "2:128", "more than 32 deep"},
		{"", "- ", "1:65", "more than 32 deep"},
		{"name: x\ngrid: [", "&a x,", "2:5008", "more than 1000 YAML anchors"},
		{"", "%TAG !x! tag:y,2000:\n", "1001:1", "more than 1000 YAML anchors"},
	};
	enum { LENGTH = 1 << 20 };
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		struct ns_spec spec;
		struct ns_error error = {0};
		char *text = malloc(LENGTH), start[64];
		assert_non_null(text);
		const size_t head = strlen(texts[t].start), length = strlen(texts[t].repeated);
		memcpy(text, texts[t].start, head);
		for (size_t i = head; i < LENGTH; i++)
			text[i] = texts[t].repeated[(i - head) % length];
		const clock_t before = clock();
		assert_int_equal(ns_spec_parse(&spec, "a.yaml", text, LENGTH, &error), NS_BAD_INPUT);
		assert_true(clock() - before < CLOCKS_PER_SEC);
		free(text);
		snprintf(start, sizeof start, "a.yaml:%s: ", texts[t].place);
		if (strncmp(error.text, start, strlen(start)) != 0 || strstr(error.text, texts[t].phrase) == NULL)
			fail_msg("%s: expected %s...%s", error.text, start, texts[t].phrase);
	}
}

static struct ns_spec read_valid(int changed, const char *line)
{
	struct ns_spec spec;
	struct ns_error error;
	char text[2048];
	write_spec(text, sizeof text, changed, line);
	if (ns_spec_parse(&spec, "folder/a.yaml", text, strlen(text), &error) != NS_OK)
		fail_msg("%s--\n%s", text, error.text);
	assert_string_equal(spec.text, text);
	assert_int_equal(spec.text_length, strlen(text));
	return spec;
}

static void left_out_keys_take_their_defaults(void **unused)
{
	struct ns_spec spec = read_valid(1, "name: t\n");
	const struct ns_experiment *e = &spec.experiment;
	assert_string_equal(e->name, "t");
	assert_int_equal(e->data_kind, NS_DATA_SPHERE_SINE);
	assert_int_equal(e->n_train, 100);
	assert_int_equal(e->n_test, 100);
	assert_int_equal(e->d, 50);
	assert_true(e->noise == 0.1);
	assert_int_equal(e->data_seed, 1);
	assert_int_equal(e->activation, NS_RELU);
	assert_int_equal(e->init, NS_INIT_GAUSSIAN);
	assert_true(e->init_std == 1 && e->step_size == 1);
	assert_int_equal(e->steps, 10);
	assert_int_equal(e->record_every, 1000);
	assert_int_equal(e->probes, 100);
	assert_int_equal(e->weights, NS_WEIGHTS_NONE);
	/* without a meaning: zero */
	assert_true(e->leak == 0 && e->split[0] == 0 && !e->standardise);
	assert_string_equal(e->target, "");
	ns_spec_finish(&spec);

	spec = read_valid(2, "data: {kind: csv, file: a.csv}\nmodel: {activation: leaky_relu}\n");
	assert_string_equal(e->file, "folder/a.csv");
	assert_string_equal(e->target, "last");
	assert_string_equal(e->permutation, "");
	assert_int_equal(e->permutation_seed, 1);
	assert_true(e->split[0] == 0.4 && e->split[1] == 0.4 && e->split[2] == 0.2 && e->standardise);
	assert_true(e->leak == 0.01);
	assert_int_equal(e->n_train, 0);
	ns_spec_finish(&spec);
}

static void given_values_are_read(void **unused)
{
	struct ns_spec spec =
		read_valid(2, "data:\n  kind: csv\n  file: /tmp/a b.csv\n  target: 'the target'\n  permutation: ../p.csv\n"
			      "  split: [0.5, 0, 0.25]\n  standardise: false\n"
			      "model: {activation: leaky_relu, leak: 1e-2, init: sphere, init_std: 1.4142135623730951}\n"
			      "record: {every: 3, probes: 7, weights: ends}\n");
	const struct ns_experiment *e = &spec.experiment;
	assert_string_equal(e->file, "/tmp/a b.csv");
	assert_string_equal(e->target, "the target");
	assert_string_equal(e->permutation, "folder/../p.csv");
	assert_true(e->split[0] == 0.5 && e->split[1] == 0 && e->split[2] == 0.25 && !e->standardise);
	assert_true(e->leak == 0.01 && e->init_std == sqrt(2));
	assert_int_equal(e->init, NS_INIT_SPHERE);
	assert_int_equal(e->record_every, 3);
	assert_int_equal(e->probes, 7);
	assert_int_equal(e->weights, NS_WEIGHTS_ENDS);
	assert_int_equal(spec.file.line, 4);
	assert_int_equal(spec.permutation.line, 6);
	assert_int_equal(spec.permutation.column, 16);
	ns_spec_finish(&spec);
}

/* YAML that is unusual but means something. */
static void unusual_yaml_is_read(void **unused)
{
	static const struct {
		int line;
		const char *text;
	} specs[] = {
		{1, "\xef\xbb\xbfname: t\n"},
		{1, "%YAML 1.1\n---\nname: t\n"},
		{1, "name: t\r\n"},
		{3, "grid:\n  - &block {gamma: 1, m: 10, seed: 0}\n  - *block\n"},
		{2, "\"data\":\n    'kind': \"sphere_sine\"\n    noise: &z 0\n    seed: *z\n"},
		{2, "data: {kind: sphere_sine, noise: .5, n_test: 0, d: 0007}\n"},
	};
	for (size_t s = 0; s < sizeof specs / sizeof *specs; s++) {
		struct ns_spec spec = read_valid(specs[s].line, specs[s].text);
		assert_int_equal(spec.n_points, 1);
		ns_spec_finish(&spec);
	}
}

static void missing_data_files_are_told_with_their_key(void **unused)
{
	static const struct {
		const char *data, *start, *phrase;
	} cases[] = {
		{"data:\n  kind: csv\n  file: none.csv\n", "4:9: ", "No such file"},
		{"data:\n  kind: csv\n  file: /\n", "4:9: ", "is a folder; expected a file"},
		{"data:\n  kind: csv\n  file: /dev/null\n  permutation: none.csv\n",
			"5:16: ", "permutation folder/none.csv cannot be opened"},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct ns_spec spec = read_valid(2, cases[c].data);
		struct ns_error error = {0};
		assert_int_equal(ns_spec_check_files(&spec, "folder/a.yaml", &error), NS_BAD_INPUT);
		assert_memory_equal(error.text, "folder/a.yaml:", 14);
		assert_memory_equal(error.text + 14, cases[c].start, strlen(cases[c].start));
		assert_non_null(strstr(error.text, cases[c].phrase));
		ns_spec_finish(&spec);
	}
	struct ns_spec spec = read_valid(1, "name: t\n");
	struct ns_error error;
	assert_int_equal(ns_spec_check_files(&spec, "folder/a.yaml", &error), NS_OK);
	ns_spec_finish(&spec);
}

static void unreadable_specs_are_told(void **unused)
{
	struct ns_error error;
	char *text, path[] = "/tmp/nodescale-spec-XXXXXX";
	size_t length;
	assert_int_equal(ns_spec_read_text("/none.yaml", &text, &length, &error), NS_BAD_INPUT);
	assert_string_equal(error.text, "/none.yaml: cannot be opened: No such file or directory");
	assert_int_equal(ns_spec_read_text("/tmp", &text, &length, &error), NS_BAD_INPUT);
	assert_string_equal(error.text, "/tmp: is a folder; expected a file");

	const int file = mkstemp(path);
	assert_int_equal(write(file, "a: b\n", 5), 5);
	assert_int_equal(ns_spec_read_text(path, &text, &length, &error), NS_OK);
	assert_int_equal(length, 5);
	assert_string_equal(text, "a: b\n");
	ns_free(text);
	assert_int_equal(ftruncate(file, NS_SPEC_LARGEST), 0);
	assert_int_equal(ns_spec_read_text(path, &text, &length, &error), NS_OK);
	ns_free(text);
	assert_int_equal(ftruncate(file, NS_SPEC_LARGEST + 1), 0);
	assert_int_equal(ns_spec_read_text(path, &text, &length, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "larger than 16 MiB"));
	close(file);
	unlink(path);
}

/* Every prefix of a real spec: an error or a spec, never a crash (the sanitizers watch). */
static void cut_specs_do_no_harm(void **unused)
{
	struct ns_error error;
	struct ns_spec spec;
	char *text;
	size_t length, n_valid = 0;
	assert_int_equal(ns_spec_read_text(NS_SOURCE_ROOT "/sweeps/concrete.yaml", &text, &length, &error), NS_OK);
	for (size_t cut = 0; cut <= length; cut++) {
		if (ns_spec_parse(&spec, "cut.yaml", text, cut, &error) != NS_OK) {
			assert_int_equal(error.status, NS_BAD_INPUT);
			continue;
		}
		n_valid++;
		ns_spec_finish(&spec);
	}
	assert_true(n_valid >= 1);
	ns_free(text);
}

/* Every one is valid, and named as its file is. */
static size_t read_sweeps(const char *path)
{
	DIR *folder = opendir(path);
	assert_non_null(folder);
	size_t n_specs = 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		const char *suffix = strrchr(entry->d_name, '.');
		char file[1024], *text;
		size_t length;
		struct ns_error error;
		struct ns_spec spec;
		if (suffix == NULL || strcmp(suffix, ".yaml") != 0)
			continue;
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		assert_int_equal(ns_spec_read_text(file, &text, &length, &error), NS_OK);
		if (ns_spec_parse(&spec, file, text, length, &error) != NS_OK)
			fail_msg("%s", error.text);
		assert_memory_equal(spec.experiment.name, entry->d_name, (size_t)(suffix - entry->d_name));
		assert_true(spec.n_points % 5 == 0);
		ns_spec_finish(&spec);
		ns_free(text);
		n_specs++;
	}
	closedir(folder);
	return n_specs;
}

static void ready_sweeps_are_valid(void **unused)
{
	assert_true(read_sweeps(NS_SOURCE_ROOT "/sweeps") >= 9);
	assert_int_equal(read_sweeps(NS_SOURCE_ROOT "/sweeps/init_and_data"), 4 * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(hostile_structure_is_refused_at_once),
		cmocka_unit_test(left_out_keys_take_their_defaults),
		cmocka_unit_test(given_values_are_read),
		cmocka_unit_test(unusual_yaml_is_read),
		cmocka_unit_test(missing_data_files_are_told_with_their_key),
		cmocka_unit_test(unreadable_specs_are_told),
		cmocka_unit_test(cut_specs_do_no_harm),
		cmocka_unit_test(ready_sweeps_are_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
