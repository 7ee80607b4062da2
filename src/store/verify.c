#include "reader_private.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

struct signature {
	uint64_t id, checksum;
};

static int by_id(const void *a, const void *b)
{
	const struct signature *one = a, *other = b;
	return (one->id > other->id) - (one->id < other->id);
}

static uint64_t digest_of(struct signature *finished, size_t n_finished)
{
	qsort(finished, n_finished, sizeof *finished, by_id);
	return XXH3_64bits(finished, n_finished * sizeof *finished);
}

static void tell(FILE *report, size_t *n_bad, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void tell(FILE *report, size_t *n_bad, const char *format, ...)
{
	++*n_bad;
	if (report == NULL)
		return;
	va_list arguments;
	va_start(arguments, format);
	vfprintf(report, format, arguments);
	va_end(arguments);
	fputc('\n', report);
}

static enum ns_status verify_data(struct ns_reader *reader, FILE *report, size_t *n_bad, struct ns_error *error)
{
	struct ns_data data;
	const enum ns_status status = ns_reader_data(reader, &data, error);
	if (status != NS_OK)
		return status;
	const uint64_t digest = ns_data_digest(&data);
	if (digest != reader->data_digest)
		tell(report, n_bad, "data: digest %016" PRIx64 ", expected %016" PRIx64, digest, reader->data_digest);
	ns_data_finish(&data);
	return NS_OK;
}

/* Beyond the slot's own checksum: that of the result as readers see it, which the digest is made of. */
static enum ns_status verify_result(
	struct ns_reader *reader, size_t point, uint64_t *actual, FILE *report, size_t *n_bad, struct ns_error *error)
{
	struct ns_result result;
	uint64_t expected;
	enum ns_status status = ns_reader_load(reader, point, &result, error);
	if (status != NS_OK)
		return status;
	*actual = ns_result_checksum(&reader->points[point], &result);
	ns_result_finish(&result);
	status = ns_reader_rows(reader, NS_VAR_CHECKSUM, (struct ns_rows){point, 1}, &expected, error);
	if (status == NS_OK && *actual != expected)
		tell(report, n_bad, "point %zu: checksum %016" PRIx64 ", expected %016" PRIx64, point, *actual, expected);
	return status;
}

static bool is_damaged(const struct ns_slot_batch *batch, size_t point, int f, const struct ns_slot_verdict *training)
{
	uint64_t checksum;
	return ns_followup_judge(batch, point, (enum ns_followup)f, training, &checksum) == NS_SLOT_DAMAGED;
}

/* Of a damaged trained result nothing more is said. */
static void verify_followups(
	const struct ns_slot_batch *batch, size_t point, const struct ns_slot_verdict *training, FILE *report, size_t *n_bad)
{
	for (int f = 0; f < NS_FOLLOWUP_COUNT && training->state != NS_SLOT_DAMAGED; f++)
		if (is_damaged(batch, point, f, training))
			tell(report, n_bad, "point %zu: its result of %s is damaged; `nodescale %s` computes it again", point,
				ns_followups[f].noun, ns_followups[f].name);
}

static bool seems_damaged(const struct ns_slot_batch *batch, size_t point, const struct ns_slot_verdict *training)
{
	bool damaged = training->state == NS_SLOT_DAMAGED;
	for (int f = 0; f < NS_FOLLOWUP_COUNT && !damaged; f++)
		damaged = is_damaged(batch, point, f, training);
	return damaged;
}

static enum ns_status verify_slots(struct ns_reader *reader, struct signature *finished, size_t *n_finished, FILE *report,
	size_t *n_bad, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader);
	struct ns_slot_batch batch, again;
	enum ns_status status = ns_slot_batch_init(&batch, &reader->slots, error);
	const enum ns_status spare = ns_slot_batch_init(&again, &reader->slots, error);
	status = status == NS_OK ? spare : status;
	for (size_t p = 0; p < n_points && status == NS_OK; p++) {
		const struct ns_slot_batch *seen = &batch;
		if (p == batch.first + batch.count)
			status = ns_slot_batch_read(&batch, reader->descriptor, p, n_points, error);
		if (status != NS_OK)
			break;
		struct ns_slot_verdict verdict = ns_slot_judge(&batch, p, NULL);
		if (seems_damaged(&batch, p, &verdict)) { /* a run may have written it while the batch was read */
			status = ns_slot_batch_read(&again, reader->descriptor, p, 1, error);
			if (status != NS_OK)
				break;
			seen = &again;
			verdict = ns_slot_judge(&again, p, NULL);
		}
		verify_followups(seen, p, &verdict, report, n_bad);
		if (verdict.state == NS_SLOT_DAMAGED) {
			tell(report, n_bad, "point %zu: its %s damaged; it will run again", p,
				verdict.claims_result ? "result is" : "status is");
		} else if (ns_point_is_finished(
				   (enum ns_point_status)reader->status[p])) { /* others finished while we were reading */
			finished[*n_finished].id = ns_point_id(&reader->points[p]);
			status = verify_result(reader, p, &finished[*n_finished].checksum, report, n_bad, error);
			++*n_finished;
		}
	}
	ns_slot_batch_finish(&batch);
	ns_slot_batch_finish(&again);
	return status;
}

