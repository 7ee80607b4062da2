/* The event engine's state, part by part. README.md derives what is only stated here.
 *
 * Notation (engines.md): K = X X^T, s_ij = [z_ij > 0], act'(z) = leak + (1 - leak) s, rho = step_size (2/n) (f - y). The state at
 * iterate t is that of gradient descent after t steps:
 *     z_ij = z0_ij - c_j sum_k K_ik (leak P_k + (1 - leak) (B_jk + s_jk P_k)),    P = sum of rho over the steps taken,
 * with what the list of hot pairs holds in place of s_jk P_k where pair (k, j) is hot.
 * Every pair (i, j) is in one of three states: hot (z kept step by step), warm (next look given by a clock along a reference
 * direction), cold (next look given by the norm clock). */
#ifndef NODESCALE_EVENTS_EVENTS_H
#define NODESCALE_EVENTS_EVENTS_H

#include "kernels.h"
#include "keys.h"
#include <math.h>
#include <nodescale/engine.h>

/* For tests: certificates loosened on purpose, which must be noticed, and tables made so small that pairs find no room. */
struct ns_events_margins {
	double stretch;    /* multiplies every horizon; 1 is what is proven */
	size_t most_pairs; /* bounds hot and warm pairs; 0: cost.c does */
};

/* samples.c: samples of one direction are one to the engine. "Sample i" below means a representative, n their number. */
struct ns_samples {
	size_t n;
	uint32_t *group;  /* (problem n) representative of each sample */
	double *multiple; /* (problem n) t > 0: the sample is t times its representative */
	uint64_t *size;   /* (n) samples in the group */
	double *x;        /* (n, d) the representatives */
};

/* clocks.c */
struct ns_clocks {
	double norm;               /* >= sum of ||rho|| over the steps taken */
	double norm_rate;          /* its last increment */
	double psi, psi_rate;      /* the reference clock since the reference was taken, and its last increment */
	double *reference;         /* (stride) rho_ref */
	double inverse_square;     /* 1 / ||rho_ref||^2 */
	double budget;             /* e', the error that one unit of psi allows */
	bool has_reference;        /* without one there are no warm pairs */
	uint64_t taken_at;         /* step at which the reference was taken */
	uint64_t pause, resume_at; /* after a short-lived reference: how long to go without one, and until which step */
};

/* coupling.c: how samples act on each other. Invariant: s holds, without any rounding, sum of lambda_j over the nodes where both
 * pairs are on and cold; theta is rounded from it entry by entry. Both are symmetric and held as tiles (ns_tile_at): half the
 * bytes to go through in a step. */
struct ns_coupling {
	double *k, *k_low;             /* (n, stride) K and what it lacks to the exact products */
	double *kappa, *inverse_kappa; /* (n) ||K_i||_2 times max(1, |leak|), 0 for zero samples; its inverse, INFINITY there */
	double *diagonal;              /* (n) K_ii */
	double *s, *theta;             /* tiles */
	double total;                  /* Lambda, the sum of all lambda */
};

/* nodes.c: the lazy weights. A node gets a row when first one of its pairs turns hot or flips, and keeps it. Invariants:
 * cold = on without hot; sum of s_jk rho_k over the steps taken is B_jk + cold_jk P_k, of a hot pair plus its path in the list;
 * on of a node without a row is the pattern at create. */
struct ns_node {
	double c;
	int32_t row;  /* -1: none */
	int32_t warm; /* head of the list of its warm pairs, -1: none */
};

struct ns_node_row {
	uint64_t changed;     /* number of the step that last changed on or hot: certificates of that step's looks do not hold */
	uint32_t node, n_hot; /* n_hot: bits set in hot */
	int32_t first;        /* of its hot pairs in the list, -1: none there */
};

enum { NS_PATH_ROWS = 64 };

struct ns_nodes {
	double *delta0;       /* (m, d) W - W0 at create, or NULL for zero */
	struct ns_node *node; /* (m) */
	uint64_t *pattern;    /* (m, words) at create */
	double *path;         /* (NS_PATH_ROWS, stride) scratch of weight_change */
	double *p_renewed;    /* (stride) P when outputs were last renewed */
	double *p, *p_low;    /* (stride) P and what it lacks to the exact sum */
	size_t n_rows, capacity;
	struct ns_node_row *row; /* (capacity) */
	uint64_t *bits;          /* (capacity, 2 words): on, then cold */
	uint64_t *hot;           /* (capacity, words) */
	double *b, *b_low;       /* (capacity, stride) B and what it lacks to the exact sum */
};

enum { NS_MOST_HOT_PER_NODE = 64 }; /* bounds the couples */

