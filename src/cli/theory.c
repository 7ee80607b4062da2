#include "command.h"
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/bounds.h>
#include <nodescale/exponent.h>
#include <nodescale/number.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"usage: nodescale theory FILE.h5 [-o FILE.csv] [--exponents FILE.csv] [--delta P]\n\n"
	"Holds the convergence theorem of arXiv 2302.01002 against the runs, and tells how drift depends on the width.\n\n"
	"  start       eig_min(Theta(W_0)) >= gamma kappa / 2, with probability 1 - delta once m meets the first condition\n"
	"  trajectory  eig_min(Theta(W_t)) >= gamma kappa / 4 at every recorded step\n"
	"  decay       train_risk <= initial train_risk * exp(-gamma kappa tau / 2), tau = 2 step_size / n a step\n"
	"For each gamma: points, how many of them meet the first condition, and how many keep to each bound.\n"
	"kappa is the smallest eigenvalue of the tangent kernel's limit: of all training samples in decay, of the probes, which "
	"the\n"
	"recorded kernel is of, in start and trajectory. At gamma = 0 nothing is guaranteed.\n\n"
	"The exponent b of drift ~ m^b is fitted for every (gamma, alpha) with three widths or more: -1/2 is lazy, 0 is feature\n"
	"learning. Intervals of 95 %, by resampling seeds.\n\n"
	"  -o, --output FILE.csv      one row per point: verdict on each bound, step of the first violation, worst ratio\n"
	"      --exponents FILE.csv   one row per (quantity, gamma, alpha)\n"
	"      --delta P              probability with which the start may fail; default 0.05\n"
	"  -h, --help                 this text\n";

static enum ns_status print_bounds(void *what, FILE *out, struct ns_error *error)
{
	return ns_bounds_csv(what, out, error);
}

static enum ns_status print_exponents(void *what, FILE *out, struct ns_error *error)
{
	return ns_exponents_csv(what, out, error);
}

static void print_kernel(const struct ns_theory *theory, const struct ns_limit_kernel *kernel, const char *of)
{
	printf("kappa             %-12.6g of the %zu %s", kernel->kappa, kernel->n, of);
	if (kernel->kappa <= kernel->resolution)
		printf(", which may be 0: rounding alone makes %.2g", kernel->resolution);
	printf("\nfirst condition   m >= 8 n log(4n / delta)%s / (kappa d) = %.4g\n", theory->ball > 1 ? " B" : "",
		kernel->width);
}

static void print_theory(const struct ns_theory *theory)
{
	const char *reservation = ns_theory_reservation(theory);
	printf("data              n = %zu training samples, d = %zu, largest |x| = %.4g; delta = %g\n", theory->all.n, theory->d,
		theory->largest_norm, theory->delta);
	print_kernel(theory, &theory->all, "training samples");
	if (theory->probes.n < theory->all.n)
		print_kernel(theory, &theory->probes, "probes");
	if (theory->ball > 1 && !isnan(theory->all.kappa))
		printf("                  B = %.4g: the theorem has B = 1, for inputs in the unit ball\n", theory->ball);
	printf("time              tau = %.4g a step\n", theory->time_per_step);
	if (reservation != NULL)
		printf("no guarantee      %s\n", reservation);
}

struct tally {
	size_t points, wide_enough, verdicts[3][NS_VERDICT_COUNT];
	double worst_eigenvalue, worst_decay;
};

static void count(struct tally *tally, const struct ns_bounds_row *row)
{
	const struct ns_bound_check *checks[] = {&row->check.start, &row->check.trajectory, &row->check.decay};
	tally->points++;
	tally->wide_enough += row->wide_enough;
	for (int c = 0; c < 3; c++)
		tally->verdicts[c][checks[c]->verdict]++;
	tally->worst_eigenvalue = fmin(tally->worst_eigenvalue, row->check.trajectory.worst); /* NaN loses */
	tally->worst_decay = fmax(tally->worst_decay, row->check.decay.worst);
}

/* "35/40": holds, of those that are judged. */
static void print_held(const size_t verdicts[NS_VERDICT_COUNT])
{
	const size_t holds = verdicts[NS_BOUND_HOLDS], judged = holds + verdicts[NS_BOUND_VIOLATED];
	char text[48] = "-";
	if (judged > 0)
		snprintf(text, sizeof text, "%zu/%zu", holds, judged);
	printf("  %-11s", text);
}

static void print_worst(double worst, bool is_there)
{
	if (is_there)
		printf("  %-12.4g", worst);
	else
		printf("  %-12s", "-");
}

