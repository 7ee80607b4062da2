/* Compiled once for each instruction set and width: the build sets NS_WIDTH and NS_TABLE, the name of the table this makes. */
#include "kernels.h"
#include "deferral_kernels.h"
#include "node_kernels.h"
#include "run_kernels.h"
#include "table_kernels.h"

extern const struct ns_interval_kernels NS_TABLE;

const struct ns_interval_kernels NS_TABLE = {
	.width = NS_WIDTH,
	.move = move,
	.watched = watched,
	.scan = scan,
	.collect = collect,
	.gather = gather,
	.spread = spread,
	.weigh_runs = weigh_runs,
	.product = product,
	.weigh_tables = weigh_tables,
	.half_product = half_product,
	.half_update = half_update,
	.project = project,
	.sum_path = sum_path,
	.gradient_of_row = gradient_of_row,
	.contribute = contribute,
};
