#include "reader_private.h"
#include <inttypes.h>
#include <nodescale/flight.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct signature {
	uint64_t id, checksum;
};

static int by_id(const void *a, const void *b)
{
	const struct signature *one = a, *other = b;
	return (one->id > other->id) - (one->id < other->id);
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
	char digest[32];
	snprintf(digest, sizeof digest, "%016" PRIx64, ns_data_digest(&data));
	if (strcmp(digest, reader->data_digest) != 0)
		tell(report, n_bad, "data: digest %s, expected %s", digest, reader->data_digest);
	ns_data_finish(&data);
	return NS_OK;
}

/* *actual: the checksum of what the slot holds. */
static enum ns_status verify_point(
	struct ns_reader *reader, size_t point, uint64_t *actual, FILE *report, size_t *n_bad, struct ns_error *error)
{
	struct ns_result result;
	uint64_t expected;
	enum ns_status status = ns_reader_result(reader, point, &result, error);
	if (status != NS_OK)
		return status;
	*actual = ns_result_checksum(&reader->points[point], &result);
	ns_result_finish(&result);
	status = ns_reader_rows(reader, NS_VAR_CHECKSUM, (struct ns_rows){point, 1}, &expected, error);
	if (status == NS_OK && *actual != expected)
		tell(report, n_bad, "point %zu: checksum %016" PRIx64 ", expected %016" PRIx64, point, *actual, expected);
	return status;
}

/* A slot that was set aside is not whole. One that is was finished, until a bit of its status flipped. */
static enum ns_status verify_crashed(struct ns_reader *reader, size_t point, FILE *report, size_t *n_bad, struct ns_error *error)
{
	static const enum ns_point_status before[] = {NS_POINT_DONE, NS_POINT_DIVERGED};
	enum ns_status status = NS_OK;
	for (size_t k = 0; k < sizeof before / sizeof *before && status == NS_OK; k++) {
		uint64_t unused;
		size_t n_wrong = 0;
		reader->status[point] = (uint8_t)before[k];
		status = verify_point(reader, point, &unused, NULL, &n_wrong, error);
		if (status == NS_OK && n_wrong == 0)
			tell(report, n_bad, "point %zu: status crashed, but its slot holds a whole result", point);
	}
	reader->status[point] = NS_POINT_CRASHED;
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
	for (size_t p = 0; p < n_points && status == NS_OK; p++) {
		const uint64_t id = ns_point_id(&reader->points[p]);
		if (reader->ids[p] != id)
			tell(report, n_bad, "point %zu: its gamma, alpha, m, seed or identity is damaged", p);
		else if (reader->status_bytes[p] >= NS_POINT_STATUS_COUNT)
			tell(report, n_bad, "point %zu: status %d does not exist", p, reader->status_bytes[p]);
		else if (ns_point_is_finished(reader->status[p])) {
			finished[n_finished].id = id;
			status = verify_point(reader, p, &finished[n_finished++].checksum, report, n_bad, error);
		} else if (reader->status[p] == NS_POINT_CRASHED)
			status = verify_crashed(reader, p, report, n_bad, error);
	}
	qsort(finished, n_finished, sizeof *finished, by_id);
	*digest = XXH3_64bits(finished, n_finished * sizeof *finished);
	ns_free(finished);
	return status;
}
