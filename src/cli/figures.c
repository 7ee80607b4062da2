#include "command.h"
#include <getopt.h>
#include <nodescale/figures.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"usage: nodescale figures FILE.h5 -o DIR [--format pdf|png|svg] [--where CONDITION] [--x KEY [--y KEY]] [...]\n\n"
	"Draws what the file has something for: train risk, test risk, weight change, kernel drift and the smallest kernel\n"
	"eigenvalue against steps (a curve per gamma, alpha, m: mean over seeds, band of one standard deviation); that "
	"eigenvalue\n"
	"over its bound and the risk under the decay that the convergence theorem guarantees (see nodescale theory); where "
	"there\n"
	"are three widths, drift against the width with its exponents; phase diagrams where the grid has three values of two "
	"keys;\n"
	"final and best test risk. Beside each figure lie its data as a text table and the gnuplot script that drew it, made to "
	"be\n"
	"adapted: a script that you change is kept and used.\n\n"
	"  -o, --output DIR       folder for the figures; made if missing\n"
	"      --format FORMAT    pdf (default), png or svg\n"
	"      --where CONDITION  only points that meet it: 'gamma<1 and m==2000'; gamma, alpha, m and seed, with < <= > >= == "
	"!=,\n"
	"                         joined by `and` or a comma. Of many curves, all are drawn then, not only twelve\n\n"
	"Other figures than those, where any of these is given:\n"
	"      --quantity NAME    test_risk, train_risk, ntk_drift_relative, weight_delta_max, or another that is recorded, such "
	"as\n"
	"                         weight_delta_quantile[0.5]; default: these four\n"
	"      --x KEY            step: curves against steps; gamma, alpha, m or seed: curves against it\n"
	"      --y KEY            with --x: a map over two of gamma, alpha, m and seed, with its spread beside it\n"
	"      --log AXES         which axes are logarithmic: a list of x, y and value, or none; default: m over a wide range,\n"
	"                         risks, and values over a wide range\n\n"
	"For all of them:\n"
	"      --over KEYS        what is averaged over: a list of gamma, alpha, m and seed, or none; default: seed\n"
	"      --at WHEN          what maps and curves against a key show of a run: last (default), best (where its test risk "
	"is\n"
	"                         smallest), or a recorded step\n"
	"  -h, --help             this text\n\n"
	"  nodescale figures phase.h5 -o figures --x gamma --y alpha --quantity ntk_drift_relative --where m==2000\n"
	"  nodescale figures width.h5 -o figures --x m --quantity 'weight_delta_quantile[0.99]' --log x,value\n";

static enum ns_status parse_format(const char *name, enum ns_figure_format *format, struct ns_error *error)
{
	for (int f = 0; ns_figure_format_names[f] != NULL; f++)
		if (strcmp(name, ns_figure_format_names[f]) == 0) {
			*format = (enum ns_figure_format)f;
			return NS_OK;
		}
	return ns_error_set(error, NS_BAD_INPUT, "--format is '%s' but must be pdf, png or svg", name);
}

/* The command that makes the figures again, wherever the file and the figures lie: their metadata must not depend on that. */
struct command {
	char text[2048];
	size_t length;
};

static void append(struct command *command, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+";
	const bool quoted = *word == 0 || word[strspn(word, plain)] != 0;
	char *to = command->text;
	size_t n = command->length;
	const size_t room = sizeof command->text - 8;
	if (n > 0 && n < room)
		to[n++] = ' ';
	if (quoted && n < room)
		to[n++] = '\'';
	for (; *word != 0 && n < room; word++)
		if (*word == '\'') {
			memcpy(to + n, "'\\''", 4);
			n += 4;
		} else {
			to[n++] = *word;
		}
	if (quoted && n < sizeof command->text - 1)
		to[n++] = '\'';
	to[n] = 0;
	command->length = n;
}

static void start_command(struct command *command, const char *path, enum ns_figure_format format)
{
	const char *slash = strrchr(path, '/');
	const char *const words[] = {"nodescale", "figures", slash != NULL ? slash + 1 : path, "-o", "figures", "--format",
		ns_figure_format_names[format]};
	for (size_t w = 0; w < sizeof words / sizeof *words; w++)
		append(command, words[w]);
}

static const struct option long_options[] = {{"output", required_argument, NULL, 'o'}, {"format", required_argument, NULL, 'f'},
	{"where", required_argument, NULL, 'w'}, {"x", required_argument, NULL, 'x'}, {"y", required_argument, NULL, 'y'},
	{"quantity", required_argument, NULL, 'q'}, {"at", required_argument, NULL, 't'}, {"over", required_argument, NULL, 'v'},
	{"log", required_argument, NULL, 'l'}, {0}};

/* What was asked for, in the order of the table. */
struct request {
	const char *path, *folder;
	enum ns_figure_format format;
	const char *texts[sizeof long_options / sizeof *long_options];
	struct ns_figure_options options;
};

static enum ns_status parse(int argc, char **argv, struct request *request, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", long_options, &request->path, error)) != -1;) {
		size_t which = 0;
		while (long_options[which].name != NULL && long_options[which].val != letter)
			which++;
		if (long_options[which].name == NULL)
			return error->status;
		if (letter == 'o')
			request->folder = optarg;
		else if (letter == 'f')
			status = parse_format(optarg, &request->format, error);
		else
			status = ns_figure_option_parse(&request->options, long_options[which].name, optarg, error);
		if (status != NS_OK)
			return status;
		request->texts[which] = letter == 'o' || letter == 'f' ? NULL : optarg;
	}
	if (status == NS_OK)
		status = ns_need_operand(request->path, "figures", "FILE.h5", error);
	if (status == NS_OK && request->folder == NULL)
		status = ns_error_set(error, NS_BAD_INPUT, "nodescale figures: no folder given; add -o DIR");
	return status;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	struct request request = {.format = NS_FIGURE_PDF};
	struct command command = {.length = 0};
	struct ns_reader *reader = NULL;
	enum ns_status status = parse(argc, argv, &request, error);
	if (status == NS_OK)
		status = ns_reader_open(&reader, request.path, error);
	if (status != NS_OK)
		return status;
	start_command(&command, request.path, request.format);
	for (size_t o = 0; long_options[o].name != NULL; o++)
		if (request.texts[o] != NULL) {
			char name[32];
			snprintf(name, sizeof name, "--%s", long_options[o].name);
			append(&command, name);
			append(&command, request.texts[o]);
		}
	request.options.command = command.text;
	status = ns_figures_draw(reader, request.folder, request.format, &request.options, NULL, error);
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_figures_command = {
	.name = "figures",
	.summary = "draw the figures of the paper, phase diagrams and any others from a results file",
	.help = help,
	.run = run,
};
