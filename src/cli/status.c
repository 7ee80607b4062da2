#include "command.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/flight.h>
#include <nodescale/lock.h>
#include <nodescale/reader.h>
#include <stdio.h>

static const char help[] =
	"usage: nodescale status FILE.h5 [--json]\n\n"
	"Counts the points of a results file by status, lists those that diverged or crashed, and says who is writing it.\n"
	"Works while a run goes on.\n\n"
	"      --json   one JSON object: {\"name\", \"points\", \"missing\", \"done\", \"diverged\", \"crashed\", \"running\",\n"
	"               \"interrupted\", \"pruned\", \"transferred\", \"not_done\": [..], \"writer\"}\n"
	"  -h, --help   this text\n\n"
	"Every point is missing, done, diverged or crashed: set aside after it was in flight at two deaths of the program. Of\n"
	"the missing ones some are running (in flight), and some were interrupted (in flight at one death). writer: who holds\n"
	"FILE.h5.lock, or null.\n";

struct counts {
	size_t missing, done, diverged, crashed; /* all points */
	size_t running, interrupted;             /* of the missing ones; a point can be both */
	size_t followups[NS_FOLLOWUP_COUNT];     /* of those done: computed after training */
};

static enum ns_status count_states(struct ns_reader *reader, struct counts *to, struct ns_error *error)
{
	struct counts counts = {0};
	enum ns_status status = NS_OK;
	const uint8_t *state = ns_reader_status(reader), *byte = ns_reader_status_bytes(reader);
	for (size_t p = 0; p < ns_reader_point_count(reader); p++) {
		counts.missing += state[p] == NS_POINT_MISSING;
		counts.done += state[p] == NS_POINT_DONE;
		counts.diverged += state[p] == NS_POINT_DIVERGED;
		counts.crashed += state[p] == NS_POINT_CRASHED;
		counts.running += byte[p] == NS_POINT_RUNNING || byte[p] == NS_POINT_RUNNING_AGAIN;
		counts.interrupted += byte[p] == NS_POINT_INTERRUPTED || byte[p] == NS_POINT_RUNNING_AGAIN;
	}
	for (int f = 0; f < NS_FOLLOWUP_COUNT && status == NS_OK; f++)
		status = ns_reader_followup_count(reader, (enum ns_followup)f, &counts.followups[f], error);
	*to = counts;
	return status;
}

/* Points that failed: neither done nor simply missing. */
static bool is_notable(uint8_t status)
{
	return status == NS_POINT_DIVERGED || status == NS_POINT_CRASHED;
}

static void print_count(const char *what, size_t count, bool always)
{
	if (count > 0 || always)
		printf("  %-9s %zu\n", what, count);
}

static void print_text(const struct ns_reader *reader, const struct counts *counts, const char *writer)
{
	const size_t n = ns_reader_point_count(reader);
	printf("%s: %zu points of %" PRIu64 " steps\n", ns_reader_spec_name(reader), n, ns_reader_experiment(reader)->steps);
	print_count("missing", counts->missing, false);
	if (counts->running > 0)
		printf("            %zu in flight%s\n", counts->running, writer != NULL ? "" : " when the last run died");
	if (counts->interrupted > 0)
		printf("            %zu in flight at an earlier death\n", counts->interrupted);
	print_count("done", counts->done, true);
	for (int f = 0; f < NS_FOLLOWUP_COUNT; f++)
		if (counts->followups[f] > 0)
			printf("            %s of %zu\n", ns_followups[f].noun, counts->followups[f]);
	print_count("diverged", counts->diverged, false);
	print_count("crashed", counts->crashed, false);
	if (writer != NULL)
		printf("a run is writing it: %s\n", writer);
	for (size_t p = 0; p < n; p++) {
		const struct ns_point *point = &ns_reader_points(reader)[p];
		const uint8_t state = ns_reader_status(reader)[p];
		if (is_notable(state))
			printf("%s: gamma %g, alpha %g, m %" PRIu64 ", seed %" PRIu64 "\n", ns_point_status_names[state],
				point->gamma, point->alpha, point->m, point->seed);
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

static void print_json(const struct ns_reader *reader, const struct counts *counts, const char *writer)
{
	const size_t n = ns_reader_point_count(reader);
	fputs("{\"name\": ", stdout);
	print_json_text(ns_reader_spec_name(reader));
	printf(", \"points\": %zu, \"missing\": %zu, \"done\": %zu, \"diverged\": %zu, \"crashed\": %zu, \"running\": %zu, "
	       "\"interrupted\": %zu, \"pruned\": %zu, \"transferred\": %zu, \"not_done\": [",
		n, counts->missing, counts->done, counts->diverged, counts->crashed, counts->running, counts->interrupted,
		counts->followups[NS_PRUNE], counts->followups[NS_TRANSFER]);
	const char *separator = "";
	for (size_t p = 0; p < n; p++) {
		const struct ns_point *point = &ns_reader_points(reader)[p];
		if (!is_notable(ns_reader_status(reader)[p]))
			continue;
		printf("%s{\"gamma\": %.17g, \"alpha\": ", separator, point->gamma);
		printf(isnan(point->alpha) ? "null" : "%.17g", point->alpha);
		printf(", \"m\": %" PRIu64 ", \"seed\": %" PRIu64 ", \"status\": \"%s\"}", point->m, point->seed,
			ns_point_status_names[ns_reader_status(reader)[p]]);
		separator = ", ";
	}
	fputs("], \"writer\": ", stdout);
	if (writer != NULL)
		print_json_text(writer);
	else
		fputs("null", stdout);
	puts("}");
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
	char holder[512];
	const char *writer = ns_lock_is_held(path, holder, sizeof holder) ? holder : NULL;
	struct counts counts;
	status = count_states(reader, &counts, error);
	if (status == NS_OK)
		(json ? print_json : print_text)(reader, &counts, writer);
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_status_command = {
	.name = "status",
	.summary = "count a results file's points by status, also while a run goes on",
	.help = help,
	.run = run,
};
