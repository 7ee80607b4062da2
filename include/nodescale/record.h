/* Computes the recorded quantities of model.md at an iterate, from what any engine tells: outputs, weight change, pattern. */
#ifndef NODESCALE_RECORD_H
#define NODESCALE_RECORD_H

#include <nodescale/engine.h>
#include <nodescale/result.h>

struct ns_recorder;

/* For records 0, 1, .. in this order of one run on problem (which must outlive it); NTG on the first n_probes training samples.
 */
enum ns_status ns_recorder_create(struct ns_recorder **recorder, const struct ns_problem *problem, size_t n_probes,
	size_t n_records, struct ns_error *error);

/* Fills row `record` of result. Record 0 must be the initial iterate: drift and changes are measured from it. */
enum ns_status ns_recorder_take(struct ns_recorder *recorder, size_t record, const struct ns_engine *engine, void *state,
	uint64_t flips_since_last, struct ns_result *result, struct ns_error *error);

/* Fills what is known only at the end: the trajectory of the node that has moved most at the last record taken. */
void ns_recorder_finish(const struct ns_recorder *recorder, struct ns_result *result);

/* Saves what was recorded so far, or takes it over into a recorder just created for the same run. Returns how many records were
 * taken: the next one is that one. */
size_t ns_recorder_transfer(struct ns_recorder *recorder, struct ns_archive *archive, struct ns_result *result);

/* Accepts NULL. */
void ns_recorder_destroy(struct ns_recorder *recorder);

/* Bytes a recorder needs, for plans. */
double ns_recorder_memory(const struct ns_shape *shape, size_t n_probes, size_t n_records);

#endif
