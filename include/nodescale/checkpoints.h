/* The folder of a sweep's checkpoints: one file a point in flight, named by its identity as 16 hexadecimal digits. */
#ifndef NODESCALE_CHECKPOINTS_H
#define NODESCALE_CHECKPOINTS_H

#include <limits.h>
#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>

void ns_checkpoints_path(const char *folder, const struct ns_point *point, char path[PATH_MAX]);

/* Makes the folder unless it is there. */
enum ns_status ns_checkpoints_make(const char *folder, struct ns_error *error);

/* Removes checkpoints of finished points and files that a save left half-written; then the folder if it is empty. Checkpoints of
 * points that are not of this sweep stay. finished (n_points). Nobody else may be saving. */
void ns_checkpoints_tidy(const char *folder, const struct ns_point *points, size_t n_points, const bool *finished);

#endif
