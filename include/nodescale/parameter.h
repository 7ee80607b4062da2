/* One table of every key of the spec: it drives the YAML reader, `nodescale help spec`, sweeps/reference.yaml and the attributes
 * in a results file. */
#ifndef NODESCALE_PARAMETER_H
#define NODESCALE_PARAMETER_H

#include <nodescale/experiment.h>
#include <stdio.h>

enum ns_parameter_type {
	NS_TYPE_REAL,      /* double */
	NS_TYPE_COUNT,     /* uint64_t */
	NS_TYPE_FLAG,      /* bool */
	NS_TYPE_CHOICE,    /* an enum; names in choices */
	NS_TYPE_TEXT,      /* char[NS_TEXT_LENGTH] */
	NS_TYPE_PATH,      /* char[NS_TEXT_LENGTH], resolved against the spec's folder */
	NS_TYPE_SHA256,    /* char[NS_TEXT_LENGTH], 64 hexadecimal digits */
	NS_TYPE_FRACTIONS, /* double[3] */
};

struct ns_parameter {
	const char *section;   /* "data", "model", "train", "record", or "" for the top level; grid keys: "grid" */
	const char *name;      /* YAML key */
	const char *attribute; /* name as an attribute of a results file; NULL: not stored (paths, names: they do not change what
				  a point means) */
	enum ns_parameter_type type;
	size_t offset; /* into struct ns_experiment; for "grid" into struct ns_point */
	const char *const *choices;
	const char *applies; /* what it needs: "data.kind = csv" or "data.kind != csv", a choice that stands earlier in the table;
				"" if always */
	bool required;       /* where it applies */
	const char *fallback; /* default as text, as YAML would have it */
	double least, most;   /* inclusive unless open; numbers only */
	bool least_open, most_open;
	const char *unit, *help;
};

extern const struct ns_parameter ns_parameters[];
extern const size_t ns_parameter_count;

/* NULL if the table has none of this name. */
const struct ns_parameter *ns_parameter_find(const char *section, const char *name);

/* Whether the parameter has a meaning in this experiment. The fields of those that have none are zero. */
bool ns_parameter_applies(const struct ns_parameter *parameter, const struct ns_experiment *experiment);

/* What a value must be, as the end of "gamma is 1.2 but must ": "lie in [0, 1]", "be one of relu, tanh". */
void ns_parameter_expectation(const struct ns_parameter *parameter, char *text, size_t size);

/* Writes the table for people: per key its type, default, range and unit, then its help. */
void ns_parameter_print_help(FILE *out);

#endif
