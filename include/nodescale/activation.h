/* Activations act(z) of the hidden layer (model.md: ReLU in the published experiments; the others in its theory and open
 * questions). */
#ifndef NODESCALE_ACTIVATION_H
#define NODESCALE_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

enum ns_activation {
	NS_RELU,       /* max(z, 0); act'(0) = 0 */
	NS_LEAKY_RELU, /* z > 0 ? z : slope z; act'(0) = slope */
	NS_SOFTPLUS,   /* log(1 + e^z) */
	NS_TANH,
	NS_ERF,
	NS_SILU, /* z / (1 + e^-z) */
	NS_GELU, /* z (1 + erf(z / sqrt 2)) / 2 */
	NS_ACTIVATION_COUNT
};

/* Names in enum order, as the spec writes them; NULL-terminated. */
extern const char *const ns_activation_names[];

/* ReLU and leaky ReLU: act is linear between sign changes of z, so the exact engines apply. */
bool ns_activation_is_piecewise_linear(enum ns_activation activation);

/* act(z) and act'(z). leak is the slope of leaky ReLU for z <= 0 and is not read otherwise. */
double ns_activation_value(enum ns_activation activation, double leak, double z);
double ns_activation_slope(enum ns_activation activation, double leak, double z);

/* The same over count elements; value or slope may be NULL, and may be z itself. */
void ns_activation_apply(enum ns_activation activation, double leak, size_t count, const double *z, double *value, double *slope);

#endif
