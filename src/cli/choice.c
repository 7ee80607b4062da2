#include "choice.h"
#include <nodescale/flight.h>
#include <nodescale/memory.h>
#include <string.h>

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
