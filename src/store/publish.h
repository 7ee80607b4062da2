/* New files appear under their name whole or not at all. Private to src/store. */
#ifndef NODESCALE_STORE_PUBLISH_H
#define NODESCALE_STORE_PUBLISH_H

#include <limits.h>
#include <nodescale/status.h>

/* What stands in the way of a new file of so many bytes: the name is taken or the folder not writable (NS_BAD_INPUT), the disk
 * too small (NS_FAILED). Fills temporary, a name in the same folder that no other running process uses. */
enum ns_status ns_publish_prepare(const char *path, double bytes, char temporary[PATH_MAX], struct ns_error *error);

/* Brings the file to disk and gives it its name, never in place of a file that has come by that name meanwhile. */
enum ns_status ns_publish(const char *temporary, const char *path, struct ns_error *error);

#endif
