#include "command.h"
#include "followup.h"

static const char help[] =
	"usage: nodescale transfer FILE.h5 [--threads K] [--wait T]\n\n"
	"After training: takes the features of the k nodes of largest lambda, k = 10, 20, .. 100, trains a network k-64-64-1 on "
	"them\n"
	"with the first half of the validation samples, and stores its risks on both halves, of all points that are done.\n"
	"`nodescale figures` draws them.\n\n" NS_FOLLOWUP_HELP;

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	return ns_followup_run(NS_TRANSFER, argc, argv, error);
}

const struct ns_command ns_transfer_command = {
	.name = "transfer",
	.summary = "risk of small networks trained on the features of the trained ones",
	.help = help,
	.parallel = true,
	.prepare = ns_followup_prepare,
	.run = run,
};
