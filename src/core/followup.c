#include <math.h>
#include <nodescale/followup.h>

const struct ns_followup_info ns_followups[NS_FOLLOWUP_COUNT] = {
	[NS_PRUNE] = {"prune", "pruning", NS_PRUNE_LEVELS, 1},
	[NS_TRANSFER] = {"transfer", "transfer", NS_TRANSFER_DIMENSIONS, NS_TRANSFER_DIMENSIONS},
};

uint64_t ns_prune_nodes(uint64_t m, size_t level)
{
	const uint64_t parts = NS_PRUNE_LEVELS - 1;
	return m / parts * level + m % parts * level / parts;
}

uint64_t ns_transfer_features(size_t i)
{
	return 10 * (i + 1);
}

size_t ns_followup_length(enum ns_followup followup, enum ns_weights_kept weights, size_t n_validation)
{
	const bool applies = weights != NS_WEIGHTS_NONE && (followup == NS_PRUNE || n_validation >= 2);
	return applies ? ns_followups[followup].length : 0;
}

void ns_followup_clear(struct ns_followup_result *result)
{
	for (size_t x = 0; x < NS_FOLLOWUP_MOST; x++)
		result->train_risk[x] = result->test_risk[x] = NAN;
}

enum ns_status ns_followup_compute(enum ns_followup followup, const struct ns_trained *trained, size_t task, struct ns_tick tick,
	struct ns_followup_result *result, struct ns_error *error)
{
	if (followup == NS_PRUNE)
		return ns_prune(trained, result, error);
	return ns_transfer(trained, NS_TRANSFER_DIMENSIONS - 1 - task, tick, result, error); /* the longest first */
}
