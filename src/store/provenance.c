#include "version.h"
#include <cblas.h>
#include <hdf5.h>
#include <mpi.h>
#include <nodescale/provenance.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <xxhash.h>

static const char dirty[] = "-dirty";

static void version(char *text, size_t size)
{
	snprintf(text, size, "%s", NS_VERSION);
}

static void commit(char *text, size_t size)
{
	const char *end = strstr(NS_COMMIT, dirty);
	snprintf(text, size, "%.*s", end != NULL ? (int)(end - NS_COMMIT) : (int)strlen(NS_COMMIT), NS_COMMIT);
}

static void working_tree(char *text, size_t size)
{
	const bool known = strcmp(NS_COMMIT, "unknown") != 0;
	snprintf(text, size, "%s", !known ? "unknown" : strstr(NS_COMMIT, dirty) != NULL ? "changed" : "clean");
}

static void build(char *text, size_t size)
{
	snprintf(text, size, "%s, %s", NS_BUILD_TYPE, NS_COMPILER);
}

static void hdf5(char *text, size_t size)
{
	unsigned major = 0, minor = 0, release = 0;
	H5get_libversion(&major, &minor, &release);
	snprintf(text, size, "%u.%u.%u", major, minor, release);
}

static void mpi(char *text, size_t size)
{
	char library[MPI_MAX_LIBRARY_VERSION_STRING] = "";
	int length = 0;
	MPI_Get_library_version(library, &length);
	snprintf(text, size, "%.*s", (int)strcspn(library, "\n"), library);
}

static void openblas(char *text, size_t size)
{
	snprintf(text, size, "%s", openblas_get_config());
}

static void xxhash(char *text, size_t size)
{
	const unsigned number = XXH_versionNumber();
	snprintf(text, size, "%u.%u.%u", number / 10000, number / 100 % 100, number % 100);
}

static void host(char *text, size_t size)
{
	struct utsname system = {0};
	uname(&system);
	snprintf(text, size, "%s (%s %s %s)", system.nodename, system.sysname, system.release, system.machine);
}

static void processor(char *text, size_t size)
{
	char line[512];
	FILE *file = fopen("/proc/cpuinfo", "r");
	snprintf(text, size, "unknown");
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		const char *value = strstr(line, ": ");
		if (strncmp(line, "model name", 10) != 0 || value == NULL)
			continue;
		snprintf(text, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
		break;
	}
	if (file != NULL)
		fclose(file);
}

static void created(char *text, size_t size)
{
	const time_t now = time(NULL);
	struct tm utc;
	gmtime_r(&now, &utc);
	strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

const struct ns_provenance_item ns_provenance[] = {
	{"nodescale_version", version},
	{"commit", commit},
	{"working_tree", working_tree},
	{"build", build},
	{"library_hdf5", hdf5},
	{"library_mpi", mpi},
	{"library_openblas", openblas},
	{"library_xxhash", xxhash},
	{"host", host},
	{"processor", processor},
	{"created", created},
	{NULL, NULL},
};
