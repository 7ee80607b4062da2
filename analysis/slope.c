#include <math.h>
#include <nodescale/exponent.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <stdbool.h>
#include <stdlib.h>

/* A run on logarithmic axes. */
struct dot {
	uint64_t m, seed;
	double x, y;
	double deviation; /* from the mean of its width, inflated */
	double pull;      /* what the deviation contributes to the slope */
};

static int by_width(const void *first, const void *second)
{
	const struct dot *a = first, *b = second;
	if (a->m != b->m)
		return (a->m > b->m) - (a->m < b->m);
	return (a->seed > b->seed) - (a->seed < b->seed);
}

static int by_seed(const void *first, const void *second)
{
	const struct dot *a = first, *b = second;
	if (a->seed != b->seed)
		return (a->seed > b->seed) - (a->seed < b->seed);
	return (a->m > b->m) - (a->m < b->m);
}

/* Dots sorted by width from `first` that share its width. */
static size_t count_width(const struct dot *dots, size_t n, size_t first)
{
	size_t count = 1;
	while (first + count < n && dots[first + count].m == dots[first].m)
		count++;
	return count;
}

static void fit_line(struct ns_slope *slope, struct dot *dots, size_t n)
{
	double mean_x = 0, mean_y = 0, squares = 0, products = 0;
	for (size_t r = 0; r < n; r++) {
		mean_x += dots[r].x / (double)n;
		mean_y += dots[r].y / (double)n;
	}
	for (size_t r = 0; r < n; r++) {
		squares += (dots[r].x - mean_x) * (dots[r].x - mean_x);
		products += (dots[r].x - mean_x) * (dots[r].y - mean_y);
	}
	slope->exponent = products / squares;
	slope->intercept = mean_y - slope->exponent * mean_x;
	for (size_t r = 0; r < n; r++)
		dots[r].pull = (dots[r].x - mean_x) / squares;
}

static void deviate(const struct ns_slope *slope, struct dot *dots, size_t n)
{
	for (size_t first = 0, count; first < n; first += count) {
		double mean = 0;
		count = count_width(dots, n, first);
		for (size_t r = first; r < first + count; r++)
			mean += dots[r].y / (double)count;
		if (count == 1)
			mean = slope->intercept + slope->exponent * dots[first].x;
		const double inflation = count > 1 ? sqrt((double)count / (double)(count - 1)) : 1;
		for (size_t r = first; r < first + count; r++)
			dots[r].deviation = inflation * (dots[r].y - mean);
	}
}

/* Standard deviation of sums of n pulls, drawn from n with repetition. */
static double resample_seeds(const double *pulls, size_t n)
{
	struct ns_stream stream;
	double square = 0, mean = 0;
	ns_stream_start(&stream, 0, NS_PURPOSE_BOOTSTRAP, 0);
	for (size_t u = 0; u < n; u++)
		mean += pulls[u] / (double)n;
	for (int b = 0; b < NS_EXPONENT_RESAMPLES; b++) {
		double moved = 0;
		for (size_t u = 0; u < n; u++)
			moved += pulls[ns_stream_below(&stream, n)] - mean;
		square += moved * moved;
	}
	return sqrt(square / NS_EXPONENT_RESAMPLES);
}

/* Standard deviation of slopes whose dots deviate by deviations drawn from all dots: for a single seed. */
static double resample_residuals(const struct dot *dots, size_t n)
{
	struct ns_stream stream;
	double square = 0;
	ns_stream_start(&stream, 0, NS_PURPOSE_BOOTSTRAP, 0);
	for (int b = 0; b < NS_EXPONENT_RESAMPLES; b++) {
		double moved = 0;
		for (size_t r = 0; r < n; r++)
			moved += dots[r].pull * dots[ns_stream_below(&stream, n)].deviation;
		square += moved * moved;
	}
	return sqrt(square / NS_EXPONENT_RESAMPLES * (double)n / (double)(n - 2));
}

/* The quantile of Student's law that leaves 2.5 % above. With t = sqrt(freedom) tan(angle) its density is proportional to
 * cos(angle)^(freedom - 1): the angle is where 95 % of the integral from 0 to pi/2 is reached. freedom >= 1. */
static double student_quantile(double freedom)
{
	enum { STEPS = 4000 };
	const double total = sqrt(M_PI) / 2 * exp(lgamma(freedom / 2) - lgamma((freedom + 1) / 2)), width = M_PI_2 / STEPS;
	double reached = 0;
	for (int k = 0; k < STEPS; k++) {
		const double part = width * pow(cos((k + 0.5) * width), freedom - 1);
		if (reached + part >= 0.95 * total)
			return sqrt(freedom) * tan((k + (0.95 * total - reached) / part) * width);
		reached += part;
	}
	return INFINITY; /* not reached: the steps add up to the total within 1e-6 */
}

/* Sums the pulls of each seed to the front of pulls, from dots that this sorts by seed; returns the number of seeds. */
static size_t pulls_by_seed(struct dot *dots, size_t n, double *pulls)
{
	size_t n_seeds = 0;
	qsort(dots, n, sizeof *dots, by_seed);
	for (size_t r = 0; r < n; r++) {
		if (r == 0 || dots[r].seed != dots[r - 1].seed)
			pulls[n_seeds++] = 0;
		pulls[n_seeds - 1] += dots[r].pull * dots[r].deviation;
	}
	return n_seeds;
}

static void find_interval(struct ns_slope *slope, struct dot *dots, size_t n, double *pulls)
{
	const bool single = slope->n_widths == n; /* a run a width */
	double deviation = single ? resample_residuals(dots, n) : 0, freedom = (double)n - 2;
	slope->n_seeds = pulls_by_seed(dots, n, pulls);
	if (!single) {
		deviation = resample_seeds(pulls, slope->n_seeds);
		freedom = (double)slope->n_seeds * (1 - (double)slope->n_widths / (double)n);
	}
	const double reach = student_quantile(fmax(freedom, 1)) * deviation;
	slope->low = slope->exponent - reach;
	slope->high = slope->exponent + reach;
}

enum ns_status ns_slope_fit(struct ns_slope *slope, const struct ns_width_run *runs, size_t n, struct ns_error *error)
{
	struct dot *dots = ns_alloc(n, sizeof *dots);
	double *pulls = ns_alloc(n, sizeof *pulls);
	if (dots == NULL || pulls == NULL) {
		ns_free(dots);
		ns_free(pulls);
		return ns_error_memory(error, "fitting an exponent", (double)n * (sizeof *dots + sizeof *pulls));
	}
	for (size_t r = 0; r < n; r++)
		dots[r] =
			(struct dot){.m = runs[r].m, .seed = runs[r].seed, .x = log((double)runs[r].m), .y = log(runs[r].value)};
	qsort(dots, n, sizeof *dots, by_width);
	*slope = (struct ns_slope){.least_m = dots[0].m, .n_runs = n};
	for (size_t first = 0; first < n; first += count_width(dots, n, first))
		slope->n_widths++;
	fit_line(slope, dots, n);
	deviate(slope, dots, n);
	find_interval(slope, dots, n, pulls);
	ns_free(dots);
	ns_free(pulls);
	return NS_OK;
}
