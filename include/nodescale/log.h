/* Messages for people on stderr. Only rank 0 speaks unless a message is about one rank. Nothing here is global: a struct ns_log
 * is passed. */
#ifndef NODESCALE_LOG_H
#define NODESCALE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ns_log {
	FILE *stream;
	int rank, n_ranks;
	bool terminal;     /* stream is a terminal: a bar that is redrawn, not lines */
	bool bar_is_drawn; /* the cursor stands behind a bar */
	double last_drawn; /* ns_log_clock() of the last progress output */
	double started;
};

/* For "%zu point%s". */
static inline const char *ns_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* stream: stderr normally, not owned. */
void ns_log_init(struct ns_log *log, FILE *stream, int rank, int n_ranks);

/* One line, ended by the function; stamped with [rank r] when rank > 0. Clears a bar first. */
void ns_log_line(struct ns_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Progress on rank 0: done of total points of which failed diverged; work_done of work_total in any unit, for the ETA.
 * On a terminal a bar redrawn at most ten times a second, otherwise a line at most every 30 s. */
void ns_log_progress(struct ns_log *log, uint64_t done, uint64_t total, uint64_t diverged, double work_done, double work_total);

/* The final state, ended with a newline. */
void ns_log_progress_end(struct ns_log *log, uint64_t done, uint64_t total, uint64_t diverged);

/* Monotonic seconds. */
double ns_log_clock(void);

#endif
