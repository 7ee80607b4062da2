/* What `nodescale run` was asked for. */
#ifndef NODESCALE_RUN_OPTIONS_H
#define NODESCALE_RUN_OPTIONS_H

#include "choice.h"
#include <nodescale/engine.h>

struct ns_run_options {
	const char *spec_path, *output; /* output NULL: after the spec */
	const struct ns_engine *engine; /* NULL: auto */
	long threads;                   /* 0: the cores there are */
	enum ns_isa isa;
	bool audit;
	struct ns_choice choice;
	double time_limit;         /* seconds; INFINITY: none */
	double checkpoint_seconds; /* INFINITY: no checkpoints */
	double lock_seconds;       /* to wait for another run to end */
	bool discard;              /* for measuring: trains, and writes nothing */
};

extern const char ns_run_help[];

enum ns_status ns_run_parse_options(int argc, char **argv, struct ns_run_options *options, struct ns_error *error);

#endif
