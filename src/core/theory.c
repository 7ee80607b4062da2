#include <float.h>
#include <math.h>
#include <nodescale/blas.h>
#include <nodescale/memory.h>
#include <nodescale/ntk.h>
#include <nodescale/theory.h>
#include <string.h>

const char *const ns_verdict_names[] = {"holds", "violated", "none", "unseen", NULL};

/* Bound on what rounding does to an eigenvalue of a symmetric matrix (n, n): LAPACK's n eps |A|, and as much for entries that are
 * each off by eps, since |A|_F <= n |A|. */
static double eigenvalue_rounding(size_t n, double largest)
{
	return 2 * (double)n * DBL_EPSILON * largest;
}

/* sup act'^2 of the activations that have a limit */
static double steepest_square(enum ns_activation activation)
{
	return activation == NS_ERF ? 4 / M_PI : 1;
}

/* x (n, d) already divided by sqrt(d) */
static enum ns_status find_kappa(struct ns_limit_kernel *kernel, const struct ns_experiment *experiment, size_t n, size_t d,
	const double *x, struct ns_error *error)
{
	*kernel = (struct ns_limit_kernel){n, NAN, NAN, NAN, NAN};
	double *limit = ns_alloc(n, n * sizeof *limit);
	if (limit == NULL)
		return ns_error_memory(error, "the limit of the tangent kernel", 8.0 * (double)n * (double)n);
	enum ns_status status = NS_OK;
	if (ns_ntk_limit(experiment->activation, experiment->leak, experiment->init_std, n, d, x, limit)) {
		status = ns_extreme_eigenvalues(n, limit, &kernel->kappa, &kernel->largest, error);
		kernel->resolution = eigenvalue_rounding(n, kernel->largest);
	}
	ns_free(limit);
	return status;
}

static void find_width(struct ns_limit_kernel *kernel, const struct ns_theory *theory)
{
	const double n = (double)kernel->n, d = (double)theory->d;
	if (kernel->kappa > kernel->resolution)
		kernel->width = 8 * n * theory->ball * log(4 * n / theory->delta) / (kernel->kappa * d);
	else if (!isnan(kernel->kappa))
		kernel->width = INFINITY;
}

static double largest_norm(const struct ns_part *part, size_t d)
{
	double largest = 0;
	for (size_t i = 0; i < part->n; i++) {
		double square = 0;
		for (size_t k = 0; k < d; k++)
			square += part->x[i * d + k] * part->x[i * d + k];
		largest = fmax(largest, square);
	}
	return sqrt(largest);
}

/* Inputs on the unit sphere have norms that are off 1 by rounding: still in the ball. */
static double ball(const struct ns_experiment *experiment, double norm, size_t d)
{
	const double largest = norm * norm * steepest_square(experiment->activation);
	return largest > 1 + 2 * (double)d * DBL_EPSILON ? largest : 1;
}

enum ns_status ns_theory_init(struct ns_theory *theory, const struct ns_experiment *experiment, const struct ns_data *data,
	double delta, struct ns_error *error)
{
	const size_t n = data->train.n, d = data->d, n_probes = experiment->probes < n ? experiment->probes : n;
	const double norm = largest_norm(&data->train, d), root = sqrt((double)d);
	const bool piecewise = ns_activation_is_piecewise_linear(experiment->activation);
	*theory = (struct ns_theory){.delta = delta,
		.d = d,
		.largest_norm = norm,
		.ball = ball(experiment, norm, d),
		.time_per_step = 2 * experiment->step_size / (double)n,
		/* a sum over nodes of sqrt(lambda_j) |z_j|, which is at most (sum lambda)^(1/2) (sum z^2)^(1/2) */
		.residual_rounding = DBL_EPSILON * experiment->init_std * norm / root,
		.is_mean = experiment->init == NS_INIT_GAUSSIAN ||
			   (piecewise && (experiment->init == NS_INIT_SPHERE || experiment->init == NS_INIT_ORTHOGONAL)),
		.is_independent = experiment->init != NS_INIT_ORTHOGONAL};
	double *x = ns_alloc(n * d, sizeof *x);
	if (x == NULL)
		return ns_error_memory(error, "the training inputs", 8.0 * (double)n * (double)d);
	for (size_t e = 0; e < n * d; e++)
		x[e] = data->train.x[e] / root;
	ns_blas_use_one_thread();
	enum ns_status status = find_kappa(&theory->probes, experiment, n_probes, d, x, error);
	theory->all = theory->probes;
	if (status == NS_OK && n_probes < n)
		status = find_kappa(&theory->all, experiment, n, d, x, error);
	ns_free(x);
	find_width(&theory->all, theory);
	find_width(&theory->probes, theory);
	return status;
}

