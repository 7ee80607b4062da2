#include <math.h>
#include <nodescale/parameter.h>
#include <nodescale/point.h>
#include <string.h>

#define FIELD(field) offsetof(struct ns_experiment, field)
#define GRID_FIELD(field) offsetof(struct ns_point, field)

static const char synthetic[] = "data.kind != csv", from_file[] = "data.kind = csv";

/* clang-format off */
const struct ns_parameter ns_parameters[] = {
	{"", "name", NULL, NS_TYPE_TEXT, FIELD(name), .applies = "", .required = true,
		.help = "Title of the sweep, as figures and the report show it."},

	{"data", "kind", "data_kind", NS_TYPE_CHOICE, FIELD(data_kind), ns_data_kind_names, "", true,
		.help = "Where the samples come from: inputs drawn on the unit sphere, from N(0, I/d) or in the cube with "
			"the same mean square, all with the target (5/d) sum_k sin(pi x_k) + noise; or a csv file."},
	{"data", "n_train", "n_train", NS_TYPE_COUNT, FIELD(n_train), NULL, synthetic, false, "100", 1, 1e9, .unit = "sample",
		.help = "Training samples to draw; a larger number keeps the first samples."},
	{"data", "n_test", "n_test", NS_TYPE_COUNT, FIELD(n_test), NULL, synthetic, false, "100", 0, 1e9, .unit = "sample",
		.help = "Test samples to draw; with 0 there is no test risk."},
	{"data", "d", "d", NS_TYPE_COUNT, FIELD(d), NULL, synthetic, false, "50", 1, 1e6, .unit = "1",
		.help = "Dimension of the inputs."},
	{"data", "noise", "noise", NS_TYPE_REAL, FIELD(noise), NULL, synthetic, false, "0.1", 0, INFINITY, .most_open = true,
		.unit = "target", .help = "Standard deviation of the Gaussian noise added to every target, training and test."},
	{"data", "seed", "data_seed", NS_TYPE_COUNT, FIELD(data_seed), NULL, synthetic, false, "1", 0, INFINITY,
		.most_open = true, .unit = "1",
		.help = "Seed of the samples; the seeds of the grid change initialisations only, so all points share one "
			"data set."},
	{"data", "file", NULL, NS_TYPE_PATH, FIELD(file), .applies = from_file, .required = true,
		.help = "Comma-separated numbers below a line of column names, one sample a row; relative to the spec's "
			"folder."},
	{"data", "sha256", NULL, NS_TYPE_SHA256, FIELD(sha256), .applies = from_file, .fallback = "",
		.help = "SHA-256 of that file, as sha256sum prints it; where it is given, any other content is refused."},
	{"data", "target", NULL, NS_TYPE_TEXT, FIELD(target), .applies = from_file, .fallback = "last",
		.help = "Column to predict: last, a column's name, or its number from 1; all other columns are inputs."},
	{"data", "permutation", NULL, NS_TYPE_PATH, FIELD(permutation), .applies = from_file, .fallback = "",
		.help = "File with the order of the samples before the split: a line `row`, then row numbers from 0, one a "
			"line; without it the order is drawn from permutation_seed."},
	{"data", "permutation_sha256", NULL, NS_TYPE_SHA256, FIELD(permutation_sha256), .applies = from_file, .fallback = "",
		.help = "SHA-256 of the permutation file, checked in the same way."},
	{"data", "permutation_seed", "permutation_seed", NS_TYPE_COUNT, FIELD(permutation_seed), NULL, from_file, false, "1", 0,
		INFINITY, .most_open = true, .unit = "1",
		.help = "Seed of the random order of the samples before the split, where no permutation file is given."},
	{"data", "split", "split", NS_TYPE_FRACTIONS, FIELD(split), NULL, from_file, false, "[0.4, 0.4, 0.2]", 0, 1, .unit = "1",
		.help = "Fractions of the rows for training, validation and test, in this order; the first two sizes are "
			"rounded down, and the test set gets the rest if the fractions sum to 1."},
	{"data", "standardise", "standardise", NS_TYPE_FLAG, FIELD(standardise), NULL, from_file, false, "true",
		.help = "Whether to shift and scale every input and the target to mean 0 and standard deviation 1 on the "
			"training set."},

	{"model", "activation", "activation", NS_TYPE_CHOICE, FIELD(activation), ns_activation_names, "", false, "relu",
		.help = "Activation of the hidden layer; relu and leaky_relu are trained by exact engines that are many "
			"times faster."},
	{"model", "leak", "leak", NS_TYPE_REAL, FIELD(leak), NULL, "model.activation = leaky_relu", false, "0.01", 0, 1,
		.unit = "1", .help = "Slope of leaky ReLU for negative pre-activations."},
	{"model", "init", "init", NS_TYPE_CHOICE, FIELD(init), ns_initialisation_names, "", false, "gaussian",
		.help = "Law of the initial hidden weights: independent Gaussian or uniform entries, rows of random "
			"orthogonal matrices, or rows uniform on a sphere; entries have mean square init_std^2 in all of "
			"them."},
	{"model", "init_std", "init_std", NS_TYPE_REAL, FIELD(init_std), NULL, "", false, "1", 0, INFINITY, .least_open = true,
		.most_open = true, .unit = "weight",
		.help = "Standard deviation of the initial hidden weights: 1 in the theory, sqrt(2) in the published "
			"experiments."},

	{"grid", "gamma", "gamma", NS_TYPE_REAL, GRID_FIELD(gamma), NULL, "", true, NULL, 0, 1, .unit = "1",
		.help = "Symmetric share of the node scaling: 1 is the NTK parameterisation (lazy), 0 fully asymmetrical "
			"scaling."},
	{"grid", "alpha", "alpha", NS_TYPE_REAL, GRID_FIELD(alpha), NULL, "", false, NULL, 0, 1, .least_open = true,
		.most_open = true, .unit = "1",
		.help = "Zipf exponent 1/alpha of the asymmetrical share: a small alpha gives few heavy nodes; needed where "
			"gamma < 1, without effect at gamma = 1."},
	{"grid", "m", "m", NS_TYPE_COUNT, GRID_FIELD(m), NULL, "", true, NULL, 1, 1e9, .unit = "node",
		.help = "Width: number of hidden nodes."},
	{"grid", "seed", "seed", NS_TYPE_COUNT, GRID_FIELD(seed), NULL, "", true, NULL, 0, INFINITY, .most_open = true,
		.unit = "1",
		.help = "Seed of the initial weights and output signs; figures show mean and spread over the seeds."},

	{"train", "step_size", "step_size", NS_TYPE_REAL, FIELD(step_size), NULL, "", false, "1.0", 0, INFINITY,
		.least_open = true, .most_open = true, .unit = "weight^2/target^2",
		.help = "Step size of full-batch gradient descent on the mean squared error."},
	{"train", "steps", "steps", NS_TYPE_COUNT, FIELD(steps), NULL, "", true, NULL, 1, 1e15, .unit = "step",
		.help = "Gradient-descent steps to take from every initialisation."},

	{"record", "every", "every", NS_TYPE_COUNT, FIELD(record_every), NULL, "", false, "1000", 1, 1e15, .unit = "step",
		.help = "Steps between two recorded ones; the initialisation and the last step are always recorded."},
	{"record", "probes", "probes", NS_TYPE_COUNT, FIELD(probes), NULL, "", false, "100", 1, 1e6, .unit = "sample",
		.help = "Size of the tangent-kernel matrix that is followed: it is taken on the first that many training "
			"samples, or on all if there are fewer."},
	{"record", "weights", "weights", NS_TYPE_CHOICE, FIELD(weights), ns_weights_kept_names, "", false, "none",
		.help = "Hidden weights to keep in the results file, m x d numbers a point: none, those at the end, or those "
			"at both ends; prune and transfer need the end."},
};
/* clang-format on */
const size_t ns_parameter_count = sizeof ns_parameters / sizeof *ns_parameters;

