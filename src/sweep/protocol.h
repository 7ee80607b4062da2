/* Messages between the coordinator (rank 0) and the other ranks. All are one struct sent as bytes: ranks run the same binary. */
#ifndef NODESCALE_PROTOCOL_H
#define NODESCALE_PROTOCOL_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

enum ns_message_kind {
	/* to the coordinator */
	NS_MESSAGE_REQUEST,  /* another point, please; answered by one GRANT */
	NS_MESSAGE_FINISHED, /* point is written; flag: it diverged */
	NS_MESSAGE_FAILED,   /* this rank trains no more; others should not start anything new */
	NS_MESSAGE_LEAVING,  /* the last message of this rank */
	/* from the coordinator */
	NS_MESSAGE_GRANT, /* point, or NS_NO_POINT: there are no more */
	NS_MESSAGE_STOP,  /* give up what is in flight */
};

struct ns_message {
	enum ns_message_kind kind;
	bool flag;
	size_t point;
};

void ns_message_send(MPI_Comm comm, int rank, struct ns_message message);

/* Takes one message if one has come; its sender in *rank. Never waits. */
bool ns_message_poll(MPI_Comm comm, int *rank, struct ns_message *message);

#endif
