/* Trains one point: builds its problem, advances an engine from recorded step to recorded step, and records. */
#ifndef NODESCALE_TRAIN_H
#define NODESCALE_TRAIN_H

#include <nodescale/engine.h>
#include <nodescale/result.h>

/* Called between chunks of steps (about a millisecond of work each); never changes results. Returns false to stop the point. */
struct ns_tick {
	bool (*call)(void *context, double fraction_done);
	void *context;
};

/* engine NULL: chosen by ns_engine_choose. result must be initialised for this experiment and point; it is NS_STOPPED when tick
 * said so, and result then holds nothing. Divergence is a result, not an error. */
enum ns_status ns_train_point(struct ns_result *result, const struct ns_experiment *experiment, const struct ns_data *data,
	const struct ns_point *point, const struct ns_engine *engine, const struct ns_engine_options *options,
	struct ns_tick tick, struct ns_error *error);

#endif
