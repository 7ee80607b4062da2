/* A results file that is not there: the functions of reader.h that analysis calls, over made-up numbers. */
#ifndef NODESCALE_TESTS_FAKE_READER_H
#define NODESCALE_TESTS_FAKE_READER_H

#include <nodescale/reader.h>

struct ns_reader {
	size_t n_points, n_records;
	const struct ns_point *points;
	const uint8_t *status;
	const uint64_t *steps;
	double least;      /* all values lie in [least, least + 2) */
	size_t n_followed; /* points of which the experiments after training have been computed */
};

/* What the file says of itself, for tests that ask: NULL is an experiment whose theory is not known, and no data. */
extern const struct ns_experiment *ns_fake_experiment;
extern const struct ns_data *ns_fake_data;

/* Irregular, with all 53 bits in use; NaN where the point is missing, or diverged and the record is not its first. */
double ns_fake_value(const struct ns_reader *reader, enum ns_quantity quantity, size_t point, size_t record, size_t entry);

#endif
