#include <nodescale/isa.h>
#include <stddef.h>

const char *const ns_isa_names[] = {"plain", "avx2", "avx512", NULL};

enum ns_isa ns_isa_best(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl"))
		return NS_ISA_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return NS_ISA_AVX2;
#endif
	return NS_ISA_PLAIN;
}
