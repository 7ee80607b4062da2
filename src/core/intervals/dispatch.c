#include "kernels.h"

extern const struct ns_interval_kernels ns_interval_kernels_plain_4, ns_interval_kernels_plain_8, ns_interval_kernels_plain_16;
#ifdef __x86_64__
extern const struct ns_interval_kernels ns_interval_kernels_avx2_4, ns_interval_kernels_avx2_8, ns_interval_kernels_avx2_16;
extern const struct ns_interval_kernels ns_interval_kernels_avx512_4, ns_interval_kernels_avx512_8, ns_interval_kernels_avx512_16;
#endif

static const struct ns_interval_kernels *const tables[NS_ISA_COUNT][3] = {
	[NS_ISA_PLAIN] = {&ns_interval_kernels_plain_4, &ns_interval_kernels_plain_8, &ns_interval_kernels_plain_16},
#ifdef __x86_64__
	[NS_ISA_AVX2] = {&ns_interval_kernels_avx2_4, &ns_interval_kernels_avx2_8, &ns_interval_kernels_avx2_16},
	[NS_ISA_AVX512] = {&ns_interval_kernels_avx512_4, &ns_interval_kernels_avx512_8, &ns_interval_kernels_avx512_16},
#endif
};

const struct ns_interval_kernels *ns_interval_kernels(enum ns_isa isa, size_t d)
{
	return tables[isa][d <= 4 ? 0 : d <= 8 ? 1 : 2];
}
