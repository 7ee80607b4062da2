/* What the commands share that compute under mpirun. */
#ifndef NODESCALE_CLI_RANK_H
#define NODESCALE_CLI_RANK_H

#include <signal.h>

/* SIGTERM, SIGINT and SIGUSR1 from now on ask for a stop. Returns where: enum ns_stop. To be called before MPI is initialised, so
 * that a stop during start-up is one in good order too, and again after it, as MPI may set handlers of its own. */
const volatile sig_atomic_t *ns_signals_catch(void);

/* The cores this rank may use: what it is bound to, or its share of the machine when mpirun left all ranks unbound. Collective,
 * and before OpenBLAS is told its threads. */
int ns_default_threads(void);

#endif
