#include <nodescale/experiment.h>

const char *const ns_data_kind_names[] = {"sphere_sine", "gaussian_sine", "cube_sine", "csv", NULL};
const char *const ns_initialisation_names[] = {"gaussian", "uniform", "orthogonal", "sphere", NULL};
const char *const ns_weights_kept_names[] = {"none", "final", "ends", NULL};

size_t ns_record_count(const struct ns_experiment *experiment)
{
	const uint64_t whole = experiment->steps / experiment->record_every;
	return whole + 1 + (experiment->steps % experiment->record_every != 0);
}

uint64_t ns_record_step(const struct ns_experiment *experiment, size_t record)
{
	const uint64_t step = record * experiment->record_every;
	return step < experiment->steps ? step : experiment->steps;
}
