/* The sections that all points share: data, model, train, record. */
#include "spec_reader.h"
#include <math.h>
#include <nodescale/spec.h>
#include <string.h>

enum { RECORDS_MOST = 1000000 };

/* A default is YAML like any other value, so it is read like one. */
static enum ns_status read_fallback(
	const struct ns_spec_document *spec_document, const struct ns_parameter *parameter, void *field)
{
	struct ns_spec_document document;
	const char *text = parameter->fallback;
	if (text == NULL || *text == '\0')
		return NS_OK;
	enum ns_status status = ns_spec_document_load(&document, "default", text, strlen(text), spec_document->error);
	if (status != NS_OK)
		return status;
	status = ns_spec_read_value(&document, parameter, document.root, field);
	ns_spec_document_finish(&document);
	return status;
}

static enum ns_status read_parameter(const struct ns_spec_document *document, const struct ns_parameter *parameter,
	const struct ns_spec_key *key, yaml_mark_t section_mark, struct ns_experiment *experiment)
{
	void *field = (char *)experiment + parameter->offset;
	const bool applies = ns_parameter_applies(parameter, experiment), is_given = key->key != NULL;
	if (is_given && !applies)
		return ns_spec_fail(document, key->key->start_mark, "%s has no meaning here; it needs %s", parameter->name,
			parameter->applies);
	if (is_given)
		return ns_spec_read_value(document, parameter, key->value, field);
	if (!applies)
		return NS_OK;
	if (parameter->required)
		return ns_spec_fail(document, section_mark, "%s%s%s is missing; expected %s", parameter->section,
			*parameter->section == '\0' ? "" : ".", parameter->name, parameter->help);
	return read_fallback(document, parameter, field);
}

static enum ns_status read_section(const struct ns_spec_document *document, const char *name,
	const struct ns_spec_key *section_key, struct ns_experiment *experiment, struct ns_spec_key keys[NS_SPEC_KEYS_MOST])
{
	const struct ns_spec_section section = ns_spec_section(name);
	yaml_mark_t mark = document->root->start_mark;
	enum ns_status status = NS_OK;
	if (section_key->key != NULL) {
		mark = section_key->key->start_mark;
		status = ns_spec_read_keys(document, section_key->value, name, section.names, section.count, keys);
	}
	for (size_t p = 0; p < section.count && status == NS_OK; p++)
		status = read_parameter(document, section.parameters + p, keys + p, mark, experiment);
	return status;
}

static const struct ns_spec_key *find_key(const char *section_name, const char *name, const struct ns_spec_key *keys)
{
	return keys + (ns_parameter_find(section_name, name) - ns_spec_section(section_name).parameters);
}

static struct ns_spec_place place_of(const struct ns_spec_key *key)
{
	if (key->value == NULL)
		return (struct ns_spec_place){0};
	return (struct ns_spec_place){key->value->start_mark.line + 1, key->value->start_mark.column + 1};
}

static enum ns_status read_data(
	const struct ns_spec_document *document, const struct ns_spec_key *section_key, struct ns_spec *spec)
{
	struct ns_spec_key keys[NS_SPEC_KEYS_MOST] = {0};
	const enum ns_status status = read_section(document, "data", section_key, &spec->experiment, keys);
	if (status != NS_OK)
		return status;
	const struct ns_spec_key *split = find_key("data", "split", keys), *permutation = find_key("data", "permutation", keys),
				 *seed = find_key("data", "permutation_seed", keys),
				 *permutation_sha256 = find_key("data", "permutation_sha256", keys);
	if (permutation->key != NULL && seed->key != NULL)
		return ns_spec_fail(document, seed->key->start_mark,
			"permutation_seed has no meaning beside permutation; expected one of the two");
	if (permutation->key == NULL && permutation_sha256->key != NULL)
		return ns_spec_fail(document, permutation_sha256->key->start_mark,
			"permutation_sha256 has no meaning without permutation, the file that it is of");
	const double *fraction = spec->experiment.split, sum = fraction[0] + fraction[1] + fraction[2];
	if (split->key != NULL && fraction[0] == 0)
		return ns_spec_fail(
			document, split->value->start_mark, "split leaves no training samples: its first fraction is 0");
	if (split->key != NULL && sum > 1 + 1e-9)
		return ns_spec_fail(document, split->value->start_mark, "split sums to %g but must sum to at most 1", sum);
	spec->file = place_of(find_key("data", "file", keys));
	spec->permutation = place_of(permutation);
	return NS_OK;
}

static enum ns_status read_record(
	const struct ns_spec_document *document, const struct ns_spec_top *top, struct ns_experiment *experiment)
{
	struct ns_spec_key keys[NS_SPEC_KEYS_MOST] = {0};
	const enum ns_status status = read_section(document, "record", &top->record, experiment, keys);
	if (status != NS_OK || ns_record_count(experiment) <= RECORDS_MOST)
		return status;
	const struct ns_spec_key *every = find_key("record", "every", keys);
	return ns_spec_fail(document, every->key != NULL ? every->value->start_mark : top->train.key->start_mark,
		"every is %llu: %llu steps would be recorded %zu times, but %d is the most",
		(unsigned long long)experiment->record_every, (unsigned long long)experiment->steps, ns_record_count(experiment),
		RECORDS_MOST);
}

enum ns_status ns_spec_read_experiment(
	const struct ns_spec_document *document, const struct ns_spec_top *top, struct ns_spec *spec)
{
	struct ns_experiment *experiment = &spec->experiment;
	struct ns_spec_key model[NS_SPEC_KEYS_MOST] = {0}, train[NS_SPEC_KEYS_MOST] = {0};
	enum ns_status status =
		read_parameter(document, ns_parameter_find("", "name"), &top->name, document->root->start_mark, experiment);
	if (status == NS_OK)
		status = read_data(document, &top->data, spec);
	if (status == NS_OK)
		status = read_section(document, "model", &top->model, experiment, model);
	if (status == NS_OK)
		status = read_section(document, "train", &top->train, experiment, train);
	if (status == NS_OK)
		status = read_record(document, top, experiment);
	return status;
}
