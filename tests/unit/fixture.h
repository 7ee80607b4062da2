/* Problems for tests: random data in the styles of the experiments, with the awkward cases on request. */
#ifndef NODESCALE_TESTS_FIXTURE_H
#define NODESCALE_TESTS_FIXTURE_H

#include <nodescale/engine.h>

struct ns_fixture {
	size_t n, n_test, d, m;
	double gamma, alpha;
	enum ns_activation activation;
	double leak;
	double step_size;  /* 0: a step size that is surely stable */
	bool standardised; /* x ~ N(0, I_d) like standardised data; else on the unit sphere */
	bool duplicates;   /* every third sample repeats the one before it */
	bool zero_inputs;  /* every fifth sample is zero */
	bool antipodal;    /* every fourth sample is minus the one before it */
	bool collinear;    /* every sixth sample is twice the one before it */
	uint64_t seed;
};

/* Release with ns_problem_destroy. Ends the test program if memory is short. */
struct ns_problem *ns_fixture_problem(const struct ns_fixture *fixture);

/* The same problem with its samples in opposite order: to dense the same but for rounding. x and y are its own, to be released
 * with ns_free; all else is p's. */
struct ns_problem ns_fixture_reversed(const struct ns_problem *p);

/* Prints the fields that reproduce a failure. */
void ns_fixture_print(const struct ns_fixture *fixture);

#endif
