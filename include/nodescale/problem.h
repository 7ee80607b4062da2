/* Everything that defines the gradient descent of one point, ready for an engine. Formulas: model.md (arXiv 2302.01002, section
 * 2).
 *
 *     z_ij = x_i . w_j            x already divided by sqrt(d)
 *     f_i  = sum_j c_j act(z_ij)  c_j = sqrt(lambda_j) a_j
 *     risk = (1/n) sum_i r_i^2    r = f - y
 *     w_j <- w_j - c_j sum_i rho_i act'(z_ij) x_i,  rho = step_size (2/n) r
 *
 * lambda is a multiple of 2^-51 (engines.md, "Rounding"): sums of lambda over any set of nodes are then exact in double. */
#ifndef NODESCALE_PROBLEM_H
#define NODESCALE_PROBLEM_H

#include <nodescale/data.h>
#include <nodescale/experiment.h>
#include <nodescale/point.h>
#include <nodescale/status.h>

struct ns_problem {
	size_t n, n_test, d, m;
	const double *x, *x_test; /* (n, d), (n_test, d) row-major, divided by sqrt(d) */
	const double *y, *y_test; /* (n), (n_test) */
	const double *lambda;     /* (m) */
	const double *c;          /* (m) sqrt(lambda_j) a_j */
	const double *w0;         /* (m, d) row-major initial weights */
	enum ns_activation activation;
	double leak; /* leaky ReLU only */
	double step_size;
	double gamma, alpha; /* of the node scaling: what the cost model reads; engines take lambda */
};

/* lambda (m): node scaling, rounded to multiples of 2^-51. alpha is not read at gamma = 1. */
void ns_node_scaling(double gamma, double alpha, size_t m, double *lambda);

/* sign (m): a_j in {-1, +1}. */
void ns_output_signs(uint64_t seed, size_t m, double *sign);

/* w0 (m, d): initial weights. NS_FAILED if memory is short (orthogonal needs d x d). */
enum ns_status ns_initial_weights(
	enum ns_initialisation init, double std, uint64_t seed, size_t m, size_t d, double *w0, struct ns_error *error);

/* Builds the problem of a point; it owns its arrays until ns_problem_destroy (accepts NULL). data may go afterwards. */
enum ns_status ns_problem_create(struct ns_problem **problem, const struct ns_experiment *experiment, const struct ns_data *data,
	const struct ns_point *point, struct ns_error *error);
void ns_problem_destroy(struct ns_problem *problem);

#endif
