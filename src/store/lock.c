/* One process's part of locking; lock_ranks.c does it for all ranks of a run. */
#include "lock_private.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double poll_seconds = 0.1, dead_seconds = 120, unwritten_seconds = 10, name_settles_seconds = 0.2;
enum { BEAT_SECONDS = 10 };

static void sleep_for(double seconds)
{
	usleep((useconds_t)(1e6 * seconds));
}

bool ns_lock_range(int file, short type, off_t start, off_t length)
{
	struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
	int result;
	do
		result = fcntl(file, F_OFD_SETLK, &range);
	while (result != 0 && errno == EINTR);
	return result == 0;
}

bool ns_lock_is_refused(int error_number)
{
	return error_number == EAGAIN || error_number == EACCES;
}

bool ns_lock_is_at(int file, const char *path)
{
	struct stat opened, named;
	return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

/* --- file systems without locks --- */

static void *beat(void *context)
{
	struct ns_lock *lock = context;
	struct timespec next;
	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&lock->mutex);
	while (!lock->ends) {
		next.tv_sec += BEAT_SECONDS;
		while (!lock->ends && pthread_cond_clockwait(&lock->ending, &lock->mutex, CLOCK_MONOTONIC, &next) == 0)
			;
		futimens(lock->file, NULL);
	}
	pthread_mutex_unlock(&lock->mutex);
	return NULL;
}

static void start_beating(struct ns_lock *lock)
{
	sigset_t all, before;
	sigfillset(&all); /* signals are for the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	lock->beats = pthread_create(&lock->beater, NULL, beat, lock) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static double age_of(int file)
{
	struct stat about;
	return fstat(file, &about) == 0 ? difftime(time(NULL), about.st_mtime) : 0;
}

static bool lives_by_its_text(int file, const struct ns_lock_holder *holder)
{
	if (holder->n_processes == 0)
		return age_of(file) < unwritten_seconds; /* being written just now */
	bool elsewhere = false;
	for (size_t p = 0; p < holder->n_processes; p++) {
		if (ns_process_lives(&holder->processes[p]))
			return true;
		elsewhere = elsewhere || !ns_process_is_here(&holder->processes[p]);
	}
	return elsewhere && age_of(file) < dead_seconds;
}

/* Takes the name away from the dead run whose lock is open as `file`, and only from that one. */
static void remove_dead(const struct ns_lock *lock, int file)
{
	char aside[PATH_MAX + 32];
	snprintf(aside, sizeof aside, "%s.%ld", lock->path, (long)getpid());
	if (rename(lock->path, aside) != 0)
		return;
	if (!ns_lock_is_at(file, aside)) /* somebody was faster, and this is theirs already */
		(void)!link(aside, lock->path);
	unlink(aside);
}

/* --- one attempt --- */

enum attempt { TAKEN, HELD, AGAIN, BROKEN };

