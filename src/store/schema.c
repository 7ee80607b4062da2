#include <nodescale/result.h>
#include <nodescale/schema.h>
#include <string.h>

const struct ns_dimension_info ns_dimensions[NS_DIM_COUNT] = {
	[NS_DIM_POINT] = {"point", "points of the sweep", false},
	[NS_DIM_RECORD] = {"record", "recorded steps", false},
	[NS_DIM_QUANTILE] = {"quantile", "quantiles over nodes", false},
	[NS_DIM_TOP_NODE] = {"top_node", "nodes of largest lambda", false},
	[NS_DIM_PROBE] = {"probe", "samples of the neural tangent Gram matrix", true},
	[NS_DIM_LETTER] = {"letter", "letters of an engine's name", false},
	[NS_DIM_CANDIDATE] = {"candidate", "engines to choose from: events, intervals, dense, reference", false},
	[NS_DIM_INPUT] = {"input", "components of an input", false},
	[NS_DIM_TRAIN_SAMPLE] = {"train_sample", "training samples", false},
	[NS_DIM_VALIDATION_SAMPLE] = {"validation_sample", "validation samples", true},
	[NS_DIM_TEST_SAMPLE] = {"test_sample", "test samples", true},
	[NS_DIM_SEAL_BYTE] = {"seal_byte", "bytes of the seal", false},
	[NS_DIM_PRUNE_LEVEL] = {"prune_level", "levels of pruning", false},
	[NS_DIM_TRANSFER_DIMENSION] = {"transfer_dimension", "numbers of features transferred", true},
	[NS_DIM_KEPT_NODE] = {"kept_node", "nodes of all points, one point after the other", false},
};

#define OF_POINT                                                                                                                 \
	1,                                                                                                                       \
	{                                                                                                                        \
		NS_DIM_POINT                                                                                                     \
	}
