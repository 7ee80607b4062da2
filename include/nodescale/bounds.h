/* The theorem's bounds held against every run of a results file (theory.h), a row per point. */
#ifndef NODESCALE_BOUNDS_H
#define NODESCALE_BOUNDS_H

#include <nodescale/reader.h>
#include <nodescale/theory.h>

struct ns_bounds_row {
	struct ns_point point;
	enum ns_point_status status; /* missing, done, diverged or crashed */
	bool wide_enough;            /* m meets the first condition of the theorem for all training samples, and gamma > 0 */
	bool wide_enough_for_probes; /* the same for the probes: the start is guaranteed, with probability 1 - delta */
	struct ns_theory_check check;
};

struct ns_bounds {
	struct ns_theory theory;
	size_t n_rows;
	struct ns_bounds_row *rows; /* (point), in the file's order */
};

#define NS_BOUNDS_DELTA 0.05 /* what commands and figures use unless told otherwise */

/* The theory of a file's data, without the runs. Time: the cube of the training samples, 10 s for 4,000. */
enum ns_status ns_bounds_theory(struct ns_theory *theory, struct ns_reader *reader, double delta, struct ns_error *error);

/* Release with ns_bounds_finish. */
enum ns_status ns_bounds_init(struct ns_bounds *bounds, struct ns_reader *reader, double delta, struct ns_error *error);
void ns_bounds_finish(struct ns_bounds *bounds);

/* CSV by RFC 4180, one row per point: id (hexadecimal), gamma, alpha (empty at gamma = 1), m, seed, status, wide_enough and
 * wide_enough_for_probes (yes, no), then for start, trajectory and decay: verdict (holds, violated, none, unseen), step of the
 * first violation (empty if none), worst ratio to the bound, its step. Numbers have 17 significant digits. */
enum ns_status ns_bounds_csv(const struct ns_bounds *bounds, FILE *out, struct ns_error *error);

#endif
