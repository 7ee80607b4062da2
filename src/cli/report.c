#include "command.h"
#include <nodescale/report.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
	"usage: nodescale report FILE.h5 [-o FILE.html]\n\n"
	"Writes one HTML page on a results file: what was run and what became of every point, all figures with captions, tables\n"
	"of mean +- standard deviation per configuration that sort by a click on a column's head, the spec, and where the "
	"results\n"
	"come from. The page needs nothing besides itself: no network, no scripts to be read. It fits phones and paper, and can "
	"be\n"
	"mailed or archived as it is. Also while a run goes on: it then says what is missing.\n\n"
	"  -o, --output FILE.html   default: the results file's name with .html, in the current folder\n"
	"  -h, --help               this text\n\n"
	"The same results give the same bytes. A page that stands there already is replaced in one step.\n";

static enum ns_status check_output(const char *output, struct ns_error *error)
{
	struct stat found;
	if (*output == 0 || output[strlen(output) - 1] == '/' || (stat(output, &found) == 0 && S_ISDIR(found.st_mode)))
		return ns_error_set(
			error, NS_BAD_INPUT, "-o is '%s', a folder, but must be the file to write, as in -o report.html", output);
	return NS_OK;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	const char *path, *output;
	char derived[4096];
	struct ns_reader *reader = NULL;
	enum ns_status status = ns_read_operand_and_output(argc, argv, &path, &output, error);
	if (status == NS_OK)
		status = ns_need_operand(path, "report", "FILE.h5", error);
	if (status == NS_OK && output == NULL) {
		ns_derive_name(path, ".h5", ".html", derived, sizeof derived);
		output = derived;
	}
	if (status == NS_OK)
		status = check_output(output, error);
	if (status == NS_OK)
		status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	const char *slash = strrchr(path, '/');
	status = ns_report_write(reader, slash != NULL ? slash + 1 : path, output, error);
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_report_command = {
	.name = "report",
	.summary = "write one self-contained HTML page on a results file",
	.help = help,
	.run = run,
};
