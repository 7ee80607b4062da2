/* Vector instruction sets. Kernels come in plain C, which is the definition, and in faster variants with the same bits. */
#ifndef NODESCALE_ISA_H
#define NODESCALE_ISA_H

enum ns_isa {
	NS_ISA_PLAIN,
	NS_ISA_AVX2,   /* AVX2 and FMA */
	NS_ISA_AVX512, /* AVX-512 F, DQ, BW and VL */
	NS_ISA_COUNT
};

extern const char *const ns_isa_names[]; /* "plain", "avx2", "avx512"; NULL-terminated */

/* The best this processor and operating system run. */
enum ns_isa ns_isa_best(void);

#endif
