/* Bytes of a file by offset, whole or not at all. Private to src/store. */
#ifndef NODESCALE_STORE_PIECES_H
#define NODESCALE_STORE_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False if not all `length` bytes could be had, with errno (EIO at the file's end). */
bool ns_read_all(int file, void *bytes, size_t length, uint64_t offset);

/* As far as it goes: what cannot be read stays as it is. Returns the bytes read. */
size_t ns_read_most(int file, void *bytes, size_t length, uint64_t offset);

bool ns_write_all(int file, const void *bytes, size_t length, uint64_t offset);

#endif
