#include "load.h"
#include <limits.h>
#include <nodescale/engine.h>
#include <nodescale/memory.h>
#include <string.h>

enum ns_status ns_load(const char *path, struct ns_spec *spec, struct ns_data *data, struct ns_error *error)
{
	char *text;
	size_t length;
	enum ns_status status = ns_spec_read_text(path, &text, &length, error);
	if (status != NS_OK)
		return status;
	status = ns_spec_parse(spec, path, text, length, error);
	ns_free(text);
	if (status != NS_OK)
		return status;
	status = ns_spec_check_files(spec, path, error);
	if (status == NS_OK)
		status = ns_data_load(data, &spec->experiment, error);
	if (status != NS_OK)
		ns_spec_finish(spec);
	return status;
}

/* MPI counts in int: large arrays go in pieces. */
void ns_broadcast(void *block, size_t bytes, MPI_Comm comm)
{
	const size_t piece = INT_MAX / 2;
	for (size_t at = 0; at < bytes; at += piece)
		MPI_Bcast((char *)block + at, (int)(bytes - at < piece ? bytes - at : piece), MPI_BYTE, 0, comm);
}

static enum ns_status broadcast_spec(const char *path, int rank, MPI_Comm comm, struct ns_spec *spec, struct ns_error *error)
{
	size_t length = rank == 0 ? spec->text_length : 0;
	ns_broadcast(&length, sizeof length, comm);
	char *text = rank == 0 ? spec->text : ns_alloc(length + 1, 1);
	if (text == NULL) /* a rank that cannot hold a spec cannot take part in an orderly failure either */
		MPI_Abort(comm, NS_FAILED);
	ns_broadcast(text, length, comm);
	if (rank == 0)
		return NS_OK;
	const enum ns_status status = ns_spec_parse(spec, path, text, length, error);
	ns_free(text);
	return status;
}

void ns_broadcast_data(struct ns_data *data, MPI_Comm comm)
{
	int rank;
	struct ns_error error;
	MPI_Comm_rank(comm, &rank);
	size_t sizes[] = {data->d, data->train.n, data->validation.n, data->test.n};
	ns_broadcast(sizes, sizeof sizes, comm);
	if (rank > 0 && ns_data_init(data, sizes[0], sizes[1], sizes[2], sizes[3], &error) != NS_OK)
		MPI_Abort(comm, NS_FAILED);
	struct ns_part *parts[] = {&data->train, &data->validation, &data->test};
	for (int p = 0; p < 3; p++) {
		ns_broadcast(parts[p]->x, parts[p]->n * data->d * sizeof(double), comm);
		ns_broadcast(parts[p]->y, parts[p]->n * sizeof(double), comm);
	}
}

enum ns_status ns_load_everywhere(
	const char *path, MPI_Comm comm, struct ns_spec *spec, struct ns_data *data, struct ns_error *error)
{
	int rank;
	MPI_Comm_rank(comm, &rank);
	*data = (struct ns_data){0};
	enum ns_status status = rank == 0 ? ns_load(path, spec, data, error) : NS_OK;
	MPI_Bcast(&status, sizeof status, MPI_BYTE, 0, comm);
	if (status != NS_OK) {
		MPI_Bcast(error, sizeof *error, MPI_BYTE, 0, comm);
		return status;
	}
	status = broadcast_spec(path, rank, comm, spec, error);
	if (status == NS_OK)
		ns_broadcast_data(data, comm);
	return status;
}

enum ns_status ns_check_engine(
	const struct ns_spec *spec, const struct ns_data *data, const struct ns_engine *engine, struct ns_error *error)
{
	for (size_t p = 0; engine != NULL && p < spec->n_points; p++) {
		const struct ns_point *point = &spec->points[p];
		const struct ns_shape shape = {.n = data->train.n,
			.n_test = data->test.n,
			.d = data->d,
			.m = point->m,
			.gamma = point->gamma,
			.alpha = point->alpha,
			.activation = spec->experiment.activation};
		const char *refusal = engine->refusal(&shape);
		if (refusal != NULL)
			return ns_error_set(error, NS_BAD_INPUT, "engine %s cannot train this: %s", engine->name, refusal);
	}
	return NS_OK;
}
