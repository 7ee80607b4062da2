#include "choice.h"
#include <nodescale/flight.h>
#include <nodescale/lock.h>
#include <nodescale/memory.h>
#include <nodescale/reader.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum ns_status ns_parse_retry(const char *text, struct ns_choice *choice, struct ns_error *error)
{
	const bool all = strcmp(text, "all") == 0, diverged = strcmp(text, "diverged") == 0,
		   crashed = strcmp(text, "crashed") == 0;
	if (!all && !diverged && !crashed)
		return ns_error_set(error, NS_BAD_INPUT, "--retry is '%s' but must be diverged, crashed or all", text);
	choice->retry_diverged = choice->retry_diverged || all || diverged;
	choice->retry_crashed = choice->retry_crashed || all || crashed;
	return NS_OK;
}

static void choose_point(const struct ns_choice *choice, enum ns_point_status state, bool *selected, struct ns_chosen *chosen)
{
	if (!*selected)
		chosen->elsewhere++;
	else if (state == NS_POINT_DONE || (state == NS_POINT_DIVERGED && !choice->retry_diverged))
		chosen->finished++;
	else if (state == NS_POINT_CRASHED && !choice->retry_crashed)
		chosen->crashed++;
	else {
		chosen->selected++;
		return;
	}
	*selected = false;
}

enum ns_status ns_choose(const struct ns_choice *choice, const struct ns_point *points, size_t n_points, const uint8_t *states,
	bool *selected, struct ns_chosen *chosen, struct ns_error *error)
{
	size_t accepted = 0;
	*chosen = (struct ns_chosen){0};
	for (size_t p = 0; p < n_points; p++)
		selected[p] = true;
	if (choice->share.count > 0) {
		const enum ns_status status = ns_share_select(choice->share, points, n_points, selected, error);
		if (status != NS_OK)
			return status;
	}
	for (size_t p = 0; p < n_points; p++) {
		const bool accepts = ns_filter_accepts(&choice->filter, &points[p]);
		accepted += accepts;
		selected[p] = selected[p] && accepts;
		choose_point(choice, states[p], &selected[p], chosen);
	}
	if (accepted == 0)
		return ns_error_set(error, NS_BAD_INPUT, "--only accepts none of the %zu points of the spec", n_points);
	return NS_OK;
}

struct known {
	uint64_t id;
	uint8_t state;
};

static int by_id(const void *a, const void *b)
{
	const uint64_t x = ((const struct known *)a)->id, y = ((const struct known *)b)->id;
	return (x > y) - (x < y);
}

static enum ns_status look_up(const struct ns_reader *reader, const struct ns_point *points, size_t n_points, bool writer,
	uint8_t *states, struct ns_error *error)
{
	const size_t n_known = ns_reader_point_count(reader);
	struct known *known = ns_alloc(n_known, sizeof *known);
	if (known == NULL)
		return ns_error_memory(error, "the points of a results file", (double)(n_known * sizeof *known));
	for (size_t p = 0; p < n_known; p++) {
		const enum ns_point_status state = ns_reader_status_bytes(reader)[p];
		known[p] = (struct known){
			ns_point_id(&ns_reader_points(reader)[p]), (uint8_t)(writer ? state : ns_flight_after_death(state))};
	}
	qsort(known, n_known, sizeof *known, by_id);
	for (size_t p = 0; p < n_points; p++) {
		const struct known wanted = {.id = ns_point_id(&points[p])};
		const struct known *found = bsearch(&wanted, known, n_known, sizeof *known, by_id);
		states[p] = found != NULL ? found->state : NS_POINT_MISSING;
	}
	ns_free(known);
	return NS_OK;
}

enum ns_status ns_read_states(
	const char *path, const struct ns_point *points, size_t n_points, uint8_t *states, bool *writer, struct ns_error *error)
{
	char holder[512];
	struct ns_reader *reader;
	memset(states, NS_POINT_MISSING, n_points);
	*writer = ns_lock_is_held(path, holder, sizeof holder);
	if (access(path, F_OK) != 0)
		return NS_OK;
	enum ns_status status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	status = look_up(reader, points, n_points, *writer, states, error);
	ns_reader_close(reader);
	return status;
}
