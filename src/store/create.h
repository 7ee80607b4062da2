/* Making a results file. Private to src/store; on one rank. */
#ifndef NODESCALE_STORE_CREATE_H
#define NODESCALE_STORE_CREATE_H

#include "seal.h"
#include <nodescale/store.h>

/* Makes a file of this name, sealed, every point missing, its space allocated. It may be left half made when this fails. */
enum ns_status ns_create_file(
	const char *path, const struct ns_sweep_description *sweep, struct ns_seal *seal, struct ns_error *error);

/* Makes path, whole or not at all. NS_BAD_INPUT if the name is taken or the folder not writable. */
enum ns_status ns_create_alone(const char *path, const struct ns_sweep_description *sweep, struct ns_error *error);

/* Hash of what decides what a finished point of the sweep means. */
uint64_t ns_meaning_of_sweep(const struct ns_sweep_description *sweep);

#endif
