#include "page.h"
#include <inttypes.h>
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/parameter.h>
#include <string.h>

enum { LISTED = 10 }; /* more values of a grid key are told by their range */

/* --- what was run, in words --- */

static void write_data(FILE *out, const struct ns_experiment *experiment, const struct ns_data *data)
{
	static const char *const inputs[] = {
		[NS_DATA_SPHERE_SINE] = "uniform on the unit sphere",
		[NS_DATA_GAUSSIAN_SINE] = "from <i>N</i>(0, <i>I</i>/<i>d</i>)",
		[NS_DATA_CUBE_SINE] = "uniform in the cube with mean square 1",
	};
	ns_html_count(out, data->train.n);
	fputs(" training", out);
	if (data->validation.n > 0) {
		fputs(", ", out);
		ns_html_count(out, data->validation.n);
		fputs(" validation", out);
	}
	fputs(" and ", out);
	ns_html_count(out, data->test.n);
	fputs(" test samples, <i>d</i> = ", out);
	ns_html_count(out, data->d);
	if (experiment->data_kind == NS_DATA_CSV) {
		fputs(experiment->standardise ? ", from a file, standardised on the training set" : ", from a file", out);
		return;
	}
	fprintf(out, "; <i>x</i> %s, <i>y</i> = (5/<i>d</i>) Σ<sub><i>k</i></sub> sin(π<i>x</i><sub><i>k</i></sub>) + ",
		inputs[experiment->data_kind]);
	ns_html_value(out, experiment->noise);
	fprintf(out, " <i>N</i>(0, 1), seed %" PRIu64, experiment->data_seed);
}

static void write_model(FILE *out, const struct ns_experiment *experiment)
{
	fprintf(out,
		"<i>f</i>(<i>x</i>) = Σ<sub><i>j</i></sub> √λ<sub><i>j</i></sub> <i>a</i><sub><i>j</i></sub> "
		"act(<i>w</i><sub><i>j</i></sub>·<i>x</i>/√<i>d</i>), λ<sub><i>j</i></sub> = γ/<i>m</i> + (1 − γ) "
		"<i>j</i><sup>−1/α</sup> / Σ<sub><i>k</i></sub> <i>k</i><sup>−1/α</sup>; act is %s",
		ns_activation_names[experiment->activation]);
	if (experiment->activation == NS_LEAKY_RELU) {
		fputs(" with slope ", out);
		ns_html_value(out, experiment->leak);
	}
	fprintf(out, "; initial weights %s, standard deviation ", ns_initialisation_names[experiment->init]);
	ns_html_value(out, experiment->init_std);
}

static void write_training(FILE *out, const struct ns_experiment *experiment)
{
	ns_html_count(out, experiment->steps);
	fputs(" steps of full-batch gradient descent on the mean squared error, step size ", out);
	ns_html_value(out, experiment->step_size);
}

static void write_recorded(FILE *out, const struct ns_experiment *experiment, size_t n_train)
{
	fputs("every ", out);
	ns_html_count(out, experiment->record_every);
	fputs(" steps; kernel matrix Θ on ", out);
	ns_html_count(out, experiment->probes < n_train ? experiment->probes : n_train);
	fputs(" training samples", out);
	if (experiment->weights != NS_WEIGHTS_NONE)
		fputs(experiment->weights == NS_WEIGHTS_ENDS ? "; weights before and after training" : "; final weights", out);
}

static void write_whole(FILE *out, double value)
{
	ns_html_count(out, (uint64_t)value);
}

/* Whether the values are as far apart from each other, to what a spec's decimals leave. */
static bool is_even(const double *values, size_t n)
{
	const double apart = (values[n - 1] - values[0]) / (double)(n - 1);
	for (size_t v = 1; v < n; v++)
		if (fabs(values[v] - values[v - 1] - apart) > 1e-9 * fabs(values[n - 1]))
			return false;
	return true;
}

static void write_values(FILE *out, const double *values, size_t n, void (*write)(FILE *out, double value))
{
	if (n <= LISTED) {
		for (size_t v = 0; v < n; v++) {
			fputs(v > 0 ? ", " : "", out);
			write(out, values[v]);
		}
		return;
	}
	ns_html_count(out, n);
	fputs(" values from ", out);
	write(out, values[0]);
	fputs(" to ", out);
	write(out, values[n - 1]);
	if (is_even(values, n)) {
		fputs(", ", out);
		ns_html_value(out, (values[n - 1] - values[0]) / (double)(n - 1));
		fputs(" apart", out);
	}
}

static enum ns_status write_grid(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	static const struct {
		const char *name;
		double (*of)(const struct ns_point *point);
		void (*write)(FILE *out, double value);
	} keys[] = {{"γ", ns_gamma_of, ns_html_value}, {"α", ns_alpha_of, ns_html_value}, {"<i>m</i>", ns_m_of, write_whole},
		{"seed", ns_seed_of, write_whole}};
	fputs("<dl class=\"grid\">", out);
	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		size_t n;
		double *values = ns_page_values(page, keys[k].of, &n);
		if (values == NULL)
			return ns_error_memory(error, "the values of the grid", 8.0 * (double)page->n_points);
		fprintf(out, "<dt>%s</dt><dd>", keys[k].name);
		if (n > 0)
			write_values(out, values, n, keys[k].write);
		else
			fputs("without effect: all points have γ = 1", out);
		fputs("</dd>", out);
		ns_free(values);
	}
	fputs("</dl>", out);
	return NS_OK;
}

