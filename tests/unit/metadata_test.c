/* What figures say of themselves, read back by hand; tests/end_to_end reads the PDF with a reader of PDF. */
#include "fake_reader.h"
#include "place.h"
#include "test.h"
#include <math.h>
#include <nodescale/figures.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* the module itself, for files that gnuplot does not write */
#include "../../analysis/metadata.h"

enum { SKIPPED = 77 };

static const struct ns_point points[] = {{0, 0.4, 200, 7}, {1, NAN, 200, 0}}; /* by id the other way round */
static const uint8_t statuses[] = {1, 1};
static const uint64_t steps[] = {0, 1000};
static struct ns_reader reader = {2, 2, points, statuses, steps, 1e-3, 0};
static const struct ns_figure_options options = {.command = "nodescale figures a.h5 --where 'gamma<1 and m>2' # <&>"};

static char *draw(const struct place *place, enum ns_figure_format format, size_t *size)
{
	struct ns_error error;
	if (ns_figures_draw(&reader, place->folder, format, &options, NULL, &error) != NS_OK)
		fail_msg("%s", error.text);
	char *bytes = contents(place->folder, "test_risk", ns_figure_format_names[format], size);
	assert_non_null(bytes);
	return bytes;
}

/* "2, XXH3 ..: first second", ids rising */
static void expect_ids(const char *text, size_t size)
{
	const uint64_t a = ns_point_id(&points[0]), b = ns_point_id(&points[1]);
	char ids[64];
	assert_true(a > b);
	snprintf(ids, sizeof ids, ": %016llx %016llx", (unsigned long long)b, (unsigned long long)a);
	assert_non_null(memmem(text, size, ids, strlen(ids)));
	assert_non_null(memmem(text, size, "2, XXH3 of their sorted ids ", 28));
}

static void svg_has_title_description_and_origin(void **state)
{
	size_t size;
	char *svg = draw(*state, NS_FIGURE_SVG, &size);
	assert_non_null(strstr(svg, "<title>Test risk</title>\n<desc>Test risk against gradient descent steps: mean over seeds"));
	assert_non_null(strstr(svg, "\nResults: digest 0123456789abcdef\n"));
	assert_non_null(
		strstr(svg, "\nCommand: nodescale figures a.h5 --where 'gamma&lt;1 and m&gt;2' # &lt;&amp;&gt;\n</metadata>"));
	assert_null(strstr(svg, "Gnuplot"));
	expect_ids(svg, size);
	ns_free(svg);
}

/* The definition of PNG's checksum (PNG specification, annex D), bit by bit. */
static uint32_t checksum(const unsigned char *bytes, size_t n)
{
	uint32_t sum = 0xffffffff;
	for (size_t k = 0; k < n; k++) {
		sum ^= bytes[k];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
	}
	return ~sum;
}

