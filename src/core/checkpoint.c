/* Checkpoints of a point. A checkpoint is a convenience, a result is not: what is wrong with one never ends a training. */
#include "training.h"
#include <cblas.h>
#include <nodescale/archive.h>
#include <nodescale/numerics.h>
#include <nodescale/parameter.h>
#include <string.h>
#include <xxhash.h>

static size_t size_of(enum ns_parameter_type type)
{
	return type == NS_TYPE_REAL        ? sizeof(double)
	       : type == NS_TYPE_COUNT     ? sizeof(uint64_t)
	       : type == NS_TYPE_FLAG      ? sizeof(bool)
	       : type == NS_TYPE_CHOICE    ? sizeof(int)
	       : type == NS_TYPE_FRACTIONS ? 3 * sizeof(double)
					   : 0; /* texts name things that change nothing */
}

/* A hash of all that the bits of a trajectory and what is recorded of it depend on: the point, every stored parameter of the
 * experiment, the data, engine and program, and which kernels of OpenBLAS this processor is served by. */
static uint64_t key_of(struct training *t)
{
	if (t->key != 0)
		return t->key;
	const char *engine = t->engine->name, *core = openblas_get_corename();
	const uint64_t head[] = {NS_NUMERICS_VERSION, ns_point_id(t->point), ns_data_digest(t->data)};
	uint64_t hash = XXH3_64bits(head, sizeof head);
	hash = XXH3_64bits_withSeed(engine, strlen(engine) + 1, hash);
	hash = XXH3_64bits_withSeed(core, strlen(core) + 1, hash);
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++)
		if (p->attribute != NULL && strcmp(p->section, "grid") != 0 && ns_parameter_applies(p, t->experiment))
			hash = XXH3_64bits_withSeed((const char *)t->experiment + p->offset, size_of(p->type), hash);
	t->key = hash != 0 ? hash : 1;
	return t->key;
}

/* Divergence is found again by the next advance. */
static enum ns_status transfer(struct training *t, struct ns_archive *archive, struct ns_error *error)
{
	double seconds = t->seconds_before + (ns_training_seconds() - t->started);
	ns_archive_transfer(archive, &t->step, sizeof t->step);
	ns_archive_transfer(archive, &t->flips_recorded, sizeof t->flips_recorded);
	ns_archive_transfer(archive, &seconds, sizeof seconds);
	if (ns_archive_is_loading(archive))
		t->seconds_before = seconds;
	t->record = ns_recorder_transfer(t->recorder, archive, t->result);
	return t->engine->transfer(t->state, archive, error);
}

static void warn(struct ns_checkpoint *checkpoint, enum ns_status status, const struct ns_error *error)
{
	checkpoint->warning = status;
	checkpoint->warning_text = *error;
}

static enum ns_status load(struct training *t, struct ns_error *error)
{
	struct ns_archive *archive;
	enum ns_status status = ns_archive_open(&archive, t->checkpoint->path, key_of(t), error);
	if (status != NS_OK)
		return status;
	transfer(t, archive, error);
	return ns_archive_close(archive, error); /* says what went wrong before, too */
}

enum ns_status ns_checkpoint_load(struct training *t, struct ns_error *error)
{
	struct ns_checkpoint *checkpoint = t->checkpoint;
	if (checkpoint->path == NULL || !ns_archive_exists(checkpoint->path))
		return NS_OK;
	struct ns_error reason;
	const enum ns_status status = load(t, &reason);
	if (status == NS_OK) {
		checkpoint->resumed = true;
		checkpoint->resumed_step = t->step;
		return NS_OK;
	}
	warn(checkpoint, status, &reason);
	return ns_training_start(t, error);
}

void ns_checkpoint_save(struct training *t)
{
	struct ns_checkpoint *checkpoint = t->checkpoint;
	if (checkpoint->path == NULL)
		return;
	struct ns_archive *archive;
	struct ns_error error;
	const double started = ns_training_seconds();
	enum ns_status status = ns_archive_create(&archive, checkpoint->path, key_of(t), &error);
	if (status == NS_OK) {
		transfer(t, archive, &error);
		status = ns_archive_close(archive, &error);
	}
	if (status == NS_OK)
		checkpoint->saved_step = t->step;
	else
		warn(checkpoint, status, &error);
	checkpoint->save_seconds += ns_training_seconds() - started;
}

void ns_checkpoint_remove(const struct ns_checkpoint *checkpoint)
{
	if (checkpoint->path != NULL)
		ns_archive_remove(checkpoint->path);
}
