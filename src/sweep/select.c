#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/number.h>
#include <nodescale/select.h>
#include <stdlib.h>
#include <string.h>

enum ns_status ns_share_parse(struct ns_share *part, const char *text, struct ns_error *error)
{
	uint64_t number = 0, count = 0;
	const char *slash = strchr(text, '/');
	char digits[32] = "";
	if (slash != NULL && (size_t)(slash - text) < sizeof digits)
		memcpy(digits, text, (size_t)(slash - text));
	if (slash == NULL || ns_number_count(digits, strlen(digits), &number) != NS_NUMBER_OK ||
		ns_number_count(slash + 1, strlen(slash + 1), &count) != NS_NUMBER_OK || number < 1 || number > count)
		return ns_error_set(
			error, NS_BAD_INPUT, "--part is '%s' but must be K/N: part K, from 1 to N, of N, such as 1/4", text);
	*part = (struct ns_share){number, count};
	return NS_OK;
}

struct dealt {
	struct ns_point point;
	size_t index;
};

static int compare_reals(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b);
}

/* No two points of a sweep are equal. */
static int by_parameters(const void *a, const void *b)
{
	const struct ns_point *p = &((const struct dealt *)a)->point, *q = &((const struct dealt *)b)->point;
	if (p->m != q->m)
		return p->m > q->m ? 1 : -1;
	int order = compare_reals(p->gamma, q->gamma);
	if (order == 0)
		order = compare_reals(p->alpha, q->alpha);
	return order != 0 ? order : (p->seed > q->seed) - (p->seed < q->seed);
}

enum ns_status ns_share_select(
	struct ns_share part, const struct ns_point *points, size_t n_points, bool *selected, struct ns_error *error)
{
	struct dealt *dealt = ns_alloc(n_points, sizeof *dealt);
	if (dealt == NULL)
		return ns_error_memory(error, "the parts of a sweep", (double)sizeof *dealt * (double)n_points);
	for (size_t p = 0; p < n_points; p++)
		dealt[p] = (struct dealt){points[p], p};
	qsort(dealt, n_points, sizeof *dealt, by_parameters);
	for (size_t k = 0; k < n_points; k++)
		selected[dealt[k].index] = k % part.count == part.number - 1;
	ns_free(dealt);
	return NS_OK;
}
