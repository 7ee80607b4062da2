/* Synthetic data: y = (5/d) sum_k sin(pi x_k) + noise N(0,1), on three input distributions with E|x|^2 = 1. */
#include <math.h>
#include <nodescale/data.h>
#include <nodescale/random.h>

static void draw_input(enum ns_data_kind kind, struct ns_stream *stream, size_t d, double *x)
{
	double square = 0;
	for (size_t k = 0; k < d; k++) {
		if (kind == NS_DATA_CUBE_SINE)
			x[k] = sqrt(3 / (double)d) * (2 * ns_stream_uniform(stream) - 1);
		else
			x[k] = ns_stream_gaussian(stream);
		square += x[k] * x[k];
	}
	if (kind == NS_DATA_CUBE_SINE)
		return;
	const double length = kind == NS_DATA_SPHERE_SINE ? sqrt(square) : sqrt((double)d);
	for (size_t k = 0; k < d; k++)
		x[k] /= length;
}

static void fill(
	struct ns_part *part, const struct ns_experiment *experiment, size_t d, enum ns_purpose inputs, enum ns_purpose noise)
{
	for (size_t i = 0; i < part->n; i++) {
		double *x = part->x + i * d, sum = 0;
		struct ns_stream stream;
		ns_stream_start(&stream, experiment->data_seed, inputs, i);
		draw_input(experiment->data_kind, &stream, d, x);
		for (size_t k = 0; k < d; k++)
			sum += sin(M_PI * x[k]);
		ns_stream_start(&stream, experiment->data_seed, noise, i);
		part->y[i] = 5 / (double)d * sum + experiment->noise * ns_stream_gaussian(&stream);
	}
}

enum ns_status ns_data_synthesise(struct ns_data *data, const struct ns_experiment *experiment, struct ns_error *error)
{
	const enum ns_status status = ns_data_init(data, experiment->d, experiment->n_train, 0, experiment->n_test, error);
	if (status != NS_OK)
		return status;
	fill(&data->train, experiment, data->d, NS_PURPOSE_TRAIN_INPUTS, NS_PURPOSE_TRAIN_NOISE);
	fill(&data->test, experiment, data->d, NS_PURPOSE_TEST_INPUTS, NS_PURPOSE_TEST_NOISE);
	return NS_OK;
}
