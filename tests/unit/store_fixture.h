/* A small sweep with made-up results, for tests of the results file. */
#ifndef NODESCALE_TESTS_STORE_FIXTURE_H
#define NODESCALE_TESTS_STORE_FIXTURE_H

#include <nodescale/store.h>

struct ns_store_fixture {
	struct ns_experiment experiment;
	struct ns_data data;
	struct ns_point *points;
	struct ns_sweep_description sweep; /* of the fields above */
};

/* n_points points of 1 .. 4 nodes in turns, 11 records, 6 training, 2 validation and 3 test samples of 3 inputs. Ends the program
 * if memory is short. */
void ns_store_fixture_init(struct ns_store_fixture *fixture, size_t n_points, enum ns_weights_kept weights);
void ns_store_fixture_finish(struct ns_store_fixture *fixture);

/* The result that belongs to the point: numbers that depend on the point, the quantity and the place. Every fifth point has
 * diverged half way. Release with ns_result_finish. */
void ns_store_fixture_result(const struct ns_store_fixture *fixture, size_t point, struct ns_result *result);

/* Made-up results of an experiment after training; the last entry is NaN. */
void ns_store_fixture_followup(size_t point, enum ns_followup followup, struct ns_followup_result *result);

#endif
