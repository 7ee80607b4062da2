#include "slots.h"
#include "pieces.h"
#include "rows.h"
#include <nodescale/memory.h>
#include <string.h>

enum { BATCH = 4 << 20 };

static bool by_node(enum ns_variable variable)
{
	return ns_schema_variable(variable).dimensions[0] == NS_DIM_KEPT_NODE;
}

/* Where each point's nodes start: sums of m, or if those do not fit (a damaged m), what weights_offset holds. */
static void find_nodes(struct ns_slots *slots, int file)
{
	const size_t n = slots->n, nodes = slots->seal.variable[NS_VAR_OUTPUT_SIGN].bytes / sizeof(double);
	if (nodes == 0 || (ns_rows_of_nodes(slots->points, n, slots->first_node) && slots->first_node[n] == nodes))
		return;
	ns_read_most(file, slots->first_node, n * sizeof(uint64_t), slots->seal.variable[NS_VAR_WEIGHTS_OFFSET].offset);
	slots->first_node[n] = nodes;
	for (size_t p = n; p > 0; p--)
		if (slots->first_node[p - 1] > slots->first_node[p])
			slots->first_node[p - 1] = slots->first_node[p];
}

static void read_column(const struct ns_slots *slots, int file, enum ns_variable variable, void *column)
{
	memset(column, 0, slots->n * sizeof(uint64_t));
	if (slots->seal.variable[variable].bytes == slots->n * sizeof(uint64_t))
		ns_read_most(file, column, slots->n * sizeof(uint64_t), slots->seal.variable[variable].offset);
}

static void read_points(struct ns_slots *slots, int file, uint64_t *column)
{
	const size_t n = slots->n;
	read_column(slots, file, NS_VAR_GAMMA, column);
	for (size_t p = 0; p < n; p++)
		memcpy(&slots->points[p].gamma, &column[p], sizeof *column);
	read_column(slots, file, NS_VAR_ALPHA, column);
	for (size_t p = 0; p < n; p++)
		memcpy(&slots->points[p].alpha, &column[p], sizeof *column);
	read_column(slots, file, NS_VAR_M, column);
	for (size_t p = 0; p < n; p++)
		slots->points[p].m = column[p];
	read_column(slots, file, NS_VAR_SEED, column);
	for (size_t p = 0; p < n; p++)
		slots->points[p].seed = column[p];
	read_column(slots, file, NS_VAR_POINT, slots->ids);
}

enum ns_status ns_slots_init(
	struct ns_slots *slots, int file, const struct ns_seal *seal, const struct ns_point *hint, struct ns_error *error)
{
	const size_t n = seal->n_points;
	*slots = (struct ns_slots){.seal = *seal,
		.n = n,
		.points = ns_alloc(n, sizeof *slots->points),
		.ids = ns_alloc(n, sizeof *slots->ids),
		.first_node = ns_alloc(n + 1, sizeof *slots->first_node)};
	uint64_t *column = ns_alloc(n, sizeof *column);
	if (slots->points == NULL || slots->ids == NULL || slots->first_node == NULL || column == NULL) {
		ns_free(column);
		ns_slots_finish(slots);
		return ns_error_memory(error, "the points of the results file", 56.0 * (double)n);
	}
	read_points(slots, file, column);
	ns_free(column);
	for (size_t p = 0; p < n && hint != NULL; p++)
		if (slots->ids[p] != ns_point_id(&slots->points[p])) {
			slots->points[p] = hint[p];
			slots->ids[p] = ns_point_id(&hint[p]);
		}
	find_nodes(slots, file);
	return NS_OK;
}

void ns_slots_finish(struct ns_slots *slots)
{
	ns_free(slots->points);
	ns_free(slots->ids);
	ns_free(slots->first_node);
	*slots = (struct ns_slots){0};
}

struct ns_region ns_slots_rows(const struct ns_slots *slots, enum ns_variable variable, size_t first, size_t count)
{
	const struct ns_region whole = slots->seal.variable[variable];
	if (whole.bytes == 0)
		return (struct ns_region){0};
	if (!by_node(variable)) {
		const uint64_t row = whole.bytes / slots->n;
		return (struct ns_region){whole.offset + first * row, count * row};
	}
	const uint64_t row = whole.bytes / slots->first_node[slots->n];
	return (struct ns_region){whole.offset + slots->first_node[first] * row,
		(slots->first_node[first + count] - slots->first_node[first]) * row};
}

/* --- the checksum --- */

static uint64_t with_status(uint64_t key, enum ns_point_status status)
{
	const uint8_t byte = (uint8_t)status;
	return XXH3_64bits_withSeed(&byte, 1, key);
}

uint64_t ns_slot_checksum(const XXH3_state_t *rows, enum ns_point_status status, uint64_t id)
{
	return with_status(XXH3_64bits_digest(rows), status) ^ id;
}

uint64_t ns_mark_checksum(uint64_t meaning, enum ns_point_status status, uint64_t id)
{
	return status == NS_POINT_MISSING ? 0 : with_status(meaning, status) ^ id;
}

/* --- reading many --- */

