#include "command.h"
#include <mpi.h>
#include <nodescale/fault.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ns_command *const commands[] = {&ns_run_command, &ns_plan_command, &ns_status_command, &ns_verify_command,
	&ns_merge_command, &ns_prune_command, &ns_transfer_command, &ns_figures_command, &ns_theory_command, &ns_report_command,
	&ns_export_command, &ns_bench_command};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
	fputs("nodescale trains every point of a (gamma, alpha, m, seed) grid of wide shallow networks with asymmetrical node\n"
	      "scaling (arXiv 2302.01002), keeps all results in one HDF5 file, and draws the figures from that file.\n\n"
	      "usage: nodescale COMMAND [...]        nodescale COMMAND --help tells more\n\n",
		out);
	for (size_t c = 0; c < COMMANDS; c++)
		fprintf(out, "  %-9s %s\n", commands[c]->name, commands[c]->summary);
	fputs("\n"
	      "  nodescale run sweeps/quickstart.yaml                  one process, all cores it may use\n"
	      "  mpirun -n 8 nodescale run sweeps/simulated.yaml       eight ranks, one file: simulated.h5\n"
	      "  nodescale figures simulated.h5 -o figures             the figures as PDF\n"
	      "  nodescale report simulated.h5 -o report.html          all of it on one page for a browser\n\n"
	      "Running `run` again continues: only missing points are trained. sweeps/reference.yaml documents every key of a "
	      "spec.\n"
	      "Exit codes: 0 done; 1 failure; 2 usage, spec or input error; 75 stopped early in good order, run again to "
	      "continue.\n",
		out);
}

/* mpirun starts every rank; a command without MPI is for one of them. */
static bool is_spare_rank(void)
{
	const char *rank = getenv("OMPI_COMM_WORLD_RANK");
	return rank != NULL && strcmp(rank, "0") != 0;
}

static int run(const struct ns_command *command, int argc, char **argv)
{
	const bool spare = is_spare_rank();
	for (int a = 1; a < argc && strcmp(argv[a], "--") != 0; a++)
		if (strcmp(argv[a], "--help") == 0 || strcmp(argv[a], "-h") == 0) {
			if (!spare)
				fputs(command->help, stdout);
			return NS_OK;
		}
	if (spare && !command->parallel)
		return NS_OK;
	struct ns_error error;
	int provided, rank = 0;
	if (command->prepare != NULL)
		command->prepare();
	if (command->parallel) {
		MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
		MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	}
	enum ns_status status = ns_fault_start(getenv("NODESCALE_FAULT"), rank, &error); /* the same verdict on every rank */
	if (status == NS_OK)
		status = command->run(argc, argv, &error);
	if (status != NS_OK && !spare)
		fprintf(stderr, "nodescale: %s\n", error.text);
	if (command->parallel)
		MPI_Finalize(); /* after the message: mpirun ends all ranks as soon as one has left with a code */
	return status;
}

int main(int argc, char **argv)
{
	for (size_t c = 0; argc > 1 && c < COMMANDS; c++)
		if (strcmp(argv[1], commands[c]->name) == 0)
			return run(commands[c], argc - 1, argv + 1);
	if (is_spare_rank())
		return NS_OK;
	if (argc < 2) {
		print_help(stderr);
		return NS_BAD_INPUT;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return NS_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("nodescale %s\n", NODESCALE_VERSION);
		return NS_OK;
	}
	fprintf(stderr, "nodescale: there is no command '%s'; see nodescale --help\n", argv[1]);
	return NS_BAD_INPUT;
}