static uint32_t number(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void png_has_text_chunks_with_their_checksums(void **state)
{
	static const char *const expected[] = {"Title", "Description", "Results", "Points", "Command"};
	size_t size, found = 0;
	char *png = draw(*state, NS_FIGURE_PNG, &size);
	const unsigned char *at = (unsigned char *)png + 8, *end = (unsigned char *)png + size;
	while (at < end) {
		const uint32_t length = number(at);
		assert_true((size_t)(end - at) >= 12 + (size_t)length);
		assert_int_equal(number(at + 8 + length), checksum(at + 4, 4 + length));
		if (memcmp(at + 4, "tEXt", 4) == 0 && found < 5) {
			assert_string_equal((const char *)at + 8, expected[found]);
			if (found == 2)
				assert_memory_equal(at + 8 + 8, "digest 0123456789abcdef", 23);
			if (found == 3)
				expect_ids((const char *)at + 8, length);
			if (found == 4)
				assert_memory_equal(at + 8 + 8, options.command, strlen(options.command));
			found++;
		}
		at += 12 + length;
	}
	assert_true(at == end && memcmp(end - 8, "IEND", 4) == 0);
	assert_int_equal(found, 5);
	ns_free(png);
}

static const char *utf16(const char *text, char *to)
{
	char *end = to;
	for (; *text != 0; text++)
		end += sprintf(end, "%04X", (unsigned char)*text);
	return to;
}

/* The last trailer names an object that stands where the last table says. */
static void expect_last_object(const char *pdf, size_t size, const char *object)
{
	const char *start = NULL, *next = pdf;
	while ((next = memmem(next, size - (size_t)(next - pdf), "startxref\n", 10)) != NULL)
		start = next++;
	assert_non_null(start);
	const char *table = pdf + strtoul(start + 10, NULL, 10);
	unsigned long number_of_object, info, offset;
	assert_int_equal(sscanf(table, "xref\n%lu 1\n%lu 00000 n", &number_of_object, &offset), 2);
	assert_int_equal(sscanf(strstr(table, "/Info "), "/Info %lu 0 R", &info), 1);
	assert_int_equal(info, number_of_object);
	assert_memory_equal(pdf + offset, object, strlen(object));
}

static void pdf_has_an_information_dictionary(void **state)
{
	char words[512], object[64];
	size_t size;
	char *pdf = draw(*state, NS_FIGURE_PDF, &size);
	assert_non_null(memmem(pdf, size, "\n/Title <FEFF0054006500730074", 28)); /* Test */
	assert_non_null(memmem(pdf, size, utf16("digest 0123456789abcdef", words), 4 * 23));
	assert_non_null(memmem(pdf, size, utf16(options.command, words), 4 * strlen(options.command)));
	const char *creator = memmem(pdf, size, " 0 obj\n<< /Creator (nodescale figures, gnuplot)", 47);
	assert_non_null(creator);
	while (creator[-1] != '\n')
		creator--;
	snprintf(object, sizeof object, "%.*s", 20, creator);
	expect_last_object(pdf, size, object);
	ns_free(pdf);
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* As later versions of cairo write it: the update must have a cross-reference stream too. */
static void pdf_with_a_reference_stream_is_updated_by_one(void **state)
{
	static const char made_up[] =
		"%PDF-1.5\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
		"2 0 obj\n<< /Type /XRef /Size 3 /W [1 4 2] /Root 1 0 R /Length 0 >>\nstream\n\nendstream\nendobj\n"
		"startxref\n46\n%%EOF\n";
	const struct place *place = *state;
	const struct ns_metadata metadata = {.title = "γ", .description = "", .results = "r", .points = NULL, .command = NULL};
	struct ns_error error;
	char path[200];
	size_t size;
	snprintf(path, sizeof path, "%s/a.pdf", place->root);
	write_bytes(path, made_up, sizeof made_up - 1);
	assert_int_equal(ns_metadata_write(path, NS_FIGURE_PDF, &metadata, &error), NS_OK);
	char *pdf = contents(place->root, "a", "pdf", &size);
	assert_memory_equal(pdf, made_up, sizeof made_up - 1);
	const char *dictionary = memmem(pdf, size, "\n3 0 obj\n<< /Creator", 20),
		   *table = memmem(pdf, size, "\n4 0 obj\n<< /Type /XRef", 23);
	assert_non_null(dictionary);
	assert_non_null(memmem(pdf, size, "/Title <FEFF03B3>\n/Results <FEFF0072> >>", 39));
	assert_non_null(strstr(table, "/Size 5 /W [1 4 2] /Index [3 2] /Root 1 0 R /Info 3 0 R /Prev 46 /Length 14 >>"));
	const unsigned char *entries = (const unsigned char *)strstr(table, "stream\n") + 7;
	assert_true(entries[0] == 1 && number(entries + 1) == (size_t)(dictionary + 1 - pdf));
	assert_true(entries[7] == 1 && number(entries + 8) == (size_t)(table + 1 - pdf));
	ns_free(pdf);
}

static void other_files_are_refused(void **state)
{
	const struct place *place = *state;
	const struct ns_metadata metadata = {.title = "a", .description = "b", .results = "c"};
	struct ns_error error;
	char path[200];
	snprintf(path, sizeof path, "%s/other", place->root);
	for (int format = 0; format < 3; format++) {
		write_bytes(path, "neither\n", 8);
		assert_int_equal(ns_metadata_write(path, (enum ns_figure_format)format, &metadata, &error), NS_FAILED);
		assert_non_null(strstr(error.text, path));
		unlink(path);
		assert_int_not_equal(ns_metadata_write(path, (enum ns_figure_format)format, &metadata, &error), NS_OK);
	}
}

int main(void)
{
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		return SKIPPED;
	const struct CMUnitTest tests[] = {
		IN_PLACE(svg_has_title_description_and_origin),
		IN_PLACE(png_has_text_chunks_with_their_checksums),
		IN_PLACE(pdf_has_an_information_dictionary),
		IN_PLACE(pdf_with_a_reference_stream_is_updated_by_one),
		IN_PLACE(other_files_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
