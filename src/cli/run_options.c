#include "run_options.h"
#include "command.h"
#include <getopt.h>
#include <math.h>
#include <string.h>

const char ns_run_help[] =
	"usage: nodescale run SPEC.yaml [-o FILE.h5] [OPTION..]      alone or under mpirun\n\n"
	"Trains every point of the spec's grid that FILE.h5 does not hold yet, and writes each as soon as it is done. Started\n"
	"again it continues: only missing points run. Results do not depend on the number of ranks or threads, nor on\n"
	"interruptions.\n\n"
	"  -o, --output FILE.h5   results file; default: the spec's name with .h5, in the current folder\n"
	"      --engine NAME      auto (default: by counted operations), events, intervals, dense or reference\n"
	"      --threads K        threads of each rank; default: the cores it may use\n"
	"      --isa NAME         vector instructions: avx512, avx2 or plain; default: the best this processor has\n"
	"      --audit            check every sign and output from scratch at each recorded step (slow)\n\n"
	"Which points:\n" NS_CHOICE_HELP "\n"
	"Stopping and going on:\n"
	"      --time-limit T     stop in good order so as to have ended after T: 90 or 90s, 15m, 2h, or as Slurm writes it:\n"
	"                         12:00:00, 1-12:00:00\n"
	"      --checkpoint-every T   save the state of points that take longer, each after every T of training; default 10m.\n"
	"                         0: save none, and drop what is in flight at a stop\n"
	"      --wait T           wait that long if another run is writing FILE.h5; default 0: refuse at once\n"
	"  -h, --help             this text\n\n"
	"SIGTERM, SIGINT or SIGUSR1 at any rank stop all of them in good order: points in flight are saved in\n"
	"FILE.h5.checkpoints, exit code 75, and the same command goes on from there. A second SIGTERM or SIGINT does not wait\n"
	"for the saving. A point that was in flight at two deaths of the program (kill -9, power, a crash) is set aside as\n"
	"crashed and left out until --retry crashed; a stop in good order is no death. FILE.h5.lock keeps a second run out.\n";

static enum ns_status parse_isa(const char *name, enum ns_isa *isa, struct ns_error *error)
{
	for (int i = 0; i < NS_ISA_COUNT; i++)
		if (strcmp(name, ns_isa_names[i]) == 0 && (enum ns_isa)i <= ns_isa_best()) {
			*isa = (enum ns_isa)i;
			return NS_OK;
		}
	return ns_error_set(error, NS_BAD_INPUT, "--isa is '%s' but must be plain%s%s: what this processor runs", name,
		ns_isa_best() >= NS_ISA_AVX2 ? ", avx2" : "", ns_isa_best() >= NS_ISA_AVX512 ? ", avx512" : "");
}

static enum ns_status parse_option(int letter, struct ns_run_options *o, struct ns_error *error)
{
	enum ns_status status;
	switch (letter) {
	case 'o':
		o->output = optarg;
		return NS_OK;
	case 'e':
		return ns_parse_engine(optarg, &o->engine, error);
	case 't':
		return ns_parse_count(optarg, "--threads", 1, &o->threads, error);
	case 'i':
		return parse_isa(optarg, &o->isa, error);
	case 'a':
		o->audit = true;
		return NS_OK;
	case 'r':
		return ns_parse_retry(optarg, &o->choice, error);
	case 'f':
		return ns_filter_parse(&o->choice.filter, optarg, "--only", error);
	case 'p':
		return ns_share_parse(&o->choice.share, optarg, error);
	case 'l':
		return ns_parse_duration(optarg, "--time-limit", &o->time_limit, error);
	case 'c':
		status = ns_parse_duration(optarg, "--checkpoint-every", &o->checkpoint_seconds, error);
		if (status == NS_OK && o->checkpoint_seconds == 0)
			o->checkpoint_seconds = INFINITY;
		return status;
	case 'w':
		return ns_parse_duration(optarg, "--wait", &o->lock_seconds, error);
	case 'd':
		o->discard = true;
		return NS_OK;
	default:
		return error->status; /* filled by ns_next_option */
	}
}

enum ns_status ns_run_parse_options(int argc, char **argv, struct ns_run_options *o, struct ns_error *error)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
		{"engine", required_argument, NULL, 'e'}, {"threads", required_argument, NULL, 't'},
		{"isa", required_argument, NULL, 'i'}, {"audit", no_argument, NULL, 'a'}, {"retry", required_argument, NULL, 'r'},
		{"only", required_argument, NULL, 'f'}, {"part", required_argument, NULL, 'p'},
		{"time-limit", required_argument, NULL, 'l'}, {"checkpoint-every", required_argument, NULL, 'c'},
		{"wait", required_argument, NULL, 'w'}, {"discard", no_argument, NULL, 'd'} /* not in --help */, {0}};
	*o = (struct ns_run_options){.isa = ns_isa_best(), .time_limit = INFINITY, .checkpoint_seconds = 600};
	for (int letter; (letter = ns_next_option(argc, argv, "-:o:", options, &o->spec_path, error)) != -1;) {
		const enum ns_status status = parse_option(letter, o, error);
		if (status != NS_OK)
			return status;
	}
	return ns_need_operand(o->spec_path, "run", "SPEC.yaml", error);
}
