/* One verdict for all ranks of a communicator. */
#ifndef NODESCALE_AGREE_H
#define NODESCALE_AGREE_H

#include <mpi.h>
#include <nodescale/status.h>

/* Collective. NS_OK if all ranks come with NS_OK; otherwise all return status and text of the lowest rank that failed.
 * A stop in good order (NS_STOPPED) yields to any failure. */
enum ns_status ns_agree(MPI_Comm comm, enum ns_status status, struct ns_error *error);

/* Collective: waits asleep until all ranks are here. (MPI's own barrier burns a core, which another rank may need.) */
void ns_gather_quietly(MPI_Comm comm);

#endif
