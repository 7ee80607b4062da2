#include "command.h"
#include "followup.h"

static const char help[] = "usage: nodescale prune FILE.h5 [--threads K] [--wait T]\n\n"
			   "After training: sets lambda to 0 for the nodes of smallest lambda first, and stores train and test "
			   "risk at every 5 % of m,\n"
			   "of all points that are done. `nodescale figures` draws them.\n\n" NS_FOLLOWUP_HELP;

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	return ns_followup_run(NS_PRUNE, argc, argv, error);
}

const struct ns_command ns_prune_command = {
	.name = "prune",
	.summary = "risk of the trained networks without their smallest nodes",
	.help = help,
	.parallel = true,
	.prepare = ns_followup_prepare,
	.run = run,
};
