/* The one file here that knows MPI; a library of its own, for sweep, store and cli. */
#include <nodescale/agree.h>
#include <unistd.h>

enum { POLL_MICROSECONDS = 500 };

enum ns_status ns_agree(MPI_Comm comm, enum ns_status status, struct ns_error *error)
{
	int rank, n_ranks;
	MPI_Comm_rank(comm, &rank);
	MPI_Comm_size(comm, &n_ranks);
	/* lower is more urgent: a failure of rank r is r, a stop n + r, success 2 n */
	const int mine = status == NS_OK ? 2 * n_ranks : status == NS_STOPPED ? n_ranks + rank : rank;
	int most_urgent;
	MPI_Allreduce(&mine, &most_urgent, 1, MPI_INT, MPI_MIN, comm);
	if (most_urgent == 2 * n_ranks)
		return NS_OK;
	MPI_Bcast(error, sizeof *error, MPI_BYTE, most_urgent % n_ranks, comm);
	return error->status;
}

void ns_gather_quietly(MPI_Comm comm)
{
	MPI_Request request;
	int complete = 0;
	MPI_Ibarrier(comm, &request);
	for (MPI_Test(&request, &complete, MPI_STATUS_IGNORE); !complete; MPI_Test(&request, &complete, MPI_STATUS_IGNORE))
		usleep(POLL_MICROSECONDS);
}
