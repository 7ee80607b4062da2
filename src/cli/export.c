#include "command.h"
#include <nodescale/figures.h>
#include <stdio.h>

static const char help[] =
	"usage: nodescale export FILE.h5 [-o FILE.csv]\n\n"
	"Writes one row per (point, recorded step) as CSV, numbers with 17 digits so that they read back to the same double.\n\n"
	"  -o, --output FILE.csv   default: standard output\n"
	"  -h, --help              this text\n";

static enum ns_status print(void *reader, FILE *out, struct ns_error *error)
{
	return ns_export_csv(reader, out, error);
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	const char *path, *output;
	struct ns_reader *reader = NULL;
	enum ns_status status = ns_read_operand_and_output(argc, argv, &path, &output, error);
	if (status == NS_OK)
		status = ns_need_operand(path, "export", "FILE.h5", error);
	if (status == NS_OK)
		status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	status = output != NULL ? ns_write_file(output, print, reader, error) : ns_export_csv(reader, stdout, error);
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_export_command = {
	.name = "export",
	.summary = "write all trajectories as one CSV table",
	.help = help,
	.run = run,
};
