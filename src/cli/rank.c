#include "rank.h"
#include <mpi.h>
#include <nodescale/sweep.h>
#include <omp.h>
#include <unistd.h>

static volatile sig_atomic_t stop_requested, times_asked; /* all that a signal handler touches */

/* SIGUSR1 is a hint before a time limit and may come any number of times, or be followed by SIGTERM. */
static void request_stop(int signal_number)
{
	if (signal_number != SIGUSR1)
		times_asked = times_asked + 1;
	stop_requested = times_asked > 1 ? NS_STOP_AT_ONCE : NS_STOP_IN_ORDER;
	if (times_asked > 2) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
}

const volatile sig_atomic_t *ns_signals_catch(void)
{
	const struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	return &stop_requested;
}

int ns_default_threads(void)
{
	MPI_Comm machine;
	int ranks;
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
	MPI_Comm_size(machine, &ranks);
	MPI_Comm_free(&machine);
	const int allowed = omp_get_max_threads(); /* counts the affinity mask, or OMP_NUM_THREADS */
	const bool whole_machine = allowed >= sysconf(_SC_NPROCESSORS_ONLN);
	return whole_machine && allowed / ranks >= 1 ? allowed / ranks : whole_machine ? 1 : allowed;
}
