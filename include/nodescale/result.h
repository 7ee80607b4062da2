/* What training a point yields. */
#ifndef NODESCALE_RESULT_H
#define NODESCALE_RESULT_H

#include <nodescale/quantity.h>
#include <nodescale/status.h>
#include <stdbool.h>
#include <stdint.h>

/* Stored as one byte; numbers are part of the file format. */
enum ns_point_status {
	NS_POINT_MISSING = 0,
	NS_POINT_DONE = 1,
	NS_POINT_DIVERGED = 2, /* the risk ceased to be finite at step steps_done */
	NS_POINT_CRASHED = 3,  /* set aside after it was in flight in two deaths of the program */
	/* missing to whoever reads results; see flight.h */
	NS_POINT_RUNNING = 4,       /* in flight */
	NS_POINT_INTERRUPTED = 5,   /* was in flight at one death of the program */
	NS_POINT_RUNNING_AGAIN = 6, /* in flight, and was so at one death before */
	NS_POINT_STATUS_COUNT
};

enum { NS_ENGINE_NAME_LENGTH = 16, NS_CANDIDATES = 4 };

struct ns_result {
	size_t n_records;
	double *values[NS_QUANTITY_COUNT]; /* (n_records, width); NaN where nothing was recorded */
	enum ns_point_status status;
	uint64_t steps_done;
	double wall_seconds;
	char engine[NS_ENGINE_NAME_LENGTH];
	double engine_cycles[NS_CANDIDATES]; /* see ns_engine_count_cycles */
	/* only if the experiment keeps weights, else NULL */
	size_t m, d;
	double *initial_weights, *final_weights; /* (m, d) row-major */
	double *output_sign;                     /* (m) */
};

/* All values NaN, status missing. keep_initial / keep_final: allocate the weights. Release with ns_result_finish. */
enum ns_status ns_result_init(struct ns_result *result, size_t n_records, size_t m, size_t d, bool keep_initial, bool keep_final,
	struct ns_error *error);
void ns_result_finish(struct ns_result *result);

/* All values NaN again. */
void ns_result_clear_values(struct ns_result *result);

#endif
