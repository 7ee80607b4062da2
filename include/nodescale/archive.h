/* A file that holds a state while a program is not running. One function writes and reads, so that a part that saves itself
 * cannot load itself in another way.
 *
 * A file is whole or it is not there: it is written under a temporary name, brought to disk, then renamed. It is read only after
 * the checksum of all of it has been found right. Numbers are as the machine has them: a file is for the program and kind of
 * machine that wrote it. */
#ifndef NODESCALE_ARCHIVE_H
#define NODESCALE_ARCHIVE_H

#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Raised whenever what any part transfers changes. */
enum { NS_ARCHIVE_VERSION = 2 };

struct ns_archive;

/* For saving to path, which stays as it is until ns_archive_close. */
enum ns_status ns_archive_create(struct ns_archive **archive, const char *path, uint64_t key, struct ns_error *error);

/* For loading. NS_BAD_INPUT if there is none, if it is damaged, or was made with another key or version. */
enum ns_status ns_archive_open(struct ns_archive **archive, const char *path, uint64_t key, struct ns_error *error);

/* Whether there is something to open: one system call. */
bool ns_archive_exists(const char *path);

bool ns_archive_is_loading(const struct ns_archive *archive);

/* Writes, or reads into, count bytes. Once anything has failed, reading yields zeros and writing nothing: ask for the status
 * once, at the end. */
void ns_archive_transfer(struct ns_archive *archive, void *bytes, size_t count);

/* A number of elements, at most `most`: returns it. Loading a larger one fails and yields 0, so memory can be had by it. */
size_t ns_archive_count(struct ns_archive *archive, size_t count, size_t most);

/* Fails if what was loaded cannot be; text says what, for "PATH does not fit: ". Returns whether nothing has failed so far. */
bool ns_archive_require(struct ns_archive *archive, bool possible, const char *text);

/* Fails for this reason, unless something has failed before. */
void ns_archive_fail(struct ns_archive *archive, const struct ns_error *reason);

/* What failed first, if anything has: NS_FAILED or, for what was loaded, NS_BAD_INPUT. */
enum ns_status ns_archive_status(const struct ns_archive *archive, struct ns_error *error);

/* Ends the archive, whose memory is released in any case. What was saved is at its path now if this returns NS_OK, else that is
 * as it was. Something left unread is NS_BAD_INPUT. */
enum ns_status ns_archive_close(struct ns_archive *archive, struct ns_error *error);

/* Removes the file, and what a save that was killed may have left beside it. */
void ns_archive_remove(const char *path);

#endif
