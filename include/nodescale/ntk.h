/* The neural tangent Gram (NTG) matrix Theta(W) on probe samples, its infinite-width limit and its spectra (model.md; arXiv
 * 2302.01002, section 3). */
#ifndef NODESCALE_NTK_H
#define NODESCALE_NTK_H

#include <nodescale/status.h>
#include <stddef.h>

/* inputs (n, n): x_i . x_k of inputs already divided by sqrt(d), so that Theta = inputs o S with S = sum_j lambda_j act'(z_j)
 * act'(z_j)^T. */
void ns_input_gram(size_t n, size_t d, const double *x, double *inputs);

/* limit (n, n): E Theta(W_0) over Gaussian weights, for ReLU: (x_i.x_k / d)(pi - angle(x_i, x_k)) / (2 pi).
 * x (n, d) already divided by sqrt(d). A zero input gives a zero row. */
void ns_ntk_limit(size_t n, size_t d, const double *x, double *limit);

/* Smallest and largest eigenvalue of a symmetric matrix (n, n), which is destroyed (LAPACK dsyevd). */
enum ns_status ns_extreme_eigenvalues(size_t n, double *matrix, double *smallest, double *largest, struct ns_error *error);

double ns_frobenius_norm(size_t n, const double *matrix);

#endif