#define POINT_COORDINATES "gamma alpha m seed"
#define ALWAYS NS_WEIGHTS_NONE
static const struct ns_variable_info fixed[NS_VAR_QUANTITY] = {
	[NS_VAR_POINT] = {"point", NS_STORED_COUNT, OF_POINT, "1",
		"stable identity of the point: hash of (gamma, alpha, m, seed)", NULL, ALWAYS},
	[NS_VAR_GAMMA] = {"gamma", NS_STORED_REAL, OF_POINT, "1", "share of symmetric node scaling", NULL, ALWAYS},
	[NS_VAR_ALPHA] = {"alpha", NS_STORED_REAL, OF_POINT, "1",
		"decay of the asymmetric node scaling, lambda_j ~ j^(-1/alpha); NaN at gamma = 1, where it has no effect", NULL,
		ALWAYS},
	[NS_VAR_M] = {"m", NS_STORED_COUNT, OF_POINT, "1", "nodes of the hidden layer", NULL, ALWAYS},
	[NS_VAR_SEED] = {"seed", NS_STORED_COUNT, OF_POINT, "1", "seed of initial weights and output signs", NULL, ALWAYS},
	[NS_VAR_STEP] = {"step", NS_STORED_COUNT, 1, {NS_DIM_RECORD}, "1", "gradient descent steps taken", NULL, ALWAYS},
	[NS_VAR_QUANTILE] = {"quantile", NS_STORED_REAL, 1, {NS_DIM_QUANTILE}, "1", "level of the quantile over nodes", NULL,
		ALWAYS},
	[NS_VAR_TOP_NODE] = {"top_node", NS_STORED_COUNT, 1, {NS_DIM_TOP_NODE}, "1",
		"index of the node, from 0: lambda falls with it", NULL, ALWAYS},
	[NS_VAR_PROBE] = {"probe", NS_STORED_COUNT, 1, {NS_DIM_PROBE}, "1",
		"index of the training sample, from 0, in the neural tangent Gram matrix", NULL, ALWAYS},
	[NS_VAR_PRUNE_LEVEL] = {"prune_level", NS_STORED_REAL, 1, {NS_DIM_PRUNE_LEVEL}, "1",
		"share of the m nodes pruned, rounded down to whole nodes, those of smallest lambda first", NULL,
		NS_WEIGHTS_FINAL},
	[NS_VAR_TRANSFER_DIMENSION] = {"transfer_dimension", NS_STORED_COUNT, 1, {NS_DIM_TRANSFER_DIMENSION}, "1",
		"features transferred: those of the nodes of largest lambda", NULL, NS_WEIGHTS_FINAL},

	[NS_VAR_STATUS] = {"status", NS_STORED_BYTE, OF_POINT, "1", "whether the point was trained: written last",
		POINT_COORDINATES, ALWAYS},
	[NS_VAR_ENGINE] = {"engine", NS_STORED_CHAR, 2, {NS_DIM_POINT, NS_DIM_LETTER}, "1", "engine that trained the point",
		POINT_COORDINATES, ALWAYS},
	[NS_VAR_ENGINE_CYCLES] = {"engine_cycles", NS_STORED_REAL, 2, {NS_DIM_POINT, NS_DIM_CANDIDATE}, "cycle",
		"counted cycles of one step of events, intervals, dense and reference, by which auto chooses; NaN: cannot train "
		"the "
		"point",
		POINT_COORDINATES, ALWAYS},
	[NS_VAR_STEPS_DONE] = {"steps_done", NS_STORED_COUNT, OF_POINT, "1", "steps after which training ended",
		POINT_COORDINATES, ALWAYS},
	[NS_VAR_WALL_SECONDS] = {"wall_seconds", NS_STORED_REAL, OF_POINT, "s", "time that training the point took",
		POINT_COORDINATES, ALWAYS},
	[NS_VAR_CHECKSUM] = {"checksum", NS_STORED_COUNT, OF_POINT, "1", "XXH3 of everything the point determines",
		POINT_COORDINATES, ALWAYS},
	[NS_VAR_SLOT_CHECKSUM] = {"slot_checksum", NS_STORED_COUNT, OF_POINT, "1",
		"XXH3 of every byte that the file holds of the point, with experiment and point as keys; 0 where there is no "
		"result",
		POINT_COORDINATES, ALWAYS},

	[NS_VAR_WEIGHTS_OFFSET] = {"weights_offset", NS_STORED_COUNT, OF_POINT, "1",
		"first of the point's m rows in output_sign, final_weights and initial_weights", NULL, NS_WEIGHTS_FINAL},
	[NS_VAR_OUTPUT_SIGN] = {"output_sign", NS_STORED_REAL, 1, {NS_DIM_KEPT_NODE}, "1", "output weight a_j, -1 or 1", NULL,
		NS_WEIGHTS_FINAL},
	[NS_VAR_FINAL_WEIGHTS] = {"final_weights", NS_STORED_REAL, 2, {NS_DIM_KEPT_NODE, NS_DIM_INPUT}, "weight",
		"w_j after the last step", NULL, NS_WEIGHTS_FINAL},
	[NS_VAR_INITIAL_WEIGHTS] = {"initial_weights", NS_STORED_REAL, 2, {NS_DIM_KEPT_NODE, NS_DIM_INPUT}, "weight",
		"w_j before training", NULL, NS_WEIGHTS_ENDS},

	[NS_VAR_PRUNE_CHECKSUM] = {"prune_checksum", NS_STORED_COUNT, OF_POINT, "1",
		"XXH3 of the point's results of pruning, with the trained result as key; 0: not computed yet", POINT_COORDINATES,
		NS_WEIGHTS_FINAL},
	[NS_VAR_PRUNE_TRAIN_RISK] = {"prune_train_risk", NS_STORED_REAL, 2, {NS_DIM_POINT, NS_DIM_PRUNE_LEVEL}, "target^2",
		"mean squared error on the training samples of the network pruned after training", POINT_COORDINATES,
		NS_WEIGHTS_FINAL},
	[NS_VAR_PRUNE_TEST_RISK] = {"prune_test_risk", NS_STORED_REAL, 2, {NS_DIM_POINT, NS_DIM_PRUNE_LEVEL}, "target^2",
		"mean squared error on the test samples of the network pruned after training", POINT_COORDINATES,
		NS_WEIGHTS_FINAL},
	[NS_VAR_TRANSFER_CHECKSUM] = {"transfer_checksum", NS_STORED_COUNT, OF_POINT, "1",
		"XXH3 of the point's results of transfer, with the trained result as key; 0: not computed yet", POINT_COORDINATES,
		NS_WEIGHTS_FINAL},
	[NS_VAR_TRANSFER_TRAIN_RISK] = {"transfer_train_risk", NS_STORED_REAL, 2, {NS_DIM_POINT, NS_DIM_TRANSFER_DIMENSION},
		"target^2",
		"mean squared error, on the first half of the validation samples, of a small network trained on them and the "
		"point's features",
		POINT_COORDINATES, NS_WEIGHTS_FINAL},
	[NS_VAR_TRANSFER_TEST_RISK] = {"transfer_test_risk", NS_STORED_REAL, 2, {NS_DIM_POINT, NS_DIM_TRANSFER_DIMENSION},
		"target^2", "mean squared error of the same network on the second half", POINT_COORDINATES, NS_WEIGHTS_FINAL},

	[NS_VAR_SPEC] = {"spec", NS_STORED_TEXT, 0, {0}, "1", "the spec as it was read (YAML)", NULL, ALWAYS},
	[NS_VAR_X_TRAIN] = {"x_train", NS_STORED_REAL, 2, {NS_DIM_TRAIN_SAMPLE, NS_DIM_INPUT}, "input",
		"training inputs, before the division by sqrt(d)", NULL, ALWAYS},
	[NS_VAR_Y_TRAIN] = {"y_train", NS_STORED_REAL, 1, {NS_DIM_TRAIN_SAMPLE}, "target", "training targets", NULL, ALWAYS},
	[NS_VAR_X_VALIDATION] = {"x_validation", NS_STORED_REAL, 2, {NS_DIM_VALIDATION_SAMPLE, NS_DIM_INPUT}, "input",
		"validation inputs, before the division by sqrt(d)", NULL, ALWAYS},
	[NS_VAR_Y_VALIDATION] = {"y_validation", NS_STORED_REAL, 1, {NS_DIM_VALIDATION_SAMPLE}, "target", "validation targets",
		NULL, ALWAYS},
	[NS_VAR_X_TEST] = {"x_test", NS_STORED_REAL, 2, {NS_DIM_TEST_SAMPLE, NS_DIM_INPUT}, "input",
		"test inputs, before the division by sqrt(d)", NULL, ALWAYS},
	[NS_VAR_Y_TEST] = {"y_test", NS_STORED_REAL, 1, {NS_DIM_TEST_SAMPLE}, "target", "test targets", NULL, ALWAYS},
	[NS_VAR_SEAL] = {"seal", NS_STORED_BYTE, 1, {NS_DIM_SEAL_BYTE}, "1",
		"checksum of all bytes of the file outside the points' results, and where those stand", NULL, ALWAYS},
};

