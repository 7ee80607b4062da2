/* Files that appear in a folder in one step or not at all. */
#ifndef NODESCALE_ANALYSIS_FOLDER_H
#define NODESCALE_ANALYSIS_FOLDER_H

#include <limits.h>
#include <nodescale/status.h>
#include <stdio.h>

/* Makes path and the folders above it as far as they are missing. NS_BAD_INPUT if that fails or path cannot be written into. */
enum ns_status ns_folder_make(const char *path, struct ns_error *error);

/* A file being made: written under a temporary name in the same folder, then published under its own or discarded. */
struct ns_draft {
	char path[PATH_MAX], temporary_path[PATH_MAX];
	const char *temporary_name; /* the last component of temporary_path: letters, digits and ._- if name is */
};

enum ns_status ns_draft_init(struct ns_draft *draft, const char *folder, const char *name, struct ns_error *error);
enum ns_status ns_draft_publish(struct ns_draft *draft, struct ns_error *error);
void ns_draft_discard(struct ns_draft *draft);

/* The same with the file open for writing: open starts a draft (NULL with error filled if that fails), close closes and publishes
 * it. */
FILE *ns_draft_open(struct ns_draft *draft, const char *folder, const char *name, struct ns_error *error);
enum ns_status ns_draft_close(struct ns_draft *draft, FILE *file, struct ns_error *error);

#endif
