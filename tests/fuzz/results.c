#include "results.h"
#include <nodescale/memory.h>
#include <nodescale/reader.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_results(struct ns_store *store, struct results_base *base)
{
	struct ns_error error;
	for (size_t p = 0; p < RESULTS_POINTS; p++) {
		struct ns_result result;
		ns_store_fixture_result(&base->fixture, p, &result);
		base->id[p] = ns_point_id(&base->fixture.points[p]);
		base->checksum[p] = ns_result_checksum(&base->fixture.points[p], &result);
		if (p != 2)
			ns_input_expect(ns_store_write(store, p, &result, &error) == NS_OK, "a result can be written");
		for (enum ns_followup f = 0; f < NS_FOLLOWUP_COUNT && p != 2 && result.status == NS_POINT_DONE; f++) {
			struct ns_followup_result computed;
			ns_store_fixture_followup(p, f, &computed);
			ns_input_expect(ns_store_write_followup(store, p, f, &computed, &error) == NS_OK, "it can be written");
		}
		ns_result_finish(&result);
	}
}

static void load(struct results_base *base, const char *path)
{
	FILE *file = fopen(path, "rb");
	ns_input_expect(file != NULL && fseek(file, 0, SEEK_END) == 0, "the file can be read");
	base->length = (size_t)ftell(file);
	base->bytes = ns_alloc(base->length, 1);
	rewind(file);
	ns_input_expect(
		base->bytes != NULL && fread(base->bytes, 1, base->length, file) == base->length, "the file fits into memory");
	fclose(file);
}

const struct results_base *results_base(void)
{
	static struct results_base base;
	char folder[] = "/tmp/nodescale-fuzz-XXXXXX", path[64];
	struct ns_store *store;
	struct ns_error error;
	if (base.bytes != NULL)
		return &base;
	__lsan_disable(); /* MPI never frees all it has */
	MPI_Init(NULL, NULL);
	ns_input_expect(mkdtemp(folder) != NULL, "there is a folder");
	snprintf(path, sizeof path, "%s/a.h5", folder);
	ns_store_fixture_init(&base.fixture, RESULTS_POINTS, NS_WEIGHTS_ENDS);
	ns_input_expect(ns_store_open(&store, path, &base.fixture.sweep, MPI_COMM_SELF, &error) == NS_OK, "a file can be made");
	write_results(store, &base);
	ns_input_expect(ns_store_close(store, &error) == NS_OK, "a file can be closed");
	load(&base, path);
	unlink(path);
	rmdir(folder);
	MPI_Finalize();
	__lsan_enable();
	return &base;
}

static void read_quantities(struct ns_reader *reader)
{
	struct ns_error error;
	for (int q = 0; q < NS_QUANTITY_COUNT; q++) {
		double *out = ns_alloc(
			ns_reader_point_count(reader) * ns_reader_record_count(reader), ns_quantities[q].width * sizeof *out);
		if (out != NULL)
			ns_input_expect_told(ns_reader_quantity(reader, (enum ns_quantity)q, out, &error), &error);
		ns_free(out);
	}
}

static void read_followups(struct ns_reader *reader)
{
	struct ns_error error;
	size_t n_computed;
	for (enum ns_followup f = 0; f < NS_FOLLOWUP_COUNT; f++) {
		const size_t count = ns_reader_point_count(reader);
		double *out = ns_alloc(count, 2 * ns_followups[f].length * sizeof *out);
		if (out != NULL)
			ns_input_expect_told(
				ns_reader_followup(reader, f, out, out + count * ns_followups[f].length, &error), &error);
		ns_input_expect_told(ns_reader_followup_count(reader, f, &n_computed, &error), &error);
		ns_free(out);
	}
}

static void expect_known(const struct results_base *base, uint64_t id, uint64_t checksum)
{
	bool known = false;
	for (size_t p = 0; p < RESULTS_POINTS; p++)
		known = known || (base->id[p] == id && base->checksum[p] == checksum);
	ns_input_expect(known, "no damaged result is taken for one");
}

static void read_results(struct ns_reader *reader, const struct results_base *base)
{
	struct ns_error error;
	for (size_t p = 0; p < ns_reader_point_count(reader); p++) {
		struct ns_result result;
		const struct ns_point *point = &ns_reader_points(reader)[p];
		const enum ns_status status = ns_reader_result(reader, p, &result, &error);
		ns_input_expect_told(status, &error);
		if (status != NS_OK)
			continue;
		if (base != NULL && (result.status == NS_POINT_DONE || result.status == NS_POINT_DIVERGED))
			expect_known(base, ns_point_id(point), ns_result_checksum(point, &result));
		ns_result_finish(&result);
	}
}

void results_read(const char *path, const struct results_base *base)
{
	static FILE *nowhere;
	struct ns_reader *reader;
	struct ns_error error;
	struct ns_data data;
	size_t n_bad, n_points, n_whole;
	uint64_t digest;
	if (nowhere == NULL)
		nowhere = fopen("/dev/null", "w");
	ns_input_expect_told(ns_reader_survey(path, &n_points, &n_whole, &error), &error);
	enum ns_status status = ns_reader_open(&reader, path, &error);
	ns_input_expect_told(status, &error);
	if (status != NS_OK)
		return;
	ns_input_expect_told(ns_reader_verify(reader, nowhere, &n_bad, &digest, &error), &error);
	status = ns_reader_data(reader, &data, &error);
	ns_input_expect_told(status, &error);
	if (status == NS_OK)
		ns_data_finish(&data);
	read_quantities(reader);
	read_followups(reader);
	read_results(reader, base);
	ns_input_expect(strlen(ns_reader_spec_text(reader)) + strlen(ns_reader_spec_name(reader)) < SIZE_MAX, "texts end");
	ns_reader_close(reader);
}
