/* The neural tangent Gram (NTG) matrix Theta(W) on probe samples, its infinite-width limit and its spectra (model.md; arXiv
 * 2302.01002, section 3). */
#ifndef NODESCALE_NTK_H
#define NODESCALE_NTK_H

#include <nodescale/activation.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>

/* inputs (n, n): x_i . x_k of inputs already divided by sqrt(d), so that Theta = inputs o S with S = sum_j lambda_j act'(z_j)
 * act'(z_j)^T. */
void ns_input_gram(size_t n, size_t d, const double *x, double *inputs);

/* Whether there is a formula for the limit here. */
bool ns_ntk_has_limit(enum ns_activation activation);

/* limit (n, n): Theta* = E Theta(W_0), the infinite-width limit, for weights ~ N(0, init_std^2 I_d), x (n, d) already divided by
 * sqrt(d). With the angle between x_i and x_k, c_ik = x_i.x_k and s = init_std, Theta*_ik = c_ik E act'(u) act'(v) is
 *     relu        c_ik (pi - angle) / (2 pi)
 *     leaky_relu  c_ik (leak + (1 - leak)^2 (pi - angle) / (2 pi))
 *     erf         c_ik (4 / pi) / sqrt((1 + 2 s^2 c_ii)(1 + 2 s^2 c_kk) - 4 s^4 c_ik^2)
 * The first two do not depend on s: they hold for every law of weights whose directions are uniform. A zero input gives a zero
 * row. False, with limit untouched, for activations without such a formula. */
bool ns_ntk_limit(
	enum ns_activation activation, double leak, double init_std, size_t n, size_t d, const double *x, double *limit);

/* Smallest and largest eigenvalue of a symmetric matrix (n, n), n > 0, which is destroyed (LAPACK dsytrd and dstebz). NS_FAILED
 * if an entry is not finite. */
enum ns_status ns_extreme_eigenvalues(size_t n, double *matrix, double *smallest, double *largest, struct ns_error *error);

double ns_frobenius_norm(size_t n, const double *matrix);

#endif
