#include <nodescale/data.h>
#include <nodescale/memory.h>
#include <xxhash.h>

static bool part_init(struct ns_part *part, size_t n, size_t d)
{
	part->n = n;
	part->x = ns_alloc(n, d * sizeof(double));
	part->y = ns_alloc(n, sizeof(double));
	return part->x != NULL && part->y != NULL;
}

static void part_finish(struct ns_part *part)
{
	ns_free(part->x);
	ns_free(part->y);
	*part = (struct ns_part){0};
}

enum ns_status ns_data_init(
	struct ns_data *data, size_t d, size_t n_train, size_t n_validation, size_t n_test, struct ns_error *error)
{
	*data = (struct ns_data){.d = d};
	const bool train = part_init(&data->train, n_train, d), validation = part_init(&data->validation, n_validation, d),
		   test = part_init(&data->test, n_test, d);
	if (train && validation && test)
		return NS_OK;
	ns_data_finish(data);
	return ns_error_memory(error, "the data set", 8.0 * (double)(d + 1) * (double)(n_train + n_validation + n_test));
}

void ns_data_finish(struct ns_data *data)
{
	part_finish(&data->train);
	part_finish(&data->validation);
	part_finish(&data->test);
}

enum ns_status ns_data_load(struct ns_data *data, const struct ns_experiment *experiment, struct ns_error *error)
{
	if (experiment->data_kind == NS_DATA_CSV)
		return ns_data_read_csv(data, experiment, error);
	return ns_data_synthesise(data, experiment, error);
}

uint64_t ns_data_digest(const struct ns_data *data)
{
	const struct ns_part *parts[] = {&data->train, &data->validation, &data->test};
	uint64_t digest = data->d;
	for (int p = 0; p < 3; p++) {
		const uint64_t n = parts[p]->n;
		digest = XXH3_64bits_withSeed(&n, sizeof n, digest);
		digest = XXH3_64bits_withSeed(parts[p]->x, n * data->d * sizeof(double), digest);
		digest = XXH3_64bits_withSeed(parts[p]->y, n * sizeof(double), digest);
	}
	return digest;
}
