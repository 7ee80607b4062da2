#include "protocol.h"
#include <unistd.h>

enum { TAG = 1, POLL_MICROSECONDS = 500 };

void ns_message_send(MPI_Comm comm, int rank, struct ns_message message)
{
	MPI_Send(&message, sizeof message, MPI_BYTE, rank, TAG,
		comm); /* small enough to be sent eagerly: does not wait for the receiver */
}

bool ns_message_poll(MPI_Comm comm, int *rank, struct ns_message *message)
{
	int here;
	MPI_Status status;
	MPI_Iprobe(MPI_ANY_SOURCE, TAG, comm, &here, &status);
	if (!here)
		return false;
	*rank = status.MPI_SOURCE;
	MPI_Recv(message, sizeof *message, MPI_BYTE, *rank, TAG, comm, MPI_STATUS_IGNORE);
	return true;
}

void ns_gather_quietly(MPI_Comm comm)
{
	MPI_Request request;
	int complete = 0;
	MPI_Ibarrier(comm, &request);
	for (MPI_Test(&request, &complete, MPI_STATUS_IGNORE); !complete; MPI_Test(&request, &complete, MPI_STATUS_IGNORE))
		usleep(POLL_MICROSECONDS);
}

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