static enum attempt open_lock(struct ns_lock *lock, bool *created, struct ns_error *error)
{
	lock->file = open(lock->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	*created = lock->file >= 0;
	if (lock->file < 0 && errno == EEXIST) {
		lock->file = open(lock->path, O_RDWR | O_CLOEXEC);
		if (lock->file < 0 && errno == ENOENT)
			return AGAIN; /* removed between the two */
	}
	if (lock->file >= 0)
		return TAKEN;
	const bool user = errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == EROFS || errno == EISDIR;
	ns_error_set(
		error, user ? NS_BAD_INPUT : NS_FAILED, "the lock file %s cannot be opened: %s", lock->path, strerror(errno));
	return BROKEN;
}

static enum attempt take_by_name(struct ns_lock *lock, bool created)
{
	lock->by_name = true;
	if (created)
		return TAKEN;
	struct ns_lock_holder holder = ns_lock_holder_read(lock->file);
	const bool lives = lives_by_its_text(lock->file, &holder);
	if (!lives) {
		remove_dead(lock, lock->file);
		lock->found_dead = true;
		ns_lock_holder_describe(&holder, lock->dead, sizeof lock->dead);
	}
	ns_free(holder.processes);
	return lives ? HELD : AGAIN;
}

/* Says in the file who holds it. The text of a holder that died is still there, if the kernel gave us its lock. */
static enum attempt sign(struct ns_lock *lock, struct ns_error *error)
{
	struct ns_process self = ns_process_self();
	struct ns_lock_holder before = ns_lock_holder_read(lock->file);
	lock->holder = (struct ns_lock_holder){.since = time(NULL), .n_processes = 1, .processes = &self};
	if (before.n_processes > 0) {
		lock->found_dead = true;
		ns_lock_holder_describe(&before, lock->dead, sizeof lock->dead);
	}
	ns_free(before.processes);
	const bool written = ns_lock_holder_write(lock->file, &lock->holder) &&
			     (lock->by_name || ns_lock_range(lock->file, F_RDLCK, NS_LOCK_MEMBERS, 1)); /* its ranks may join */
	const int reason = errno;
	lock->holder.processes = NULL;
	lock->self = self;
	if (!written) {
		unlink(lock->path);
		ns_error_set(error, NS_FAILED, "the lock file %s cannot be written: %s", lock->path, strerror(reason));
		return BROKEN;
	}
	if (!lock->by_name)
		return TAKEN;
	sleep_for(name_settles_seconds);
	return ns_lock_is_at(lock->file, lock->path) ? TAKEN : AGAIN;
}

static enum attempt attempt(struct ns_lock *lock, struct ns_error *error)
{
	bool created;
	enum attempt result = open_lock(lock, &created, error);
	if (result != TAKEN)
		return result;
	if (ns_lock_range(lock->file, F_WRLCK, NS_LOCK_OWNER, 2))
		result =
			ns_lock_is_at(lock->file, lock->path) ? TAKEN : AGAIN; /* else its last holder has removed it meanwhile */
	else if (ns_lock_is_refused(errno))
		result = HELD;
	else
		result = take_by_name(lock, created);
	if (result == TAKEN)
		result = sign(lock, error);
	if (result == TAKEN)
		return TAKEN;
	if (result == HELD) {
		struct ns_lock_holder holder = ns_lock_holder_read(lock->file);
		ns_lock_holder_describe(&holder, lock->held_by, sizeof lock->held_by);
		lock->owner_ended = holder.n_processes > 0 && ns_process_is_here(&holder.processes[0]) &&
				    !ns_process_lives(&holder.processes[0]);
		ns_free(holder.processes);
	}
	close(lock->file);
	lock->file = -1;
	return result;
}

/* --- taking and releasing --- */

static void tell_success(const struct ns_lock *lock, struct ns_log *log)
{
	if (log == NULL)
		return;
	if (lock->found_dead)
		ns_log_line(log, "%s: lock taken over from a run that has died (%s)", lock->path, lock->dead);
	if (lock->by_name)
		ns_log_line(log,
			"warning: the file system of %s has no locks: another run is noticed by its process on this host, or by "
			"a "
			"sign of life every %d s on others",
			lock->path, BEAT_SECONDS);
}

static enum ns_status refuse(const struct ns_lock *lock, const char *path, struct ns_error *error)
{
	return ns_error_set(error, NS_FAILED, "%s is being written by another run: %s%s", path, lock->held_by,
		lock->owner_ended ? "; that process has ended, others of its run are still ending: try again in some seconds"
				  : "");
}

static enum ns_status take(
	struct ns_lock *lock, const char *path, const struct ns_lock_patience *patience, struct ns_error *error)
{
	const double started = ns_log_clock();
	bool told = false;
	for (;;) {
		const enum attempt result = attempt(lock, error);
		if (result == TAKEN)
			return NS_OK;
		if (result == BROKEN)
			return error->status;
		if (result == AGAIN)
			continue;
		if (patience->stop != NULL && *patience->stop)
			return ns_error_set(error, NS_STOPPED, "stopped while waiting for %s", lock->path);
		if (ns_log_clock() - started >= patience->seconds)
			return refuse(lock, path, error);
		if (!told && patience->log != NULL)
			ns_log_line(patience->log, "%s is being written by another run: %s; waiting for up to %g s", path,
				lock->held_by, patience->seconds);
		told = true;
		sleep_for(poll_seconds);
	}
}

struct ns_lock *ns_lock_allocate(const char *path, struct ns_error *error)
{
	struct ns_lock *lock = ns_alloc(1, sizeof *lock);
	if (lock == NULL) {
		ns_error_memory(error, "a lock", sizeof *lock);
		return NULL;
	}
	*lock = (struct ns_lock){.file = -1, .mutex = PTHREAD_MUTEX_INITIALIZER, .ending = PTHREAD_COND_INITIALIZER};
	if (snprintf(lock->path, sizeof lock->path, "%s.lock", path) < (int)sizeof lock->path)
		return lock;
	ns_free(lock);
	ns_error_set(error, NS_BAD_INPUT, "%.100s...: the name is too long", path);
	return NULL;
}

enum ns_status ns_lock_take(
	struct ns_lock **out, const char *path, const struct ns_lock_patience *patience, struct ns_error *error)
{
	struct ns_lock *lock = ns_lock_allocate(path, error);
	if (lock == NULL)
		return error->status;
	const enum ns_status status = take(lock, path, patience, error);
	if (status != NS_OK) {
		ns_free(lock);
		return status;
	}
	lock->is_owner = true;
	if (lock->by_name)
		start_beating(lock);
	tell_success(lock, patience->log);
	*out = lock;
	return NS_OK;
}

void ns_lock_release(struct ns_lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->beats) {
		pthread_mutex_lock(&lock->mutex);
		lock->ends = true;
		pthread_cond_signal(&lock->ending);
		pthread_mutex_unlock(&lock->mutex);
		pthread_join(lock->beater, NULL);
	}
	if (lock->is_owner && ns_lock_is_at(lock->file, lock->path))
		unlink(lock->path); /* while it is locked: a newcomer that has it open finds that it has lost its name */
	if (lock->file >= 0)
		close(lock->file);
	ns_free(lock);
}

bool ns_lock_is_held(const char *path, char *holder, size_t size)
{
	char name[PATH_MAX];
	snprintf(name, sizeof name, "%s.lock", path);
	const int file = open(name, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 2};
	struct ns_lock_holder who = ns_lock_holder_read(file);
	const bool held = fcntl(file, F_OFD_GETLK, &range) == 0 ? range.l_type != F_UNLCK : lives_by_its_text(file, &who);
	ns_lock_holder_describe(&who, holder, size);
	ns_free(who.processes);
	close(file);
	return held;
}
