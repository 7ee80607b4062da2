/* Which points `run` trains and `plan` plans: --retry, --only, --part. */
#ifndef NODESCALE_CHOICE_H
#define NODESCALE_CHOICE_H

#include <nodescale/result.h>
#include <nodescale/select.h>

struct ns_choice {
	bool retry_diverged, retry_crashed;
	struct ns_filter filter;
	struct ns_share share; /* count 0: no parts */
};

enum ns_status ns_parse_retry(const char *text, struct ns_choice *choice, struct ns_error *error);

/* What became of the points; the numbers add up to all. */
struct ns_chosen {
	size_t selected;                     /* to be trained */
	size_t finished, crashed, elsewhere; /* there already; set aside and not asked for; outside --only or --part */
};

/* selected (n_points), from the status of each point. A filter that accepts no point at all is NS_BAD_INPUT. */
enum ns_status ns_choose(const struct ns_choice *choice, const struct ns_point *points, size_t n_points, const uint8_t *states,
	bool *selected, struct ns_chosen *chosen, struct ns_error *error);

/* Status of the points in a results file as the next run will find them: deaths noted, all missing if there is no file.
 * *writer: whether a run is writing it now. */
enum ns_status ns_read_states(
	const char *path, const struct ns_point *points, size_t n_points, uint8_t *states, bool *writer, struct ns_error *error);

/* The lines of --help that run and plan share. */
#define NS_CHOICE_HELP                                                                                                           \
	"      --retry WHICH      train again what is there already: diverged, crashed or all (both)\n"                          \
	"      --only CONDITION   only points that meet it: 'gamma<0.5', 'm>=1000 and seed<3'; gamma, alpha, m and seed, with\n" \
	"                         < <= > >= == !=, joined by `and` or a comma. Points at gamma = 1 have no alpha and meet no\n"  \
	"                         condition on it\n"                                                                             \
	"      --part K/N         only part K of N equal parts, the same whatever the order of the points: for job arrays\n"

#endif
