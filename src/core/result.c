#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/result.h>

void ns_result_clear_values(struct ns_result *result)
{
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		for (size_t e = 0; e < result->n_records * ns_quantities[q].width; e++)
			result->values[q][e] = NAN;
}

static bool allocate(struct ns_result *result, bool keep_initial, bool keep_final)
{
	bool complete = true;
	for (int q = 0; q < NS_QUANTITY_COUNT; q++) {
		result->values[q] = ns_alloc(result->n_records * ns_quantities[q].width, sizeof(double));
		complete = complete && result->values[q] != NULL;
	}
	if (keep_initial)
		complete = (result->initial_weights = ns_alloc(result->m, result->d * sizeof(double))) != NULL && complete;
	if (keep_final)
		complete = (result->final_weights = ns_alloc(result->m, result->d * sizeof(double))) != NULL && complete;
	if (keep_initial || keep_final)
		complete = (result->output_sign = ns_alloc(result->m, sizeof(double))) != NULL && complete;
	return complete;
}

enum ns_status ns_result_init(struct ns_result *result, size_t n_records, size_t m, size_t d, bool keep_initial, bool keep_final,
	struct ns_error *error)
{
	*result = (struct ns_result){.n_records = n_records, .m = m, .d = d};
	if (allocate(result, keep_initial, keep_final)) {
		ns_result_clear_values(result);
		return NS_OK;
	}
	ns_result_finish(result);
	return ns_error_memory(error, "a point's result", 8.0 * (40.0 * (double)n_records + 2.0 * (double)m * (double)d));
}

void ns_result_finish(struct ns_result *result)
{
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		ns_free(result->values[q]);
	ns_free(result->initial_weights);
	ns_free(result->final_weights);
	ns_free(result->output_sign);
	*result = (struct ns_result){.status = NS_POINT_MISSING};
}
