/* The event engine's kernels: every variant against the definition, to the last bit. */
#include "../../src/core/events/kernels.h"
#include "test.h"
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/random.h>
#include <stdbool.h>
#include <string.h>

enum { MOST = 40 * NS_LANES, PAIRS = 50, ROWS = 20 };

/* Ordinary, huge, tiny, denormal, zero of both signs. */
static void fill(struct ns_stream *stream, double *v, size_t count, size_t live)
{
	static const double extremes[] = {0x1p500, 0x1p-500, 0x1p-1074, 0, 1, 1 + 0x1p-52};
	const bool extreme = ns_stream_below(stream, 3) == 0;
	for (size_t e = 0; e < count; e++) {
		v[e] = ns_stream_gaussian(stream);
		if (extreme && ns_stream_below(stream, 4) == 0)
			v[e] *= extremes[ns_stream_below(stream, 6)];
		if (e >= live)
			v[e] = 0;
	}
}

struct kernel_input {
	size_t n, vectors;
	double *row[7], *matrix, *tiles, *z, *c, *weight, *partial; /* rows of MOST; (MOST, MOST); per pair */
	uint64_t bits[ROWS][2 * MOST / 64];
	uint32_t start[MOST + 1], pair_row[PAIRS + NS_LANES];
};

struct kernel_output {
	double sums[8], lanes[2][NS_LANES], *product, *path, *df, *partial, *z, *gain, *segments, *sum, *low;
	uint32_t flipped[PAIRS + NS_LANES];
	uint64_t on[MOST / 64];
	size_t n_flipped;
	unsigned below;
	float least;
};

static void draw_input(struct ns_stream *stream, struct kernel_input *in)
{
	in->n = 1 + ns_stream_below(stream, MOST);
	in->vectors = (in->n + NS_LANES - 1) / NS_LANES;
	const size_t stride = in->vectors * NS_LANES, words = (in->n + 63) / 64;
	for (int r = 0; r < 7; r++)
		fill(stream, in->row[r], stride, in->n);
	for (size_t i = 0; i < in->n; i++)
		fill(stream, in->matrix + i * stride, stride, in->n);
	for (size_t i = 0; i < stride; i++)
		for (size_t k = 0; k < (i / NS_LANES + 1) * NS_LANES; k++)
			in->tiles[ns_tile_at(i, k)] = i < in->n ? in->matrix[i * stride + k] : 0;
	fill(stream, in->z, PAIRS, PAIRS);
	fill(stream, in->c, PAIRS, PAIRS);
	fill(stream, in->weight, PAIRS, PAIRS);
	fill(stream, in->partial, PAIRS * NS_LANES, PAIRS * NS_LANES);
	for (size_t r = 0; r < ROWS; r++)
		for (size_t w = 0; w < 2 * words; w++) {
			const uint64_t live = in->n % 64 != 0 && w % words == words - 1 ? (1ull << in->n % 64) - 1 : ~0ull;
			in->bits[r][w] = ns_stream_bits(stream) & live;
		}
	memset(in->start, 0, sizeof in->start);
	for (size_t p = 0; p < PAIRS; p++) {
		in->pair_row[p] = (uint32_t)ns_stream_below(stream, ROWS);
		in->start[1 + ns_stream_below(stream, in->n)]++;
	}
	for (size_t i = 0; i < in->n; i++)
		in->start[i + 1] += in->start[i];
}

static void apply(const struct ns_events_kernels *k, const struct kernel_input *in, bool leaky, struct kernel_output *out)
{
	const size_t words = (in->n + 63) / 64, bytes = in->vectors * NS_LANES * sizeof(double);
	const struct ns_look_rows rows = {.k = in->row[0],
		.k_low = in->row[6],
		.b = leaky ? in->row[1] : NULL,
		.b_low = leaky ? in->row[4] : NULL,
		.p = in->row[2],
		.p_low = in->row[5],
		.reference = in->row[3],
		.cold = in->bits[0] + words};
	const struct ns_hot_pairs pairs = {in->vectors, in->n, in->start, in->matrix, in->row[0], in->row[1],
		leaky ? in->row[3] : NULL, in->c, in->z, in->weight, in->pair_row, &in->bits[0][words], 2 * MOST / 64};
	float keys[NS_FANOUT] __attribute__((aligned(64)));
	for (int q = 0; q < NS_FANOUT; q++)
		keys[q] = (float)in->z[q];
	out->sums[0] = k->dot(in->n - 1, in->row[0] + 1, in->row[1]);
	out->sums[1] = k->residual(in->vectors, in->row[0], in->z[0], in->row[1]);
	k->look(in->vectors, &rows, out->sums + 2);
	k->look_closely(in->vectors, &rows, out->lanes);
	k->product(in->vectors, in->tiles, in->row[0], out->product);
	k->path(in->vectors, leaky ? in->row[1] : NULL, in->row[2], in->bits[0], in->z[0], leaky ? 0.01 : 0, out->path);
	memcpy(out->df, in->row[3], bytes);
	k->hot_spread(&pairs, out->partial, out->df);
	memcpy(out->z, in->z, PAIRS * sizeof(double));
	out->n_flipped = k->hot_advance(PAIRS, in->partial, in->c, out->z, out->gain, out->flipped);
	memcpy(out->sum, in->row[1], bytes);
	memcpy(out->low, in->row[2], bytes);
	k->accumulate(in->vectors, in->row[0], out->sum, out->low);
	k->signs(in->vectors, in->row[3], out->on);
	k->segment_sums(in->n, in->start, in->c, out->segments);
	out->below = k->below(keys, keys[3]);
	out->least = k->least(keys);
}

