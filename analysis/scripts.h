/* The gnuplot scripts of this folder, built into the program (embed.py): it finds them wherever it is run from, installed or not,
 * and they always fit the tables it writes. */
#ifndef NODESCALE_ANALYSIS_SCRIPTS_H
#define NODESCALE_ANALYSIS_SCRIPTS_H

struct ns_script {
	const char *name, *text; /* name of the file, without folder */
};

extern const struct ns_script ns_scripts[]; /* ends with name NULL */

#endif
