/* OpenBLAS, held to one thread a call: our threads go over nodes and points, and a product's bits must not depend on their
 * number. */
#ifndef NODESCALE_BLAS_H
#define NODESCALE_BLAS_H

/* To be called before the first product of a run; repeating it costs nothing. */
void ns_blas_use_one_thread(void);

#endif
