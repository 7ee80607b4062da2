/* Locks between processes, with the kernel's help and without. */
#include "test.h"
#include <errno.h>
#include <fcntl.h>
#include <nodescale/lock.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char path[] = "results.h5", lock_path[] = "results.h5.lock";
static bool no_locks;       /* the file system has none */
static bool removes_before; /* the next lock is granted just after its file was removed by who held it before */

/* In the place of the C library's, for the whole program. */
int fcntl64(int file, int command, ...)
{
	va_list arguments;
	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	if (removes_before && command == F_OFD_SETLK) {
		removes_before = false;
		assert_int_equal(unlink(lock_path), 0);
	}
	if (no_locks && (command == F_OFD_SETLK || command == F_OFD_GETLK)) {
		errno = ENOLCK;
		return -1;
	}
	return (int)syscall(SYS_fcntl, file, command, argument);
}

static struct ns_lock_patience patience(double seconds)
{
	return (struct ns_lock_patience){.seconds = seconds};
}

/* A child that holds the lock until it is killed. */
static pid_t start_holder(void)
{
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	const pid_t child = fork();
	if (child == 0) {
		struct ns_lock *lock;
		struct ns_error error;
		const struct ns_lock_patience p = patience(5);
		if (ns_lock_take(&lock, path, &p, &error) != NS_OK || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void kill_holder(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void read_log(FILE *stream, char *to, size_t size)
{
	rewind(stream);
	to[fread(to, 1, size - 1, stream)] = 0;
}

static void second_is_refused_and_a_dead_one_taken_over(void **unused)
{
	struct ns_lock *lock;
	struct ns_error error;
	struct ns_log log;
	char pid[64], text[2048], holder[512];
	struct ns_lock_patience p = patience(0);
	FILE *stream = tmpfile();
	const pid_t child = start_holder();
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_FAILED);
	snprintf(pid, sizeof pid, "process %ld, since 2", (long)child);
	assert_non_null(strstr(error.text, "results.h5 is being written by another run: host "));
	assert_non_null(strstr(error.text, pid));
	assert_true(ns_lock_is_held(path, holder, sizeof holder));
	assert_non_null(strstr(holder, pid));

	ns_log_init(&log, stream, 0, 1);
	p.log = &log;
	kill_holder(child);
	assert_false(ns_lock_is_held(path, holder, sizeof holder));
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_OK);
	read_log(stream, text, sizeof text);
	assert_non_null(strstr(text, "taken over from a run that has died"));
	assert_non_null(strstr(text, pid));
	assert_true((strstr(text, "has no locks") != NULL) == no_locks);
	ns_lock_release(lock);
	assert_int_not_equal(access(lock_path, F_OK), 0);
	fclose(stream);
}

static void waiting_ends_with_the_holder(void **unused)
{
	struct ns_lock *lock;
	struct ns_error error;
	const struct ns_lock_patience p = patience(20);
	const double started = ns_log_clock();
	const pid_t child = start_holder(), killer = fork();
	if (killer == 0) {
		usleep(500000);
		kill(child, SIGKILL);
		_exit(0);
	}
	/* a dead child that nobody has waited for still has a number: it must not count as alive */
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_OK);
	assert_true(ns_log_clock() - started >= 0.4 && ns_log_clock() - started < 10);
	ns_lock_release(lock);
	waitpid(child, NULL, 0);
	waitpid(killer, NULL, 0);
}

static void waiting_ends_with_a_stop(void **unused)
{
	struct ns_lock *lock;
	struct ns_error error;
	const volatile sig_atomic_t stop = 1;
	struct ns_lock_patience p = patience(20);
	p.stop = &stop;
	const pid_t child = start_holder();
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_STOPPED);
	kill_holder(child);
	unlink(lock_path);
}