const char *ns_theory_reservation(const struct ns_theory *theory)
{
	if (isnan(theory->probes.kappa))
		return "no closed form of Theta* is known here for this activation";
	if (!theory->is_mean)
		return "Theta*, of Gaussian weights, is not the mean of Theta(W_0) for this initialisation";
	if (!theory->is_independent)
		return "the nodes of this initialisation are not independent";
	return NULL;
}

static bool is_bound(const struct ns_limit_kernel *kernel, double gamma)
{
	return gamma > 0 && kernel->kappa > kernel->resolution;
}

double ns_theory_eigenvalue(const struct ns_theory *theory, double gamma)
{
	return is_bound(&theory->probes, gamma) ? gamma * theory->probes.kappa / 4 : NAN;
}

static double decay_exponent(const struct ns_theory *theory, double gamma, uint64_t step)
{
	return gamma * theory->all.kappa / 2 * theory->time_per_step * (double)step;
}

double ns_theory_decay(const struct ns_theory *theory, double gamma, uint64_t step)
{
	return is_bound(&theory->all, gamma) ? exp(-decay_exponent(theory, gamma, step)) : NAN;
}

static const struct ns_bound_check nothing_seen = {NS_BOUND_UNSEEN, 0, NAN, 0};

static void note(struct ns_bound_check *check, uint64_t step, double ratio, bool is_worst, bool violated)
{
	if (check->verdict == NS_BOUND_UNSEEN)
		check->verdict = NS_BOUND_HOLDS;
	if (is_worst) {
		check->worst = ratio;
		check->worst_at = step;
	}
	if (violated && check->verdict != NS_BOUND_VIOLATED) {
		check->verdict = NS_BOUND_VIOLATED;
		check->violated_at = step;
	}
}

static struct ns_bound_check hold_eigenvalue(
	const struct ns_theory *theory, double bound, const struct ns_trajectory *run, size_t n_records)
{
	struct ns_bound_check check = nothing_seen;
	for (size_t r = 0; r < n_records; r++) {
		const double smallest = run->ntk_min_eig[r], largest = run->ntk_max_eig[r];
		if (!isfinite(smallest) || !isfinite(largest))
			continue;
		const double rounding = theory->probes.resolution + eigenvalue_rounding(theory->probes.n, largest);
		const double ratio = smallest / bound;
		note(&check, run->steps[r], ratio, isnan(check.worst) || ratio < check.worst, smallest < bound - rounding);
	}
	return check;
}

static struct ns_bound_check hold_decay(
	const struct ns_theory *theory, const struct ns_point *point, const struct ns_trajectory *run)
{
	const double m = (double)point->m, initial = run->n_records > 0 ? run->train_risk[0] : NAN;
	const double residual = theory->residual_rounding * (m + (double)theory->d) * sqrt(m), floor = residual * residual;
	struct ns_bound_check check = nothing_seen;
	if (!isfinite(initial))
		return check;
	note(&check, run->steps[0], NAN, false, false);
	for (size_t r = 1; r < run->n_records; r++) {
		const double risk = run->train_risk[r], exponent = decay_exponent(theory, point->gamma, run->steps[r]);
		const double guaranteed = initial * exp(-exponent);
		const double rounding = 2 * DBL_EPSILON * ((double)theory->all.n + exponent) * guaranteed + floor;
		if (!isfinite(risk)) {
			if (run->diverged)
				note(&check, run->steps[r], INFINITY, check.worst < INFINITY || isnan(check.worst), true);
			continue;
		}
		const double ratio = risk / guaranteed;
		note(&check, run->steps[r], ratio, isnan(check.worst) || ratio > check.worst, risk > guaranteed + rounding);
	}
	return check;
}

struct ns_theory_check ns_theory_hold(
	const struct ns_theory *theory, const struct ns_point *point, const struct ns_trajectory *run)
{
	const struct ns_bound_check none = {NS_BOUND_NONE, 0, NAN, 0};
	struct ns_theory_check check = {none, none, none};
	if (is_bound(&theory->probes, point->gamma)) {
		const double bound = ns_theory_eigenvalue(theory, point->gamma);
		check.start = hold_eigenvalue(theory, 2 * bound, run, run->n_records > 0);
		check.trajectory = hold_eigenvalue(theory, bound, run, run->n_records);
	}
	if (is_bound(&theory->all, point->gamma))
		check.decay = hold_decay(theory, point, run);
	return check;
}
