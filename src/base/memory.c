#include <malloc.h>
#include <nodescale/memory.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20, HUGE_FROM = 8 << 20, KEPT = 1 << 30 };

void *ns_alloc(size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	const size_t alignment = bytes >= HUGE_FROM ? HUGE_PAGE : ALIGNMENT;
	if (bytes > SIZE_MAX - alignment)
		return NULL;
	bytes = (bytes + alignment - 1) / alignment * alignment;
	if (bytes == 0)
		bytes = alignment;
	void *block = aligned_alloc(alignment, bytes);
	if (block == NULL)
		return NULL;
	if (alignment == HUGE_PAGE)
		madvise(block, bytes, MADV_HUGEPAGE); /* advice: its failure costs speed only */
	return memset(block, 0, bytes);
}

void *ns_grow(void *block, size_t old_count, size_t new_count, size_t size)
{
	void *larger = ns_alloc(new_count, size);
	if (larger == NULL)
		return NULL;
	if (old_count > 0)
		memcpy(larger, block, old_count * size);
	ns_free(block);
	return larger;
}

void ns_free(void *block)
{
	free(block);
}

void ns_memory_keep(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, HUGE_FROM); /* larger ones get pages of their own */
	mallopt(M_TRIM_THRESHOLD, KEPT);
#endif
}
