#include <Random123/philox.h>
#include <math.h>
#include <nodescale/random.h>
#include <string.h>

void ns_stream_start(struct ns_stream *stream, uint64_t seed, enum ns_purpose purpose, uint64_t index)
{
	*stream = (struct ns_stream){.key = {seed, (uint64_t)purpose}, .counter = {0, index}, .used = 4};
}

uint64_t ns_stream_bits(struct ns_stream *stream)
{
	if (stream->used == 4) {
		philox4x64_ctr_t counter = {{stream->counter[0], stream->counter[1], 0, 0}};
		philox4x64_key_t key = {{stream->key[0], stream->key[1]}};
		counter = philox4x64(counter, key);
		memcpy(stream->drawn, counter.v, sizeof stream->drawn);
		stream->counter[0]++;
		stream->used = 0;
	}
	return stream->drawn[stream->used++];
}

double ns_stream_uniform(struct ns_stream *stream)
{
	return ((double)(ns_stream_bits(stream) >> 11) + 0.5) * 0x1p-53;
}

double ns_stream_gaussian(struct ns_stream *stream)
{
	if (stream->has_spare) {
		stream->has_spare = 0;
		return stream->spare;
	}
	const double radius = sqrt(-2 * log(ns_stream_uniform(stream)));
	double sine, cosine;
	sincos(2 * M_PI * ns_stream_uniform(stream), &sine, &cosine);
	stream->spare = radius * sine;
	stream->has_spare = 1;
	return radius * cosine;
}

uint64_t ns_stream_below(struct ns_stream *stream, uint64_t bound)
{
	/* Bits below 2^64 mod bound are drawn again: what is left is a whole number of copies of 0 .. bound-1. */
	const uint64_t rejected = -bound % bound;
	uint64_t bits;
	do
		bits = ns_stream_bits(stream);
	while (bits < rejected);
	return bits % bound;
}
