#include <nodescale/log.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };
static const double redraw_seconds = 0.1, line_seconds = 30;

double ns_log_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* mpirun gives its ranks pipes and copies them to its own stderr, so it is that one which may be a terminal. */
static bool launcher_has_terminal(void)
{
	char name[64], target[64];
	snprintf(name, sizeof name, "/proc/%ld/fd/2", (long)getppid());
	const ssize_t length = readlink(name, target, sizeof target - 1);
	return getenv("OMPI_COMM_WORLD_RANK") != NULL && length > 0 && strncmp(target, "/dev/pts/", 9) == 0;
}

void ns_log_init(struct ns_log *log, FILE *stream, int rank, int n_ranks)
{
	const double now = ns_log_clock();
	*log = (struct ns_log){.stream = stream, .rank = rank, .n_ranks = n_ranks, .started = now, .last_drawn = now};
	const char *kind = getenv("TERM");
	log->terminal = (isatty(fileno(stream)) || launcher_has_terminal()) && kind != NULL && strcmp(kind, "dumb") != 0;
}

static void clear_bar(struct ns_log *log)
{
	if (log->bar_is_drawn)
		fputs("\r\033[K", log->stream);
	log->bar_is_drawn = false;
}

void ns_log_line(struct ns_log *log, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	clear_bar(log);
	char line[2400]; /* in one piece: ranks share the launcher's stderr */
	int length = log->rank > 0 ? snprintf(line, sizeof line, "[rank %d] ", log->rank) : 0;
	length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
	if (length > (int)sizeof line - 2)
		length = (int)sizeof line - 2;
	memcpy(line + length, "\n", 2);
	fputs(line, log->stream);
	fflush(log->stream);
	va_end(arguments);
}

static void print_duration(FILE *out, double seconds)
{
	const long whole = (long)(seconds + 0.5);
	if (whole < 60)
		fprintf(out, "%lds", whole);
	else if (whole < 3600)
		fprintf(out, "%ldm%02lds", whole / 60, whole % 60);
	else
		fprintf(out, "%ldh%02ldm", whole / 3600, whole / 60 % 60);
}

static void draw(struct ns_log *log, uint64_t done, uint64_t total, uint64_t diverged, double fraction)
{
	const double elapsed = ns_log_clock() - log->started;
	if (log->terminal) {
		fputs("\r\033[K[", log->stream);
		for (int cell = 0; cell < BAR_WIDTH; cell++)
			fputc(cell < (int)(fraction * BAR_WIDTH + 0.5) ? '#' : '.', log->stream);
		fputs("] ", log->stream);
	}
	fprintf(log->stream, "%llu/%llu points", (unsigned long long)done, (unsigned long long)total);
	if (diverged > 0)
		fprintf(log->stream, ", %llu diverged", (unsigned long long)diverged);
	if (done > 0 && elapsed > 0)
		fprintf(log->stream, ", %.3g points/s", (double)done / elapsed);
	fputs(", elapsed ", log->stream);
	print_duration(log->stream, elapsed);
	if (fraction > 0 && done < total) {
		fputs(", left ", log->stream);
		print_duration(log->stream, elapsed * (1 - fraction) / fraction);
	}
	if (!log->terminal)
		fputc('\n', log->stream);
	log->bar_is_drawn = log->terminal;
	fflush(log->stream);
}

void ns_log_progress(struct ns_log *log, uint64_t done, uint64_t total, uint64_t diverged, double work_done, double work_total)
{
	const double now = ns_log_clock();
	if (now - log->last_drawn < (log->terminal ? redraw_seconds : line_seconds))
		return;
	log->last_drawn = now;
	const double fraction = work_total > 0 ? work_done / work_total : 0;
	draw(log, done, total, diverged, fraction > 1 ? 1 : fraction);
}

void ns_log_progress_end(struct ns_log *log, uint64_t done, uint64_t total, uint64_t diverged)
{
	draw(log, done, total, diverged, total > 0 ? (double)done / (double)total : 1);
	if (log->terminal)
		fputc('\n', log->stream);
	log->bar_is_drawn = false;
	fflush(log->stream);
}
