#include <math.h>
#include <nodescale/problem.h>
#include <nodescale/random.h>

void ns_node_scaling(double gamma, double alpha, size_t m, double *lambda)
{
	double zipf_sum = 0;
	if (gamma < 1)
		for (size_t j = m; j-- > 0;) { /* smallest first: the sum loses least */
			lambda[j] = pow((double)(j + 1), -1 / alpha);
			zipf_sum += lambda[j];
		}
	for (size_t j = 0; j < m; j++) {
		const double asymmetric = gamma < 1 ? (1 - gamma) * (lambda[j] / zipf_sum) : 0;
		lambda[j] = nearbyint((gamma / (double)m + asymmetric) * 0x1p51) * 0x1p-51;
	}
}

void ns_output_signs(uint64_t seed, size_t m, double *sign)
{
	for (size_t j = 0; j < m; j++) {
		struct ns_stream stream;
		ns_stream_start(&stream, seed, NS_PURPOSE_OUTPUT_SIGNS, j);
		sign[j] = ns_stream_bits(&stream) >> 63 ? 1 : -1;
	}
}
