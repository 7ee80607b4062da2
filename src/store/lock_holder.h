/* Who holds a lock: the text of a lock file. */
#ifndef NODESCALE_LOCK_HOLDER_H
#define NODESCALE_LOCK_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { NS_LOCK_HOST_LENGTH = 256 };

struct ns_process {
	char host[NS_LOCK_HOST_LENGTH];
	int64_t pid;
	uint64_t started; /* clock ticks after the host's start, from /proc; 0: unknown. A number that is used again differs here
			   */
};

struct ns_lock_holder {
	time_t since;
	size_t n_processes;           /* 0: the text could not be read */
	struct ns_process *processes; /* rank 0 first */
};

struct ns_process ns_process_self(void);

/* Whether the process lives; false for one on another host, of which nothing is known. */
bool ns_process_lives(const struct ns_process *process);
bool ns_process_is_here(const struct ns_process *process);

/* Replaces the text of the open lock file. */
bool ns_lock_holder_write(int file, const struct ns_lock_holder *holder);

/* The text of an open lock file; n_processes is 0 if it is empty or no such text. Release with ns_free(holder->processes). */
struct ns_lock_holder ns_lock_holder_read(int file);

bool ns_lock_holder_equal(const struct ns_lock_holder *one, const struct ns_lock_holder *other);

/* "host H, process P, since 2026-01-31 12:00:00 UTC" */
void ns_lock_holder_describe(const struct ns_lock_holder *holder, char *to, size_t size);

#endif