enum ns_status ns_reader_verify(struct ns_reader *reader, FILE *report, size_t *n_bad, uint64_t *digest, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader);
	struct signature *finished = ns_alloc(n_points, sizeof *finished);
	if (finished == NULL)
		return ns_error_memory(error, "the checksums of all points", (double)(n_points * sizeof *finished));
	size_t n_finished = 0;
	*n_bad = 0;
	enum ns_status status = verify_data(reader, report, n_bad, error);
	for (size_t p = 0; p < n_points && status == NS_OK; p++)
		if (reader->slots.ids[p] != ns_point_id(&reader->points[p]))
			tell(report, n_bad, "point %zu: its gamma, alpha, m, seed or identity is damaged", p);
	if (status == NS_OK)
		status = verify_slots(reader, finished, &n_finished, report, n_bad, error);
	*digest = digest_of(finished, n_finished);
	ns_free(finished);
	return status;
}

enum ns_status ns_reader_digest(struct ns_reader *reader, uint64_t *digest, struct ns_error *error)
{
	const size_t n_points = ns_reader_point_count(reader);
	struct signature *finished = ns_alloc(n_points, sizeof *finished);
	uint64_t *checksums = ns_alloc(n_points, sizeof *checksums);
	size_t n_finished = 0;
	enum ns_status status = NS_OK;
	if (finished == NULL || checksums == NULL)
		status = ns_error_memory(error, "the checksums of all points", (double)(n_points * sizeof *finished));
	if (status == NS_OK)
		status = ns_reader_check(reader, error);
	if (status == NS_OK)
		status = ns_reader_whole(reader, NS_VAR_CHECKSUM, checksums, error);
	for (size_t p = 0; p < n_points && status == NS_OK; p++)
		if (ns_point_is_finished((enum ns_point_status)reader->status[p]))
			finished[n_finished++] = (struct signature){ns_point_id(&reader->points[p]), checksums[p]};
	if (status == NS_OK)
		*digest = digest_of(finished, n_finished);
	ns_free(finished);
	ns_free(checksums);
	return status;
}

static enum ns_status count_whole(const struct ns_slots *slots, int file, size_t *n_whole, struct ns_error *error)
{
	struct ns_slot_batch batch;
	enum ns_status status = ns_slot_batch_init(&batch, slots, error);
	for (size_t first = 0; first < slots->n && status == NS_OK; first += batch.count) {
		status = ns_slot_batch_read(&batch, file, first, slots->n, error);
		for (size_t k = 0; k < batch.count && status == NS_OK; k++)
			*n_whole += ns_slot_judge(&batch, first + k, NULL).state == NS_SLOT_FINISHED;
	}
	ns_slot_batch_finish(&batch);
	return status;
}

enum ns_status ns_reader_survey(const char *path, size_t *n_points, size_t *n_whole, struct ns_error *error)
{
	char reason[256];
	struct ns_seal seal;
	struct ns_slots slots;
	*n_points = *n_whole = 0;
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return ns_error_set(error, NS_BAD_INPUT, "%s cannot be read: %s", path, strerror(errno));
	enum ns_status status = NS_OK;
	const enum ns_seal_state state = ns_seal_check(file, &seal, reason, sizeof reason);
	if (state == NS_SEAL_INTACT || state == NS_SEAL_BROKEN) {
		status = ns_slots_init(&slots, file, &seal, NULL, error);
		if (status == NS_OK) {
			*n_points = slots.n;
			status = count_whole(&slots, file, n_whole, error);
			ns_slots_finish(&slots);
		}
	}
	close(file);
	return status;
}
