/* Creates a results file and writes its slots from several ranks: `store_writer FILE POINTS`. Rank r of R writes points r, r + R,
 * .. With a third argument it does not end but waits to be killed. */
#include "../unit/store_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Noreturn void fail(const struct ns_error *error)
{
	fprintf(stderr, "%s\n", error->text);
	MPI_Abort(MPI_COMM_WORLD, 1);
	abort();
}

int main(int argc, char **argv)
{
	struct ns_store_fixture fixture;
	struct ns_error error;
	struct ns_store *store;
	struct ns_result result;
	int rank, size;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	if (argc < 3)
		return 2;
	ns_store_fixture_init(&fixture, (size_t)atol(argv[2]), NS_WEIGHTS_ENDS);
	if (ns_store_create(argv[1], &fixture.sweep, MPI_COMM_WORLD, &error) != NS_OK ||
		ns_store_open(&store, argv[1], &fixture.sweep, MPI_COMM_WORLD, &error) != NS_OK)
		fail(&error);
	for (size_t p = (size_t)rank; p < fixture.sweep.n_points; p += (size_t)size) {
		ns_store_fixture_result(&fixture, p, &result);
		if (ns_store_write(store, p, &result, &error) != NS_OK)
			fail(&error);
		ns_result_finish(&result);
	}
	while (argc > 3)
		pause();
	if (ns_store_close(store, &error) != NS_OK)
		fail(&error);
	ns_store_fixture_finish(&fixture);
	MPI_Finalize();
	return 0;
}
