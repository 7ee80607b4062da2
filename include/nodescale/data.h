/* A data set as the trainer uses it. */
#ifndef NODESCALE_DATA_H
#define NODESCALE_DATA_H

#include <nodescale/experiment.h>
#include <nodescale/status.h>

struct ns_part {
	size_t n;
	double *x; /* (n, d) row-major, before the 1/sqrt(d) */
	double *y; /* (n) */
};

struct ns_data {
	size_t d;
	struct ns_part train, validation, test; /* validation and test may be empty (n = 0) */
};

/* Makes or reads the data the experiment asks for (csv files are opened here, so call it on rank 0 only and broadcast).
 * Bad files: NS_BAD_INPUT with file:line:column. On success release with ns_data_finish. */
enum ns_status ns_data_load(struct ns_data *data, const struct ns_experiment *experiment, struct ns_error *error);

/* Allocates a zeroed data set of these sizes, for those who fill it themselves. */
enum ns_status ns_data_init(
	struct ns_data *data, size_t d, size_t n_train, size_t n_validation, size_t n_test, struct ns_error *error);
void ns_data_finish(struct ns_data *data);

/* The three synthetic kinds: y = (5/d) sum_k sin(pi x_k) + noise N(0,1) (model.md, simulated). csv.c holds the fourth. */
enum ns_status ns_data_synthesise(struct ns_data *data, const struct ns_experiment *experiment, struct ns_error *error);
enum ns_status ns_data_read_csv(struct ns_data *data, const struct ns_experiment *experiment, struct ns_error *error);

/* Hash of every number in the data set: what a results file keeps to know that it continues on the same data. */
uint64_t ns_data_digest(const struct ns_data *data);

#endif
