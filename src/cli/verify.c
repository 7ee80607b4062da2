#include "command.h"
#include <getopt.h>
#include <inttypes.h>
#include <nodescale/blas.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <nodescale/reader.h>
#include <nodescale/store.h>
#include <nodescale/train.h>
#include <stdio.h>

static const char help[] =
	"usage: nodescale verify FILE.h5 [--rerun K] [--seed S]\n\n"
	"Checks every byte of the file: its seal, and the checksums of every point. Counts points by status and prints\n"
	"`digest: HEX`, which is equal for equal results, whatever the ranks, threads, order and interruptions of the runs that "
	"made\n"
	"them, and whether the file was extended, mended or merged since. Changes nothing.\n\n"
	"      --rerun K   train K finished points again, from what the file says, and compare to the last bit\n"
	"      --seed S    chooses which; default 0\n"
	"  -h, --help      this text\n\n"
	"Exit code 1 if anything is damaged or differs.\n";

/* Trains the point again with the engine that trained it, and compares checksums. */
static enum ns_status rerun(struct ns_reader *reader, const struct ns_data *data, struct ns_shared *shared, size_t index,
	bool *same, struct ns_error *error)
{
	const struct ns_experiment *experiment = ns_reader_experiment(reader);
	const struct ns_point *point = &ns_reader_points(reader)[index];
	const struct ns_engine_options options = {.threads = 1, .isa = ns_isa_best(), .shared = shared};
	struct ns_result stored, again;
	enum ns_status status = ns_reader_result(reader, index, &stored, error);
	if (status != NS_OK)
		return status;
	status = ns_result_init(&again, ns_record_count(experiment), point->m, data->d, experiment->weights == NS_WEIGHTS_ENDS,
		experiment->weights != NS_WEIGHTS_NONE, error);
	const struct ns_engine *engine = ns_engine_find(stored.engine); /* NULL, which is auto, if it is not one engine's name */
	if (status == NS_OK)
		status = ns_train_point(&again, experiment, data, point, engine, &options, NULL, (struct ns_tick){0}, error);
	if (status == NS_OK)
		*same = ns_result_checksum(point, &stored) == ns_result_checksum(point, &again);
	ns_result_finish(&stored);
	ns_result_finish(&again);
	return status;
}

/* Moves `wanted` of the finished points, drawn by seed, to the front of order (Fisher-Yates); returns how many there are. */
static size_t draw_points(const struct ns_reader *reader, uint64_t seed, size_t wanted, size_t *order)
{
	size_t finished = 0;
	for (size_t p = 0; p < ns_reader_point_count(reader); p++)
		if (ns_reader_status(reader)[p] == NS_POINT_DONE || ns_reader_status(reader)[p] == NS_POINT_DIVERGED)
			order[finished++] = p;
	struct ns_stream stream;
	ns_stream_start(&stream, seed, NS_PURPOSE_PERMUTATION, 0);
	for (size_t k = 0; k < wanted && k < finished; k++) {
		const size_t other = k + ns_stream_below(&stream, finished - k), point = order[other];
		order[other] = order[k];
		order[k] = point;
	}
	return wanted < finished ? wanted : finished;
}

static enum ns_status rerun_some(struct ns_reader *reader, size_t wanted, uint64_t seed, size_t *n_bad, struct ns_error *error)
{
	struct ns_data data;
	size_t *order = ns_alloc(ns_reader_point_count(reader), sizeof *order);
	if (order == NULL)
		return ns_error_memory(error, "points", 8.0 * (double)ns_reader_point_count(reader));
	const size_t count = draw_points(reader, seed, wanted, order);
	enum ns_status status = ns_reader_data(reader, &data, error);
	if (status == NS_OK) {
		struct ns_shared *shared = ns_shared_create(); /* NULL if memory is short: then nothing is shared */
		for (size_t k = 0; k < count && status == NS_OK; k++) {
			bool same = false;
			const struct ns_point *point = &ns_reader_points(reader)[order[k]];
			status = rerun(reader, &data, shared, order[k], &same, error);
			*n_bad += status == NS_OK && !same;
			if (status == NS_OK)
				printf("rerun gamma %g, alpha %g, m %" PRIu64 ", seed %" PRIu64 ": %s\n", point->gamma,
					point->alpha, point->m, point->seed, same ? "the same bits" : "DIFFERS");
		}
		ns_shared_destroy(shared);
		ns_data_finish(&data);
	}
	ns_free(order);
	return status;
}

static void count_points(const struct ns_reader *reader)
{
	size_t done = 0, diverged = 0, crashed = 0;
	const size_t n = ns_reader_point_count(reader);
	for (size_t p = 0; p < n; p++) {
		done += ns_reader_status(reader)[p] == NS_POINT_DONE;
		diverged += ns_reader_status(reader)[p] == NS_POINT_DIVERGED;
		crashed += ns_reader_status(reader)[p] == NS_POINT_CRASHED;
	}
	printf("points: %zu, of which %zu done, %zu diverged, %zu crashed, %zu missing\n", n, done, diverged, crashed,
		n - done - diverged - crashed);
}

/* What is left of a file that cannot be opened. */
static enum ns_status survey(const char *path, const struct ns_error *damage, struct ns_error *error)
{
	size_t n_points, n_whole;
	const enum ns_status status = ns_reader_survey(path, &n_points, &n_whole, error);
	if (status != NS_OK)
		return status;
	printf("seal: broken\npoints: %zu, of which %zu have a result that is unharmed; `nodescale run` with their spec takes "
	       "them over\n",
		n_points, n_whole);
	*error = *damage;
	return NS_FAILED;
}

static enum ns_status run(int argc, char **argv, struct ns_error *error)
{
	static const struct option options[] = {
		{"rerun", required_argument, NULL, 'r'}, {"seed", required_argument, NULL, 's'}, {0}};
	const char *path = NULL;
	long wanted = 0, seed = 0;
	for (int letter; (letter = ns_next_option(argc, argv, "-:", options, &path, error)) != -1;) {
		const enum ns_status status = letter == 'r'   ? ns_parse_count(optarg, "--rerun", 1, &wanted, error)
					      : letter == 's' ? ns_parse_count(optarg, "--seed", 0, &seed, error)
							      : error->status;
		if (status != NS_OK)
			return status;
	}
	struct ns_reader *reader = NULL;
	enum ns_status status = ns_need_operand(path, "verify", "FILE.h5", error);
	if (status == NS_OK)
		status = ns_reader_open(&reader, path, error);
	if (status == NS_FAILED) {
		const struct ns_error damage = *error;
		return survey(path, &damage, error);
	}
	if (status != NS_OK)
		return status;
	puts("seal: intact");
	count_points(reader);
	size_t n_bad = 0;
	uint64_t digest;
	ns_blas_use_one_thread();
	status = ns_reader_verify(reader, stdout, &n_bad, &digest, error);
	if (status == NS_OK)
		status = rerun_some(reader, (size_t)wanted, (uint64_t)seed, &n_bad, error);
	if (status == NS_OK)
		printf("digest: %016" PRIx64 "\n", digest);
	if (status == NS_OK && n_bad > 0)
		status = ns_error_set(
			error, NS_FAILED, "%s: %zu point%s not what was written", path, n_bad, n_bad > 1 ? "s are" : " is");
	ns_reader_close(reader);
	return status;
}

const struct ns_command ns_verify_command = {
	.name = "verify",
	.summary = "check every checksum, recompute points to the last bit, print the digest",
	.help = help,
	.run = run,
};
