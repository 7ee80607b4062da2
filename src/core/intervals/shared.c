/* Invariant: an entry, once on the list, is never changed or removed before ns_shared_destroy, so callers may read its tour
 * without the lock. Inputs are compared in full: a digest could mistake one data set for another. */
#include "shared.h"
#include <nodescale/memory.h>
#include <pthread.h>
#include <string.h>

struct entry {
	struct entry *next;
	struct tour *tour;
	double *x; /* (n, d) copy of the inputs it is a tour of */
};

struct ns_shared {
	pthread_mutex_t lock;
	struct entry *entries;
};

static void entry_destroy(struct entry *entry)
{
	if (entry == NULL)
		return;
	ns_tour_destroy(entry->tour);
	ns_free(entry->x);
	ns_free(entry);
}

struct ns_shared *ns_shared_create(void)
{
	struct ns_shared *shared = ns_alloc(1, sizeof *shared);
	if (shared != NULL && pthread_mutex_init(&shared->lock, NULL) != 0) {
		ns_free(shared);
		return NULL;
	}
	return shared;
}

void ns_shared_destroy(struct ns_shared *shared)
{
	if (shared == NULL)
		return;
	for (struct entry *entry = shared->entries, *next; entry != NULL; entry = next) {
		next = entry->next;
		entry_destroy(entry);
	}
	pthread_mutex_destroy(&shared->lock);
	ns_free(shared);
}

static struct entry *find(const struct ns_shared *shared, size_t n, size_t d, const double *x)
{
	for (struct entry *entry = shared->entries; entry != NULL; entry = entry->next)
		if (entry->tour->n == n && entry->tour->d == d && memcmp(entry->x, x, n * d * sizeof *x) == 0)
			return entry;
	return NULL;
}

static enum ns_status entry_create(struct entry **entry, size_t n, size_t d, const double *x, struct ns_error *error)
{
	*entry = ns_alloc(1, sizeof **entry);
	if (*entry != NULL)
		(*entry)->x = ns_alloc(n * d, sizeof *x);
	if (*entry == NULL || (*entry)->x == NULL) {
		entry_destroy(*entry);
		return ns_error_memory(error, "a tour to share", 8 * (double)n * (double)d);
	}
	memcpy((*entry)->x, x, n * d * sizeof *x);
	const enum ns_status status = ns_tour_create(&(*entry)->tour, n, d, x, error);
	if (status != NS_OK) {
		(*entry)->tour = NULL;
		entry_destroy(*entry);
	}
	return status;
}

enum ns_status ns_shared_tour(
	struct ns_shared *shared, size_t n, size_t d, const double *x, const struct tour **tour, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	pthread_mutex_lock(&shared->lock);
	struct entry *entry = find(shared, n, d, x);
	if (entry == NULL) {
		status = entry_create(&entry, n, d, x, error);
		if (status == NS_OK) {
			entry->next = shared->entries;
			shared->entries = entry;
		}
	}
	if (status == NS_OK)
		*tour = entry->tour;
	pthread_mutex_unlock(&shared->lock);
	return status;
}
