#include "command.h"
#include <errno.h>
#include <getopt.h>
#include <nodescale/engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
