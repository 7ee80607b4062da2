/* The layout of a results file as one table: it drives creating, writing, reading, verifying and the documentation.
 *
 * Everything stands in the root group. A dimension is a dataset that is a dimension scale: the variable of the same name where
 * there is one, otherwise one without data, as netCDF-4 has it. A variable of which some dimension is empty is not in the file.
 */
#ifndef NODESCALE_SCHEMA_H
#define NODESCALE_SCHEMA_H

#include <nodescale/experiment.h>
#include <nodescale/followup.h>
#include <nodescale/quantity.h>
#include <stdio.h>

enum { NS_FORMAT_VERSION = 2, NS_MAX_RANK = 3 };

enum ns_dimension {
	NS_DIM_POINT,
	NS_DIM_RECORD,
	NS_DIM_QUANTILE,
	NS_DIM_TOP_NODE,
	NS_DIM_PROBE,
	NS_DIM_LETTER,
	NS_DIM_CANDIDATE,
	NS_DIM_INPUT,
	NS_DIM_TRAIN_SAMPLE,
	NS_DIM_VALIDATION_SAMPLE,
	NS_DIM_TEST_SAMPLE,
	NS_DIM_SEAL_BYTE,
	NS_DIM_PRUNE_LEVEL,
	NS_DIM_TRANSFER_DIMENSION,
	NS_DIM_KEPT_NODE, /* nodes of all points one after the other, where weights are kept */
	NS_DIM_COUNT
};

struct ns_dimension_info {
	const char *name, *description;
	bool may_be_empty;
};

extern const struct ns_dimension_info ns_dimensions[NS_DIM_COUNT];

enum ns_variable {
	/* coordinates */
	NS_VAR_POINT,
	NS_VAR_GAMMA,
	NS_VAR_ALPHA,
	NS_VAR_M,
	NS_VAR_SEED,
	NS_VAR_STEP,
	NS_VAR_QUANTILE,
	NS_VAR_TOP_NODE,
	NS_VAR_PROBE,
	NS_VAR_PRUNE_LEVEL,
	NS_VAR_TRANSFER_DIMENSION,
	/* bookkeeping of a slot */
	NS_VAR_STATUS,
	NS_VAR_ENGINE,
	NS_VAR_ENGINE_CYCLES,
	NS_VAR_STEPS_DONE,
	NS_VAR_WALL_SECONDS,
	NS_VAR_CHECKSUM,
	NS_VAR_SLOT_CHECKSUM,
	/* weights, where kept: the nodes of a point start at its weights_offset */
	NS_VAR_WEIGHTS_OFFSET,
	NS_VAR_OUTPUT_SIGN,
	NS_VAR_FINAL_WEIGHTS,
	NS_VAR_INITIAL_WEIGHTS,
	/* experiments after training, see ns_followup_variable */
	NS_VAR_PRUNE_CHECKSUM,
	NS_VAR_PRUNE_TRAIN_RISK,
	NS_VAR_PRUNE_TEST_RISK,
	NS_VAR_TRANSFER_CHECKSUM,
	NS_VAR_TRANSFER_TRAIN_RISK,
	NS_VAR_TRANSFER_TEST_RISK,
	/* what it was made from */
	NS_VAR_SPEC,
	NS_VAR_X_TRAIN,
	NS_VAR_Y_TRAIN,
	NS_VAR_X_VALIDATION,
	NS_VAR_Y_VALIDATION,
	NS_VAR_X_TEST,
	NS_VAR_Y_TEST,
	NS_VAR_SEAL,
	/* trajectories: NS_VAR_QUANTITY + q is the variable of enum ns_quantity q */
	NS_VAR_QUANTITY,
	NS_VAR_COUNT = NS_VAR_QUANTITY + NS_QUANTITY_COUNT
};

enum ns_variable_type {
	NS_STORED_REAL,  /* IEEE double, little endian; missing: NaN */
	NS_STORED_COUNT, /* uint64, little endian */
	NS_STORED_BYTE,  /* uint8 */
	NS_STORED_CHAR,  /* letters of names, 0 behind the last: netCDF cannot read arrays of fixed-length strings */
	NS_STORED_TEXT,  /* one string of its own length */
};

struct ns_variable_info {
	const char *name;
	enum ns_variable_type type;
	int rank;
	enum ns_dimension dimensions[NS_MAX_RANK];
	const char *unit, *description;
	const char *coordinates;      /* CF attribute; NULL: none */
	enum ns_weights_kept weights; /* the least the experiment must keep for the variable to exist */
};

struct ns_variable_info ns_schema_variable(enum ns_variable variable);

/* Sizes of one file. */
struct ns_extents {
	size_t length[NS_DIM_COUNT];
	enum ns_weights_kept weights;
	size_t text_length; /* of the spec, with its final 0 */
};

/* Whether a file of these sizes has the variable. */
bool ns_schema_has(const struct ns_extents *extents, enum ns_variable variable);

/* What is written point by point, after the file was made, stands in slots. A point has one for its training and one for each
 * experiment after it: its rows of all variables of that kind. NS_SLOT_OF_FOLLOWUP + f is that of enum ns_followup f. */
enum ns_slot_kind { NS_SLOT_OF_NONE, NS_SLOT_OF_TRAINING, NS_SLOT_OF_FOLLOWUP };
enum ns_slot_kind ns_schema_slot(enum ns_variable variable);

/* Whether it stands in any. */
bool ns_schema_in_slot(enum ns_variable variable);

/* The variables of an experiment after training. The checksum stands before what it is of, so that who reads in this order while
 * it is written (data, then checksum) reads both or neither. */
enum ns_followup_part { NS_FOLLOWUP_CHECKSUM, NS_FOLLOWUP_TRAIN_RISK, NS_FOLLOWUP_TEST_RISK, NS_FOLLOWUP_PARTS };
enum ns_variable ns_followup_variable(enum ns_followup followup, enum ns_followup_part part);

/* The dimension whose coordinate the variable is, or NS_DIM_COUNT: equal names. */
enum ns_dimension ns_schema_scale_of(enum ns_variable variable);

/* Elements of a variable; false if the number does not fit. */
bool ns_schema_elements(const struct ns_extents *extents, enum ns_variable variable, size_t *elements);

/* Bytes of one element (text: of the whole text). */
size_t ns_schema_element_size(const struct ns_extents *extents, enum ns_variable variable);

/* Bytes of a file of these sizes: its data, and a bound on what HDF5 adds. */
double ns_schema_bytes(const struct ns_extents *extents);

/* The table for people: one variable a line with dimensions, unit and description. */
void ns_schema_print(FILE *out);

#endif
