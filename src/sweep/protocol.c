#include "protocol.h"

enum { TAG = 1 };

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
