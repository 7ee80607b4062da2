/* What is drawn of the points: a number, or a trajectory, for each. Private to analysis. */
#ifndef NODESCALE_ANALYSIS_VALUES_H
#define NODESCALE_ANALYSIS_VALUES_H

#include "figure.h"
#include "keys.h"

/* The whole trajectory: *values (point, record); free with ns_free. */
enum ns_status ns_values_of_measure(
	struct ns_drawing *drawing, struct ns_measure measure, double **values, struct ns_error *error);

/* At the moment of options->at: *values (point); NaN where there is none. Free with ns_free. */
enum ns_status ns_values_at_moment(
	struct ns_drawing *drawing, struct ns_measure measure, enum ns_moment at, double **values, struct ns_error *error);

/* The step of each run's smallest test risk, as ns_values_at_moment. */
enum ns_status ns_values_best_step(struct ns_drawing *drawing, double **values, struct ns_error *error);

/* "at step 50 000", "at the step of the smallest test risk" */
void ns_moment_words(const struct ns_drawing *drawing, enum ns_moment at, char *to, size_t size);
/* For names of files: "", "_best", "_at5000" */
void ns_moment_suffix(const struct ns_drawing *drawing, char *to, size_t size);

/* The recorded steps as numbers: *steps (record), free with ns_free. */
enum ns_status ns_values_steps(struct ns_drawing *drawing, double **steps, struct ns_error *error);

/* Whether the axis of a key is logarithmic: as asked for with --log, or m over a wide range. values rise. */
bool ns_key_is_logarithmic(const struct ns_drawing *drawing, bool asked, enum ns_key key, const double *values, size_t n);
enum ns_status ns_key_check_logarithm(
	bool logarithmic, const char *axis, enum ns_key key, const double *values, size_t n, struct ns_error *error);

/* Mean and standard deviation of values (point, n_records) over the selected points, by all keys but those in over. */
enum ns_status ns_values_gather(struct ns_drawing *drawing, unsigned over, const double *values, size_t n_records,
	struct ns_aggregate *aggregate, struct ns_error *error);

/* Keys averaged over when `axes` (NS_KEY_BIT) are on the axes, by options->over. */
unsigned ns_values_over(const struct ns_drawing *drawing, unsigned axes);

/* "5 seeds", "seeds", "runs" (if other keys are averaged over too), for "mean over 5 seeds". */
void ns_over_words(const struct ns_drawing *drawing, unsigned over, char *to, size_t size);

/* shown (point): selected and of one of the curves that are shown (is_shown: (curve)). */
void ns_values_shown(const struct ns_drawing *drawing, const struct ns_aggregate *aggregate, const bool *is_shown, bool *shown);

/* How many of the selected points are not done, as a sentence, empty if all are: " Of 20 points 3 are missing and 1 diverged." */
void ns_lacking_words(const struct ns_drawing *drawing, char *to, size_t size);

/* shown (curve): all if there are no more than most, else at most as many, the same for the same curves: those at values of the
 * keys that are spread evenly from the first to the last. Returns how many. */
size_t ns_curves_choose(const struct ns_aggregate *aggregate, size_t most, bool *shown);

/* The k-th of `few` indices that run evenly from the first to the last of n; all of them if n is no more than few. */
size_t ns_evenly(size_t k, size_t n, size_t few);

/* "50 000" with thin spaces. */
void ns_grouped_words(uint64_t number, char *to, size_t size);

#endif
