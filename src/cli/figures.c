#include "command.h"
#include <getopt.h>
#include <nodescale/figures.h>
#include <string.h>

static const char help[] =
	"usage: nodescale figures FILE.h5 -o DIR [--format pdf|png|svg]\n\n"
	"Draws train risk, test risk, weight change, kernel drift and the smallest kernel eigenvalue against steps: a curve per\n"
	"(gamma, alpha, m), mean over seeds with a band of one standard deviation. Beside each figure lie its data as a text "
	"table\n"
	"and the gnuplot script that drew it, made to be adapted.\n\n"
	"  -o, --output DIR      folder for the figures; made if missing\n"
	"      --format FORMAT   pdf (default), png or svg\n"
	"  -h, --help            this text\n";

static enum ns_status parse_format(const char *name, enum ns_figure_format *format, struct ns_error *error)
{
	for (int f = 0; ns_figure_format_names[f] != NULL; f++)
		if (strcmp(name, ns_figure_format_names[f]) == 0) {
			*format = (enum ns_figure_format)f;
			return NS_OK;
		}
	return ns_error_set(error, NS_BAD_INPUT, "--format is '%s' but must be pdf, png or svg", name);
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'}, {"format", required_argument, NULL, 'f'}, {0}};
	const char *path = NULL, *folder = NULL;
	enum ns_figure_format format = NS_FIGURE_PDF;
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", options, &path, error)) != -1;) {
		if (letter == 'o')
			folder = optarg;
		else if (letter != 'f')
			return error->status;
		else if (parse_format(optarg, &format, error) != NS_OK)
			return error->status;
	}
	struct ns_reader *reader = NULL;
	enum ns_status status = ns_need_operand(path, "figures", "FILE.h5", error);
	if (status == NS_OK && folder == NULL)
		status = ns_error_set(error, NS_BAD_INPUT, "nodescale figures: no folder given; add -o DIR");
	if (status == NS_OK)
		status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	status = ns_figures_draw(reader, folder, format, NULL, NULL, error);
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_figures_command = {
	.name = "figures",
	.summary = "draw the five figures of the paper from a results file",
	.help = help,
	.run = run,
};