static void print_tally(double gamma, const struct tally *tally)
{
	printf("%-8.4g%-8zu%-11zu", gamma, tally->points, tally->wide_enough);
	for (int c = 0; c < 3; c++)
		print_held(tally->verdicts[c]);
	print_worst(tally->worst_eigenvalue, tally->worst_eigenvalue < INFINITY);
	print_worst(tally->worst_decay, tally->worst_decay > -INFINITY);
	putchar('\n');
}

/* One line per gamma, falling. */
static void print_bounds_by_gamma(const struct ns_bounds *bounds)
{
	printf("\n                first                                            worst eig_min  worst risk\n"
	       "gamma   points  condition    start        trajectory   decay        over bound    over bound\n");
	for (double below = INFINITY;;) {
		struct tally tally = {.worst_eigenvalue = INFINITY, .worst_decay = -INFINITY};
		double gamma = -1;
		for (size_t p = 0; p < bounds->n_rows; p++)
			if (bounds->rows[p].point.gamma < below)
				gamma = fmax(gamma, bounds->rows[p].point.gamma);
		if (gamma < 0)
			break;
		for (size_t p = 0; p < bounds->n_rows; p++)
			if (bounds->rows[p].point.gamma == gamma)
				count(&tally, &bounds->rows[p]);
		print_tally(gamma, &tally);
		below = gamma;
	}
}

static void print_interval(const struct ns_slope *slope)
{
	printf(" %+.4f [%+.4f, %+.4f]  ", slope->exponent, slope->low, slope->high);
}

static enum ns_status print_exponent_table(struct ns_reader *reader, struct ns_error *error)
{
	for (int q = 0; q < NS_EXPONENT_QUANTITIES; q++) {
		struct ns_exponents exponents;
		const enum ns_status status = ns_exponents_read(&exponents, reader, ns_exponent_quantities[q], NULL, error);
		if (status != NS_OK)
			return status;
		if (exponents.n > 0)
			printf("\n%s ~ m^b, b by\ngamma   alpha   all widths                    their upper half             "
			       "regime\n",
				ns_exponent_name(exponents.quantity));
		for (size_t e = 0; e < exponents.n; e++) {
			const struct ns_exponent *row = &exponents.rows[e];
			char alpha[24] = "-";
			if (!isnan(row->alpha))
				snprintf(alpha, sizeof alpha, "%.4g", row->alpha);
			printf("%-7.4g %-7s", row->gamma, alpha);
			print_interval(&row->all);
			print_interval(&row->large);
			printf(" %s\n", ns_regime_names[row->regime]);
		}
		ns_exponents_finish(&exponents);
	}
	return NS_OK;
}

static enum ns_status tell(
	struct ns_reader *reader, double delta, const char *output, const char *exponents, struct ns_error *error)
{
	struct ns_bounds bounds;
	enum ns_status status = ns_bounds_init(&bounds, reader, delta, error);
	if (status != NS_OK)
		return status;
	if (output != NULL)
		status = ns_write_file(output, print_bounds, &bounds, error);
	if (status == NS_OK && exponents != NULL)
		status = ns_write_file(exponents, print_exponents, reader, error);
	if (status == NS_OK) {
		print_theory(&bounds.theory);
		if (!isnan(bounds.theory.probes.kappa))
			print_bounds_by_gamma(&bounds);
		status = print_exponent_table(reader, error);
	}
	ns_bounds_finish(&bounds);
	return status;
}

static enum ns_status parse_delta(const char *text, double *delta, struct ns_error *error)
{
	if (ns_number_real(text, strlen(text), delta) == NS_NUMBER_OK && *delta > 0 && *delta < 1)
		return NS_OK;
	return ns_error_set(error, NS_BAD_INPUT, "--delta is '%s' but must be a number between 0 and 1", text);
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
		{"exponents", required_argument, NULL, 'e'}, {"delta", required_argument, NULL, 'd'}, {0}};
	const char *path = NULL, *output = NULL, *exponents = NULL;
	double delta = NS_BOUNDS_DELTA;
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", options, &path, error)) != -1;) {
		if (letter == 'o')
			output = optarg;
		else if (letter == 'e')
			exponents = optarg;
		else if (letter != 'd' || parse_delta(optarg, &delta, error) != NS_OK)
			return error->status;
	}
	struct ns_reader *reader = NULL;
	enum ns_status status = ns_need_operand(path, "theory", "FILE.h5", error);
	if (status == NS_OK)
		status = ns_reader_open(&reader, path, error);
	if (status != NS_OK)
		return status;
	status = tell(reader, delta, output, exponents, error);
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_theory_command = {
	.name = "theory",
	.summary = "hold the convergence theorem against the runs; exponents of drift in the width",
	.help = help,
	.run = run,
};
