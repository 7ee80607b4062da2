/* A temporary folder to draw into, and reading what was drawn. */
#ifndef NODESCALE_TESTS_PLACE_H
#define NODESCALE_TESTS_PLACE_H

#include <stddef.h>
#include <sys/types.h>

struct place {
	char root[64], folder[128]; /* folder: in root, with a name that scripts and shells would trip over; not made yet */
	char *path_variable;
};

/* Setup and teardown of cmocka; PATH is as it was. */
int enter_place(void **state);
int leave_place(void **state);
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter_place, leave_place)

/* The whole file, with a final 0, to be freed with ns_free; NULL if there is none. */
char *contents(const char *folder, const char *name, const char *extension, size_t *size);

void write_file(const char *folder, const char *name, const char *text, mode_t mode);

#endif