static enum ns_dimension dimension_named(const char *name)
{
	int dimension = 0;
	while (dimension < NS_DIM_COUNT && strcmp(ns_dimensions[dimension].name, name) != 0)
		dimension++;
	return (enum ns_dimension)dimension;
}

struct ns_variable_info ns_schema_variable(enum ns_variable variable)
{
	if (variable < NS_VAR_QUANTITY)
		return fixed[variable];
	const struct ns_quantity_info *quantity = &ns_quantities[variable - NS_VAR_QUANTITY];
	struct ns_variable_info info = {quantity->name, NS_STORED_REAL, 2, {NS_DIM_POINT, NS_DIM_RECORD}, quantity->unit,
		quantity->description, POINT_COORDINATES " step", ALWAYS};
	if (quantity->dimension != NULL)
		info.dimensions[info.rank++] = dimension_named(quantity->dimension);
	return info;
}

enum ns_dimension ns_schema_scale_of(enum ns_variable variable)
{
	return dimension_named(ns_schema_variable(variable).name);
}

enum ns_slot_kind ns_schema_slot(enum ns_variable variable)
{
	if (variable >= NS_VAR_QUANTITY || (variable >= NS_VAR_STATUS && variable <= NS_VAR_SLOT_CHECKSUM) ||
		(variable >= NS_VAR_OUTPUT_SIGN && variable <= NS_VAR_INITIAL_WEIGHTS))
		return NS_SLOT_OF_TRAINING;
	if (variable >= NS_VAR_PRUNE_CHECKSUM && variable <= NS_VAR_TRANSFER_TEST_RISK)
		return NS_SLOT_OF_FOLLOWUP + (variable - NS_VAR_PRUNE_CHECKSUM) / NS_FOLLOWUP_PARTS;
	return NS_SLOT_OF_NONE;
}

