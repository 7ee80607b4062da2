/* A lock for all ranks of a run: rank 0 takes it, the others join. */
#include "lock_private.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/agree.h>
#include <nodescale/memory.h>
#include <string.h>
#include <unistd.h>

static const double join_seconds = 10, retry_seconds = 0.05; /* network file systems may show a new file late */

/* What rank 0 tells the others. */
struct invitation {
	bool by_name;
	time_t since;
	struct ns_process owner;
};

static bool is_signed_by(int file, const struct invitation *invitation)
{
	struct ns_process owner = invitation->owner;
	const struct ns_lock_holder expected = {invitation->since, 1, &owner};
	struct ns_lock_holder found = ns_lock_holder_read(file);
	const bool right = ns_lock_holder_equal(&found, &expected);
	ns_free(found.processes);
	return right;
}

/* The text is looked at under the lock: had rank 0 died meanwhile, a newcomer might have let us in. */
static bool try_to_join(struct ns_lock *lock, const struct invitation *invitation)
{
	lock->file = open(lock->path, O_RDWR | O_CLOEXEC);
	if (lock->file >= 0 && (ns_lock_range(lock->file, F_RDLCK, NS_LOCK_MEMBERS, 1) || !ns_lock_is_refused(errno)) &&
		ns_lock_is_at(lock->file, lock->path) && is_signed_by(lock->file, invitation))
		return true;
	if (lock->file >= 0)
		close(lock->file);
	lock->file = -1;
	return false;
}

static enum ns_status join(struct ns_lock **out, const char *path, const struct invitation *invitation, struct ns_error *error)
{
	struct ns_lock *lock = ns_lock_allocate(path, error);
	if (lock == NULL)
		return error->status;
	lock->self = ns_process_self();
	lock->by_name = invitation->by_name;
	const double started = ns_log_clock();
	while (!lock->by_name && !try_to_join(lock, invitation)) {
		if (ns_log_clock() - started > join_seconds) {
			const enum ns_status status = ns_error_set(
				error, NS_FAILED, "host %s does not see the lock file %s of rank 0", lock->self.host, lock->path);
			ns_free(lock);
			return status;
		}
		usleep((useconds_t)(1e6 * retry_seconds));
	}
	*out = lock;
	return NS_OK;
}

/* Without the kernel's help the text must list every process. */
static enum ns_status list_everyone(struct ns_lock *lock, MPI_Comm comm, struct ns_error *error)
{
	int rank, n_ranks;
	MPI_Comm_rank(comm, &rank);
	MPI_Comm_size(comm, &n_ranks);
	struct ns_process *everyone = rank == 0 ? ns_alloc((size_t)n_ranks, sizeof *everyone) : NULL;
	enum ns_status status = rank > 0 || everyone != NULL ? NS_OK : ns_error_memory(error, "the ranks of a lock", 0);
	status = ns_agree(comm, status, error);
	if (status == NS_OK)
		MPI_Gather(&lock->self, sizeof lock->self, MPI_BYTE, everyone, sizeof lock->self, MPI_BYTE, 0, comm);
	if (status == NS_OK && rank == 0) {
		const struct ns_lock_holder holder = {lock->holder.since, (size_t)n_ranks, everyone};
		if (!ns_lock_holder_write(lock->file, &holder))
			status = ns_error_set(
				error, NS_FAILED, "the lock file %s cannot be written: %s", lock->path, strerror(errno));
	}
	ns_free(everyone);
	return ns_agree(comm, status, error);
}

enum ns_status ns_lock_take_together(
	struct ns_lock **out, const char *path, const struct ns_lock_patience *patience, MPI_Comm comm, struct ns_error *error)
{
	struct invitation invitation = {0};
	struct ns_lock *lock = NULL;
	int rank;
	MPI_Comm_rank(comm, &rank);
	enum ns_status status = rank == 0 ? ns_lock_take(&lock, path, patience, error) : NS_OK;
	if (rank == 0 && status == NS_OK)
		invitation = (struct invitation){lock->by_name, lock->holder.since, lock->self};
	ns_gather_quietly(comm); /* rank 0 may wait for long */
	status = ns_agree(comm, status, error);
	if (status != NS_OK)
		return status;
	MPI_Bcast(&invitation, sizeof invitation, MPI_BYTE, 0, comm);
	if (rank > 0)
		status = join(&lock, path, &invitation, error);
	status = ns_agree(comm, status, error);
	if (status == NS_OK && invitation.by_name)
		status = list_everyone(lock, comm, error);
	if (status != NS_OK) {
		ns_lock_release(lock);
		return status;
	}
	*out = lock;
	return NS_OK;
}

void ns_lock_release_together(struct ns_lock *lock, MPI_Comm comm)
{
	int rank;
	MPI_Comm_rank(comm, &rank);
	if (rank > 0)
		ns_lock_release(lock);
	ns_gather_quietly(comm);
	if (rank == 0)
		ns_lock_release(lock);
}
