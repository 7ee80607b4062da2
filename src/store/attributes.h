/* The experiment as attributes of a file's root, driven by the table of parameters. Private to src/store. */
#ifndef NODESCALE_STORE_ATTRIBUTES_H
#define NODESCALE_STORE_ATTRIBUTES_H

#include "hdf.h"
#include <nodescale/parameter.h>

enum ns_status ns_attributes_write(hid_t root, const struct ns_experiment *experiment, struct ns_error *error);

/* Parameters that are not stored stay zero. */
enum ns_status ns_attributes_read(hid_t root, struct ns_experiment *experiment, struct ns_error *error);

/* Adds "NAME: file VALUE, spec VALUE" to text for each parameter that differs; returns how many do. */
int ns_attributes_compare(const struct ns_experiment *file, const struct ns_experiment *spec, char *text, size_t size);

/* Adds to text, with a separator where there is some already, as far as size permits. */
void ns_text_add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
