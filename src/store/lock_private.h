/* A lock as lock.c and lock_ranks.c know it. */
#ifndef NODESCALE_LOCK_PRIVATE_H
#define NODESCALE_LOCK_PRIVATE_H

#include "lock_holder.h"
#include <limits.h>
#include <nodescale/lock.h>
#include <pthread.h>

enum { NS_LOCK_OWNER = 0, NS_LOCK_MEMBERS = 1 }; /* bytes of the lock file */

struct ns_lock {
	char path[PATH_MAX]; /* of the lock file */
	int file;
	bool is_owner, by_name;       /* by_name: the file system has no locks */
	struct ns_lock_holder holder; /* since when; processes stay NULL */
	struct ns_process self;
	/* whom an attempt met */
	bool found_dead, owner_ended;
	char dead[512], held_by[512];
	/* by_name: the thread that gives signs of life */
	bool beats, ends;
	pthread_t beater;
	pthread_mutex_t mutex;
	pthread_cond_t ending;
};

struct ns_lock *ns_lock_allocate(const char *path, struct ns_error *error);

/* F_OFD_SETLK on bytes of the file; false with errno. */
bool ns_lock_range(int file, short type, off_t start, off_t length);
bool ns_lock_is_refused(int error_number); /* rather than impossible */

/* Whether the open file is still what path names. */
bool ns_lock_is_at(int file, const char *path);

#endif
