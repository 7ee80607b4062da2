#include <math.h>
#include <nodescale/activation.h>

const char *const ns_activation_names[] = {"relu", "leaky_relu", "softplus", "tanh", "erf", "silu", "gelu", NULL};

bool ns_activation_is_piecewise_linear(enum ns_activation activation)
{
	return activation == NS_RELU || activation == NS_LEAKY_RELU;
}

static double logistic(double z)
{
	return 1 / (1 + exp(-z));
}

static double normal_density(double z)
{
	return exp(-0.5 * z * z) / sqrt(2 * M_PI);
}

static double normal_distribution(double z)
{
	return 0.5 * erfc(-z / M_SQRT2);
}

double ns_activation_value(enum ns_activation activation, double leak, double z)
{
	switch (activation) {
	case NS_RELU:
		return z > 0 ? z : 0;
	case NS_LEAKY_RELU:
		return z > 0 ? z : leak * z;
	case NS_SOFTPLUS: /* log(1 + e^z) without overflow */
		return fmax(z, 0) + log1p(exp(-fabs(z)));
	case NS_TANH:
		return tanh(z);
	case NS_ERF:
		return erf(z);
	case NS_SILU:
		return z * logistic(z);
	case NS_GELU:
		return z * normal_distribution(z);
	case NS_ACTIVATION_COUNT:
		break;
	}
	return NAN;
}

double ns_activation_slope(enum ns_activation activation, double leak, double z)
{
	switch (activation) {
	case NS_RELU:
		return z > 0;
	case NS_LEAKY_RELU:
		return z > 0 ? 1 : leak;
	case NS_SOFTPLUS:
		return logistic(z);
	case NS_TANH: {
		const double value = tanh(z);
		return 1 - value * value;
	}
	case NS_ERF:
		return 2 / sqrt(M_PI) * exp(-z * z);
	case NS_SILU:
		return logistic(z) * (1 + z * logistic(-z));
	case NS_GELU:
		return normal_distribution(z) + z * normal_density(z);
	case NS_ACTIVATION_COUNT:
		break;
	}
	return NAN;
}

/* The loop over ReLU is apart so that the compiler makes vectors of it. */
static void apply_relu(size_t count, const double *z, double *value, double *slope)
{
	for (size_t e = 0; e < count; e++) {
		const double at = z[e];
		if (value)
			value[e] = at > 0 ? at : 0;
		if (slope)
			slope[e] = at > 0 ? 1 : 0;
	}
}

void ns_activation_apply(enum ns_activation activation, double leak, size_t count, const double *z, double *value, double *slope)
{
	if (activation == NS_RELU) {
		apply_relu(count, z, value, slope);
		return;
	}
	for (size_t e = 0; e < count; e++) {
		const double at = z[e];
		if (value)
			value[e] = ns_activation_value(activation, leak, at);
		if (slope)
			slope[e] = ns_activation_slope(activation, leak, at);
	}
}
