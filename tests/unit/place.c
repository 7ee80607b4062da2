#include "place.h"
#include "test.h"
#include <ftw.h>
#include <nodescale/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int enter_place(void **state)
{
	struct place *place = ns_alloc(1, sizeof *place);
	strcpy(place->root, "/tmp/nodescale-figures-XXXXXX");
	if (mkdtemp(place->root) == NULL)
		return -1;
	snprintf(place->folder, sizeof place->folder, "%s/a/it's 100%% \"b\" $c;", place->root);
	place->path_variable = strdup(getenv("PATH"));
	*state = place;
	return 0;
}

static int delete_entry(const char *path, const struct stat *found, int kind, struct FTW *position)
{
	return remove(path);
}

int leave_place(void **state)
{
	struct place *place = *state;
	setenv("PATH", place->path_variable, 1);
	free(place->path_variable);
	nftw(place->root, delete_entry, 8, FTW_DEPTH | FTW_PHYS);
	ns_free(place);
	return 0;
}

char *contents(const char *folder, const char *name, const char *extension, size_t *size)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s.%s", folder, name, extension);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return NULL;
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	char *bytes = ns_alloc(*size + 1, 1);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

void write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}
