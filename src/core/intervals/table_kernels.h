/* Products with a bit matrix by look-up: the 256 sums over subsets of 8 rows serve all columns. */
#include "state.h"
#include "vectors.h"

/* table[s] = sum of the rows in the subset s, of which the last may be missing. */
INLINE void fill_table(vector *table, size_t n_rows, const vector *rows)
{
	table[0] = (vector){0};
	for (size_t row = 0; row < 8; row++) {
		const vector value = row < n_rows ? rows[row] : (vector){0};
		for (size_t subset = 0; subset < (size_t)1 << row; subset++)
			table[((size_t)1 << row) + subset] = table[subset] + value;
	}
}

/* bits (tiles of 8 * TILE rows, n_columns, TILE). */
static void product(size_t n_rows, const double *rows, size_t n_columns, const uint8_t *bits, size_t first, size_t last,
	double *sums, double *tables)
{
	vector *table = (vector *)tables, *to = (vector *)sums;
	for (size_t a = first; a < last; a++)
		to[a] = (vector){0};
	for (size_t row = 0; row < n_rows; row += 8 * TILE) {
		for (size_t s = 0; s < TILE; s++) {
			const size_t from = row + 8 * s;
			fill_table(table + s * TABLE, from < n_rows ? n_rows - from : 0, vectors(rows) + from);
		}
		const uint8_t *tile = bits + row / (8 * TILE) * n_columns * TILE;
		for (size_t a = first; a < last; a++) {
			vector now = to[a];
			for (size_t s = 0; s < TILE; s++)
				now += table[s * TABLE + tile[a * TILE + s]];
			to[a] = now;
		}
	}
}

static void weigh_tables(struct intervals *state, const double *u, double *y)
{
	struct weighing weighing = start_weighing(state, (const vector *)state->total);
	for (size_t p = 0; p < state->n; p += 4)
		weigh_four(&weighing, p, vectors(u) + p, (vector *)y + p);
	finish_weighing(&weighing, state);
}
