/* The experiment as attributes of a file's root, driven by the table of parameters. Private to src/store. */
#ifndef NODESCALE_STORE_ATTRIBUTES_H
#define NODESCALE_STORE_ATTRIBUTES_H

#include "hdf.h"
#include <nodescale/parameter.h>

enum ns_status ns_attributes_write(hid_t root, const struct ns_experiment *experiment, struct ns_error *error);

/* Parameters that are not stored stay zero. */
enum ns_status ns_attributes_read(hid_t root, struct ns_experiment *experiment, struct ns_error *error);

/* Two experiments and what else decides what a finished point means. */
struct ns_meaning_of {
	const char *where; /* what holds it, as in "WHERE VALUE": "file", "spec", a file's name */
	const struct ns_experiment *experiment;
	uint64_t data_digest;
	int numerics_version;
};

/* Hash of everything that decides what a finished point means: equal for two sweeps whose points may stand in one file. */
uint64_t ns_meaning(const struct ns_meaning_of *of);

/* Adds "NAME: WHERE VALUE, WHERE VALUE" to text for each field that differs; returns how many do. */
int ns_meaning_compare(const struct ns_meaning_of *a, const struct ns_meaning_of *b, char *text, size_t size);

/* Adds to text, with a separator where there is some already, as far as size permits. */
void ns_text_add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
