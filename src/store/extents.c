#include "extents.h"
#include "seal.h"
#include <string.h>

enum ns_status ns_extents_of_sweep(const struct ns_sweep_description *sweep, struct ns_extents *extents, struct ns_error *error)
{
	const struct ns_experiment *experiment = sweep->experiment;
	const struct ns_data *data = sweep->data;
	if (sweep->n_points == 0 || data->train.n == 0 || data->d == 0)
		return ns_error_set(error, NS_BAD_INPUT, "a results file needs points, training samples and inputs");
	size_t nodes = 0;
	for (size_t p = 0; p < sweep->n_points && experiment->weights != NS_WEIGHTS_NONE; p++)
		if (__builtin_add_overflow(nodes, sweep->points[p].m, &nodes))
			return ns_error_set(error, NS_BAD_INPUT, "too many nodes in all to keep their weights");
	*extents = (struct ns_extents){
		.length = {[NS_DIM_POINT] = sweep->n_points,
			[NS_DIM_RECORD] = ns_record_count(experiment),
			[NS_DIM_QUANTILE] = NS_QUANTILES,
			[NS_DIM_TOP_NODE] = NS_TOP_NODES,
			[NS_DIM_PROBE] = experiment->probes < data->train.n ? experiment->probes : data->train.n,
			[NS_DIM_LETTER] = NS_ENGINE_NAME_LENGTH,
			[NS_DIM_CANDIDATE] = NS_CANDIDATES,
			[NS_DIM_INPUT] = data->d,
			[NS_DIM_TRAIN_SAMPLE] = data->train.n,
			[NS_DIM_VALIDATION_SAMPLE] = data->validation.n,
			[NS_DIM_TEST_SAMPLE] = data->test.n,
			[NS_DIM_SEAL_BYTE] = NS_SEAL_COPIES * NS_SEAL_BYTES,
			[NS_DIM_PRUNE_LEVEL] = ns_followup_length(NS_PRUNE, experiment->weights, data->validation.n),
			[NS_DIM_TRANSFER_DIMENSION] = ns_followup_length(NS_TRANSFER, experiment->weights, data->validation.n),
			[NS_DIM_KEPT_NODE] = nodes},
		.weights = experiment->weights,
		.text_length = strlen(sweep->spec_text) + 1}; /* netCDF takes the text as it stands and needs its final 0 */
	return NS_OK;
}

enum ns_status ns_store_bytes(const struct ns_sweep_description *sweep, double *bytes, struct ns_error *error)
{
	struct ns_extents extents;
	const enum ns_status status = ns_extents_of_sweep(sweep, &extents, error);
	if (status == NS_OK)
		*bytes = ns_schema_bytes(&extents);
	return status;
}