static const struct ns_parameter *find(const char *section, size_t section_length, const char *name, size_t name_length)
{
	for (const struct ns_parameter *p = ns_parameters; p < ns_parameters + ns_parameter_count; p++)
		if (strlen(p->section) == section_length && memcmp(p->section, section, section_length) == 0 &&
			strlen(p->name) == name_length && memcmp(p->name, name, name_length) == 0)
			return p;
	return NULL;
}

const struct ns_parameter *ns_parameter_find(const char *section, const char *name)
{
	return find(section, strlen(section), name, strlen(name));
}

bool ns_parameter_applies(const struct ns_parameter *parameter, const struct ns_experiment *experiment)
{
	const char *condition = parameter->applies;
	if (*condition == '\0')
		return true;
	const size_t section = strcspn(condition, "."), name = strcspn(condition + section + 1, " ");
	const struct ns_parameter *chooser = find(condition, section, condition + section + 1, name);
	const char *comparison = condition + section + 1 + name + 1;
	const bool wants_other = *comparison == '!';
	const char *wanted = strchr(comparison, '=') + 2;
	int choice;
	memcpy(&choice, (const char *)experiment + chooser->offset, sizeof choice);
	return (strcmp(chooser->choices[choice], wanted) == 0) != wants_other;
}

static void print_choices(FILE *out, const struct ns_parameter *parameter)
{
	for (const char *const *choice = parameter->choices; *choice != NULL; choice++)
		fprintf(out, "%s%s", choice == parameter->choices ? "" : ", ", *choice);
}

