#include "command.h"
#include <errno.h>
#include <getopt.h>
#include <nodescale/engine.h>
#include <nodescale/number.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ns_next_option(
	int argc, char **argv, const char *letters, const struct option *options, const char **operand, struct ns_error *error)
{
	opterr = 0;
	for (;;) {
		const int letter =
			getopt_long(argc, argv, letters, options, NULL); /* letters start with '-': operands come as 1 */
		if (letter == 1 && operand == NULL)
			return letter;
		if (letter == 1 && *operand == NULL) {
			*operand = optarg;
			continue;
		}
		if (letter == 1)
			ns_error_set(error, NS_BAD_INPUT, "nodescale %s: unexpected argument '%s'; see nodescale %s --help",
				argv[0], optarg, argv[0]);
		else if (letter == ':')
			ns_error_set(error, NS_BAD_INPUT, "nodescale %s: option '%s' needs a value; see nodescale %s --help",
				argv[0], argv[optind - 1], argv[0]);
		else if (letter == '?')
			ns_error_set(error, NS_BAD_INPUT, "nodescale %s: unknown option '%s'; see nodescale %s --help", argv[0],
				argv[optind - 1], argv[0]);
		else
			return letter;
		return '?';
	}
}

enum ns_status ns_parse_count(const char *text, const char *what, long least, long *value, struct ns_error *error)
{
	char *end;
	errno = 0;
	*value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != 0 || *value < least)
		return ns_error_set(
			error, NS_BAD_INPUT, "%s is '%s' but must be a whole number of at least %ld", what, text, least);
	return NS_OK;
}

/* Whole numbers separated by colons, at most three; returns how many, 0 if it is anything else. */
static int parse_colons(const char *text, double parts[3])
{
	for (int n = 0; n < 3; n++) {
		const size_t digits = strspn(text, "0123456789");
		if (digits == 0 || digits > 9)
			return 0;
		parts[n] = (double)strtol(text, NULL, 10);
		text += digits;
		if (*text == 0)
			return n + 1;
		if (*text++ != ':')
			return 0;
	}
	return 0;
}

/* With days, what follows them starts with hours; without, one part more than minutes and seconds. -1: not written so. */
static double slurm_seconds(const char *text)
{
	static const double unit[] = {3600, 60, 1};
	double parts[3], seconds = 0;
	const char *dash = strchr(text, '-');
	char days[16] = "";
	if (dash != NULL && (size_t)(dash - text) < sizeof days)
		memcpy(days, text, (size_t)(dash - text));
	if (dash != NULL) {
		if (parse_colons(days, parts) != 1)
			return -1;
		seconds = 86400 * parts[0];
		text = dash + 1;
	}
	const int n = parse_colons(text, parts), first = dash != NULL ? 0 : 3 - n;
	if (n == 0 || (dash == NULL && n == 1))
		return -1;
	for (int k = 0; k < n; k++)
		seconds += unit[first + k] * parts[k];
	return seconds;
}

enum ns_status ns_parse_duration(const char *text, const char *what, double *seconds, struct ns_error *error)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	const size_t digits = strspn(text, ".0123456789");
	char number[32] = "";
	if (digits < sizeof number)
		memcpy(number, text, digits);
	for (size_t u = 0; u < sizeof units / sizeof *units; u++)
		if (strcmp(text + digits, units[u].name) == 0 &&
			ns_number_real(number, strlen(number), seconds) == NS_NUMBER_OK) {
			*seconds *= units[u].seconds;
			return NS_OK;
		}
	*seconds = slurm_seconds(text);
	if (*seconds >= 0)
		return NS_OK;
	return ns_error_set(error, NS_BAD_INPUT,
		"%s is '%s' but must be a time: seconds, or with a unit such as 90s, 15m, 2h, or as Slurm writes it: 15:00, "
		"12:00:00, 1-12:00:00",
		what, text);
}

enum ns_status ns_read_operand_and_output(
	int argc, char **argv, const char **operand, const char **output, struct ns_error *error)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'}, {0}};
	*operand = *output = NULL;
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", options, operand, error)) != -1;) {
		if (letter != 'o')
			return error->status;
		*output = optarg;
	}
	return NS_OK;
}

enum ns_status ns_need_operand(const char *operand, const char *command, const char *kind, struct ns_error *error)
{
	if (operand != NULL)
		return NS_OK;
	return ns_error_set(error, NS_BAD_INPUT, "nodescale %s: no %s given; see nodescale %s --help", command, kind, command);
}

void ns_join_arguments(int argc, char **argv, char *to, size_t size)
{
	size_t length = (size_t)snprintf(to, size, "nodescale");
	for (int a = 0; a < argc && length < size; a++)
		length += (size_t)snprintf(to + length, size - length, " %s", argv[a]);
}

enum ns_status ns_parse_engine(const char *name, const struct ns_engine **engine, struct ns_error *error)
{
	*engine = ns_engine_find(name);
	if (*engine != NULL || strcmp(name, "auto") == 0)
		return NS_OK;
	char known[256] = "auto";
	for (const struct ns_engine *const *e = ns_engines; *e != NULL; e++)
		snprintf(known + strlen(known), sizeof known - strlen(known), ", %s", (*e)->name);
	return ns_error_set(error, NS_BAD_INPUT, "--engine is '%s' but must be one of %s", name, known);
}

void ns_derive_name(const char *path, const char *ending, const char *new_ending, char *to, size_t size)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	size_t length = strlen(name);
	const size_t cut = strlen(ending);
	if (length > cut && strcmp(name + length - cut, ending) == 0)
		length -= cut;
	snprintf(to, size, "%.*s%s", (int)length, name, new_ending);
}

enum ns_status ns_write_file(const char *path, enum ns_status (*print)(void *what, FILE *out, struct ns_error *error), void *what,
	struct ns_error *error)
{
	char temporary[4096];
	snprintf(temporary, sizeof temporary, "%s.part", path);
	FILE *out = fopen(temporary, "w");
	if (out == NULL)
		return ns_error_set(error, NS_BAD_INPUT, "%s: cannot be written: %s", path, strerror(errno));
	enum ns_status status = print(what, out, error);
	if (fclose(out) != 0 && status == NS_OK)
		status = ns_error_set(error, NS_FAILED, "%s: writing failed: %s", path, strerror(errno));
	if (status == NS_OK && rename(temporary, path) != 0)
		status = ns_error_set(error, NS_FAILED, "%s: cannot be renamed into place: %s", path, strerror(errno));
	if (status != NS_OK)
		unlink(temporary);
	return status;
}
