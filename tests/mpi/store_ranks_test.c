/* Several ranks, one results file: interleaved slots come out as if one rank had written them, and failures are told alike by
 * all. */
#include "../unit/store_fixture.h"
#include <nodescale/reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POINTS = 100 };

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "failed: %s\n", what);
	MPI_Abort(MPI_COMM_WORLD, 1);
}

static void require_same_text(const struct ns_error *error)
{
	struct ns_error of_root = *error;
	MPI_Bcast(&of_root, sizeof of_root, MPI_BYTE, 0, MPI_COMM_WORLD);
	require(strcmp(of_root.text, error->text) == 0, "all ranks tell the same");
}

static uint64_t write_and_digest(const char *path, const struct ns_store_fixture *fixture, MPI_Comm comm)
{
	struct ns_error error;
	struct ns_store *store;
	struct ns_reader *reader;
	struct ns_result result;
	enum ns_point_status status[POINTS];
	int rank, size;
	size_t n_bad;
	uint64_t digest = 0;
	MPI_Comm_rank(comm, &rank);
	MPI_Comm_size(comm, &size);
	require(ns_store_create(path, &fixture->sweep, comm, &error) == NS_OK, "create");
	require(ns_store_open(&store, path, &fixture->sweep, comm, &error) == NS_OK, "open");
	for (size_t p = (size_t)rank; p < POINTS; p += (size_t)size) {
		ns_store_fixture_result(fixture, p, &result);
		require(ns_store_write(store, p, &result, &error) == NS_OK, "write");
		ns_result_finish(&result);
	}
	MPI_Barrier(comm);
	require(ns_store_read_status(store, status, &error) == NS_OK, "read status");
	for (size_t p = 0; p < POINTS; p++)
		require(status[p] == (p % 5 == 4 ? NS_POINT_DIVERGED : NS_POINT_DONE), "every rank sees every status");
	require(ns_store_close(store, &error) == NS_OK, "close");
	if (rank == 0) {
		require(ns_reader_open(&reader, path, &error) == NS_OK, "open for reading");
		require(ns_reader_verify(reader, stderr, &n_bad, &digest, &error) == NS_OK && n_bad == 0, "verify");
		ns_reader_close(reader);
	}
	return digest;
}

int main(int argc, char **argv)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_store *store;
	char folder[] = "/tmp/nodescale-ranks-XXXXXX";
	int rank;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	require(rank != 0 || mkdtemp(folder) != NULL, "make a folder");
	MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
	require(chdir(folder) == 0, "enter the folder");
	ns_store_fixture_init(&fixture, POINTS, NS_WEIGHTS_ENDS);
	const uint64_t together = write_and_digest("together.h5", &fixture, MPI_COMM_WORLD);
	if (rank == 0)
		require(write_and_digest("alone.h5", &fixture, MPI_COMM_SELF) == together, "one rank and many write the same");

	require(ns_store_create("together.h5", &fixture.sweep, MPI_COMM_WORLD, &error) == NS_BAD_INPUT,
		"refuse an existing file");
	require_same_text(&error);
	fixture.experiment.steps++;
	require(ns_store_open(&store, "together.h5", &fixture.sweep, MPI_COMM_WORLD, &error) == NS_BAD_INPUT,
		"refuse another sweep");
	require_same_text(&error);

	MPI_Barrier(MPI_COMM_WORLD);
	if (rank == 0)
		require(unlink("together.h5") == 0 && unlink("alone.h5") == 0 && rmdir(folder) == 0, "nothing else was left");
	ns_store_fixture_finish(&fixture);
	MPI_Finalize();
	return 0;
}
