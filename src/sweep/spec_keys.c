/* Keys of a map: known, not repeated, and the nearest known one for those that are not. */
#include "spec_reader.h"
#include <string.h>

enum { LONGEST_NAME = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance: insertions, deletions and replacements that make a into b. */
static size_t edits(const char *a, const char *b)
{
	size_t row[LONGEST_NAME + 1];
	const size_t n = strlen(b);
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			row[j] = least(replaced, least(row[j - 1], row[j]) + 1);
		}
	}
	return row[n];
}

/* NULL if text is too far from all: more than a third of its letters would have to change. */
static const char *nearest(const char *text, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t fewest = strlen(text) / 3 + 2;
	for (size_t n = 0; n < count && strlen(text) <= LONGEST_NAME; n++) {
		const size_t distance = edits(text, names[n]);
		if (distance < fewest) {
			fewest = distance;
			best = names[n];
		}
	}
	return best;
}

static enum ns_status unknown_key(
	const struct ns_spec_document *document, const yaml_node_t *key, const char *what, const char *const *names, size_t count)
{
	const struct ns_spec_shown shown = ns_spec_show(key);
	const char *meant = key->type == YAML_SCALAR_NODE ? nearest((const char *)key->data.scalar.value, names, count) : NULL;
	if (meant != NULL)
		return ns_spec_fail(document, key->start_mark, "%s has no key %s; did you mean %s?", what, shown.text, meant);
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++)
		if (strcmp(p->name, shown.text) == 0 && *p->section != '\0')
			return ns_spec_fail(
				document, key->start_mark, "%s has no key %s; it belongs under %s", what, shown.text, p->section);
	char known[256] = "";
	for (size_t n = 0; n < count; n++) {
		strcat(known, n == 0 ? "" : ", ");
		strcat(known, names[n]);
	}
	return ns_spec_fail(document, key->start_mark, "%s has no key %s; its keys are %s", what, shown.text, known);
}

static size_t index_of(const yaml_node_t *key, const char *const *names, size_t count)
{
	size_t n = 0;
	if (key->type != YAML_SCALAR_NODE)
		return count;
	while (n < count && (strlen(names[n]) != key->data.scalar.length ||
				    memcmp(names[n], key->data.scalar.value, key->data.scalar.length) != 0))
		n++;
	return n;
}

enum ns_status ns_spec_read_keys(const struct ns_spec_document *document, const yaml_node_t *map, const char *what,
	const char *const *names, size_t count, struct ns_spec_key *keys)
{
	if (map->type != YAML_MAPPING_NODE)
		return ns_spec_fail(
			document, map->start_mark, "%s is %s but must be a map of keys and values", what, ns_spec_show(map).text);
	for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = ns_spec_node(document, pair->key);
		const size_t n = index_of(key, names, count);
		if (n == count)
			return unknown_key(document, key, what, names, count);
		if (keys[n].key != NULL)
			return ns_spec_fail(document, key->start_mark, "%s has %s twice; it stands first in line %zu", what,
				names[n], keys[n].key->start_mark.line + 1);
		keys[n] = (struct ns_spec_key){key, ns_spec_node(document, pair->value)};
	}
	return NS_OK;
}

struct ns_spec_section ns_spec_section(const char *name)
{
	struct ns_spec_section section = {0};
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++) {
		if (strcmp(p->section, name) != 0)
			continue;
		if (section.count == 0)
			section.parameters = p;
		section.names[section.count++] = p->name;
	}
	return section;
}
