/* Trains one point: builds its problem, advances an engine from recorded step to recorded step, and records. */
#ifndef NODESCALE_TRAIN_H
#define NODESCALE_TRAIN_H

#include <nodescale/engine.h>
#include <nodescale/result.h>

enum ns_tick_answer {
	NS_TICK_GO_ON,
	NS_TICK_SAVE, /* save a checkpoint, then go on */
	NS_TICK_STOP, /* save a checkpoint and stop the point */
};

/* Called between chunks of steps (about a millisecond of work each); never changes results. */
struct ns_tick {
	enum ns_tick_answer (*call)(void *context, double fraction_done);
	void *context;
};

/* Where a point's training is kept while it is interrupted, and what became of it. The result of a training that was interrupted,
 * anywhere and any number of times, has the same bits as that of one that was not, wall_seconds apart, which add up. */
struct ns_checkpoint {
	const char *path; /* NULL: none is kept */

	/* filled in, to be zero before */
	bool resumed;                 /* training went on from the file, .. */
	uint64_t resumed_step;        /* .. which was at this step */
	uint64_t saved_step;          /* of the last save that succeeded */
	double save_seconds;          /* of all saves together */
	enum ns_status warning;       /* not NS_OK: the file was of no use, or could not be written; .. */
	struct ns_error warning_text; /* .. the last reason. The training went on without. */
};

/* engine NULL: chosen by ns_engine_choose. result must be initialised for this experiment and point; it is NS_STOPPED when tick
 * said so, and result then is of no use. Divergence is a result, not an error. checkpoint may be NULL; its file is left where it
 * is: ns_checkpoint_remove is for when the result is safe. */
enum ns_status ns_train_point(struct ns_result *result, const struct ns_experiment *experiment, const struct ns_data *data,
	const struct ns_point *point, const struct ns_engine *engine, const struct ns_engine_options *options,
	struct ns_checkpoint *checkpoint, struct ns_tick tick, struct ns_error *error);

/* Removes the file, if there is one. */
void ns_checkpoint_remove(const struct ns_checkpoint *checkpoint);

#endif