/* hot.c: the hot pairs, sorted by sample: those of sample i are start[i] .. start[i + 1] - 1. */
struct ns_hot {
	size_t count, capacity;
	uint32_t *start;         /* (n + 1) */
	double *z, *c;           /* (capacity) */
	double *weight;          /* (capacity) (1-leak)^2 lambda */
	double *path, *path_low; /* (capacity) sum of s rho since the pair turned hot, and what it lacks to the exact sum */
	double *push;            /* (capacity) scratch: (1-leak) rho of its sample if on, else 0 */
	double *begin, *gain;    /* (capacity) scratch */
	double *partial;         /* (capacity, 8) scratch */
	uint32_t *row, *sample;  /* (capacity) */
	uint64_t *last;          /* (capacity) step of the last flip or of entry */
	uint32_t *flipped;       /* (capacity) scratch */
	size_t n_entries, entry_capacity;
	struct ns_hot_entry {
		double z, path, path_low;
		uint32_t row, sample;
	} * entry;        /* pairs that turned hot in this step, not yet in the list */
	uint32_t *cursor; /* (n + 1) scratch */
	/* Couples of hot pairs of one node, which move each other: k is K of their samples. No two next to each other share a
	 * pair, if it can be avoided, lest one's sum wait for the other's. */
	size_t n_couples, couple_capacity;
	struct ns_hot_couple {
		double k;
		uint32_t one, other;
	} * couple;
	int32_t *next;     /* (capacity) next pair of the same node, -1: none; found with the couples */
	int32_t *partner;  /* (capacity) scratch */
	bool list_changed; /* since the couples were found */
};

/* warm.c: records of warm pairs, linked per node, with their keys on the reference clock. */
struct ns_warm {
	struct ns_key_tree keys; /* leaf: record */
	struct ns_warm_pair {
		double z0;
		uint32_t sample, node;
		int32_t next; /* of the same node, or of the free list; -1 ends */
	} * pair;
	size_t used, count; /* records ever used, records in use */
	int32_t free;       /* head of the free list */
};

/* cold.c: keys of cold pairs on the norm clock, INFINITY for hot and warm ones and for those that can never move. */
struct ns_cold {
	float *key; /* (m, key_stride) */
	size_t key_stride;
	struct ns_key_tree nodes; /* leaf j: the least key of node j */
};

/* look.c: pairs to be looked at in this step, and what was found. */
enum ns_outcome_kind { NS_LOOK_COLD, NS_LOOK_WARM, NS_LOOK_NEAR, NS_LOOK_FLIP };

struct ns_look {
	uint32_t sample, node;
	int32_t warm; /* its record, or -1: a cold pair */
	enum ns_outcome_kind kind;
	double z0, z;
	float cold_key, warm_key;
};

struct ns_looks {
	size_t count, capacity;
	struct ns_look *look;
};

/* renew.c: when rounding is taken back, on the norm clock */
struct ns_renewal {
	double patience;           /* how far the clock may go for nodes of lambda 1 together */
	double hot_at, outputs_at; /* when hot pairs and outputs were last renewed */
};

struct ns_events {
	const struct ns_problem *problem;
	const struct ns_events_kernels *kernels;
	struct ns_events_margins margins;
	int threads;
	bool audit;
	size_t n, m, d;
	size_t vectors, stride; /* of a row of doubles: stride = 8 vectors >= n */
	size_t words;           /* of a pattern */
	double leak;            /* 0 for ReLU */
	size_t most_hot, most_warm;
	uint64_t step, flips, n_looks;
	double *f, *f_low;      /* (stride) outputs and what they lack to the exact sum */
	double *residual, *rho; /* (stride) sum of t r over the group, and step_size (2 / problem n) times that */
	double *df, *slope_rho; /* (stride) scratch; (1 - leak) rho, which is rho itself for ReLU */
	double *linear, *shift; /* (stride) of leaky ReLU, else NULL (hot.c) */
	uint64_t *everything;   /* (words) of leaky ReLU, else NULL: the pattern that has every sample */
	struct ns_samples samples;
	struct ns_coupling coupling;
	struct ns_clocks clocks;
	struct ns_nodes nodes;
	struct ns_hot hot;
	struct ns_warm warm;
	struct ns_cold cold;
	struct ns_looks looks;
	struct ns_renewal renewal;
};

/* sum + low += value, exactly but for the rounding of low (Knuth's two-sum). */
static inline void ns_add_exactly(double *sum, double *low, double value)
{
	const double before = *sum, after = before + value, added = after - before;
	*sum = after;
	*low += (before - (after - added)) + (value - added);
}

/* sum + low += a b, likewise. */
static inline void ns_add_product(double *sum, double *low, double a, double b)
{
	const double product = a * b;
	*low += fma(a, b, -product);
	ns_add_exactly(sum, low, product);
}

/* The nearest double to sum + low; low becomes what that lacks. */
static inline double ns_nearest(double sum, double *low)
{
	const double nearest = sum + *low;
	*low -= nearest - sum;
	return nearest;
}

