/* What all points of a sweep share: the physical parameters of the spec outside its grid. The table in parameter.h describes each
 * field. */
#ifndef NODESCALE_EXPERIMENT_H
#define NODESCALE_EXPERIMENT_H

#include <nodescale/activation.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NS_TEXT_LENGTH = 1024 }; /* of names and paths, with the final 0 */

enum ns_data_kind {
	NS_DATA_SPHERE_SINE,   /* x uniform on the unit sphere of R^d */
	NS_DATA_GAUSSIAN_SINE, /* x ~ N(0, I_d / d), so that E|x|^2 = 1 */
	NS_DATA_CUBE_SINE,     /* x uniform on [-s, s]^d, s = sqrt(3/d), so that E|x|^2 = 1 */
	NS_DATA_CSV,
};

enum ns_initialisation {
	NS_INIT_GAUSSIAN,   /* w_j ~ N(0, s^2 I_d) */
	NS_INIT_UNIFORM,    /* entries uniform on +-s sqrt(3): the same variance */
	NS_INIT_ORTHOGONAL, /* blocks of d nodes: s sqrt(d) times the rows of a Haar orthogonal matrix */
	NS_INIT_SPHERE,     /* w_j uniform on the sphere of radius s sqrt(d) */
};

enum ns_weights_kept { NS_WEIGHTS_NONE, NS_WEIGHTS_FINAL, NS_WEIGHTS_ENDS };

extern const char *const ns_data_kind_names[], *const ns_initialisation_names[],
						       *const ns_weights_kept_names[]; /* NULL-terminated */

struct ns_experiment {
	char name[NS_TEXT_LENGTH];
	/* data */
	enum ns_data_kind data_kind;
	uint64_t n_train, n_test, d; /* of the synthetic kinds; csv: from the file */
	double noise;                /* standard deviation added to the target */
	uint64_t data_seed;
	char file[NS_TEXT_LENGTH];               /* csv: path, already resolved against the spec's folder */
	char sha256[NS_TEXT_LENGTH];             /* csv: what file must have, in hexadecimal, or empty */
	char target[NS_TEXT_LENGTH];             /* csv: "last", a column's name, or its number from 1 */
	char permutation[NS_TEXT_LENGTH];        /* csv: path of a permutation file, or empty */
	char permutation_sha256[NS_TEXT_LENGTH]; /* csv: what that file must have, or empty */
	uint64_t permutation_seed;               /* csv: used where permutation is empty */
	double split[3];  /* csv: fractions train, validation, test; sizes of the first two rounded down, test gets fraction or
			     rest */
	bool standardise; /* csv: x and y by training mean and std (ddof 0) */
	/* model */
	enum ns_activation activation;
	double leak;
	enum ns_initialisation init;
	double init_std;
	/* train */
	double step_size;
	uint64_t steps;
	/* record */
	uint64_t record_every, probes;
	enum ns_weights_kept weights;
};

/* Recorded steps are 0, every, 2 every, .. and the last step, be it a multiple or not. */
size_t ns_record_count(const struct ns_experiment *experiment);
uint64_t ns_record_step(const struct ns_experiment *experiment, size_t record);

#endif