static void assert_same_output(const struct kernel_input *in, const struct kernel_output *a, const struct kernel_output *b)
{
	const size_t bytes = in->vectors * NS_LANES * sizeof(double);
	assert_memory_equal(a->sums, b->sums, 4 * sizeof(double));
	assert_memory_equal(a->lanes, b->lanes, sizeof a->lanes);
	assert_memory_equal(a->product, b->product, bytes);
	assert_memory_equal(a->path, b->path, bytes);
	assert_memory_equal(a->on, b->on, in->vectors);
	assert_memory_equal(a->sum, b->sum, bytes);
	assert_memory_equal(a->low, b->low, bytes);
	assert_memory_equal(a->df, b->df, bytes);
	assert_memory_equal(a->partial, b->partial, PAIRS * NS_LANES * sizeof(double));
	assert_memory_equal(a->z, b->z, PAIRS * sizeof(double));
	assert_memory_equal(a->gain, b->gain, PAIRS * sizeof(double));
	assert_memory_equal(a->segments, b->segments, in->n * sizeof(double));
	assert_int_equal(a->n_flipped, b->n_flipped);
	assert_memory_equal(a->flipped, b->flipped, a->n_flipped * sizeof *a->flipped);
	assert_int_equal(a->below, b->below);
	assert_memory_equal(&a->least, &b->least, sizeof(float));
}

__extension__ typedef __float128 quadruple;

/* look_closely against sums in 113 bits: with two words of 53 what is lost is some n units of the 106th place of the terms. */
static void close_looks_have_two_words(void **unused)
{
	enum { N = 100, WORDS = 2 };
	double *block = ns_alloc(6 * MOST, sizeof *block), *k = block, *b = k + 2 * MOST, *p = b + 2 * MOST;
	uint64_t cold[WORDS];
	struct ns_stream stream;
	ns_stream_start(&stream, 91, NS_PURPOSE_TEST_SUITE, 0);
	for (size_t e = 0; e < N; e++)
		for (int v = 0; v < 3; v++) {
			block[(size_t)v * 2 * MOST + e] = ns_stream_gaussian(&stream) * (v == 0 ? 1 : 1000);
			block[(size_t)(v * 2 + 1) * MOST + e] =
				0x1p-54 * ns_stream_uniform(&stream) * block[(size_t)v * 2 * MOST + e];
		}
	for (int word = 0; word < WORDS; word++)
		cold[word] = ns_stream_bits(&stream);
	const struct ns_look_rows rows = {
		.k = k, .k_low = k + MOST, .b = b, .b_low = b + MOST, .p = p, .p_low = p + MOST, .reference = p, .cold = cold};
	quadruple expected = 0, scale = 0;
	for (size_t e = 0; e < N; e++) {
		const bool on = cold[e / 64] >> e % 64 & 1;
		const quadruple path = (quadruple)b[e] + b[e + MOST] + (on ? (quadruple)p[e] + p[e + MOST] : 0);
		expected += ((quadruple)k[e] + k[e + MOST]) * path;
		scale += fabs(k[e]) * (fabs(b[e]) + fabs(p[e]));
	}
	double lanes[2][NS_LANES];
	ns_events_kernels(ns_isa_best())->look_closely((N + NS_LANES - 1) / NS_LANES, &rows, lanes);
	for (size_t l = 0; l < NS_LANES; l++)
		expected -= (quadruple)lanes[0][l] + lanes[1][l];
	assert_true(fabs((double)(expected / scale)) <= N * 0x1p-106);
	ns_free(block);
}

static void kernels_agree_to_the_last_bit(void **unused)
{
	double *block = ns_alloc(2 * MOST * MOST + 40 * MOST + 80 * NS_LANES * PAIRS, sizeof *block), *at = block;
	struct kernel_input in;
	struct kernel_output out[2];
	struct ns_stream stream;
	in.matrix = at;
	in.tiles = at += MOST * MOST;
	at += MOST * MOST;
	for (int r = 0; r < 7; r++, at += MOST)
		in.row[r] = at;
	double **const of_pairs[] = {&in.z, &in.c, &in.weight, &in.partial, &out[0].partial, &out[0].z, &out[0].gain,
		&out[1].partial, &out[1].z, &out[1].gain};
	for (size_t b = 0; b < sizeof of_pairs / sizeof *of_pairs; b++, at += (PAIRS + NS_LANES) * NS_LANES)
		*of_pairs[b] = at;
	double **const of_samples[] = {&out[0].product, &out[0].path, &out[0].df, &out[0].segments, &out[0].sum, &out[0].low,
		&out[1].product, &out[1].path, &out[1].df, &out[1].segments, &out[1].sum, &out[1].low};
	for (size_t b = 0; b < sizeof of_samples / sizeof *of_samples; b++, at += MOST)
		*of_samples[b] = at;
	ns_stream_start(&stream, 90, NS_PURPOSE_TEST_SUITE, 0);
	for (int round = 0; round < 60; round++) {
		draw_input(&stream, &in);
		apply(ns_events_kernels(NS_ISA_PLAIN), &in, round % 2, &out[0]);
		for (int isa = NS_ISA_AVX2; isa <= (int)ns_isa_best(); isa++) {
			apply(ns_events_kernels((enum ns_isa)isa), &in, round % 2, &out[1]);
			assert_same_output(&in, &out[0], &out[1]);
		}
	}
	ns_free(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_agree_to_the_last_bit),
		cmocka_unit_test(close_looks_have_two_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
