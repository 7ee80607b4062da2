#include "command.h"
#include <getopt.h>
#include <nodescale/lock.h>
#include <nodescale/log.h>
#include <nodescale/memory.h>
#include <nodescale/store.h>
#include <stdio.h>

static const char help[] = "usage: nodescale merge A.h5 B.h5 [..] -o C.h5\n\n"
			   "Joins results files of one experiment whose points were trained in parts, as by the tasks of a job "
			   "array. C.h5 holds the\n"
			   "points of all files, each with its result where one file has it; its digest is that of a single run. "
			   "Files of different\n"
			   "experiments, damaged files, and files that hold different results of one point are refused.\n\n"
			   "  -o, --output C.h5   file to make; it must not exist\n"
			   "  -h, --help          this text\n";

static enum ns_status merge(
	const char *const *inputs, size_t n_inputs, const char *output, const char *command_line, struct ns_error *error)
{
	struct ns_merged merged;
	if (n_inputs == 0)
		return ns_need_operand(NULL, "merge", "A.h5", error);
	if (output == NULL)
		return ns_error_set(error, NS_BAD_INPUT, "nodescale merge: no -o C.h5 given; see nodescale merge --help");
	struct ns_lock *lock;
	enum ns_status status = ns_lock_take(&lock, output, &(struct ns_lock_patience){0}, error);
	if (status != NS_OK)
		return status;
	status = ns_store_merge(inputs, n_inputs, output, command_line, &merged, error);
	ns_lock_release(lock);
	if (status == NS_OK)
		fprintf(stderr, "%s: %zu of %zu point%s finished, from %zu file%s\n", output, merged.finished, merged.points,
			ns_plural(merged.points), n_inputs, ns_plural(n_inputs));
	return status;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'}, {0}};
	const char *output = NULL, **inputs = ns_alloc((size_t)argc, sizeof *inputs);
	size_t n_inputs = 0;
	char command_line[4096];
	enum ns_status status = NS_OK;
	if (inputs == NULL)
		return ns_error_memory(error, "the list of files", 8.0 * argc);
	ns_join_arguments(argc, argv, command_line, sizeof command_line); /* before getopt reorders them */
	for (int letter; status == NS_OK && (letter = ns_next_option(argc, argv, "-:o:", options, NULL, error)) != -1;) {
		if (letter == 1)
			inputs[n_inputs++] = optarg;
		else if (letter == 'o')
			output = optarg;
		else
			status = error->status;
	}
	if (status == NS_OK)
		status = merge(inputs, n_inputs, output, command_line, error);
	ns_free(inputs);
	return status;
}

const struct ns_command ns_merge_command = {
	.name = "merge",
	.summary = "join results files of one experiment that was run in parts",
	.help = help,
	.run = run,
};
