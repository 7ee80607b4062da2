#include "agree.h"

enum ns_status ns_agree(MPI_Comm comm, enum ns_status own, struct ns_error *error)
{
	int rank, size, failed;
	MPI_Comm_rank(comm, &rank);
	MPI_Comm_size(comm, &size);
	const int mine = own == NS_OK ? size : rank;
	MPI_Allreduce(&mine, &failed, 1, MPI_INT, MPI_MIN, comm);
	if (failed == size)
		return NS_OK;
	MPI_Bcast(error, sizeof *error, MPI_BYTE, failed, comm);
	return error->status;
}