static void print_range(FILE *out, const struct ns_parameter *parameter)
{
	if (isfinite(parameter->most))
		fprintf(out, "lie in %c%g, %g%c", parameter->least_open ? '(' : '[', parameter->least, parameter->most,
			parameter->most_open ? ')' : ']');
	else
		fprintf(out, "be %s %g", parameter->least_open ? "greater than" : "at least", parameter->least);
}

static void print_expectation(FILE *out, const struct ns_parameter *parameter)
{
	switch (parameter->type) {
	case NS_TYPE_REAL:
	case NS_TYPE_COUNT:
		print_range(out, parameter);
		break;
	case NS_TYPE_FLAG:
		fputs("be true or false", out);
		break;
	case NS_TYPE_CHOICE:
		fputs("be one of ", out);
		print_choices(out, parameter);
		break;
	case NS_TYPE_TEXT:
	case NS_TYPE_PATH:
		fprintf(out, "have 1 to %d bytes", NS_TEXT_LENGTH - 1);
		break;
	case NS_TYPE_SHA256:
		fputs("be 64 hexadecimal digits", out);
		break;
	case NS_TYPE_FRACTIONS:
		fputs("be a list of three fractions", out);
		break;
	}
}

void ns_parameter_expectation(const struct ns_parameter *parameter, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");
	if (out == NULL) {
		*text = '\0';
		return;
	}
	print_expectation(out, parameter);
	fclose(out);
}

static void print_parameter(FILE *out, const struct ns_parameter *parameter)
{
	static const char *const types[] = {
		[NS_TYPE_REAL] = "number",
		[NS_TYPE_COUNT] = "whole number",
		[NS_TYPE_FLAG] = "flag",
		[NS_TYPE_CHOICE] = "choice",
		[NS_TYPE_TEXT] = "text",
		[NS_TYPE_PATH] = "path",
		[NS_TYPE_SHA256] = "64 hexadecimal digits",
		[NS_TYPE_FRACTIONS] = "list of 3 fractions",
	};
	fprintf(out, "  %-17s %s", parameter->name, types[parameter->type]);
	if (parameter->unit != NULL && strcmp(parameter->unit, "1") != 0)
		fprintf(out, " [%s]", parameter->unit);
	if (parameter->type != NS_TYPE_TEXT && parameter->type != NS_TYPE_PATH && parameter->type != NS_TYPE_SHA256 &&
		parameter->type != NS_TYPE_FRACTIONS) {
		fputs(", must ", out);
		print_expectation(out, parameter);
	}
	if (parameter->required)
		fputs("; required", out);
	else if (parameter->fallback != NULL && *parameter->fallback != '\0')
		fprintf(out, "; default %s", parameter->fallback);
	if (*parameter->applies != '\0')
		fprintf(out, "; only if %s", parameter->applies);
	fprintf(out, "\n      %s\n", parameter->help);
}

void ns_parameter_print_help(FILE *out)
{
	const char *section = "";
	for (size_t p = 0; p < ns_parameter_count; p++) {
		if (strcmp(section, ns_parameters[p].section) != 0) {
			section = ns_parameters[p].section;
			fprintf(out, "\n%s%s\n", section,
				strcmp(section, "grid") == 0 ? " (a list of blocks, each the product of its values)" : "");
		}
		print_parameter(out, ns_parameters + p);
	}
}
