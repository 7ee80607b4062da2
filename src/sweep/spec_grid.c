/* The grid section: a list of blocks of axes. */
#include "spec_reader.h"
#include <nodescale/memory.h>
#include <string.h>

static enum ns_status read_list(const struct ns_spec_document *document, const struct ns_parameter *parameter,
	const yaml_node_t *node, struct ns_axis *axis)
{
	const bool is_list = node->type == YAML_SEQUENCE_NODE;
	axis->count = is_list ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start) : 1;
	if (axis->count == 0)
		return ns_spec_fail(
			document, node->start_mark, "%s is an empty list; expected at least one value", parameter->name);
	axis->list = ns_alloc(axis->count, sizeof *axis->list);
	if (axis->list == NULL)
		return ns_error_memory(document->error, "a list of values", (double)axis->count * sizeof *axis->list);
	enum ns_status status = NS_OK;
	for (size_t v = 0; v < axis->count && status == NS_OK; v++)
		status = ns_spec_read_value(document, parameter,
			is_list ? ns_spec_node(document, node->data.sequence.items.start[v]) : node, axis->list + v);
	return status;
}

enum range_key { FROM, TO, COUNT, SCALE, RANGE_KEYS };
static const char *const range_names[] = {"from", "to", "count", "scale"}, *const scale_names[] = {"linear", "log", NULL};
static const struct ns_parameter range_count = {.name = "count", .type = NS_TYPE_COUNT, .least = 1, .most = NS_POINTS_MOST},
				 range_scale = {.name = "scale", .type = NS_TYPE_CHOICE, .choices = scale_names};

static double as_real(const struct ns_axis *axis, union ns_axis_value value)
{
	return axis->is_whole ? (double)value.whole : value.real;
}

static enum ns_status read_seeds(const struct ns_spec_document *document, const yaml_node_t *node,
	const struct ns_spec_key keys[RANGE_KEYS], struct ns_axis *axis)
{
	uint64_t last;
	for (int k = 0; k < RANGE_KEYS; k++)
		if (keys[k].key != NULL && k != FROM && k != COUNT)
			return ns_spec_fail(
				document, keys[k].key->start_mark, "seed has no %s; expected {from, count}", range_names[k]);
	axis->kind = NS_AXIS_CONSECUTIVE;
	if (__builtin_add_overflow(axis->from.whole, axis->count - 1, &last))
		return ns_spec_fail(document, node->start_mark, "the last seed is larger than 18446744073709551615");
	return NS_OK;
}

static enum ns_status read_interval(const struct ns_spec_document *document, const struct ns_parameter *parameter,
	const yaml_node_t *node, const struct ns_spec_key keys[RANGE_KEYS], struct ns_axis *axis)
{
	int is_log = 0;
	enum ns_status status = NS_OK;
	if (keys[TO].key == NULL)
		return ns_spec_fail(document, node->start_mark, "%s has no to; expected {from, to, count, scale: linear | log}",
			parameter->name);
	status = ns_spec_read_value(document, parameter, keys[TO].value, &axis->to);
	if (status == NS_OK && keys[SCALE].key != NULL)
		status = ns_spec_read_value(document, &range_scale, keys[SCALE].value, &is_log);
	if (status != NS_OK)
		return status;
	axis->kind = is_log ? NS_AXIS_LOG : NS_AXIS_LINEAR;
	const double from = as_real(axis, axis->from), to = as_real(axis, axis->to);
	if (from > to)
		return ns_spec_fail(document, keys[FROM].value->start_mark,
			"%s goes from %.17g to %.17g, but from must be at most to", parameter->name, from, to);
	if (axis->count == 1 && from < to)
		return ns_spec_fail(document, keys[COUNT].value->start_mark,
			"count is 1 but must be at least 2, as %s has two ends", parameter->name);
	if (is_log && from <= 0)
		return ns_spec_fail(
			document, keys[FROM].value->start_mark, "from is 0 but must be greater than 0 on a log scale");
	return NS_OK;
}

