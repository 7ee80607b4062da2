/* New files appear under their name whole or not at all. Private to src/store. */
#ifndef NODESCALE_STORE_PUBLISH_H
#define NODESCALE_STORE_PUBLISH_H

#include <limits.h>
#include <nodescale/status.h>

enum ns_publish {
	NS_PUBLISH_NEW,     /* never in place of a file that has come by that name */
	NS_PUBLISH_REPLACE, /* in place of what has the name */
};

/* What stands in the way of a new file of so many bytes: the folder is not writable or the name taken (NS_BAD_INPUT), the disk
 * too small (NS_FAILED). Fills temporary, a name in the same folder that no other running process uses; what dead processes of
 * this host left behind under such names is removed. */
enum ns_status ns_publish_prepare(
	const char *path, enum ns_publish how, double bytes, char temporary[PATH_MAX], struct ns_error *error);

/* Brings the file to disk and gives it its name. */
enum ns_status ns_publish(const char *temporary, const char *path, enum ns_publish how, struct ns_error *error);

/* Gives path a second name, PATH + ending or the first of PATH + ending + "-2", .. that is free, which is put into name. */
enum ns_status ns_publish_aside(const char *path, const char *ending, char name[PATH_MAX], struct ns_error *error);

#endif
