/* Zeroed, 64-byte aligned memory whose size is checked for overflow. Blocks of 8 MiB and more ask for huge pages. */
#ifndef NODESCALE_MEMORY_H
#define NODESCALE_MEMORY_H

#include <stddef.h>

/* count * size bytes, zeroed; NULL if the product overflows or memory is short. count or size 0 gives a valid block. Free with
 * ns_free. */
void *ns_alloc(size_t count, size_t size);

/* Moves the first old_count elements of block into a new block of new_count elements (the rest zeroed) and frees block.
 * NULL, with block untouched, if memory is short. block may be NULL when old_count is 0. */
void *ns_grow(void *block, size_t old_count, size_t new_count, size_t size);

/* From now on freed blocks below 8 MiB stay with the process: for who trains point after point, each as large as the last.
 * Otherwise the C library returns the top of its heap after each point, and the kernel clears its pages again for the next. */
void ns_memory_keep(void);

/* Accepts NULL. */
void ns_free(void *block);

#endif
