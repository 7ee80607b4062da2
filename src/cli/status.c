#include "command.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/reader.h>
#include <stdio.h>

static const char help[] =
	"usage: nodescale status FILE.h5 [--json]\n\n"
	"Counts the points of a results file by status and lists those that diverged or crashed. Works while a run goes on.\n\n"
	"      --json   one JSON object: {\"name\", \"points\", \"missing\", \"done\", \"diverged\", \"crashed\", \"not_done\": "
	"[..]}\n"
	"  -h, --help   this text\n";

static const char *const state_names[] = {"missing", "done", "diverged", "crashed"};
enum { STATES = sizeof state_names / sizeof *state_names };

static void count_states(const struct ns_reader *reader, size_t counts[STATES])
{
	const uint8_t *status = ns_reader_status(reader);
	for (size_t p = 0; p < ns_reader_point_count(reader); p++)
		counts[status[p] < STATES ? status[p] : NS_POINT_MISSING]++;
}

/* Points that failed: neither done nor simply missing. */
static bool is_notable(uint8_t status)
{
	return status == NS_POINT_DIVERGED || status == NS_POINT_CRASHED;
}

static void print_text(const struct ns_reader *reader, const size_t counts[STATES])
{
	const size_t n = ns_reader_point_count(reader);
	printf("%s: %zu points of %" PRIu64 " steps\n", ns_reader_spec_name(reader), n, ns_reader_experiment(reader)->steps);
	for (int state = 0; state < STATES; state++)
		if (counts[state] > 0 || state == NS_POINT_DONE)
			printf("  %-9s %zu\n", state_names[state], counts[state]);
	for (size_t p = 0; p < n; p++) {
		const struct ns_point *point = &ns_reader_points(reader)[p];
		if (is_notable(ns_reader_status(reader)[p]))
			printf("%s: gamma %g, alpha %g, m %" PRIu64 ", seed %" PRIu64 "\n",
				state_names[ns_reader_status(reader)[p]], point->gamma, point->alpha, point->m, point->seed);
	}
}

static void print_json_text(const char *text)
{
	putchar('"');
	for (; *text != 0; text++)
		if ((unsigned char)*text < 0x20)
			printf("\\u%04x", *text);
		else
			printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	putchar('"');
}

static void print_json(const struct ns_reader *reader, const size_t counts[STATES])
{
	const size_t n = ns_reader_point_count(reader);
	fputs("{\"name\": ", stdout);
	print_json_text(ns_reader_spec_name(reader));
	printf(", \"points\": %zu", n);
	for (int state = 0; state < STATES; state++)
		printf(", \"%s\": %zu", state_names[state], counts[state]);
	fputs(", \"not_done\": [", stdout);
	const char *separator = "";
	for (size_t p = 0; p < n; p++) {
		const struct ns_point *point = &ns_reader_points(reader)[p];
		if (!is_notable(ns_reader_status(reader)[p]))
			continue;
		printf("%s{\"gamma\": %.17g, \"alpha\": ", separator, point->gamma);
		printf(isnan(point->alpha) ? "null" : "%.17g", point->alpha);
		printf(", \"m\": %" PRIu64 ", \"seed\": %" PRIu64 ", \"status\": \"%s\"}", point->m, point->seed,
			state_names[ns_reader_status(reader)[p]]);
		separator = ", ";
	}
	puts("]}");
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	const char *path = NULL;
	bool json = false;
	for (int letter; (letter = ns_next_option(argc, argv, "-:", options, &path, error)) != -1;) {
		if (letter != 'j')
			return error->status;
		json = true;
	}
	struct ns_reader *reader = NULL;
	enum ns_status status = ns_need_operand(path, "status", "FILE.h5", error);
	if (status == NS_OK)
		status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	size_t counts[STATES] = {0};
	count_states(reader, counts);
	(json ? print_json : print_text)(reader, counts);
	ns_reader_close(reader);
	return NS_OK;
}

const struct ns_command ns_status_command = {
	.name = "status",
	.summary = "count a results file's points by status, also while a run goes on",
	.help = help,
	.run = run,
};
