/* One verdict for all ranks. Private to src/store. */
#ifndef NODESCALE_STORE_AGREE_H
#define NODESCALE_STORE_AGREE_H

#include <mpi.h>
#include <nodescale/status.h>

/* Collective. NS_OK if all ranks come with NS_OK; otherwise all return status and text of the lowest rank that failed. */
enum ns_status ns_agree(MPI_Comm comm, enum ns_status own, struct ns_error *error);

#endif