/* B at `at` gains a value given by two words, and keeps what rounding loses: it stays the nearest double to the exact sum. */
static inline void ns_node_gain(struct ns_nodes *nodes, size_t at, double value, double value_low)
{
	double sum = nodes->b[at], low = nodes->b_low[at] + value_low;
	ns_add_exactly(&sum, &low, value);
	nodes->b[at] = ns_nearest(sum, &low);
	nodes->b_low[at] = low;
}

/* engine.c */
enum ns_status ns_events_create(struct ns_events **state, const struct ns_problem *problem, const double *delta,
	const struct ns_engine_options *options, struct ns_events_margins margins, struct ns_error *error);

/* setup.c: fills patterns, cold keys, K, S and f from the iterate W0 + delta0. False if memory is short. The first
 * pre-activations z (count, stride) of `count` nodes, at most NS_FIRST_NODES; first is a multiple of it, for the same bits; w
 * (count, d): scratch. */
enum { NS_FIRST_NODES = 256 };
bool ns_events_set_up(struct ns_events *e);
void ns_events_first_z(const struct ns_events *e, size_t first, size_t count, double *w, double *z);
float ns_events_first_keys(const struct ns_events *e, const double *z, double c, float *key);

/* step.c: one GD step. False if memory is short. residual and rho must be those of the present f (weigh_samples in engine.c). */
bool ns_events_step(struct ns_events *e);

/* samples.c: false if memory is short; release with ns_samples_finish either way */
bool ns_samples_init(struct ns_samples *samples, const struct ns_problem *problem);
void ns_samples_finish(struct ns_samples *samples);

/* clocks.c: square is the sum of squares of residual */
void ns_clocks_advance(struct ns_events *e, double square);

/* coupling.c */
void ns_coupling_derive(struct ns_events *e);
void ns_coupling_add(struct ns_events *e, size_t i, const uint64_t *cold, double lambda);
/* What theta_ik, k <= i, lacks to the exact product of K_ik and what S holds. */
double ns_coupling_lacks(const struct ns_events *e, size_t i, size_t k);

/* nodes.c */
const uint64_t *ns_node_pattern(const struct ns_events *e, size_t j);
const uint64_t *ns_node_cold(const struct ns_events *e, size_t j);
double ns_node_first_z(const struct ns_events *e, size_t i, size_t j);
bool ns_nodes_reserve(struct ns_events *e, size_t more);
uint32_t ns_node_row(struct ns_events *e, size_t j);
void ns_node_add_p(struct ns_events *e, size_t row, size_t i, double side);
void ns_node_flip(struct ns_events *e, uint32_t row, size_t i, bool on);
void ns_nodes_weight_change(const struct ns_events *e, size_t first, size_t count, double *delta);

/* hot.c */
bool ns_hot_reserve(struct ns_events *e, size_t more);
void ns_hot_enter(struct ns_events *e, size_t i, size_t j, double z, bool flipped);
void ns_hot_merge_entries(struct ns_events *e);
bool ns_hot_couple(struct ns_events *e);
int32_t ns_hot_first(const struct ns_events *e, size_t j);
void ns_hot_advance(struct ns_events *e);
void ns_hot_renew(struct ns_events *e, size_t p, double z0);
bool ns_hot_has_room(const struct ns_events *e, size_t j);
void ns_hot_leave(struct ns_events *e);

/* warm.c */
bool ns_warm_reserve(struct ns_events *e, size_t more);
void ns_warm_add(struct ns_events *e, size_t i, size_t j, double z0, float key);
void ns_warm_remove(struct ns_events *e, int32_t record);
void ns_warm_invalidate_node(struct ns_events *e, size_t j);
void ns_warm_invalidate_all(struct ns_events *e);

/* look.c: close_z costs a few times what z does */
bool ns_look_at_due(struct ns_events *e);
float ns_cold_key(const struct ns_events *e, size_t i, size_t j, double z0, double z);
float ns_cold_least_of_node(const struct ns_events *e, size_t j);
double ns_pair_z(const struct ns_events *e, size_t i, size_t j, double z0, double *speed);
double ns_pair_close_z(const struct ns_events *e, size_t i, size_t j, double z0);

/* renew.c: set up from the outputs at create; in a step after its looks, where due */
void ns_renewal_set_up(struct ns_events *e);
void ns_renewal_if_due(struct ns_events *e);

/* archive.c: see engine.h */
enum ns_status ns_events_transfer(struct ns_events *e, struct ns_archive *archive, struct ns_error *error);

/* audit.c */
enum ns_status ns_events_audit(struct ns_events *e, struct ns_error *error);

/* cost.c */
double ns_events_memory(const struct ns_shape *shape);
double ns_events_cycles(const struct ns_shape *shape);
size_t ns_events_most_hot(size_t n, size_t m);
size_t ns_events_most_warm(size_t n, size_t m);

#endif
