#include "rows.h"

bool ns_rows_of_nodes(const struct ns_point *points, size_t n_points, size_t *first_node)
{
	first_node[0] = 0;
	for (size_t p = 0; p < n_points; p++)
		if (__builtin_add_overflow(first_node[p], points[p].m, &first_node[p + 1]))
			return false;
	return true;
}

struct ns_rows ns_rows_of_point(enum ns_variable variable, size_t point, const size_t *first_node)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	if (info.dimensions[0] != NS_DIM_KEPT_NODE)
		return (struct ns_rows){point, 1};
	return (struct ns_rows){first_node[point], first_node[point + 1] - first_node[point]};
}

size_t ns_row_length(const struct ns_extents *extents, enum ns_variable variable)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	size_t length = 1;
	for (int k = 1; k < info.rank; k++)
		length *= extents->length[info.dimensions[k]];
	return length;
}

const double *ns_result_values(const struct ns_result *result, enum ns_variable variable)
{
	if (variable >= NS_VAR_QUANTITY)
		return result->values[variable - NS_VAR_QUANTITY];
	if (variable == NS_VAR_ENGINE_CYCLES)
		return result->engine_cycles;
	if (variable == NS_VAR_OUTPUT_SIGN)
		return result->output_sign;
	if (variable == NS_VAR_FINAL_WEIGHTS)
		return result->final_weights;
	return variable == NS_VAR_INITIAL_WEIGHTS ? result->initial_weights : NULL;
}

hid_t ns_rows_space(const struct ns_extents *extents, enum ns_variable variable)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	hsize_t length[NS_MAX_RANK];
	for (int k = 0; k < info.rank; k++)
		length[k] = extents->length[info.dimensions[k]];
	return info.rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(info.rank, length, NULL);
}

herr_t ns_rows_select(hid_t space, struct ns_rows rows)
{
	hsize_t start[NS_MAX_RANK] = {rows.first}, count[NS_MAX_RANK];
	if (H5Sget_simple_extent_dims(space, count, NULL) < 0)
		return -1;
	count[0] = rows.count;
	return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
}
