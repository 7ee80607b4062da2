/* Numbers as people write them in files: decimal digits, a point, an exponent. Nothing else is read as a number: no nan, inf,
 * hexadecimal, digit separators or blanks. Independent of the locale as long as nobody calls setlocale, which this program never
 * does. */
#ifndef NODESCALE_NUMBER_H
#define NODESCALE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum ns_number {
	NS_NUMBER_OK,
	NS_NUMBER_NONE,      /* not written as a number of this type */
	NS_NUMBER_TOO_LARGE, /* written as one, but beyond the type's range */
};

/* text needs a 0 at text[length], which is not part of the number. Reals too small for double become the nearest double. */
enum ns_number ns_number_real(const char *text, size_t length, double *value);

/* Digits only: no sign, no exponent. */
enum ns_number ns_number_count(const char *text, size_t length, uint64_t *value);

#endif