/* Processes that take and release in a hurry: an unlocked counter in a file loses nothing. */
static void never_two_at_once(void **unused)
{
	enum { PROCESSES = 4, ROUNDS = 100 };
	pid_t children[PROCESSES];
	int count = 0;
	const int file = open("counter", O_RDWR | O_CREAT, 0600);
	const int rounds = no_locks ? 2 : ROUNDS;
	assert_int_equal(pwrite(file, &count, sizeof count, 0), sizeof count);
	for (int c = 0; c < PROCESSES; c++) {
		children[c] = fork();
		for (int round = 0; children[c] == 0 && round < rounds; round++) {
			struct ns_lock *lock;
			struct ns_error error;
			const struct ns_lock_patience p = patience(50);
			if (ns_lock_take(&lock, path, &p, &error) != NS_OK)
				_exit(1);
			if (pread(file, &count, sizeof count, 0) != sizeof count)
				_exit(2);
			count++;
			usleep(100);
			if (pwrite(file, &count, sizeof count, 0) != sizeof count)
				_exit(3);
			ns_lock_release(lock);
		}
		if (children[c] == 0)
			_exit(0);
	}
	for (int c = 0; c < PROCESSES; c++) {
		int status;
		waitpid(children[c], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(pread(file, &count, sizeof count, 0), sizeof count);
	assert_int_equal(count, PROCESSES * rounds);
	close(file);
	unlink("counter");
	assert_int_not_equal(access(lock_path, F_OK), 0);
}

static void a_file_that_was_removed_meanwhile_is_no_lock(void **unused)
{
	struct ns_lock *lock, *second;
	struct ns_error error;
	const struct ns_lock_patience p = patience(0);
	char holder[512];
	removes_before = true;
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_OK);
	assert_false(removes_before);
	assert_true(ns_lock_is_held(path, holder, sizeof holder));
	assert_int_equal(ns_lock_take(&second, path, &p, &error), NS_FAILED);
	ns_lock_release(lock);
}

/* Without locks another host is alive for as long as it gives signs of life. */
static void other_hosts_are_judged_by_their_signs_of_life(void **unused)
{
	struct ns_lock *lock;
	struct ns_error error;
	const struct ns_lock_patience p = patience(0);
	FILE *file = fopen(lock_path, "w");
	fprintf(file,
		"nodescale lock 1\nsince 1700000000\nprocess elsewhere.example 17 4711\nprocess elsewhere.example 18 4711\n");
	fclose(file);
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_FAILED);
	assert_non_null(strstr(error.text, "host elsewhere.example, process 17, since 2023-11-14 22:13:20 UTC"));
	const struct timespec long_ago[2] = {{.tv_sec = time(NULL) - 125}, {.tv_sec = time(NULL) - 125}};
	assert_int_equal(utimensat(AT_FDCWD, lock_path, long_ago, 0), 0);
	assert_int_equal(ns_lock_take(&lock, path, &p, &error), NS_OK);
	ns_lock_release(lock);
}

static void impossible_places_are_bad_input(void **unused)
{
	struct ns_lock *lock;
	struct ns_error error;
	const struct ns_lock_patience p = patience(0);
	assert_int_equal(ns_lock_take(&lock, "no/such/results.h5", &p, &error), NS_BAD_INPUT);
	assert_non_null(strstr(error.text, "no/such/results.h5.lock"));
}

static int without_locks(void **unused)
{
	no_locks = true;
	return 0;
}

static int with_locks(void **unused)
{
	no_locks = false;
	return 0;
}

int main(void)
{
	char folder[] = "/tmp/nodescale-lock-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_is_refused_and_a_dead_one_taken_over),
		cmocka_unit_test(waiting_ends_with_the_holder),
		cmocka_unit_test(waiting_ends_with_a_stop),
		cmocka_unit_test(never_two_at_once),
		cmocka_unit_test(a_file_that_was_removed_meanwhile_is_no_lock),
		cmocka_unit_test(impossible_places_are_bad_input),
		cmocka_unit_test_setup_teardown(second_is_refused_and_a_dead_one_taken_over, without_locks, with_locks),
		cmocka_unit_test_setup_teardown(waiting_ends_with_the_holder, without_locks, with_locks),
		cmocka_unit_test_setup_teardown(never_two_at_once, without_locks, with_locks),
		cmocka_unit_test_setup_teardown(other_hosts_are_judged_by_their_signs_of_life, without_locks, with_locks),
	};
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
