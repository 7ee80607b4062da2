/* An engine advances full-batch gradient descent on a problem. The reference engine (src/core/reference.c) is the definition;
 * every other engine yields the same iterates up to rounding, and the same bits for any number of threads. */
#ifndef NODESCALE_ENGINE_H
#define NODESCALE_ENGINE_H

#include <nodescale/archive.h>
#include <nodescale/isa.h>
#include <nodescale/problem.h>
#include <nodescale/shared.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stdint.h>

/* What an engine's cost depends on, known before anything is allocated. */
struct ns_shape {
	size_t n, n_test, d, m;
	double gamma, alpha;
	enum ns_activation activation;
};
struct ns_shape ns_problem_shape(const struct ns_problem *problem);

/* How to compute, never what: no option changes a bit of the iterates. */
struct ns_engine_options {
	int threads;              /* >= 1 */
	enum ns_isa isa;          /* vector instructions to use, at most what ns_isa_best() says */
	bool audit;               /* check every sign and output from scratch at each advance's end; a mismatch is NS_FAILED */
	struct ns_shared *shared; /* what depends on the data alone, kept from point to point; NULL: computed anew. Must outlive
				     the state */
};

enum { NS_EARLY_STEPS = 1000 }; /* when most signs change, and looking for them costs most */

struct ns_engine {
	const char *name;
	const char *summary; /* one line for --help */

	/* NULL if the engine can train this, else why not, as the end of the sentence "engine X cannot train this: ". */
	const char *(*refusal)(const struct ns_shape *shape);

	/* Bytes of the engine's state beside the problem itself, at most. */
	double (*memory)(const struct ns_shape *shape);

	/* Expected cycles of one step on one core: a count, never a measurement, so that choices made by it keep results' bits.
	 */
	double (*cycles_per_step)(const struct ns_shape *shape);

	/* Roughly which share of these the steps after NS_EARLY_STEPS take: for predicting times, not for choosing, since an
	 * engine once chosen must not lose against another at any stage. */
	double late_share;

	/* Expected cycles that go into the data once, on each rank that keeps them in ns_shared; NULL: none. */
	double (*cycles_of_data)(const struct ns_shape *shape);

	/* A state at the iterate W = W0 + delta (delta (m, d), copied; NULL for zero). problem must outlive the state. */
	enum ns_status (*create)(void **state, const struct ns_problem *problem, const double *delta,
		const struct ns_engine_options *options, struct ns_error *error);

	/* Takes up to `steps` GD steps. *taken < steps only when the risk of the iterate reached is not finite: the iterate
	 * reached then is the first with that risk. How steps are split over calls does not change the iterates. Memory that runs
	 * short mid-way is NS_FAILED and leaves a state that can only be destroyed. */
	enum ns_status (*advance)(void *state, uint64_t steps, uint64_t *taken, struct ns_error *error);

	/* f (n): outputs on the training samples at the present iterate. */
	void (*outputs)(void *state, double *f);

	/* delta (count, d): W - W0 of nodes first .. first+count-1. */
	void (*weight_change)(void *state, size_t first, size_t count, double *delta);

	/* pattern (count, n) of 0 and 1: [z_ij > 0] of the same nodes, row-major. */
	void (*pattern)(void *state, size_t first, size_t count, uint8_t *pattern);

	/* Sign changes of all pairs (i, j) between consecutive iterates since create. */
	uint64_t (*flips)(const void *state);

	/* Saves what advance() changes and create() does not compute anew, or takes it over into a state just made by create()
	 * from the same problem with delta NULL. Everything the engine says from then on has the same bits as if nothing had
	 * happened, whatever the options of the two states. An error while loading leaves a state that can only be destroyed. */
	enum ns_status (*transfer)(void *state, struct ns_archive *archive, struct ns_error *error);

	/* Accepts NULL. */
	void (*destroy)(void *state);
};

extern const struct ns_engine ns_reference_engine, ns_dense_engine, ns_event_engine, ns_interval_engine;

/* All engines, in order of --help; NULL-terminated. */
extern const struct ns_engine *const ns_engines[];

/* NULL if there is none of this name ("auto" is none: see ns_engine_choose). */
const struct ns_engine *ns_engine_find(const char *name);

/* cycles (one for each of ns_engines): cycles_per_step, NaN for engines that refuse. It is what ns_engine_choose goes by. */
void ns_engine_count_cycles(const struct ns_shape *shape, double *cycles);

/* The engine that takes this on with the fewest expected cycles per step; the dense one if none counts clearly less than it. */
const struct ns_engine *ns_engine_choose(const struct ns_shape *shape);

#endif