enum ns_status ns_slot_batch_init(struct ns_slot_batch *batch, const struct ns_slots *slots, struct ns_error *error)
{
	*batch = (struct ns_slot_batch){.slots = slots, .hash = XXH3_createState()};
	return batch->hash != NULL ? NS_OK : ns_error_memory(error, "a checksum", 1e3);
}

void ns_slot_batch_finish(struct ns_slot_batch *batch)
{
	ns_free(batch->bytes);
	XXH3_freeState(batch->hash);
	*batch = (struct ns_slot_batch){0};
}

static size_t slot_bytes(const struct ns_slots *slots, size_t slot)
{
	size_t bytes = 0;
	for (int v = 0; v < NS_VAR_COUNT; v++)
		if (ns_schema_in_slot((enum ns_variable)v))
			bytes += ns_slots_rows(slots, (enum ns_variable)v, slot, 1).bytes;
	return bytes;
}

enum ns_status ns_slot_batch_read(struct ns_slot_batch *batch, int file, size_t first, size_t most, struct ns_error *error)
{
	const struct ns_slots *slots = batch->slots;
	size_t count = 1, bytes = slot_bytes(slots, first);
	for (; count < most && first + count < slots->n; count++) {
		const size_t another = slot_bytes(slots, first + count);
		if (bytes + another > BATCH)
			break;
		bytes += another;
	}
	if (bytes > batch->room) {
		ns_free(batch->bytes);
		batch->bytes = ns_alloc(bytes, 1);
		batch->room = batch->bytes != NULL ? bytes : 0;
		if (batch->bytes == NULL)
			return ns_error_memory(error, "the results of a point", (double)bytes);
	}
	batch->first = first;
	batch->count = count;
	memset(batch->bytes, 0, bytes);
	size_t at = 0;
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		if (!ns_schema_in_slot((enum ns_variable)v))
			continue;
		const struct ns_region rows = ns_slots_rows(slots, (enum ns_variable)v, first, count);
		batch->start[v] = at;
		ns_read_most(file, batch->bytes + at, rows.bytes, rows.offset);
		at += rows.bytes;
	}
	return NS_OK;
}

unsigned char *ns_slot_batch_rows(
	const struct ns_slot_batch *batch, enum ns_variable variable, size_t first, size_t count, size_t *length)
{
	const struct ns_region all = ns_slots_rows(batch->slots, variable, batch->first, batch->count),
			       wanted = ns_slots_rows(batch->slots, variable, first, count);
	*length = wanted.bytes;
	return batch->bytes + batch->start[variable] + (wanted.offset - all.offset);
}

static bool is_of(uint64_t id, const struct ns_slots *slots, size_t slot, const struct ns_index *others)
{
	return id == slots->ids[slot] || (others != NULL && ns_index_find(others, id) != SIZE_MAX);
}

static void hash_rows(const struct ns_slot_batch *batch, size_t slot)
{
	XXH3_64bits_reset_withSeed(batch->hash, batch->slots->seal.meaning);
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const enum ns_variable variable = (enum ns_variable)v;
		if (ns_schema_slot(variable) != NS_SLOT_OF_TRAINING || variable == NS_VAR_STATUS ||
			variable == NS_VAR_SLOT_CHECKSUM)
			continue;
		size_t length;
		const unsigned char *rows = ns_slot_batch_rows(batch, variable, slot, 1, &length);
		XXH3_64bits_update(batch->hash, rows, length);
	}
}

struct ns_slot_verdict ns_slot_judge(const struct ns_slot_batch *batch, size_t slot, const struct ns_index *others)
{
	const struct ns_slots *slots = batch->slots;
	size_t length;
	const enum ns_point_status byte = (enum ns_point_status) * ns_slot_batch_rows(batch, NS_VAR_STATUS, slot, 1, &length);
	uint64_t checksum;
	memcpy(&checksum, ns_slot_batch_rows(batch, NS_VAR_SLOT_CHECKSUM, slot, 1, &length), sizeof checksum);
	struct ns_slot_verdict verdict = {.state = NS_SLOT_DAMAGED, .status = byte, .claims_result = ns_point_is_finished(byte)};
	if (checksum == 0 && !verdict.claims_result) { /* a mark's byte is written behind its checksum */
		verdict.state = byte == NS_POINT_MISSING ? NS_SLOT_MISSING : NS_SLOT_DAMAGED;
		return verdict;
	}
	for (unsigned s = 1; s < NS_POINT_STATUS_COUNT; s++) {
		const enum ns_point_status status = (enum ns_point_status)s;
		verdict.id = checksum ^ ns_mark_checksum(slots->seal.meaning, status, 0);
		if (!ns_point_is_finished(status) && is_of(verdict.id, slots, slot, others)) {
			verdict.state = NS_SLOT_MARKED;
			verdict.status = status;
			return verdict;
		}
	}
	hash_rows(batch, slot);
	static const enum ns_point_status results[] = {NS_POINT_DONE, NS_POINT_DIVERGED};
	for (size_t r = 0; r < sizeof results / sizeof *results; r++) {
		verdict.id = checksum ^ ns_slot_checksum(batch->hash, results[r], 0);
		if (!is_of(verdict.id, slots, slot, others))
			continue;
		verdict.state = NS_SLOT_FINISHED;
		verdict.status = results[r];
		return verdict;
	}
	return verdict;
}
