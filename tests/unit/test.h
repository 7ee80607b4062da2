/* cmocka with the headers it wants before it. */
#ifndef NODESCALE_TESTS_TEST_H
#define NODESCALE_TESTS_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
