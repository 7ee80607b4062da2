/* The experiments that follow training (model.md, "The published experiments"): each takes the trained network of a point and
 * yields a train and a test risk for each of a few values of x. What they yield depends on the point alone, like training itself;
 * a change of it raises the numerics version.
 *
 *   prune      lambda is set to 0 for the nodes of smallest lambda first (of equal ones, for the last); x: nodes pruned, at every
 *              twentieth of m; risks of what is left on the training and the test part
 *   transfer   features sqrt(lambda_j) act(z_j) of the x nodes of largest lambda are the inputs of a small network (mlp.h),
 * trained on the first half of the validation part (rounded down) and tested on the rest of it */
#ifndef NODESCALE_FOLLOWUP_H
#define NODESCALE_FOLLOWUP_H

#include <nodescale/data.h>
#include <nodescale/point.h>
#include <nodescale/status.h>
#include <nodescale/train.h>

enum ns_followup { NS_PRUNE, NS_TRANSFER, NS_FOLLOWUP_COUNT };

enum { NS_PRUNE_LEVELS = 21, NS_TRANSFER_DIMENSIONS = 10, NS_FOLLOWUP_MOST = 21 };

struct ns_followup_info {
	const char *name; /* of the command, and the beginning of the variables' names in a results file */
	const char *noun; /* for messages */
	size_t length;    /* values of x */
	size_t tasks;     /* parts of it that can be computed at the same time */
};
extern const struct ns_followup_info ns_followups[NS_FOLLOWUP_COUNT];

/* By value of x. NaN: there is none, as it has no samples (test risk of pruning) or the network fewer than x nodes. */
struct ns_followup_result {
	double train_risk[NS_FOLLOWUP_MOST], test_risk[NS_FOLLOWUP_MOST];
};

/* A point as training left it. */
struct ns_trained {
	const struct ns_experiment *experiment;
	const struct ns_data *data;
	const struct ns_point *point;
	const double *weights;     /* (m, d) row-major */
	const double *output_sign; /* (m) */
};

/* Nodes pruned at level 0 .. NS_PRUNE_LEVELS - 1 of m, rounded down; features of transfer number i. */
uint64_t ns_prune_nodes(uint64_t m, size_t level);
uint64_t ns_transfer_features(size_t i);

/* Values of x for an experiment of which such weights are kept; 0 if they do not suffice or there is nothing to transfer to. */
size_t ns_followup_length(enum ns_followup followup, enum ns_weights_kept weights, size_t n_validation);

void ns_followup_clear(struct ns_followup_result *result);

/* Fills the part of result that task (0 .. tasks - 1) yields; tasks of one result may run at the same time. NS_STOPPED if tick
 * said so. */
enum ns_status ns_followup_compute(enum ns_followup followup, const struct ns_trained *trained, size_t task, struct ns_tick tick,
	struct ns_followup_result *result, struct ns_error *error);

/* What ns_followup_compute calls. */
enum ns_status ns_prune(const struct ns_trained *trained, struct ns_followup_result *result, struct ns_error *error);
enum ns_status ns_transfer(const struct ns_trained *trained, size_t i, struct ns_tick tick, struct ns_followup_result *result,
	struct ns_error *error);

#endif
