/* Filters and parts of a sweep. */
#include "test.h"
#include <math.h>
#include <nodescale/select.h>
#include <string.h>

static const struct ns_point points[] = {{1, NAN, 100, 0}, {1, NAN, 100, 1}, {0.5, 0.7, 100, 0}, {0.5, 0.7, 200, 1},
	{0.2, 0.5, 200, 18446744073709551615ull}, {0, 0.4, 1000, 7}};
enum { POINTS = sizeof points / sizeof *points };

static void filters_accept_what_they_say(void **unused)
{
	static const struct {
		const char *text, *accepted; /* one letter a point */
	} cases[] = {{"gamma<0.5", "....xx"}, {"gamma <= 0.5", "..xxxx"}, {"gamma>0.5", "xx...."}, {"gamma>=.5", "xxxx.."},
		{"gamma == 5e-1", "..xx.."}, {"gamma!=1", "..xxxx"}, {"m >= 200 and seed<2", "...x.."},
		{"m>=200,seed<2", "...x.."}, {" m==100 , gamma==1and seed==1", ".x...."}, {"alpha<1", "..xxxx"},
		{"alpha!=0.7", "....xx"}, {"alpha>0.45", "..xxx."}, {"seed==18446744073709551615", "....x."},
		{"seed==18446744073709551614", "......"}, {"m<1e3", "xxxxx."}, {"gamma>-1", "xxxxxx"}};
	struct ns_filter filter;
	struct ns_error error;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		char accepted[POINTS + 1] = "";
		assert_int_equal(ns_filter_parse(&filter, cases[c].text, "--only", &error), NS_OK);
		for (size_t p = 0; p < POINTS; p++)
			accepted[p] = ns_filter_accepts(&filter, &points[p]) ? 'x' : '.';
		if (strcmp(accepted, cases[c].accepted) != 0)
			fail_msg("%s: accepts %s, expected %s", cases[c].text, accepted, cases[c].accepted);
	}
}

static void anything_else_is_refused_with_its_place(void **unused)
{
	static const struct {
		const char *text, *message;
	} cases[] = {{"", "ends where gamma, alpha, m or seed is expected"},
		{"beta<1", "character 1: 'beta<1' stands where gamma, alpha, m or seed"},
		{"gamma=1", "character 6: '=1' stands where <, <=, >, >=, == or !="}, {"gamma", "ends where <"},
		{"gamma < high", "character 9: 'high' stands where a number"}, {"gamma<", "ends where a number"},
		{"m<0x10", "character 4: 'x10' stands where 'and' or a comma"},
		{"m<1e", "character 3: '1e' stands where a number"},
		{"m<10 or m>20", "character 6: 'or m>20' stands where 'and'"}, {"m<10 and", "ends where gamma"},
		{"m<10,,m>1", "character 6: ',m>1' stands where gamma"}, {"0.5<gamma", "character 1: "},
		{"m<1 android", "character 5: 'android'"}, {"m<nan", "character 3: 'nan'"},
		{"m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1,m>1", "more than 16"}};
	struct ns_filter filter;
	struct ns_error error;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		assert_int_equal(ns_filter_parse(&filter, cases[c].text, "--only", &error), NS_BAD_INPUT);
		if (strstr(error.text, cases[c].message) == NULL)
			fail_msg("%s: %s", cases[c].text, error.text);
	}
}

static void parts_hold_every_point_once_whatever_the_order(void **unused)
{
	enum { GRID = 4 * 7, PARTS = 5 };
	struct ns_point grid[GRID], reversed[GRID];
	bool selected[GRID], of_reversed[GRID];
	struct ns_error error;
	for (size_t p = 0; p < GRID; p++)
		grid[p] = (struct ns_point){p / 7 == 3 ? 1 : 0.25 * (double)(p / 7), p / 7 == 3 ? NAN : 0.5, 100, p % 7};
	for (size_t p = 0; p < GRID; p++)
		reversed[p] = grid[GRID - 1 - p];
	int times[GRID] = {0};
	for (size_t k = 1; k <= PARTS; k++) {
		int size = 0, lazy = 0;
		assert_int_equal(ns_share_select((struct ns_share){k, PARTS}, grid, GRID, selected, &error), NS_OK);
		assert_int_equal(ns_share_select((struct ns_share){k, PARTS}, reversed, GRID, of_reversed, &error), NS_OK);
		for (size_t p = 0; p < GRID; p++) {
			times[p] += selected[p];
			size += selected[p];
			lazy += selected[p] && grid[p].gamma == 1;
			assert_int_equal(selected[p], of_reversed[GRID - 1 - p]);
		}
		assert_true(size == GRID / PARTS || size == GRID / PARTS + 1);
		assert_true(lazy == 1 || lazy == 2);
	}
	for (size_t p = 0; p < GRID; p++)
		assert_int_equal(times[p], 1);
}

static void parts_are_read(void **unused)
{
	static const char *const wrong[] = {"", "1", "0/4", "5/4", "1/0", "/", "1/", "/4", "-1/4", "1/4/2", "1 / 4", "a/b"};
	struct ns_share part;
	struct ns_error error;
	assert_int_equal(ns_share_parse(&part, "4/4", &error), NS_OK);
	assert_true(part.number == 4 && part.count == 4);
	for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
		assert_int_equal(ns_share_parse(&part, wrong[w], &error), NS_BAD_INPUT);
		assert_non_null(strstr(error.text, "must be K/N"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_accept_what_they_say),
		cmocka_unit_test(anything_else_is_refused_with_its_place),
		cmocka_unit_test(parts_hold_every_point_once_whatever_the_order),
		cmocka_unit_test(parts_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
