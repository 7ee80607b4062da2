/* What the parts of the spec reader share: the parsed YAML document and the errors that point into it. */
#ifndef NODESCALE_SWEEP_SPEC_READER_H
#define NODESCALE_SWEEP_SPEC_READER_H

#include <nodescale/grid.h>
#include <nodescale/parameter.h>
#include <nodescale/status.h>
#include <yaml.h>

struct ns_spec_document {
	const char *path; /* names the file in errors; relative paths start from its folder */
	yaml_document_t yaml;
	const yaml_node_t *root;
	struct ns_error *error;
};

/* Parses the one YAML document that text must hold. Release with ns_spec_document_finish. */
enum ns_status ns_spec_document_load(
	struct ns_spec_document *document, const char *path, const char *text, size_t length, struct ns_error *error);
void ns_spec_document_finish(struct ns_spec_document *document);

/* A node by its number in a list or map. */
const yaml_node_t *ns_spec_node(const struct ns_spec_document *document, int number);

/* NS_BAD_INPUT with "path:line:column: ". */
enum ns_status ns_spec_fail(const struct ns_spec_document *document, yaml_mark_t mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A node as an error shows it: a scalar's text, in quotes if it has them, cut if long; "a list"; "a map"; "empty". */
struct ns_spec_shown {
	char text[64];
};
struct ns_spec_shown ns_spec_show(const yaml_node_t *node);

/* Plain scalars that YAML takes for no value: nothing at all, ~ and null. */
bool ns_spec_is_null(const yaml_node_t *node);

/* Reads one value of the parameter's type into field and checks its range. */
enum ns_status ns_spec_read_value(
	const struct ns_spec_document *document, const struct ns_parameter *parameter, const yaml_node_t *node, void *field);

/* A key as it was met; both NULL if it was not. */
struct ns_spec_key {
	const yaml_node_t *key, *value;
};

/* Sorts the keys of a map into keys[], which has an entry for each of `count` names. Unknown and repeated keys are errors, which
 * call the map `what`. */
enum ns_status ns_spec_read_keys(const struct ns_spec_document *document, const yaml_node_t *map, const char *what,
	const char *const *names, size_t count, struct ns_spec_key *keys);

enum { NS_SPEC_KEYS_MOST = 16 }; /* in one map */

/* The parameters of one section, which stand together in the table, and their names. */
struct ns_spec_section {
	const struct ns_parameter *parameters;
	const char *names[NS_SPEC_KEYS_MOST];
	size_t count;
};
struct ns_spec_section ns_spec_section(const char *name);

/* Fills spec->experiment and the places of its files from the sections, given under their names; a section may be missing. */
struct ns_spec_top {
	struct ns_spec_key name, data, model, grid, train, record;
};
struct ns_spec;
enum ns_status ns_spec_read_experiment(
	const struct ns_spec_document *document, const struct ns_spec_top *top, struct ns_spec *spec);

/* The grid's blocks, each to be finished with ns_block_finish, in an array for ns_free. Both are also valid after an error. */
enum ns_status ns_spec_read_grid(
	const struct ns_spec_document *document, const struct ns_spec_top *top, struct ns_block **blocks, size_t *n_blocks);

#endif
