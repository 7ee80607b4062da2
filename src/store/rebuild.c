#include "rebuild.h"
#include "create.h"
#include "pieces.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nodescale/fault.h>
#include <nodescale/memory.h>
#include <string.h>
#include <unistd.h>

struct target {
	const char *path;
	int file;
	struct ns_slots slots;
	struct ns_index index;
	/* by slot: what has been copied so far */
	enum ns_slot_state *state; /* missing, marked, finished */
	size_t *source;
	uint64_t *checksum;                     /* finished: of the result */
	uint64_t *followups[NS_FOLLOWUP_COUNT]; /* finished: checksum of what was computed from it; 0: nothing */
};

/* Slots of a source whose place in the target is known. */
struct run {
	size_t from, to, count;
};

static enum ns_status cannot_write(const struct target *target, struct ns_error *error)
{
	return ns_error_set(error, NS_FAILED, "%s cannot be written: %s", target->path, strerror(errno));
}

static enum ns_status put_rows(const struct target *target, enum ns_variable variable, size_t first, size_t count,
	const unsigned char *rows, size_t length, struct ns_error *error)
{
	const struct ns_region place = ns_slots_rows(&target->slots, variable, first, count);
	if (place.bytes != length) /* a damaged number of nodes would have shown in the checksum */
		return ns_error_set(error, NS_FAILED, "%s: variable %s of slot %zu has the wrong size", target->path,
			ns_schema_variable(variable).name, first);
	return ns_write_all(target->file, rows, length, place.offset) ? NS_OK : cannot_write(target, error);
}

static enum ns_status copy_run(
	const struct target *target, const struct ns_slot_batch *batch, struct run run, struct ns_error *error)
{
	for (int v = 0; v < NS_VAR_COUNT && run.count > 0; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		if (!ns_schema_in_slot(variable))
			continue;
		size_t length;
		const unsigned char *rows = ns_slot_batch_rows(batch, variable, run.from, run.count, &length);
		const enum ns_status status = put_rows(target, variable, run.to, run.count, rows, length, error);
		if (status != NS_OK)
			return status;
	}
	for (size_t k = 0; k < run.count; k++)
		ns_fault_die(NS_FAULT_DIE_IN_EXTEND);
	return NS_OK;
}

static enum ns_status copy_mark(const struct target *target, size_t slot, enum ns_point_status mark, struct ns_error *error)
{
	const uint64_t checksum = ns_mark_checksum(target->slots.seal.meaning, mark, target->slots.ids[slot]);
	const uint8_t byte = (uint8_t)mark;
	if (ns_write_all(target->file, &checksum, sizeof checksum,
		    ns_slots_rows(&target->slots, NS_VAR_SLOT_CHECKSUM, slot, 1).offset) &&
		ns_write_all(target->file, &byte, 1, ns_slots_rows(&target->slots, NS_VAR_STATUS, slot, 1).offset))
		return NS_OK;
	return cannot_write(target, error);
}

static enum ns_status conflict(const struct target *target, const struct ns_source *sources, size_t other, size_t slot,
	const char *what, struct ns_error *error)
{
	const struct ns_point *p = &target->slots.points[slot];
	return ns_error_set(error, NS_BAD_INPUT,
		"%s and %s hold different results of %sthe point gamma %g, alpha %g, m %" PRIu64 ", seed %" PRIu64,
		sources[target->source[slot]].name, sources[other].name, what, p->gamma, p->alpha, p->m, p->seed);
}

static enum ns_status copy_followup(const struct target *target, enum ns_followup followup, const struct ns_slot_batch *batch,
	size_t from, size_t to, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int part = 0; part < NS_FOLLOWUP_PARTS && status == NS_OK; part++) {
		const enum ns_variable variable = ns_followup_variable(followup, (enum ns_followup_part)part);
		size_t length;
		const unsigned char *row = ns_slot_batch_rows(batch, variable, from, 1, &length);
		status = put_rows(target, variable, to, 1, row, length, error);
	}
	return status;
}

/* What was computed from a trained result that is about to be copied with its whole slot (with_slot), or stands in the target
 * already and may lack it. A damaged one is made missing in the batch. */
static enum ns_status take_followups(struct target *target, const struct ns_source *sources, size_t number,
	const struct ns_slot_batch *batch, size_t from, size_t to, const struct ns_slot_verdict *verdict, bool with_slot,
	struct ns_rebuilt *rebuilt, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	for (int f = 0; f < NS_FOLLOWUP_COUNT && status == NS_OK; f++) {
		const enum ns_followup followup = (enum ns_followup)f;
		uint64_t checksum, *there = &target->followups[f][to];
		size_t length;
		const enum ns_slot_state state = ns_followup_judge(batch, from, followup, verdict, &checksum);
		if (state == NS_SLOT_DAMAGED) {
			memset(ns_slot_batch_rows(batch, ns_followup_variable(followup, NS_FOLLOWUP_CHECKSUM), from, 1, &length),
				0, sizeof checksum);
			rebuilt->lost_followups++;
			rebuilt->lost_in = number;
		}
		if (state != NS_SLOT_FINISHED)
			continue;
		if (with_slot || *there == 0)
			*there = checksum;
		else if (*there == checksum)
			continue;
		else
			return conflict(target, sources, number, to, f == NS_PRUNE ? "pruning " : "transfer of ", error);
		if (!with_slot)
			status = copy_followup(target, followup, batch, from, to, error);
	}
	return status;
}

