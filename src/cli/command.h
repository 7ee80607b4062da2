/* A subcommand: one file each. */
#ifndef NODESCALE_COMMAND_H
#define NODESCALE_COMMAND_H

#include <nodescale/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ns_command {
	const char *name, *summary; /* summary: one line of `nodescale --help` */
	const char *help;           /* the whole text of `nodescale NAME --help` */
	bool parallel; /* run with MPI initialised, on every rank; the others run on rank 0 alone when mpirun starts them */
	void (*prepare)(void); /* before MPI is initialised; NULL: nothing */
	/* argv[0] is the command's name. Returns the exit code's status; all ranks of a parallel
	 * command return the same. main prints the error, once. */
	enum ns_status (*run)(int argc, char **argv, struct ns_error *error);
};

extern const struct ns_command ns_bench_command, ns_export_command, ns_figures_command, ns_merge_command, ns_plan_command,
	ns_prune_command, ns_report_command, ns_run_command, ns_status_command, ns_theory_command, ns_transfer_command,
	ns_verify_command;

/* --- what commands share (options.c) --- */

struct option;

/* getopt_long for commands: options and operands may be mixed. Returns the option's val, -1 at the end, or '?' after filling
 * error with what is wrong and where help is. *operand takes the one operand (NULL if none); a second one is an error. With
 * operand NULL any number is taken: each comes as 1, in optarg. */
int ns_next_option(
	int argc, char **argv, const char *letters, const struct option *options, const char **operand, struct ns_error *error);

/* All that export and report take: one operand and -o FILE; NULL where not given. */
enum ns_status ns_read_operand_and_output(
	int argc, char **argv, const char **operand, const char **output, struct ns_error *error);

/* A whole number of at least `least`; what names the option in the error. */
enum ns_status ns_parse_count(const char *text, const char *what, long least, long *value, struct ns_error *error);

/* A time span as people and Slurm write it, in seconds: 90, 90s, 15m, 2h, 1d; MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS. */
enum ns_status ns_parse_duration(const char *text, const char *what, double *seconds, struct ns_error *error);

/* NS_BAD_INPUT if there is no operand: "nodescale NAME: no FILE.h5 given". */
enum ns_status ns_need_operand(const char *operand, const char *command, const char *kind, struct ns_error *error);

/* Writes path with print: under a temporary name first, so that a file that exists is whole. NS_BAD_INPUT if it cannot be made.
 */
enum ns_status ns_write_file(const char *path, enum ns_status (*print)(void *what, FILE *out, struct ns_error *error), void *what,
	struct ns_error *error);

/* The command line, as provenance. */
void ns_join_arguments(int argc, char **argv, char *to, size_t size);

struct ns_engine;
/* *engine NULL for "auto". */
enum ns_status ns_parse_engine(const char *name, const struct ns_engine **engine, struct ns_error *error);

/* The name of path's file without its folder and without `ending`, plus `new_ending`; to[size] is cut if need be. */
void ns_derive_name(const char *path, const char *ending, const char *new_ending, char *to, size_t size);

#endif