/* --- every parameter, from the table of all --- */

static void write_parameter_value(FILE *out, const struct ns_parameter *parameter, const void *value)
{
	const double *fractions = value;
	unsigned choice;
	switch (parameter->type) {
	case NS_TYPE_REAL:
		ns_html_value(out, *fractions);
		break;
	case NS_TYPE_COUNT:
		ns_html_count(out, *(const uint64_t *)value);
		break;
	case NS_TYPE_FLAG:
		fputs(*(const bool *)value ? "true" : "false", out);
		break;
	case NS_TYPE_CHOICE:
		memcpy(&choice, value, sizeof choice);
		fputs(parameter->choices[choice], out);
		break;
	case NS_TYPE_TEXT:
	case NS_TYPE_PATH:
	case NS_TYPE_SHA256:
		ns_html_text(out, value);
		break;
	case NS_TYPE_FRACTIONS:
		for (int f = 0; f < 3; f++) {
			fputs(f > 0 ? ", " : "", out);
			ns_html_value(out, fractions[f]);
		}
		break;
	}
}

static void write_parameters(FILE *out, const struct ns_experiment *experiment)
{
	static const struct ns_html_column columns[] = {{"key", NULL, true}, {"value", NULL, true}, {"meaning", NULL, true}};
	fputs("<details><summary>Every parameter</summary>\n", out);
	ns_html_table_open(out, "The keys of the spec that say what a point means", columns, sizeof columns / sizeof *columns,
		ns_parameter_count);
	for (size_t p = 0; p < ns_parameter_count; p++) {
		const struct ns_parameter *parameter = &ns_parameters[p];
		if (parameter->attribute == NULL || strcmp(parameter->section, "grid") == 0 ||
			!ns_parameter_applies(parameter, experiment))
			continue;
		fprintf(out, "<tr><td class=\"t\"><code>%s.%s</code><td class=\"t\">", parameter->section, parameter->name);
		write_parameter_value(out, parameter, (const char *)experiment + parameter->offset);
		fputs("<td class=\"t wide\">", out);
		ns_html_text(out, parameter->help);
		fputc('\n', out);
	}
	ns_html_table_close(out);
	fputs("</details>\n", out);
}

static enum ns_status write_run(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	struct ns_data data;
	const struct ns_experiment *experiment = ns_reader_experiment(page->reader);
	enum ns_status status = ns_reader_data(page->reader, &data, error);
	if (status != NS_OK)
		return status;
	fputs("<dl class=\"facts\">\n<dt>Data</dt><dd>", out);
	write_data(out, experiment, &data);
	fputs("</dd>\n<dt>Model</dt><dd>", out);
	write_model(out, experiment);
	fputs("</dd>\n<dt>Training</dt><dd>", out);
	write_training(out, experiment);
	fputs("</dd>\n<dt>Recorded</dt><dd>", out);
	write_recorded(out, experiment, data.train.n);
	fputs("</dd>\n<dt>Grid</dt><dd>", out);
	status = write_grid(page, out, error);
	fputs("</dd>\n</dl>\n", out);
	write_parameters(out, experiment);
	ns_data_finish(&data);
	return status;
}

/* --- the spec and the origin --- */

static enum ns_status write_spec(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	fputs("<p>As it was read: <code>nodescale run</code> with it makes these results again, to the last bit on the same type "
	      "of "
	      "machine.</p>\n<pre class=\"box\" tabindex=\"0\"><code>",
		out);
	ns_html_text(out, ns_reader_spec_text(page->reader));
	fputs("</code></pre>\n", out);
	return NS_OK;
}

static enum ns_status write_provenance(const struct ns_page *page, FILE *out, struct ns_error *error)
{
	const char *name;
	char text[32 << 10];
	fputs("<dl class=\"facts\">\n<dt>results file</dt><dd>", out);
	ns_html_text(out, page->source);
	fprintf(out,
		"</dd>\n<dt>digest</dt><dd><code>%016" PRIx64
		"</code>, of all results, as <code>nodescale verify</code> prints it</dd>\n<dt>training took</dt><dd>",
		page->digest);
	ns_html_number(out, page->seconds);
	fputs(" s, summed over the points</dd>\n", out);
	for (size_t item = 0; ns_reader_provenance(page->reader, item, &name, text, sizeof text); item++) {
		if (*text == 0)
			continue;
		fputs("<dt>", out);
		for (const char *letter = name; *letter != 0; letter++)
			fputc(*letter == '_' ? ' ' : *letter, out);
		fputs("</dt><dd>", out);
		ns_html_text(out, text);
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
	return NS_OK;
}

const struct ns_page_section ns_section_run = {"run", "What was run", NULL, write_run};
const struct ns_page_section ns_section_spec = {"spec", "The spec", NULL, write_spec};
const struct ns_page_section ns_section_provenance = {"provenance", "Provenance", NULL, write_provenance};
