/* What `run` and `plan` begin with: a spec and its data set. */
#ifndef NODESCALE_LOAD_H
#define NODESCALE_LOAD_H

#include <mpi.h>
#include <nodescale/engine.h>
#include <nodescale/spec.h>

/* Reads spec and data on this process. On failure nothing needs releasing. */
enum ns_status ns_load(const char *path, struct ns_spec *spec, struct ns_data *data, struct ns_error *error);

/* The same for all ranks of comm: rank 0 reads files and broadcasts what it read; all ranks return the same. */
enum ns_status ns_load_everywhere(
	const char *path, MPI_Comm comm, struct ns_spec *spec, struct ns_data *data, struct ns_error *error);

/* From rank 0 to all ranks, which allocate data themselves. A rank without the memory for it ends the program. */
void ns_broadcast(void *block, size_t bytes, MPI_Comm comm);
void ns_broadcast_data(struct ns_data *data, MPI_Comm comm);

/* NS_BAD_INPUT if the engine (NULL: auto) refuses a point of the spec. */
enum ns_status ns_check_engine(
	const struct ns_spec *spec, const struct ns_data *data, const struct ns_engine *engine, struct ns_error *error);

#endif