/* Whether the slot of the batch is to be copied to slot `to` as a result; a mark is copied here and now. */
static enum ns_status take(struct target *target, const struct ns_source *sources, size_t number,
	const struct ns_slot_batch *batch, size_t from, size_t to, const struct ns_slot_verdict *verdict, bool *as_result,
	struct ns_rebuilt *rebuilt, struct ns_error *error)
{
	const enum ns_slot_state before = target->state[to];
	uint64_t checksum;
	size_t length;
	*as_result = false;
	if (verdict->state == NS_SLOT_MARKED) {
		if (before != NS_SLOT_MISSING)
			return NS_OK;
		target->state[to] = NS_SLOT_MARKED;
		return copy_mark(target, to, verdict->status, error);
	}
	memcpy(&checksum, ns_slot_batch_rows(batch, NS_VAR_CHECKSUM, from, 1, &length), sizeof checksum);
	if (before == NS_SLOT_FINISHED && checksum != target->checksum[to])
		return conflict(target, sources, number, to, "", error);
	if (before == NS_SLOT_FINISHED)
		return take_followups(target, sources, number, batch, from, to, verdict, false, rebuilt, error);
	*ns_slot_batch_rows(batch, NS_VAR_STATUS, from, 1, &length) = (unsigned char)verdict->status;
	target->state[to] = NS_SLOT_FINISHED;
	target->source[to] = number;
	target->checksum[to] = checksum;
	*as_result = true;
	return take_followups(target, sources, number, batch, from, to, verdict, true, rebuilt, error);
}

static enum ns_status copy_batch(struct target *target, const struct ns_source *sources, size_t number,
	const struct ns_slot_batch *batch, struct ns_rebuilt *rebuilt, struct ns_error *error)
{
	struct run run = {0};
	enum ns_status status = NS_OK;
	for (size_t from = batch->first; from < batch->first + batch->count && status == NS_OK; from++) {
		const struct ns_slot_verdict verdict = ns_slot_judge(batch, from, &target->index);
		if (verdict.state == NS_SLOT_DAMAGED && verdict.claims_result) {
			rebuilt->lost++;
			rebuilt->lost_in = number;
		}
		if (verdict.state == NS_SLOT_MISSING || verdict.state == NS_SLOT_DAMAGED)
			continue;
		const size_t to = ns_index_find(&target->index, verdict.id);
		bool as_result = false;
		if (to != SIZE_MAX)
			status = take(target, sources, number, batch, from, to, &verdict, &as_result, rebuilt, error);
		if (!as_result || status != NS_OK)
			continue;
		rebuilt->kept++;
		if (run.count > 0 && from == run.from + run.count && to == run.to + run.count) {
			run.count++;
			continue;
		}
		status = copy_run(target, batch, run, error);
		run = (struct run){from, to, 1};
	}
	return status == NS_OK ? copy_run(target, batch, run, error) : status;
}

static enum ns_status copy_source(
	struct target *target, const struct ns_source *sources, size_t number, struct ns_rebuilt *rebuilt, struct ns_error *error)
{
	const struct ns_source *source = &sources[number];
	struct ns_slot_batch batch;
	enum ns_status status = ns_slot_batch_init(&batch, &source->slots, error);
	if (status != NS_OK)
		return status;
	for (size_t first = 0; first < source->slots.n && status == NS_OK; first += batch.count) {
		status = ns_slot_batch_read(&batch, source->file, first, source->slots.n, error);
		if (status == NS_OK)
			status = copy_batch(target, sources, number, &batch, rebuilt, error);
	}
	ns_slot_batch_finish(&batch);
	return status;
}

static enum ns_status target_open(struct target *target, const char *path, const struct ns_sweep_description *sweep,
	const struct ns_seal *seal, struct ns_error *error)
{
	*target = (struct target){.path = path, .file = open(path, O_RDWR | O_CLOEXEC)};
	if (target->file < 0)
		return ns_error_set(error, NS_FAILED, "%s cannot be opened: %s", path, strerror(errno));
	enum ns_status status = ns_slots_init(&target->slots, target->file, seal, sweep->points, error);
	if (status == NS_OK)
		status = ns_index_init(&target->index, sweep->points, sweep->n_points, error);
	target->state = ns_alloc(sweep->n_points, sizeof *target->state);
	target->source = ns_alloc(sweep->n_points, sizeof *target->source);
	target->checksum = ns_alloc(sweep->n_points, sizeof *target->checksum);
	bool complete = target->state != NULL && target->source != NULL && target->checksum != NULL;
	for (int f = 0; f < NS_FOLLOWUP_COUNT; f++)
		complete = (target->followups[f] = ns_alloc(sweep->n_points, sizeof(uint64_t))) != NULL && complete;
	if (status == NS_OK && !complete)
		status = ns_error_memory(error, "the list of points", 40.0 * (double)sweep->n_points);
	return status;
}

static void target_close(struct target *target)
{
	if (target->file >= 0)
		close(target->file);
	ns_slots_finish(&target->slots);
	ns_index_finish(&target->index);
	ns_free(target->state);
	ns_free(target->source);
	ns_free(target->checksum);
	for (int f = 0; f < NS_FOLLOWUP_COUNT; f++)
		ns_free(target->followups[f]);
}

enum ns_status ns_rebuild(const char *temporary, const struct ns_sweep_description *sweep, const struct ns_source *sources,
	size_t n_sources, struct ns_rebuilt *rebuilt, struct ns_error *error)
{
	struct ns_seal seal;
	struct target target;
	*rebuilt = (struct ns_rebuilt){0};
	enum ns_status status = ns_create_file(temporary, sweep, &seal, error);
	if (status != NS_OK)
		return status;
	status = target_open(&target, temporary, sweep, &seal, error);
	for (size_t number = 0; number < n_sources && status == NS_OK; number++)
		status = copy_source(&target, sources, number, rebuilt, error);
	target_close(&target);
	return status;
}
