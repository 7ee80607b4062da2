#include <math.h>
#include <nodescale/experiment.h>
#include <nodescale/reader.h>
#include <xxhash.h>

enum { BLOCK = 512 }; /* part of the checksum's definition, as each block's hash is the seed of the next */

/* A NaN has many bit patterns, and which one comes out is the compiler's choice: all count as one. */
static uint64_t hash_reals(const double *values, size_t count, uint64_t hash)
{
	double block[BLOCK];
	for (size_t start = 0; start < count; start += BLOCK) {
		const size_t length = count - start < BLOCK ? count - start : BLOCK;
		for (size_t e = 0; e < length; e++)
			block[e] = isnan(values[start + e]) ? NAN : values[start + e];
		hash = XXH3_64bits_withSeed(block, length * sizeof *block, hash);
	}
	return hash;
}

uint64_t ns_result_checksum(const struct ns_point *point, const struct ns_result *result)
{
	const uint64_t head[] = {ns_point_id(point), result->status, result->steps_done};
	uint64_t hash = XXH3_64bits(head, sizeof head);
	for (int q = 0; q < NS_QUANTITY_COUNT; q++)
		hash = hash_reals(result->values[q], result->n_records * ns_quantities[q].width, hash);
	if (result->output_sign != NULL)
		hash = hash_reals(result->output_sign, result->m, hash);
	if (result->final_weights != NULL)
		hash = hash_reals(result->final_weights, result->m * result->d, hash);
	if (result->initial_weights != NULL)
		hash = hash_reals(result->initial_weights, result->m * result->d, hash);
	return hash;
}
