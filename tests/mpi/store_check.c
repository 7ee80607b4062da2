/* Prints how many points of a file of store_writer are finished: `store_check FILE`. Fails if the file does not open, a checksum
 * is wrong, or a finished slot holds anything but its point's result. */
#include "../unit/store_fixture.h"
#include <nodescale/reader.h>
#include <stdio.h>

/* Checksums agree with what the file holds; this one is of what it should hold. */
static bool holds_its_result(struct ns_reader *reader, const struct ns_store_fixture *fixture, size_t point)
{
	struct ns_error error;
	struct ns_result expected, is;
	if (ns_reader_result(reader, point, &is, &error) != NS_OK)
		return false;
	ns_store_fixture_result(fixture, point, &expected);
	const bool equal =
		ns_result_checksum(&fixture->points[point], &is) == ns_result_checksum(&fixture->points[point], &expected);
	ns_result_finish(&is);
	ns_result_finish(&expected);
	return equal;
}

int main(int argc, char **argv)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_reader *reader;
	size_t n_bad, n_finished = 0;
	uint64_t digest;
	if (argc != 2 || ns_reader_open(&reader, argv[1], &error) != NS_OK ||
		ns_reader_verify(reader, stderr, &n_bad, &digest, &error) != NS_OK) {
		fprintf(stderr, "%s\n", argc == 2 ? error.text : "usage: store_check FILE");
		return 1;
	}
	ns_store_fixture_init(&fixture, ns_reader_point_count(reader), NS_WEIGHTS_ENDS);
	for (size_t p = 0; p < fixture.sweep.n_points; p++) {
		if (ns_reader_status(reader)[p] == NS_POINT_MISSING)
			continue;
		n_finished++;
		n_bad += !holds_its_result(reader, &fixture, p);
	}
	printf("%zu of %zu\n", n_finished, fixture.sweep.n_points);
	ns_store_fixture_finish(&fixture);
	ns_reader_close(reader);
	return n_bad != 0;
}
