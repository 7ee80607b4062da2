/* What the theorem of arXiv 2302.01002 guarantees for a data set, and whether a run keeps to it (model.md, "Theory to check
 * against the runs").
 *
 * Theta* = E Theta(W_0), kappa is its smallest eigenvalue: of all n training samples, which the training sees, and of the n_p
 * probes that the recorded NTG is of. kappa of all <= kappa of the probes: eigenvalues interlace. For gamma > 0:
 *   start       eig_min(Theta(W_0)) >= gamma kappa / 2, with probability >= 1 - delta once m >= width. A matrix Chernoff bound
 *               for whatever samples: it is held against the probes with their own kappa and width.
 *   trajectory  eig_min(Theta(W_t)) >= gamma kappa / 4 at every t, because Theta moves by at most gamma kappa / 4 of all samples.
 *               The probes' part of it moves by no more, so it keeps gamma kappa / 4 with the probes' kappa.
 *   decay       sum r^2 falls at least as exp(-gamma kappa tau / 2), kappa of all samples, in the time tau of gradient flow on
 *               (1/2) sum r^2, of which a step of gradient descent on the risk is 2 step_size / n.
 * The last two need further conditions on the width, which are not checked, and speak of gradient flow: that they hold in a run
 * is a finding, not a consequence. gamma = 0 has no guarantee. */
#ifndef NODESCALE_THEORY_H
#define NODESCALE_THEORY_H

#include <nodescale/data.h>
#include <nodescale/experiment.h>
#include <nodescale/point.h>
#include <nodescale/status.h>
#include <stdbool.h>

/* Theta* of a set of samples. NaN where Theta* is not known (ns_ntk_limit). */
struct ns_limit_kernel {
	size_t n;
	double kappa, largest; /* its extreme eigenvalues */
	double resolution;     /* what rounding can make of an eigenvalue: a kappa that is not larger may be 0 */
	double width;          /* the first condition on m: 8 n B log(4n / delta) / (kappa d); INFINITY if kappa may be 0 */
};

struct ns_theory {
	double delta; /* in (0, 1) */
	size_t d;
	struct ns_limit_kernel all, probes;
	double largest_norm; /* over the training inputs */
	/* B of the condition: the theorem has inputs in the unit ball, where it is 1. Its proof needs |x|^2 sup act'^2 <= B of
	 * all inputs; for ReLU that is the theorem applied to inputs divided by their largest norm. Never below 1. */
	double ball;
	double time_per_step;     /* tau of one step */
	double residual_rounding; /* of a residual in a net of width m: at most this times (m + d) sqrt(m) */
	bool is_mean;             /* Theta* is the mean of Theta(W_0) for this initialisation, ..*/
	bool is_independent;      /* .. whose nodes are independent. Both: the guarantee of the start applies */
};

/* delta: probability with which the start may fail. NS_FAILED: memory, LAPACK. Time: the cube of the training samples. */
enum ns_status ns_theory_init(struct ns_theory *theory, const struct ns_experiment *experiment, const struct ns_data *data,
	double delta, struct ns_error *error);

/* Why the guarantee of the start does not apply to this experiment, a clause for people; NULL if it does. */
const char *ns_theory_reservation(const struct ns_theory *theory);

enum ns_verdict {
	NS_BOUND_HOLDS,    /* at every recorded step */
	NS_BOUND_VIOLATED, /* by more than rounding explains */
	NS_BOUND_NONE,     /* nothing is guaranteed: gamma = 0, or kappa not known or as good as 0 */
	NS_BOUND_UNSEEN,   /* the run has not recorded what it is about */
	NS_VERDICT_COUNT
};
extern const char *const ns_verdict_names[]; /* holds, violated, none, unseen; NULL-terminated */

struct ns_bound_check {
	enum ns_verdict verdict;
	uint64_t violated_at; /* first recorded step, if violated */
	double worst; /* eigenvalues: the smallest over the bound; decay: the largest of risk over guaranteed risk after step 0;
			 NaN if there is none */
	uint64_t worst_at; /* its step */
};

struct ns_theory_check {
	struct ns_bound_check start, trajectory, decay;
};

/* What a run recorded (ns_quantities): (n_records) each. Values that are not finite are not there, except that a risk which
 * ceases to be finite violates the decay. */
struct ns_trajectory {
	size_t n_records;
	const uint64_t *steps;
	const double *train_risk, *ntk_min_eig, *ntk_max_eig;
	bool diverged;
};

struct ns_theory_check ns_theory_hold(
	const struct ns_theory *theory, const struct ns_point *point, const struct ns_trajectory *run);

/* exp(-gamma kappa tau / 2) after so many steps; NaN without a guarantee. */
double ns_theory_decay(const struct ns_theory *theory, double gamma, uint64_t step);

/* gamma kappa / 4 of the probes; NaN without a guarantee. */
double ns_theory_eigenvalue(const struct ns_theory *theory, double gamma);

#endif
