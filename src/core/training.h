/* One point in training: what train.c advances and checkpoint.c saves. */
#ifndef NODESCALE_TRAINING_H
#define NODESCALE_TRAINING_H

#include <nodescale/record.h>
#include <nodescale/train.h>

struct training {
	const struct ns_experiment *experiment;
	const struct ns_data *data;
	const struct ns_point *point;
	const struct ns_engine_options *options;
	const struct ns_engine *engine;
	struct ns_problem *problem;
	struct ns_tick tick;
	struct ns_checkpoint *checkpoint; /* never NULL */
	uint64_t key;                     /* of the checkpoint; 0: not asked for yet */
	double seconds_before, started;   /* of the parts before this one; on ns_training_seconds() */
	double *f;                        /* (n) scratch */
	/* the state: what a checkpoint holds */
	void *state;
	struct ns_recorder *recorder;
	struct ns_result *result;
	uint64_t step, flips_recorded;
	size_t record; /* the next one */
	bool diverged;
};

/* Makes engine state and recorder at the initial iterate, in place of those there are. */
enum ns_status ns_training_start(struct training *training, struct ns_error *error);

double ns_training_seconds(void);

/* Goes on from the checkpoint if there is a good one; else the training is as ns_training_start leaves it. */
enum ns_status ns_checkpoint_load(struct training *training, struct ns_error *error);

/* A failure is left in the checkpoint's warning. */
void ns_checkpoint_save(struct training *training);

#endif
