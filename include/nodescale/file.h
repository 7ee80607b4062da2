/* Input files, read in one piece. */
#ifndef NODESCALE_FILE_H
#define NODESCALE_FILE_H

#include <nodescale/status.h>
#include <stddef.h>

/* Reads all of path into *text, with a 0 behind its *length bytes; free with ns_free. A file that is missing, unreadable, a
 * folder or larger than limit bytes is NS_BAD_INPUT with "path: what is wrong". Pipes work. */
enum ns_status ns_file_read(const char *path, size_t limit, char **text, size_t *length, struct ns_error *error);

#endif
