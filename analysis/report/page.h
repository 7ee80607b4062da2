/* What the report's sections share. Private to analysis.
 *
 * To add a section: write `applies` and `write` in a file of its own, declare it below, and put it into the table in report.c,
 * where the order of the page is. Text from the file goes through ns_html_text; tables through ns_html_table_open, so that they
 * scroll, sort and print as all others do. */
#ifndef NODESCALE_ANALYSIS_PAGE_H
#define NODESCALE_ANALYSIS_PAGE_H

#include "html.h"
#include <nodescale/aggregate.h>
#include <nodescale/bounds.h>
#include <nodescale/reader.h>

/* What the tables tell of a run. */
enum ns_outcome {
	NS_OUTCOME_TRAIN_RISK, /* at the last step, as everything where nothing else is said */
	NS_OUTCOME_TEST_RISK,
	NS_OUTCOME_BEST_TEST_RISK, /* the least of the recorded steps */
	NS_OUTCOME_BEST_STEP,      /* the first that has it */
	NS_OUTCOME_DRIFT,
	NS_OUTCOME_RELATIVE_DRIFT,
	NS_OUTCOME_MIN_EIG,
	NS_OUTCOME_WEIGHT_DELTA,
	NS_OUTCOME_COUNT
};

struct ns_page {
	struct ns_reader *reader;
	const char *source;
	size_t n_points, n_records;
	size_t n_by_status[NS_POINT_STATUS_COUNT]; /* missing, done, diverged, crashed: they add up to n_points */
	uint64_t digest;
	uint64_t *steps_done; /* (point) */
	double seconds;       /* of training, summed over the points */
	double *outcomes;     /* (point, outcome); NaN where the run is not done */
	/* the outcomes' mean and std per (gamma, alpha, m): what the aggregate calls a record is an outcome here */
	struct ns_aggregate configurations;
	struct ns_bounds bounds; /* no rows where no run is done; kappa is NaN where the theory knows none */
};

/* Reads all of that, and checks the results. Release with ns_page_finish, also after a failure. */
enum ns_status ns_page_init(struct ns_page *page, struct ns_reader *reader, const char *source, struct ns_error *error);
void ns_page_finish(struct ns_page *page);

struct ns_page_section {
	const char *id, *title;                      /* of the element; of the heading and in the list of contents, HTML */
	bool (*applies)(const struct ns_page *page); /* NULL: always */
	/* Everything below the heading. */
	enum ns_status (*write)(const struct ns_page *page, FILE *out, struct ns_error *error);
};

/* The sections, each in its file or beside its like. */
extern const struct ns_page_section ns_section_run, ns_section_spec, ns_section_provenance; /* page_run.c */
extern const struct ns_page_section ns_section_status;                                      /* page_status.c */
extern const struct ns_page_section ns_section_figures;                                     /* page_figures.c */
extern const struct ns_page_section ns_section_after;                                       /* page_after.c */
extern const struct ns_page_section ns_section_theory, ns_section_exponents;                /* page_theory.c */
extern const struct ns_page_section ns_section_configurations, ns_section_points;           /* page_tables.c */

/* Above all sections: the name, a sentence on what was run, and what a reader wants to know first. (page_head.c) */
void ns_page_write_head(const struct ns_page *page, FILE *out);

/* Distinct values of a grid key over the points, rising; NULL if memory is short, to be released with ns_free. */
double *ns_page_values(const struct ns_page *page, double (*value)(const struct ns_point *point), size_t *n);
double ns_gamma_of(const struct ns_point *point), ns_alpha_of(const struct ns_point *point),
	ns_m_of(const struct ns_point *point),
	ns_seed_of(const struct ns_point *point); /* NaN: it has none, and does not count */

/* The columns of a configuration, m only if it varies; returns how many. And the beginning of a row, with their cells. */
size_t ns_page_add_keys(const struct ns_page *page, struct ns_html_column *columns);
void ns_page_write_keys(const struct ns_page *page, FILE *out, double gamma, double alpha, uint64_t m);

/* A cell: 5, or 4 of 5 where runs are lacking. */
void ns_page_write_runs(FILE *out, const struct ns_curve *configuration);

/* gamma = 0.5, alpha = 0.7, m = 2000: m only if it varies. */
void ns_page_write_configuration(const struct ns_page *page, FILE *out, const struct ns_curve *configuration);

#endif
