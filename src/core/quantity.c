#include <nodescale/quantity.h>

const double ns_quantile_levels[NS_QUANTILES] = {0, 0.25, 0.5, 0.75, 0.9, 0.99, 1};

#define SCALAR NULL, 1
const struct ns_quantity_info ns_quantities[NS_QUANTITY_COUNT] = {
	[NS_TRAIN_RISK] = {"train_risk", "target^2", "mean squared error on the training samples", SCALAR},
	[NS_TEST_RISK] = {"test_risk", "target^2", "mean squared error on the test samples", SCALAR},
	[NS_NTK_DRIFT_SPECTRAL] = {"ntk_drift_spectral", "kernel",
		"spectral norm of Theta(W_t) - Theta(W_0) on the probe samples", SCALAR},
	[NS_NTK_DRIFT_FROBENIUS] = {"ntk_drift_frobenius", "kernel", "Frobenius norm of Theta(W_t) - Theta(W_0)", SCALAR},
	[NS_NTK_DRIFT_RELATIVE] = {"ntk_drift_relative", "1", "Frobenius norm of Theta(W_t) - Theta(W_0) over that of Theta(W_0)",
		SCALAR},
	[NS_NTK_MIN_EIG] = {"ntk_min_eig", "kernel", "smallest eigenvalue of the neural tangent Gram matrix Theta(W_t)", SCALAR},
	[NS_NTK_MAX_EIG] = {"ntk_max_eig", "kernel", "largest eigenvalue of Theta(W_t)", SCALAR},
	[NS_NTK_ALIGNMENT] = {"ntk_alignment", "1", "<Theta, y y^T>_F / (|Theta|_F |y|^2) on the probe samples", SCALAR},
	[NS_PATTERN_CHANGED] = {"pattern_changed", "1",
		"fraction of (sample, node) pairs whose activation sign differs from initialisation", SCALAR},
	[NS_PATTERN_FLIPS] = {"pattern_flips", "count",
		"sign changes of pre-activations since the last recorded step, counted at every step", SCALAR},
	[NS_WEIGHT_DELTA_MAX] = {"weight_delta_max", "weight", "largest |w_j(t) - w_j(0)|_2 over nodes", SCALAR},
	[NS_WEIGHT_DELTA_OF_MAX_NODE] = {"weight_delta_of_max_node", "weight",
		"|w_j(t) - w_j(0)|_2 of the node j that has moved most at the last step", SCALAR},
	[NS_WEIGHT_DELTA_QUANTILE] = {"weight_delta_quantile", "weight", "quantiles of |w_j(t) - w_j(0)|_2 over nodes",
		"quantile", NS_QUANTILES},
	[NS_WEIGHT_DELTA_TOP] = {"weight_delta_top", "weight", "|w_j(t) - w_j(0)|_2 of the 16 nodes of largest lambda",
		"top_node", NS_TOP_NODES},
};
