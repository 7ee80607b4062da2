/* Files that HDF5 finds in order and whose seal is intact, but that no nodescale wrote: attributes and variables of the wrong
 * type, shape, place or value. HDF5's own parser is not tested here, ours behind it is.
 *
 * Input: edits of an undamaged file through HDF5, twelve bytes each; then the file is sealed anew. */
#include "results.h"
#include "seal.h"
#include <hdf5.h>
#include <hdf5_hl.h>
#include <string.h>

enum { EDIT = 12, EDITS_MOST = 6 };

static struct ns_input_file sealed;

struct edit {
	uint8_t operation, what, a, b;
	uint64_t value;
};

static hid_t some_type(uint8_t choice, uint64_t value)
{
	const hid_t fixed[] = {H5T_IEEE_F64LE, H5T_STD_U64LE, H5T_STD_U8LE, H5T_STD_I32LE, H5T_IEEE_F32BE, H5T_STD_REF_OBJ};
	if (choice % 8 < 6)
		return H5Tcopy(fixed[choice % 8]);
	const hid_t text = H5Tcopy(H5T_C_S1);
	H5Tset_size(text, choice % 8 == 6 ? H5T_VARIABLE : value % 5000 + 1);
	return text;
}

static hid_t some_space(uint8_t choice, uint64_t value)
{
	const hsize_t length[3] = {value % 12, value / 12 % 12, value / 144 % 12};
	if (choice % 5 == 4)
		return H5Screate(H5S_NULL);
	return choice % 5 == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(choice % 5, length, NULL);
}

static void edit_attribute(hid_t file, const struct edit *e)
{
	H5O_info_t about;
	char name[64];
	H5Oget_info(file, &about);
	if (about.num_attrs == 0)
		return;
	const hid_t attribute =
		H5Aopen_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, e->what % about.num_attrs, H5P_DEFAULT, H5P_DEFAULT);
	const hid_t type = H5Aget_type(attribute);
	H5Aget_name(attribute, sizeof name, name);
	if (e->operation % 4 != 0) {
		H5Adelete(file, name);
	} else if (H5Tis_variable_str(type) == 0 && H5Aget_storage_size(attribute) <= 4096) {
		uint8_t bytes[4096] = {0};
		H5Aread(attribute, type, bytes);
		memcpy(bytes + e->a % 64, &e->value, sizeof e->value);
		H5Awrite(attribute, type, bytes);
	}
	H5Tclose(type);
	H5Aclose(attribute);
	if (e->operation % 4 > 1) {
		const hid_t new_type = some_type(e->a, e->value), space = some_space(e->b, e->value),
			    made = H5Acreate2(file, name, new_type, space, H5P_DEFAULT, H5P_DEFAULT);
		H5Aclose(made);
		H5Sclose(space);
		H5Tclose(new_type);
	}
}

static void overwrite(hid_t dataset, const struct edit *e)
{
	uint8_t bytes[1 << 16] = {0};
	const hid_t type = H5Dget_type(dataset);
	const size_t size = H5Tget_size(type), stored = (size_t)H5Dget_storage_size(dataset);
	if (size > 0 && stored >= size && stored <= sizeof bytes - 8 && H5Tis_variable_str(type) == 0 &&
		H5Tget_class(type) != H5T_REFERENCE) {
		H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
		memcpy(bytes + (e->a | (size_t)e->b << 8) % (stored / size) * size, &e->value, size < 8 ? size : 8);
		H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
	}
	H5Tclose(type);
}

/* Another variable under the same name. */
static void replace(hid_t file, const char *name, const struct edit *e)
{
	const hid_t type = some_type(e->a, e->value), space = some_space(e->b, e->value), how = H5Pcreate(H5P_DATASET_CREATE);
	const hsize_t chunk[3] = {1, 1, 1};
	const int rank = H5Sget_simple_extent_ndims(space);
	H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY);
	if (e->value >> 60 == 1 && rank > 0)
		H5Pset_chunk(how, rank, chunk);
	else if (e->value >> 60 == 2)
		H5Pset_layout(how, H5D_COMPACT);
	else if (e->value >> 60 == 3)
		H5Pset_external(how, "/etc/passwd", 0, H5F_UNLIMITED);
	const hid_t made = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
	if (made >= 0)
		H5Dclose(made);
	H5Pclose(how);
	H5Sclose(space);
	H5Tclose(type);
}

