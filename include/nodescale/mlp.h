/* The small network that the transfer experiment trains on another network's features (model.md, "Transfer"): two hidden ReLU
 * layers of 64 units, biases, one output, mean squared error, full-batch gradient descent.
 *
 *     a_1 = relu(h W_1 + b_1)    a_2 = relu(a_1 W_2 + b_2)    g(h) = a_2 . w_3 + b_3    risk = (1/n) sum_i (g(h_i) - y_i)^2 */
#ifndef NODESCALE_MLP_H
#define NODESCALE_MLP_H

#include <nodescale/status.h>
#include <nodescale/train.h>
#include <stddef.h>
#include <stdint.h>

enum { NS_MLP_WIDTH = 64 };

struct ns_mlp {
	size_t inputs, n_parameters;
	double *parameters; /* w_1 (inputs, 64), b_1 (64), w_2 (64, 64), b_2 (64), w_3 (64), b_3, one behind the other */
	struct ns_mlp_work *work;
};

/* Weights and biases of a layer with fan-in q are drawn uniformly from +-1/sqrt(q). Release with ns_mlp_finish. */
enum ns_status ns_mlp_init(struct ns_mlp *mlp, size_t inputs, uint64_t seed, struct ns_error *error);
void ns_mlp_finish(struct ns_mlp *mlp);

/* Risk on h (n, inputs) and y (n), n > 0. gradient (n_parameters) of it in the parameters; NULL: the risk alone. The bits do not
 * depend on which is asked for. */
double ns_mlp_risk(const struct ns_mlp *mlp, size_t n, const double *h, const double *y, double *gradient);

/* Takes gradient descent steps; tick is called between them. NS_STOPPED if it said so. */
enum ns_status ns_mlp_train(struct ns_mlp *mlp, size_t n, const double *h, const double *y, double step_size, uint64_t steps,
	struct ns_tick tick, struct ns_error *error);

#endif
