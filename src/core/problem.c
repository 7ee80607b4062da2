#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/problem.h>
#include <string.h>

/* The arrays that stand behind the const pointers of the problem. */
struct owned {
	struct ns_problem problem; /* first: the two addresses are one */
	double *x, *x_test, *y, *y_test, *lambda, *c, *w0;
};

static enum ns_status allocate(struct owned *own, size_t n, size_t n_test, size_t m, size_t d, struct ns_error *error)
{
	own->x = ns_alloc(n * d, sizeof(double));
	own->x_test = ns_alloc(n_test * d, sizeof(double));
	own->y = ns_alloc(n, sizeof(double));
	own->y_test = ns_alloc(n_test, sizeof(double));
	own->lambda = ns_alloc(m, sizeof(double));
	own->c = ns_alloc(m, sizeof(double));
	own->w0 = ns_alloc(m, d * sizeof(double));
	if (!own->x || !own->x_test || !own->y || !own->y_test || !own->lambda || !own->c || !own->w0)
		return ns_error_memory(
			error, "a point's problem", 8.0 * ((double)m * (double)d + (double)(n + n_test) * (double)d));
	return NS_OK;
}

static void scaled_copy(double *to, const double *from, size_t count, double divisor)
{
	for (size_t e = 0; e < count; e++)
		to[e] = from[e] / divisor;
}

enum ns_status ns_problem_create(struct ns_problem **problem, const struct ns_experiment *experiment, const struct ns_data *data,
	const struct ns_point *point, struct ns_error *error)
{
	const size_t n = data->train.n, n_test = data->test.n, d = data->d, m = point->m;
	struct owned *own = ns_alloc(1, sizeof *own);
	if (own == NULL)
		return ns_error_memory(error, "a point's problem", sizeof *own);
	*problem = &own->problem;
	enum ns_status status = allocate(own, n, n_test, m, d, error);
	if (status == NS_OK) {
		scaled_copy(own->x, data->train.x, n * d, sqrt((double)d));
		scaled_copy(own->x_test, data->test.x, n_test * d, sqrt((double)d));
		memcpy(own->y, data->train.y, n * sizeof(double));
		if (n_test > 0)
			memcpy(own->y_test, data->test.y, n_test * sizeof(double));
		ns_node_scaling(point->gamma, point->alpha, m, own->lambda);
		ns_output_signs(point->seed, m, own->c);
		for (size_t j = 0; j < m; j++)
			own->c[j] *= sqrt(own->lambda[j]);
		status = ns_initial_weights(experiment->init, experiment->init_std, point->seed, m, d, own->w0, error);
	}
	own->problem = (struct ns_problem){
		.n = n,
		.n_test = n_test,
		.d = d,
		.m = m,
		.x = own->x,
		.x_test = own->x_test,
		.y = own->y,
		.y_test = own->y_test,
		.lambda = own->lambda,
		.c = own->c,
		.w0 = own->w0,
		.activation = experiment->activation,
		.leak = experiment->leak,
		.step_size = experiment->step_size,
		.gamma = point->gamma,
		.alpha = point->alpha,
	};
	if (status != NS_OK) {
		ns_problem_destroy(*problem);
		*problem = NULL;
	}
	return status;
}

void ns_problem_destroy(struct ns_problem *problem)
{
	if (problem == NULL)
		return;
	struct owned *own = (struct owned *)problem;
	ns_free(own->x);
	ns_free(own->x_test);
	ns_free(own->y);
	ns_free(own->y_test);
	ns_free(own->lambda);
	ns_free(own->c);
	ns_free(own->w0);
	ns_free(own);
}