static enum ns_status read_range(const struct ns_spec_document *document, const struct ns_parameter *parameter,
	const yaml_node_t *node, struct ns_axis *axis)
{
	struct ns_spec_key keys[RANGE_KEYS] = {0};
	uint64_t count;
	enum ns_status status = ns_spec_read_keys(document, node, parameter->name, range_names, RANGE_KEYS, keys);
	if (status != NS_OK)
		return status;
	const bool is_seed = strcmp(parameter->name, "seed") == 0;
	if (keys[FROM].key == NULL || keys[COUNT].key == NULL)
		return ns_spec_fail(document, node->start_mark, "%s has no %s; expected %s", parameter->name,
			keys[FROM].key == NULL ? "from" : "count",
			is_seed ? "{from, count}" : "{from, to, count, scale: linear | log}");
	status = ns_spec_read_value(document, parameter, keys[FROM].value, &axis->from);
	if (status == NS_OK)
		status = ns_spec_read_value(document, &range_count, keys[COUNT].value, &count);
	if (status != NS_OK)
		return status;
	axis->count = count;
	return is_seed ? read_seeds(document, node, keys, axis) : read_interval(document, parameter, node, keys, axis);
}

/* gamma = 1 alone needs no alpha. A range starts with its smallest value. */
static bool needs_alpha(const struct ns_axis *gamma)
{
	if (gamma->kind != NS_AXIS_LIST)
		return gamma->from.real < 1;
	for (size_t g = 0; g < gamma->count; g++)
		if (gamma->list[g].real < 1)
			return true;
	return false;
}

static enum ns_status read_block(const struct ns_spec_document *document, const yaml_node_t *node, struct ns_block *block)
{
	const struct ns_spec_section section = ns_spec_section("grid");
	struct ns_spec_key keys[NS_SPEC_KEYS_MOST] = {0};
	enum ns_status status = ns_spec_read_keys(document, node, "a block of the grid", section.names, section.count, keys);
	for (size_t p = 0; p < section.count && status == NS_OK; p++) {
		const struct ns_parameter *parameter = section.parameters + p;
		struct ns_axis *const axes[] = {&block->gamma, &block->alpha, &block->m, &block->seed};
		const bool is_alpha = axes[p] == &block->alpha;
		axes[p]->is_whole = parameter->type == NS_TYPE_COUNT;
		if (keys[p].key == NULL && (parameter->required || (is_alpha && needs_alpha(&block->gamma))))
			return ns_spec_fail(document, node->start_mark, "this block of the grid has no %s%s", parameter->name,
				is_alpha ? ", which every gamma below 1 needs"
					 : "; expected gamma, m, seed and, where gamma < 1, alpha");
		if (keys[p].key != NULL && keys[p].value->type == YAML_MAPPING_NODE)
			status = read_range(document, parameter, keys[p].value, axes[p]);
		else if (keys[p].key != NULL)
			status = read_list(document, parameter, keys[p].value, axes[p]);
	}
	return status;
}

enum ns_status ns_spec_read_grid(
	const struct ns_spec_document *document, const struct ns_spec_top *top, struct ns_block **blocks, size_t *n_blocks)
{
	const yaml_node_t *grid = top->grid.value;
	*blocks = NULL;
	*n_blocks = 0;
	if (grid == NULL)
		return ns_spec_fail(document, document->root->start_mark, "grid is missing; expected a list of blocks to train");
	if (grid->type != YAML_SEQUENCE_NODE)
		return ns_spec_fail(document, grid->start_mark,
			"grid is %s but must be a list of blocks, such as \"- {gamma: [1.0], m: [2000], seed: {from: 0, count: "
			"5}}\"",
			ns_spec_show(grid).text);
	const size_t count = (size_t)(grid->data.sequence.items.top - grid->data.sequence.items.start);
	if (count == 0)
		return ns_spec_fail(document, grid->start_mark, "grid is an empty list; expected at least one block");
	*blocks = ns_alloc(count, sizeof **blocks);
	if (*blocks == NULL)
		return ns_error_memory(document->error, "the grid", (double)count * sizeof **blocks);
	for (size_t total = 0; *n_blocks < count;) {
		const yaml_node_t *node = ns_spec_node(document, grid->data.sequence.items.start[*n_blocks]);
		struct ns_block *block = *blocks + (*n_blocks)++;
		const enum ns_status status = read_block(document, node, block);
		if (status != NS_OK)
			return status;
		const size_t size = ns_block_size(block);
		if (size > NS_POINTS_MOST - total)
			return ns_spec_fail(document, node->start_mark,
				"the grid has more than %d points up to here; expected at most that", NS_POINTS_MOST);
		total += size;
	}
	return NS_OK;
}
