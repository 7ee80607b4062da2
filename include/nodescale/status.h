/* How a function tells that it failed: a code that is also the program's exit code, and a text for people.
 *
 * Functions that can fail return enum ns_status and take a struct ns_error that they fill before they return anything but NS_OK.
 * The text says what is wrong, where (file:line:column when it is an input) and what was expected; it has no trailing newline. */
#ifndef NODESCALE_STATUS_H
#define NODESCALE_STATUS_H

#include <stdarg.h>

enum ns_status {
	NS_OK = 0,
	NS_FAILED = 1,    /* something that is not the user's input went wrong: memory, disk, MPI, HDF5 */
	NS_BAD_INPUT = 2, /* usage, spec or data error: nothing was computed and nothing was written */
	NS_STOPPED = 75,  /* stopped early in good order (signal, time limit): run again to continue */
};

struct ns_error {
	enum ns_status status;
	char text[2048];
};

/* Fills error (cutting the text if it is too long) and returns status, so that callers can `return ns_error_set(...)`. */
enum ns_status ns_error_set(struct ns_error *error, enum ns_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The one error for memory that could not be had; what names the thing, bytes its size. Returns NS_FAILED. */
enum ns_status ns_error_memory(struct ns_error *error, const char *what, double bytes);

#endif