bool ns_schema_in_slot(enum ns_variable variable)
{
	return ns_schema_slot(variable) != NS_SLOT_OF_NONE;
}

enum ns_variable ns_followup_variable(enum ns_followup followup, enum ns_followup_part part)
{
	return NS_VAR_PRUNE_CHECKSUM + NS_FOLLOWUP_PARTS * followup + part;
}

bool ns_schema_has(const struct ns_extents *extents, enum ns_variable variable)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	const enum ns_slot_kind slot = ns_schema_slot(variable);
	bool has = extents->weights >= info.weights;
	if (slot >= NS_SLOT_OF_FOLLOWUP) /* a checksum has not the dimension of what it is of */
		has = has && extents->length[NS_DIM_PRUNE_LEVEL + (slot - NS_SLOT_OF_FOLLOWUP)] > 0;
	for (int k = 0; k < info.rank; k++)
		has = has && extents->length[info.dimensions[k]] > 0;
	return has;
}

bool ns_schema_elements(const struct ns_extents *extents, enum ns_variable variable, size_t *elements)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	bool fits = true;
	*elements = 1;
	for (int k = 0; k < info.rank; k++)
		fits = !__builtin_mul_overflow(*elements, extents->length[info.dimensions[k]], elements) && fits;
	return fits;
}

size_t ns_schema_element_size(const struct ns_extents *extents, enum ns_variable variable)
{
	switch (ns_schema_variable(variable).type) {
	case NS_STORED_REAL:
		return sizeof(double);
	case NS_STORED_COUNT:
		return sizeof(uint64_t);
	case NS_STORED_BYTE:
	case NS_STORED_CHAR:
		return 1;
	case NS_STORED_TEXT:
		return extents->text_length;
	}
	return 0;
}

double ns_schema_bytes(const struct ns_extents *extents)
{
	const double headers = 512 << 10; /* far above what attributes and alignment come to */
	double bytes = headers;
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const struct ns_variable_info info = ns_schema_variable((enum ns_variable)v);
		double of_variable = ns_schema_has(extents, (enum ns_variable)v) ? 1 : 0;
		for (int k = 0; k < info.rank; k++)
			of_variable *= (double)extents->length[info.dimensions[k]];
		bytes += of_variable * (double)ns_schema_element_size(extents, (enum ns_variable)v);
	}
	return bytes;
}

void ns_schema_print(FILE *out)
{
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const struct ns_variable_info info = ns_schema_variable((enum ns_variable)v);
		char signature[128];
		int length = snprintf(signature, sizeof signature, "%s", info.name);
		for (int k = 0; k < info.rank; k++)
			length += snprintf(signature + length, sizeof signature - (size_t)length, "%s%s%s", k == 0 ? "(" : ", ",
				ns_dimensions[info.dimensions[k]].name, k + 1 == info.rank ? ")" : "");
		fprintf(out, "%-52s %-9s %s\n", signature, info.unit, info.description);
	}
}
