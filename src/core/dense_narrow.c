#include "dense_narrow.h"

extern ns_narrow_pass ns_narrow_pass_plain;
#ifdef __x86_64__
extern ns_narrow_pass ns_narrow_pass_avx2, ns_narrow_pass_avx512;
#endif

ns_narrow_pass *ns_narrow_pass_for(enum ns_isa isa)
{
#ifdef __x86_64__
	if (isa == NS_ISA_AVX512)
		return ns_narrow_pass_avx512;
	if (isa == NS_ISA_AVX2)
		return ns_narrow_pass_avx2;
#endif
	return ns_narrow_pass_plain;
}
