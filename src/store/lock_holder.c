#include "lock_holder.h"
#include <errno.h>
#include <inttypes.h>
#include <nodescale/memory.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char first_line[] = "nodescale lock 1";
enum { LINE_LENGTH = NS_LOCK_HOST_LENGTH + 64, TEXT_MOST = 1 << 24 };

/* Fields 3 and 22 of /proc/PID/stat: its state and when it began. Field 2, a name in parentheses, may hold anything. */
static bool read_stat(int64_t pid, char *state, uint64_t *started)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	const size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[length] = 0;
	const char *at = strrchr(text, ')');
	return at != NULL &&
	       sscanf(at + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64, state,
		       started) == 2;
}

struct ns_process ns_process_self(void)
{
	struct ns_process self = {.pid = getpid()};
	char state;
	gethostname(self.host, sizeof self.host - 1);
	read_stat(self.pid, &state, &self.started);
	return self;
}

bool ns_process_is_here(const struct ns_process *process)
{
	char host[NS_LOCK_HOST_LENGTH] = "";
	gethostname(host, sizeof host - 1);
	return strcmp(process->host, host) == 0;
}

bool ns_process_lives(const struct ns_process *process)
{
	char state;
	uint64_t started;
	if (!ns_process_is_here(process))
		return false;
	if (!read_stat(process->pid, &state, &started)) /* gone, or a host without /proc */
		return access("/proc/self/stat", R_OK) != 0 && (kill((pid_t)process->pid, 0) == 0 || errno == EPERM);
	return state != 'Z' && state != 'X' && (process->started == 0 || started == process->started);
}

bool ns_lock_holder_write(int file, const struct ns_lock_holder *holder)
{
	const size_t room = (holder->n_processes + 2) * LINE_LENGTH;
	char *text = ns_alloc(room, 1);
	if (text == NULL)
		return false;
	size_t length = (size_t)snprintf(text, room, "%s\nsince %lld\n", first_line, (long long)holder->since);
	for (size_t p = 0; p < holder->n_processes; p++)
		length += (size_t)snprintf(text + length, room - length, "process %s %" PRId64 " %" PRIu64 "\n",
			holder->processes[p].host, holder->processes[p].pid, holder->processes[p].started);
	const bool written = pwrite(file, text, length, 0) == (ssize_t)length && ftruncate(file, (off_t)length) == 0;
	ns_free(text);
	return written;
}

static void parse(char *text, struct ns_lock_holder *holder)
{
	char *rest, *line = strtok_r(text, "\n", &rest);
	long long since;
	if (line == NULL || strcmp(line, first_line) != 0)
		return;
	line = strtok_r(NULL, "\n", &rest);
	if (line == NULL || sscanf(line, "since %lld", &since) != 1)
		return;
	holder->since = (time_t)since;
	while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
		struct ns_process p;
		if (sscanf(line, "process %255s %" SCNd64 " %" SCNu64, p.host, &p.pid, &p.started) == 3)
			holder->processes[holder->n_processes++] = p;
	}
}

struct ns_lock_holder ns_lock_holder_read(int file)
{
	struct ns_lock_holder holder = {0};
	struct stat about;
	if (fstat(file, &about) != 0 || about.st_size <= 0 || about.st_size > TEXT_MOST)
		return holder;
	const size_t size = (size_t)about.st_size;
	char *text = ns_alloc(size + 1, 1);
	const ssize_t got = text != NULL ? pread(file, text, size, 0) : -1;
	size_t lines = 0;
	for (ssize_t i = 0; i < got; i++)
		lines += text[i] == '\n';
	if (got > 0)
		holder.processes = ns_alloc(lines + 1, sizeof *holder.processes);
	if (holder.processes != NULL)
		parse(text, &holder);
	ns_free(text);
	return holder;
}

/* Since when, and rank 0: no two runs have both alike. */
bool ns_lock_holder_equal(const struct ns_lock_holder *one, const struct ns_lock_holder *other)
{
	if (one->n_processes == 0 || other->n_processes == 0)
		return one->n_processes == other->n_processes;
	const struct ns_process *a = one->processes, *b = other->processes;
	return one->since == other->since && a->pid == b->pid && a->started == b->started && strcmp(a->host, b->host) == 0;
}

void ns_lock_holder_describe(const struct ns_lock_holder *holder, char *to, size_t size)
{
	struct tm utc;
	char since[64] = "an unknown time";
	if (holder->n_processes == 0) {
		snprintf(to, size, "a process that has not said who it is");
		return;
	}
	if (gmtime_r(&holder->since, &utc) != NULL)
		strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", &utc);
	snprintf(to, size, "host %s, process %" PRId64 ", since %s", holder->processes[0].host, holder->processes[0].pid, since);
}
