/* Messages between the coordinator (rank 0) and the other ranks. All are one struct sent as bytes: ranks run the same binary. */
#ifndef NODESCALE_PROTOCOL_H
#define NODESCALE_PROTOCOL_H

#include <mpi.h>
#include <nodescale/sweep.h>

enum ns_message_kind {
	/* to the coordinator */
	NS_MESSAGE_REQUEST,  /* another point, please; answered by one GRANT */
	NS_MESSAGE_FINISHED, /* point is written; flag: it diverged */
	NS_MESSAGE_RELEASED, /* point was given up in good order; flag: it has a checkpoint */
	NS_MESSAGE_STOPPING, /* this rank stops as `stop` says, because of `reason`; everyone should */
	NS_MESSAGE_LEAVING,  /* the last message of this rank */
	/* from the coordinator */
	NS_MESSAGE_GRANT, /* point, or NS_NO_POINT: there are no more */
	NS_MESSAGE_STOP,  /* stop as `stop` says, because of `reason` */
};

enum ns_stop_reason { NS_REASON_SIGNAL, NS_REASON_DEADLINE, NS_REASON_FAILURE };

struct ns_message {
	enum ns_message_kind kind;
	bool flag;
	enum ns_stop stop;
	enum ns_stop_reason reason;
	size_t point;
};

void ns_message_send(MPI_Comm comm, int rank, struct ns_message message);

/* Takes one message if one has come; its sender in *rank. Never waits. */
bool ns_message_poll(MPI_Comm comm, int *rank, struct ns_message *message);

#endif
