/* What of the state outlives the program. Transferred is what neither create() nor the rest yields to the same bits; runs, tables
 * of bits, what is known of watched samples and the products of deferred nodes are made anew after loading. */
#include "deferral.h"
#include <math.h>
#include <string.h>

static void transfer_reals(struct ns_archive *archive, double *values, size_t count)
{
	ns_archive_transfer(archive, values, count * sizeof *values);
}

/* Where node j was scanned, what was found there, and where it is now. */
static void transfer_node(struct intervals *state, struct ns_archive *archive, size_t j)
{
	transfer_reals(archive, state->delta + j * state->width, state->d);
	transfer_reals(archive, state->w_scan + j * state->width, state->d);
	ns_archive_transfer(archive, &state->radii[j], sizeof state->radii[j]);
	transfer_reals(archive, &state->reach[j], 1);
	ns_archive_transfer(archive, state->near_sample + j * NEAR, NEAR * sizeof *state->near_sample);
	ns_archive_transfer(archive, &state->near_now[j], sizeof state->near_now[j]);
	ns_archive_transfer(archive, state->rows + j * state->row_bytes, state->row_bytes);
}

/* Whether the watched samples are samples, none that is missing has changed, and the row ends after the last sample. */
static bool node_is_possible(const struct intervals *state, size_t j)
{
	const uint8_t *row = state->rows + j * state->row_bytes;
	for (size_t q = 0; q < NEAR; q++) {
		const uint32_t p = state->near_sample[j * NEAR + q];
		if (p > state->n || (p == state->n && state->near_now[j] >> q & 1))
			return false;
	}
	for (size_t p = state->n; p < 8 * state->row_bytes; p++)
		if (row[p / 8] >> p % 8 & 1)
			return false;
	return true;
}

/* What follows from the row and from which samples are watched; difference: the row's bits that are not create's. */
static void take_over_node(struct intervals *state, size_t j, const uint8_t *difference)
{
	state->near_scan[j] = state->near_opposed[j] = 0;
	for (size_t q = 0; q < NEAR; q++)
		ns_intervals_watch(state, j, q, state->near_sample[j * NEAR + q]);
	state->form->scanned(state, j, difference);
	if (state->near_now[j] != state->near_scan[j])
		state->form->changed(state, j, state->near_now[j] ^ state->near_scan[j]);
}

static void transfer_nodes(struct intervals *state, struct ns_archive *archive)
{
	const bool loading = ns_archive_is_loading(archive);
	uint8_t *difference = state->difference;
	for (size_t j = 0; j < state->m; j++) {
		if (loading)
			ns_intervals_row(state, j, difference);
		transfer_node(state, archive, j);
		if (!loading)
			continue;
		if (!ns_archive_require(archive, node_is_possible(state, j), "a node's bits or watched samples"))
			return;
		for (size_t b = 0; b < state->row_bytes; b++)
			difference[b] ^= state->rows[j * state->row_bytes + b];
		take_over_node(state, j, difference);
	}
}

/* S of the deferred nodes and of those that wait to be taken out of it, which are whole samples' bits; Theta follows. */
static void transfer_products(struct deferral *deferral, const struct intervals *state, struct ns_archive *archive)
{
	const size_t half = half_offset(state->lanes, state->lanes);
	deferral->waiting = ns_archive_count(archive, deferral->waiting, MOST_WAITING - 1);
	transfer_reals(archive, deferral->waiting_lambda, deferral->waiting);
	ns_archive_transfer(archive, deferral->waiting_rows, deferral->waiting * (state->lanes / 8));
	transfer_reals(archive, deferral->sum, half);
	for (size_t e = 0; e < half && ns_archive_is_loading(archive); e++)
		deferral->theta[e] = deferral->sum[e] * deferral->kernel[e];
}

static void transfer_deferred_node(struct deferral *deferral, const struct intervals *state, struct ns_archive *archive, size_t j)
{
	uint8_t deferred = deferral->deferred[j];
	ns_archive_transfer(archive, &deferred, 1);
	if (deferred != 1)
		return;
	transfer_reals(archive, &deferral->due[j], 1);
	transfer_reals(archive, deferral->included + j * state->width, state->d);
	if (ns_archive_is_loading(archive)) {
		deferral->deferred[j] = true;
		deferral->count++;
	}
}

static void leave_out_deferred(struct run_block *block, const struct deferral *deferral)
{
	size_t staying = 0;
	for (size_t a = 0; a < block->count; a++)
		if (!deferral->deferred[block->first + a])
			block->active[staying++] = (uint32_t)a;
	block->n_active = staying;
}

/* The sums over the path and the reference follow, and which nodes take their steps. */
static void transfer_deferral(struct deferral *deferral, struct intervals *state, struct ns_archive *archive)
{
	const struct runs *runs = state->held;
	ns_archive_transfer(archive, &deferral->steps, sizeof deferral->steps);
	ns_archive_transfer(archive, &deferral->review, sizeof deferral->review);
	for (size_t j = 0; j < state->m; j++)
		transfer_deferred_node(deferral, state, archive, j);
	if (deferral->count > 0) { /* otherwise the next review sets them before anything reads them */
		transfer_reals(archive, &deferral->clock, 1);
		transfer_reals(archive, &deferral->reference_square, 1);
		transfer_reals(archive, &deferral->apart, 1);
		transfer_reals(archive, deferral->reference, state->n);
		transfer_reals(archive, deferral->f_review, state->n);
		transfer_reals(archive, deferral->path, state->n);
		transfer_products(deferral, state, archive);
	}
	if (!ns_archive_is_loading(archive))
		return;
	state->kernels->sum_path(state, deferral->reference, deferral->reference_prefix, deferral->reference_common);
	for (size_t b = 0; b < runs->n_blocks; b++)
		leave_out_deferred(&runs->blocks[b], deferral);
}

void ns_runs_transfer(struct intervals *state, struct ns_archive *archive)
{
	struct runs *runs = state->held;
	ns_archive_transfer(archive, &runs->turn, sizeof runs->turn);
	transfer_reals(archive, runs->prefix, (state->n + 1) * state->width);
	if (runs->deferral != NULL)
		transfer_deferral(runs->deferral, state, archive);
	for (size_t b = 0; b < runs->n_blocks; b++)
		if (runs->blocks[b].short_of_memory) {
			struct ns_error error;
			ns_error_set(&error, NS_FAILED, "the interval engine ran short of memory for its runs");
			ns_archive_fail(archive, &error);
		}
}

enum ns_status ns_intervals_transfer(void *opaque, struct ns_archive *archive, struct ns_error *error)
{
	struct intervals *state = opaque;
	ns_archive_transfer(archive, &state->flips, sizeof state->flips);
	transfer_reals(archive, state->f, state->n);
	transfer_reals(archive, state->f_deferred, state->n);
	transfer_reals(archive, state->rho, state->n);
	transfer_reals(archive, &state->square, 1);
	transfer_reals(archive, state->common, state->width);
	transfer_nodes(state, archive);
	state->form->transfer(state, archive);
	return ns_archive_status(archive, error);
}
