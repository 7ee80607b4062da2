#include "kernels.h"

const struct ns_events_kernels *ns_events_kernels(enum ns_isa isa)
{
#ifdef __x86_64__
	if (isa == NS_ISA_AVX512)
		return &ns_events_kernels_avx512;
	if (isa == NS_ISA_AVX2)
		return &ns_events_kernels_avx2;
#endif
	return &ns_events_kernels_plain;
}
