#include <nodescale/coordinator.h>
#include <nodescale/memory.h>
#include <stdlib.h>

struct entry {
	double cycles;
	size_t point;
};

struct ns_coordinator {
	struct entry *order; /* (total) longest first */
	double *cycles;      /* (n_points) */
	size_t next;
	bool stopped;
	struct ns_progress progress;
};

static int longest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->cycles != y->cycles)
		return x->cycles < y->cycles ? 1 : -1;
	return (x->point > y->point) - (x->point < y->point);
}

enum ns_status ns_coordinator_create(
	struct ns_coordinator **coordinator, size_t n_points, const double *cycles, const bool *missing, struct ns_error *error)
{
	struct ns_coordinator *c = *coordinator = ns_alloc(1, sizeof *c);
	if (c != NULL) {
		c->order = ns_alloc(n_points, sizeof *c->order);
		c->cycles = ns_alloc(n_points, sizeof *c->cycles);
	}
	if (c == NULL || c->order == NULL || c->cycles == NULL) {
		ns_coordinator_destroy(c);
		*coordinator = NULL;
		return ns_error_memory(error, "the coordinator", 24.0 * (double)n_points);
	}
	for (size_t point = 0; point < n_points; point++) {
		c->cycles[point] = cycles[point];
		if (!missing[point])
			continue;
		c->order[c->progress.total++] = (struct entry){cycles[point], point};
		c->progress.cycles_total += cycles[point];
	}
	qsort(c->order, c->progress.total, sizeof *c->order, longest_first);
	return NS_OK;
}

void ns_coordinator_destroy(struct ns_coordinator *c)
{
	if (c == NULL)
		return;
	ns_free(c->order);
	ns_free(c->cycles);
	ns_free(c);
}

size_t ns_coordinator_take(struct ns_coordinator *c)
{
	return c->stopped || c->next == c->progress.total ? NS_NO_POINT : c->order[c->next++].point;
}

void ns_coordinator_finished(struct ns_coordinator *c, size_t point, bool diverged)
{
	c->progress.done++;
	c->progress.diverged += diverged;
	c->progress.cycles_done += c->cycles[point];
}

void ns_coordinator_released(struct ns_coordinator *c, bool has_checkpoint)
{
	c->progress.released++;
	c->progress.saved += has_checkpoint;
}

void ns_coordinator_stop(struct ns_coordinator *c)
{
	c->stopped = true;
}

struct ns_progress ns_coordinator_progress(const struct ns_coordinator *c)
{
	return c->progress;
}
