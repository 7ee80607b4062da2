/* What the store needs of HDF5, with errors as the program has them. Private to src/store. */
#ifndef NODESCALE_STORE_HDF_H
#define NODESCALE_STORE_HDF_H

#include <hdf5.h>
#include <nodescale/schema.h>
#include <nodescale/status.h>

/* HDF5 prints its error stack on stderr unless told otherwise; call before anything that may fail. */
void ns_hdf_silence(void);

/* As ns_error_set, with the innermost message of HDF5's error stack, if there is one, in parentheses behind. The stack is of the
 * last call: say what failed before closing anything. */
enum ns_status ns_hdf_error(struct ns_error *error, enum ns_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Type of an element in the file, to be closed by the caller; NS_STORED_TEXT has the length given. */
hid_t ns_hdf_type(enum ns_variable_type type, size_t text_length);

/* A string type of fixed length, not 0-terminated, to be closed by the caller. */
hid_t ns_hdf_string_type(size_t length);

/* Attributes. count 1 is a scalar; `type` is that of the values in memory and is what is stored. Text beyond 32 KiB is cut. */
enum ns_status ns_hdf_put(hid_t object, const char *name, hid_t type, size_t count, const void *values, struct ns_error *error);
enum ns_status ns_hdf_put_text(hid_t object, const char *name, const char *text, struct ns_error *error);

/* NS_BAD_INPUT if there is no such attribute of this kind and count; text longer than size - 1 counts as wrong. */
enum ns_status ns_hdf_get(hid_t object, const char *name, hid_t type, size_t count, void *values, struct ns_error *error);
enum ns_status ns_hdf_get_text(hid_t object, const char *name, char *text, size_t size, struct ns_error *error);

#endif