static void edit_variable(hid_t file, const struct edit *e)
{
	const enum ns_variable variable = (enum ns_variable)(e->what % NS_VAR_COUNT);
	const char *name = ns_schema_variable(variable).name;
	if (variable == NS_VAR_SEAL || H5Lexists(file, name, H5P_DEFAULT) <= 0)
		return; /* the seal keeps its place */
	if (e->operation % 8 < 4) {
		const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
		if (dataset >= 0) {
			overwrite(dataset, e);
			H5Dclose(dataset);
		}
		return;
	}
	H5Ldelete(file, name, H5P_DEFAULT);
	if (e->operation % 8 == 5 || e->operation % 8 == 6)
		replace(file, name, e);
	else if (e->operation % 8 == 7 && e->a % 4 == 0)
		H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
	else if (e->operation % 8 == 7 && e->a % 4 == 1)
		H5Lcreate_soft(e->b % 2 == 0 ? name : "/m", file, name, H5P_DEFAULT, H5P_DEFAULT);
	else if (e->operation % 8 == 7 && e->a % 4 == 2)
		H5Lcreate_external("nowhere.h5", "/m", file, name, H5P_DEFAULT, H5P_DEFAULT);
	else if (e->operation % 8 == 7)
		H5Lcreate_hard(file, e->b % 2 == 0 ? "/m" : "/train_risk", file, name, H5P_DEFAULT, H5P_DEFAULT);
}

/* Where the variables stand, as far as there are any. */
static void find_places(hid_t file, struct ns_seal *seal)
{
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		const hid_t dataset = H5Dopen2(file, ns_schema_variable((enum ns_variable)v).name, H5P_DEFAULT);
		seal->variable[v] = (struct ns_region){0};
		if (dataset < 0)
			continue;
		const haddr_t offset = H5Dget_offset(dataset);
		if (offset != HADDR_UNDEF)
			seal->variable[v] = (struct ns_region){offset, H5Dget_storage_size(dataset)};
		H5Dclose(dataset);
	}
	if (seal->variable[NS_VAR_STATUS].bytes > 0)
		seal->n_points = seal->variable[NS_VAR_STATUS].bytes;
}

static void edit_seal(struct ns_seal *seal, const struct edit *e)
{
	struct ns_region *region = &seal->variable[e->what % NS_VAR_COUNT];
	if (e->a % 4 == 0)
		seal->n_points = e->value;
	else if (e->a % 4 == 1)
		region->offset = e->value;
	else if (e->a % 4 == 2)
		region->bytes = e->value;
	else
		seal->meaning = e->value;
}

static void seal_again(const struct edit *edits, size_t count, struct ns_seal *seal)
{
	struct ns_error error;
	for (size_t k = 0; k < count; k++)
		if (edits[k].operation >= 224)
			edit_seal(seal, &edits[k]);
	ns_seal_apply(sealed.descriptor, seal, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static uint8_t image[1 << 20];
	struct edit edits[EDITS_MOST];
	size_t count = 0;
	const struct results_base *base = results_base();
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
	for (; count < EDITS_MOST && (count + 1) * EDIT <= length; count++) {
		const uint8_t *e = bytes + count * EDIT;
		edits[count] = (struct edit){e[0], e[1], e[2], e[3], 0};
		memcpy(&edits[count].value, e + 4, sizeof edits[count].value);
	}
	memcpy(image, base->bytes, base->length);
	const hid_t file = H5LTopen_file_image(image, base->length, H5LT_FILE_IMAGE_OPEN_RW);
	ns_input_expect(file >= 0, "the undamaged file opens");
	for (size_t k = 0; k < count; k++) {
		if (edits[k].operation < 96)
			edit_attribute(file, &edits[k]);
		else if (edits[k].operation < 224)
			edit_variable(file, &edits[k]);
	}
	struct ns_seal seal;
	memcpy(&seal, base->bytes + NS_SEAL_PLACE, sizeof seal);
	find_places(file, &seal);
	H5Fflush(file, H5F_SCOPE_GLOBAL);
	const ssize_t size = H5Fget_file_image(file, image, sizeof image);
	H5Fclose(file);
	if (size <= 0) /* larger than the image */
		return 0;
	ns_input_file_write(&sealed, image, (size_t)size);
	seal_again(edits, count, &seal);
	results_read(sealed.path, NULL);
	return 0;
}
