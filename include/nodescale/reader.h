/* Reading a results file, without MPI: by any process, also while a run goes on (a point counts once its status byte stands).
 * All functions are for one thread at a time. */
#ifndef NODESCALE_READER_H
#define NODESCALE_READER_H

#include <nodescale/data.h>
#include <nodescale/followup.h>
#include <nodescale/point.h>
#include <nodescale/result.h>
#include <stdio.h>

struct ns_reader;

/* A file that is missing, foreign or of another format: NS_BAD_INPUT. One that is damaged outside the points' results: NS_FAILED.
 * Neither gets as far as HDF5. What is damaged within the results is for ns_reader_verify to find. */
enum ns_status ns_reader_open(struct ns_reader **reader, const char *path, struct ns_error *error);
void ns_reader_close(struct ns_reader *reader);

size_t ns_reader_point_count(const struct ns_reader *reader);
size_t ns_reader_record_count(const struct ns_reader *reader);
const uint64_t *ns_reader_steps(const struct ns_reader *reader);         /* (record) */
const struct ns_point *ns_reader_points(const struct ns_reader *reader); /* (point) */
const uint8_t *ns_reader_status(const struct ns_reader *reader);         /* (point) missing, done, diverged or crashed */
const uint8_t *ns_reader_status_bytes(const struct ns_reader *reader);   /* (point) in flight too */
const char *ns_reader_spec_text(const struct ns_reader *reader);
const char *ns_reader_spec_name(const struct ns_reader *reader);
const struct ns_experiment *ns_reader_experiment(const struct ns_reader *reader); /* rebuilt from the attributes */

/* Whole trajectories of one quantity: out (point, record, width). Missing points are NaN. The first call checks every slot:
 * NS_FAILED if one is damaged. */
enum ns_status ns_reader_quantity(struct ns_reader *reader, enum ns_quantity quantity, double *out, struct ns_error *error);

/* One point's result as it stands in the file (initialises result). NS_FAILED if its slot is damaged. */
enum ns_status ns_reader_result(struct ns_reader *reader, size_t point, struct ns_result *result, struct ns_error *error);

/* What a table of points wants besides: both (point), 0 and NaN where there is no result. Checks every slot, as
 * ns_reader_quantity does. */
enum ns_status ns_reader_bookkeeping(
	struct ns_reader *reader, uint64_t *steps_done, double *wall_seconds, struct ns_error *error);

/* How the file came to be, for people: its item-th text by name (data_digest, numerics_version, what provenance.h describes,
 * command_line), empty where the file has none. False behind the last. */
bool ns_reader_provenance(struct ns_reader *reader, size_t item, const char **name, char *text, size_t size);
/* What the experiments after training have yielded: train_risk and test_risk (point, x), as in ns_followups; NaN for points of
 * which it has not been computed, and everywhere if the file has no place for it. NS_FAILED if one is damaged. */
enum ns_status ns_reader_followup(
	struct ns_reader *reader, enum ns_followup followup, double *train_risk, double *test_risk, struct ns_error *error);

/* Values of x in the file: 0 where it has no place for it (ns_followup_length). *n_computed: points of which it has been
 * computed, as the file says it now. */
size_t ns_reader_followup_length(const struct ns_reader *reader, enum ns_followup followup);
enum ns_status ns_reader_followup_count(
	struct ns_reader *reader, enum ns_followup followup, size_t *n_computed, struct ns_error *error);

/* The data set as used. Release with ns_data_finish. */
enum ns_status ns_reader_data(struct ns_reader *reader, struct ns_data *data, struct ns_error *error);

/* Checks every byte of every slot, and what readers see of it; *n_bad counts what is damaged, each told on report (NULL: silent).
 * digest: hash over (point id, checksum) in order of id, the same for equal results whatever the ranks, order or interruptions.
 */
enum ns_status ns_reader_verify(struct ns_reader *reader, FILE *report, size_t *n_bad, uint64_t *digest, struct ns_error *error);

/* The same digest from the checksums that the file holds; NS_FAILED if a slot is damaged. */
enum ns_status ns_reader_digest(struct ns_reader *reader, uint64_t *digest, struct ns_error *error);

/* Of a file that ns_reader_open finds damaged: its points, and how many of them have a result that is whole, at least. */
enum ns_status ns_reader_survey(const char *path, size_t *n_points, size_t *n_whole, struct ns_error *error);

/* Hash of everything of a result that a point determines: not wall_seconds. */
uint64_t ns_result_checksum(const struct ns_point *point, const struct ns_result *result);

#endif
