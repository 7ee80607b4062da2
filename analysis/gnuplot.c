#include "gnuplot.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/memory.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { NOT_FOUND = 127 }; /* exit code of env for a command that does not exist */

/* Starts gnuplot with its stdout and stderr on output. Returns 0 or an errno. */
static int start(pid_t *process, const char *folder, const char *settings, const char *script, int output)
{
	/* env makes numbers, dates and fonts independent of who runs it; cairo from 1.18 on takes its date from
	 * SOURCE_DATE_EPOCH.
	 * --default-settings: a start-up file in somebody's home must not change the figures. */
	char *const arguments[] = {"env", "LC_ALL=C", "TZ=UTC0", "SOURCE_DATE_EPOCH=0", "gnuplot", "--default-settings", "-e",
		(char *)settings, (char *)script, NULL};
	posix_spawn_file_actions_t actions;
	int reason = posix_spawn_file_actions_init(&actions);
	if (reason != 0)
		return reason;
	reason = posix_spawn_file_actions_addchdir_np(&actions, folder);
	if (reason == 0)
		reason = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (reason == 0)
		reason = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (reason == 0)
		reason = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (reason == 0)
		reason = posix_spawnp(process, "env", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return reason;
}

/* Keeps the beginning of what is said, where the cause is, and reads on to the end so that the writer never blocks. */
static void listen(int input, char *said, size_t size)
{
	size_t length = 0;
	char piece[512];
	for (ssize_t got; (got = read(input, piece, sizeof piece)) != 0;) {
		if (got < 0 && errno != EINTR)
			break;
		for (ssize_t c = 0; c < got && length + 1 < size; c++)
			said[length++] = piece[c];
	}
	while (length > 0 && (said[length - 1] == '\n' || said[length - 1] == ' '))
		length--;
	said[length] = 0;
}

static enum ns_status judge(int outcome, const char *script, const char *said, struct ns_error *error)
{
	if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0)
		return NS_OK;
	if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == NOT_FOUND)
		return ns_error_set(error, NS_FAILED,
			"gnuplot, which draws the figures, was not found (Debian: apt install gnuplot-nox): %s", said);
	if (WIFSIGNALED(outcome))
		return ns_error_set(
			error, NS_FAILED, "gnuplot was ended by signal %d while drawing %s: %s", WTERMSIG(outcome), script, said);
	return ns_error_set(error, NS_FAILED, "gnuplot (Debian: gnuplot-nox) failed with code %d on %s: %s", WEXITSTATUS(outcome),
		script, said);
}

enum ns_status ns_gnuplot_run(const char *folder, const char *settings, const char *script, struct ns_error *error)
{
	int ends[2], outcome;
	pid_t process;
	char said[1200] = "";
	if (pipe2(ends, O_CLOEXEC) != 0)
		return ns_error_set(error, NS_FAILED, "gnuplot cannot be started: %s", strerror(errno));
	const int reason = start(&process, folder, settings, script, ends[1]);
	close(ends[1]);
	if (reason == 0)
		listen(ends[0], said, sizeof said);
	close(ends[0]);
	if (reason != 0)
		return ns_error_set(error, NS_FAILED, "gnuplot cannot be started: %s", strerror(reason));
	while (waitpid(process, &outcome, 0) < 0)
		if (errno != EINTR)
			return ns_error_set(error, NS_FAILED, "gnuplot was lost: %s", strerror(errno));
	return judge(outcome, script, said, error);
}

/* cairo 1.16 stamps the hour as plain text in an object of its own; text of the same length keeps every offset valid. */
static bool clear_date(FILE *file, char *content, size_t size)
{
	static const char key[] = "/CreationDate (D:", epoch[] = "19700101000000";
	if (fread(content, 1, size, file) != size)
		return false;
	const char *found = memmem(content, size, key, strlen(key));
	if (found == NULL)
		return true;
	const size_t offset = (size_t)(found - content) + strlen(key);
	return offset + strlen(epoch) <= size && fseek(file, (long)offset, SEEK_SET) == 0 && fputs(epoch, file) >= 0;
}

enum ns_status ns_gnuplot_clear_pdf_date(const char *path, struct ns_error *error)
{
	struct stat found;
	FILE *file = fopen(path, "r+b");
	if (file == NULL || fstat(fileno(file), &found) != 0) {
		const int reason = errno;
		if (file != NULL)
			fclose(file);
		return ns_error_set(error, NS_FAILED, "%s: %s", path, strerror(reason));
	}
	char *content = ns_alloc((size_t)found.st_size, 1);
	bool done = content != NULL && clear_date(file, content, (size_t)found.st_size);
	done = fclose(file) == 0 && done;
	ns_free(content);
	return done ? NS_OK : ns_error_set(error, NS_FAILED, "%s: its date of creation cannot be cleared", path);
}
