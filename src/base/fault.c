#include <nodescale/fault.h>
#include <nodescale/number.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

static const char *const names[NS_FAULT_COUNT] = {[NS_FAULT_WRITE] = "write",
	[NS_FAULT_SHORT_WRITE] = "short_write",
	[NS_FAULT_FSYNC] = "fsync",
	[NS_FAULT_DIE] = "die",
	[NS_FAULT_DIE_IN_SLOT] = "die_in_slot",
	[NS_FAULT_DIE_IN_CREATE] = "die_in_create",
	[NS_FAULT_DIE_IN_EXTEND] = "die_in_extend",
	[NS_FAULT_DIE_IN_PUBLISH] = "die_in_publish",
	[NS_FAULT_CHECKPOINT_WRITE] = "checkpoint_write"};

/* The program's one piece of global state: a switch for tests that every layer asks and none could pass on. */
static bool armed;
static atomic_ullong visits_left[NS_FAULT_COUNT]; /* 0: never */

static bool read_count(const char *text, size_t length, uint64_t *value)
{
	char digits[24];
	if (length >= sizeof digits)
		return false;
	memcpy(digits, text, length);
	digits[length] = 0;
	return ns_number_count(digits, length, value) == NS_NUMBER_OK;
}

/* One KIND:K[@RANK] of `length` letters. */
static bool read_fault(const char *text, size_t length, int rank)
{
	uint64_t visit = 1, on_rank = (uint64_t)rank;
	const char *at = memchr(text, '@', length);
	if (at != NULL) {
		if (!read_count(at + 1, (size_t)(text + length - at - 1), &on_rank))
			return false;
		length = (size_t)(at - text);
	}
	const char *colon = memchr(text, ':', length);
	if (colon != NULL) {
		if (!read_count(colon + 1, (size_t)(text + length - colon - 1), &visit) || visit == 0)
			return false;
		length = (size_t)(colon - text);
	}
	for (int kind = 0; kind < NS_FAULT_COUNT; kind++) {
		if (strlen(names[kind]) != length || memcmp(names[kind], text, length) != 0)
			continue;
		if (on_rank == (uint64_t)rank)
			visits_left[kind] = visit;
		return true;
	}
	return false;
}

enum ns_status ns_fault_start(const char *text, int rank, struct ns_error *error)
{
	armed = text != NULL && *text != 0;
	for (int kind = 0; kind < NS_FAULT_COUNT; kind++)
		visits_left[kind] = 0;
	for (const char *fault = text; armed; fault += strcspn(fault, ",") + 1) {
		const size_t length = strcspn(fault, ",");
		if (!read_fault(fault, length, rank))
			return ns_error_set(error, NS_BAD_INPUT,
				"NODESCALE_FAULT is '%.200s' but must be KIND:K[@RANK], with commas between several: see "
				"nodescale/fault.h",
				text);
		if (fault[length] == 0)
			break;
	}
	return NS_OK;
}

bool ns_fault_happens(enum ns_fault kind)
{
	if (__builtin_expect(!armed, 1))
		return false;
	unsigned long long left = visits_left[kind];
	while (left > 0 && !atomic_compare_exchange_weak(&visits_left[kind], &left, left - 1))
		;
	return left == 1;
}

void ns_fault_die(enum ns_fault kind)
{
	if (ns_fault_happens(kind))
		raise(SIGKILL);
}
