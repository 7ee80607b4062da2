/* Where a point's numbers stand in the file. Private to src/store. */
#ifndef NODESCALE_STORE_ROWS_H
#define NODESCALE_STORE_ROWS_H

#include <hdf5.h>
#include <nodescale/point.h>
#include <nodescale/result.h>
#include <nodescale/schema.h>

/* Consecutive entries of a variable's first dimension. */
struct ns_rows {
	size_t first, count;
};

/* first_node (n_points + 1): sums of m, what weights_offset holds and the total. False if the total does not fit. */
bool ns_rows_of_nodes(const struct ns_point *points, size_t n_points, size_t *first_node);

/* The point's own row, or its m rows of a variable over kept nodes (first_node as above, not read otherwise). */
struct ns_rows ns_rows_of_point(enum ns_variable variable, size_t point, const size_t *first_node);

/* Elements of one row. */
size_t ns_row_length(const struct ns_extents *extents, enum ns_variable variable);

/* The numbers of a result that the variable keeps, NULL for bookkeeping. */
const double *ns_result_values(const struct ns_result *result, enum ns_variable variable);

/* A dataspace of the variable's size; to be closed by the caller. */
hid_t ns_rows_space(const struct ns_extents *extents, enum ns_variable variable);

/* Selects rows in such a dataspace. */
herr_t ns_rows_select(hid_t space, struct ns_rows rows);

#endif
