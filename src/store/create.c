/* Makes a results file. Rank 0 does it alone with the plain driver: what one process makes cannot be made by half of them.
 *
 * Where the slots stand depends on the sizes alone (struct ns_extents without text_length): their variables are made first, in
 * the order of the schema, and what has a length of its own comes behind. So a file whose seal is gone can be read at the places
 * of a fresh one of the same sweep. */
#include "create.h"
#include "attributes.h"
#include "extents.h"
#include "publish.h"
#include "rows.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <inttypes.h>
#include <math.h>
#include <nodescale/agree.h>
#include <nodescale/fault.h>
#include <nodescale/flight.h>
#include <nodescale/memory.h>
#include <nodescale/numerics.h>
#include <nodescale/provenance.h>
#include <string.h>
#include <unistd.h>

struct maker {
	const struct ns_sweep_description *sweep;
	struct ns_extents extents;
	hid_t file;
	hid_t variable[NS_VAR_COUNT]; /* H5I_INVALID_HID where the file has none */
	hid_t bare[NS_DIM_COUNT];     /* scales of the dimensions without a coordinate variable */
};

static void close_all(struct maker *maker)
{
	for (int v = 0; v < NS_VAR_COUNT; v++)
		if (maker->variable[v] >= 0)
			H5Dclose(maker->variable[v]);
	for (int k = 0; k < NS_DIM_COUNT; k++)
		if (maker->bare[k] >= 0)
			H5Dclose(maker->bare[k]);
}

static hid_t creation_properties(const struct ns_variable_info *info, hid_t type)
{
	const double missing = NAN;
	const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_layout(properties, H5D_CONTIGUOUS);
	H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY); /* a slot can then be written by any rank alone */
	H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED); /* as netCDF-4 has it */
	H5Pset_obj_track_times(properties, false);
	if (info->type == NS_STORED_REAL)
		H5Pset_fill_value(properties, type, &missing);
	return properties;
}

static enum ns_status describe_status(hid_t dataset, struct ns_error *error)
{
	uint8_t values[NS_POINT_STATUS_COUNT];
	char meanings[256] = "";
	for (int s = 0; s < NS_POINT_STATUS_COUNT; s++) {
		const size_t length = strlen(meanings);
		values[s] = (uint8_t)s;
		snprintf(meanings + length, sizeof meanings - length, "%s%s", s > 0 ? " " : "", ns_point_status_names[s]);
	}
	const enum ns_status status = ns_hdf_put(dataset, "flag_values", H5T_STD_U8LE, sizeof values, values, error);
	return status == NS_OK ? ns_hdf_put_text(dataset, "flag_meanings", meanings, error) : status;
}

static enum ns_status describe_variable(hid_t dataset, enum ns_variable variable, struct ns_error *error)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	const double missing = NAN;
	enum ns_status status = ns_hdf_put_text(dataset, "long_name", info.description, error);
	if (status == NS_OK)
		status = ns_hdf_put_text(dataset, "units", info.unit, error);
	if (status == NS_OK && info.coordinates != NULL)
		status = ns_hdf_put_text(dataset, "coordinates", info.coordinates, error);
	if (status == NS_OK && info.type == NS_STORED_REAL)
		status = ns_hdf_put(dataset, "_FillValue", H5T_IEEE_F64LE, 1, &missing, error);
	if (status == NS_OK && variable == NS_VAR_STATUS)
		status = describe_status(dataset, error);
	return status;
}

static enum ns_status create_variable(struct maker *maker, enum ns_variable variable, struct ns_error *error)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	const hid_t type = ns_hdf_type(info.type, maker->extents.text_length), properties = creation_properties(&info, type),
		    space = ns_rows_space(&maker->extents, variable);
	maker->variable[variable] = H5Dcreate2(maker->file, info.name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
	enum ns_status status = NS_OK;
	if (maker->variable[variable] < 0)
		status = ns_hdf_error(error, NS_FAILED, "variable %s cannot be created", info.name);
	H5Sclose(space);
	H5Pclose(properties);
	H5Tclose(type);
	return status == NS_OK ? describe_variable(maker->variable[variable], variable, error) : status;
}

/* A scale as netCDF-4 makes it for a dimension without coordinates: it has a length but no data on disk. */
static enum ns_status create_bare_dimension(struct maker *maker, enum ns_dimension dimension, struct ns_error *error)
{
	const hsize_t length = maker->extents.length[dimension];
	char mark[80];
	snprintf(mark, sizeof mark, "This is a netCDF dimension but not a netCDF variable.%10" PRIuHSIZE, length);
	const hid_t space = H5Screate_simple(1, &length, NULL), properties = H5Pcreate(H5P_DATASET_CREATE);
	H5Pset_alloc_time(properties, H5D_ALLOC_TIME_LATE);
	H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
	H5Pset_obj_track_times(properties, false);
	const hid_t scale = H5Dcreate2(
		maker->file, ns_dimensions[dimension].name, H5T_IEEE_F32BE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
	maker->bare[dimension] = scale;
	H5Pclose(properties);
	H5Sclose(space);
	if (scale >= 0 && H5DSset_scale(scale, mark) >= 0)
		return ns_hdf_put_text(scale, "long_name", ns_dimensions[dimension].description, error);
	return ns_hdf_error(error, NS_FAILED, "dimension %s cannot be created", ns_dimensions[dimension].name);
}

static enum ns_status attach_scales(struct maker *maker, enum ns_variable variable, const hid_t scale[], struct ns_error *error)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	for (int k = 0; k < info.rank; k++) {
		const hid_t of_dimension = scale[info.dimensions[k]];
		if (of_dimension == maker->variable[variable])
			continue;
		if (H5DSattach_scale(maker->variable[variable], of_dimension, (unsigned)k) < 0)
			return ns_hdf_error(error, NS_FAILED, "dimension %s cannot be attached to variable %s",
				ns_dimensions[info.dimensions[k]].name, info.name);
	}
	return NS_OK;
}

/* The seal must be first to get its place, then the slots. */
static int turn_of(enum ns_variable variable)
{
	return variable == NS_VAR_SEAL ? 0 : ns_schema_in_slot(variable) ? 1 : 2;
}

static enum ns_status create_structure(struct maker *maker, struct ns_error *error)
{
	enum ns_status status = NS_OK;
	hid_t scale[NS_DIM_COUNT];
	for (int turn = 0; turn < 3; turn++)
		for (int v = 0; v < NS_VAR_COUNT && status == NS_OK; v++)
			if (ns_schema_has(&maker->extents, (enum ns_variable)v) && turn_of((enum ns_variable)v) == turn)
				status = create_variable(maker, (enum ns_variable)v, error);
	memcpy(scale, maker->bare, sizeof scale);
	for (int v = 0; v < NS_VAR_COUNT && status == NS_OK; v++) {
		const enum ns_dimension dimension = ns_schema_scale_of((enum ns_variable)v);
		if (dimension == NS_DIM_COUNT || maker->variable[v] < 0)
			continue;
		scale[dimension] = maker->variable[v];
		if (H5DSset_scale(maker->variable[v], ns_dimensions[dimension].name) < 0)
			status = ns_hdf_error(
				error, NS_FAILED, "variable %s cannot be made a dimension", ns_dimensions[dimension].name);
	}
	for (int k = 0; k < NS_DIM_COUNT && status == NS_OK; k++) {
		if (scale[k] >= 0 || maker->extents.length[k] == 0)
			continue;
		status = create_bare_dimension(maker, (enum ns_dimension)k, error);
		scale[k] = maker->bare[k];
	}
	for (int v = 0; v < NS_VAR_COUNT && status == NS_OK; v++)
		if (maker->variable[v] >= 0)
			status = attach_scales(maker, (enum ns_variable)v, scale, error);
	return status;
}

static enum ns_status write_root_attributes(const struct maker *maker, struct ns_error *error)
{
	const struct ns_sweep_description *sweep = maker->sweep;
	const int32_t format = NS_FORMAT_VERSION, numerics = NS_NUMERICS_VERSION;
	char text[NS_PROVENANCE_LENGTH];
	enum ns_status status = ns_hdf_put_text(maker->file, "Conventions", "CF-1.8", error);
	if (status == NS_OK)
		status = ns_hdf_put_text(maker->file, "source", "nodescale", error);
	if (status == NS_OK)
		status = ns_hdf_put_text(maker->file, "title", sweep->experiment->name, error);
	if (status == NS_OK)
		status = ns_hdf_put(maker->file, "format_version", H5T_STD_I32LE, 1, &format, error);
	if (status == NS_OK)
		status = ns_hdf_put(maker->file, "numerics_version", H5T_STD_I32LE, 1, &numerics, error);
	snprintf(text, sizeof text, "%016" PRIx64, ns_data_digest(sweep->data));
	if (status == NS_OK)
		status = ns_hdf_put_text(maker->file, "data_digest", text, error);
	if (status == NS_OK)
		status = ns_attributes_write(maker->file, sweep->experiment, error);
	for (const struct ns_provenance_item *item = ns_provenance; item->name != NULL && status == NS_OK; item++) {
		item->describe(text, sizeof text);
		status = ns_hdf_put_text(maker->file, item->name, text, error);
	}
	if (status == NS_OK)
		status = ns_hdf_put_text(
			maker->file, "command_line", sweep->command_line != NULL ? sweep->command_line : "", error);
	return status;
}

static enum ns_status write_whole(
	const struct maker *maker, enum ns_variable variable, const void *values, struct ns_error *error)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	if (maker->variable[variable] < 0)
		return NS_OK;
	const hid_t type = ns_hdf_type(info.type, maker->extents.text_length);
	enum ns_status status = NS_OK;
	if (H5Dwrite(maker->variable[variable], type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		status = ns_hdf_error(error, NS_FAILED, "variable %s cannot be written", info.name);
	H5Tclose(type);
	return status;
}

static void fill_points(const struct ns_sweep_description *sweep, enum ns_variable variable, uint64_t *counts, double *reals)
{
	uint64_t nodes = 0;
	for (size_t p = 0; p < sweep->n_points; p++) {
		const struct ns_point *point = &sweep->points[p];
		switch (variable) {
		case NS_VAR_POINT:
			counts[p] = ns_point_id(point);
			break;
		case NS_VAR_GAMMA:
			reals[p] = point->gamma;
			break;
		case NS_VAR_ALPHA:
			reals[p] = point->gamma < 1 ? point->alpha : NAN;
			break;
		case NS_VAR_M:
			counts[p] = point->m;
			break;
		case NS_VAR_SEED:
			counts[p] = point->seed;
			break;
		default: /* weights_offset */
			counts[p] = nodes;
			nodes += point->m;
		}
	}
}

static void fill_coordinate(const struct maker *maker, enum ns_variable variable, uint64_t *counts, double *reals)
{
	const struct ns_variable_info info = ns_schema_variable(variable);
	if (info.dimensions[0] == NS_DIM_POINT) {
		fill_points(maker->sweep, variable, counts, reals);
		return;
	}
	for (size_t k = 0; k < maker->extents.length[info.dimensions[0]]; k++)
		if (variable == NS_VAR_QUANTILE)
			reals[k] = ns_quantile_levels[k];
		else if (variable == NS_VAR_PRUNE_LEVEL)
			reals[k] = (double)k / (NS_PRUNE_LEVELS - 1);
		else if (variable == NS_VAR_TRANSFER_DIMENSION)
			counts[k] = ns_transfer_features(k);
		else
			counts[k] = variable == NS_VAR_STEP ? ns_record_step(maker->sweep->experiment, k) : k;
}

static enum ns_status write_coordinates(const struct maker *maker, struct ns_error *error)
{
	static const enum ns_variable coordinates[] = {NS_VAR_POINT, NS_VAR_GAMMA, NS_VAR_ALPHA, NS_VAR_M, NS_VAR_SEED,
		NS_VAR_STEP, NS_VAR_QUANTILE, NS_VAR_TOP_NODE, NS_VAR_PROBE, NS_VAR_WEIGHTS_OFFSET, NS_VAR_PRUNE_LEVEL,
		NS_VAR_TRANSFER_DIMENSION};
	enum ns_status status = NS_OK;
	for (size_t c = 0; c < sizeof coordinates / sizeof *coordinates && status == NS_OK; c++) {
		const struct ns_variable_info info = ns_schema_variable(coordinates[c]);
		const size_t count = maker->extents.length[info.dimensions[0]];
		uint64_t *counts = ns_alloc(count, sizeof *counts);
		double *reals = ns_alloc(count, sizeof *reals);
		if (counts == NULL || reals == NULL) {
			status = ns_error_memory(error, "the coordinates of the points", 16.0 * (double)count);
		} else {
			fill_coordinate(maker, coordinates[c], counts, reals);
			status = write_whole(
				maker, coordinates[c], info.type == NS_STORED_REAL ? (void *)reals : (void *)counts, error);
		}
		ns_free(counts);
		ns_free(reals);
	}
	return status;
}

static enum ns_status write_inputs(const struct maker *maker, struct ns_error *error)
{
	const struct ns_data *data = maker->sweep->data;
	const struct {
		enum ns_variable variable;
		const void *values;
	} inputs[] = {{NS_VAR_SPEC, maker->sweep->spec_text}, {NS_VAR_X_TRAIN, data->train.x}, {NS_VAR_Y_TRAIN, data->train.y},
		{NS_VAR_X_VALIDATION, data->validation.x}, {NS_VAR_Y_VALIDATION, data->validation.y},
		{NS_VAR_X_TEST, data->test.x}, {NS_VAR_Y_TEST, data->test.y}};
	enum ns_status status = NS_OK;
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs && status == NS_OK; i++)
		status = write_whole(maker, inputs[i].variable, inputs[i].values, error);
	return status;
}

/* Where the variables stand, for the seal. */
static enum ns_status take_places(const struct maker *maker, struct ns_seal *seal, struct ns_error *error)
{
	const struct ns_sweep_description *sweep = maker->sweep;
	*seal = (struct ns_seal){.n_points = sweep->n_points, .meaning = ns_meaning_of_sweep(sweep)};
	for (int v = 0; v < NS_VAR_COUNT; v++) {
		if (maker->variable[v] < 0)
			continue;
		const haddr_t offset = H5Dget_offset(maker->variable[v]);
		seal->variable[v] = (struct ns_region){offset, H5Dget_storage_size(maker->variable[v])};
		if (offset == HADDR_UNDEF || seal->variable[v].bytes == 0)
			return ns_hdf_error(error, NS_FAILED, "variable %s has no place in the file",
				ns_schema_variable((enum ns_variable)v).name);
	}
	if (seal->variable[NS_VAR_SEAL].offset != NS_SEAL_PLACE)
		return ns_error_set(error, NS_FAILED, "this HDF5 does not put the seal at its place");
	return NS_OK;
}

uint64_t ns_meaning_of_sweep(const struct ns_sweep_description *sweep)
{
	const struct ns_meaning_of of = {"spec", sweep->experiment, ns_data_digest(sweep->data), NS_NUMERICS_VERSION};
	return ns_meaning(&of);
}

static hid_t create_file(const char *path)
{
	const hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
	H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
	H5Pset_file_locking(access, false, true); /* nobody else knows the name yet, and some file systems have no locks */
	/* Version 1.8's format has no mark of being open in the file, so that opening it changes nothing. */
	H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
	H5Pset_alignment(access, NS_SEAL_COPIES * NS_SEAL_BYTES, NS_SEAL_PLACE); /* the seal is the first that is so large */
	const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
	H5Pclose(creation);
	H5Pclose(access);
	return file;
}

static enum ns_status make_structure(const char *path, const struct ns_sweep_description *sweep, const struct ns_extents *extents,
	struct ns_seal *seal, struct ns_error *error)
{
	struct maker maker = {.sweep = sweep, .extents = *extents, .file = create_file(path)};
	if (maker.file < 0)
		return ns_hdf_error(error, NS_FAILED, "%s cannot be created", path);
	for (int v = 0; v < NS_VAR_COUNT; v++)
		maker.variable[v] = H5I_INVALID_HID;
	for (int k = 0; k < NS_DIM_COUNT; k++)
		maker.bare[k] = H5I_INVALID_HID;
	enum ns_status status = create_structure(&maker, error);
	if (status == NS_OK)
		status = write_root_attributes(&maker, error);
	if (status == NS_OK)
		status = write_coordinates(&maker, error);
	if (status == NS_OK)
		status = write_inputs(&maker, error);
	if (status == NS_OK)
		status = take_places(&maker, seal, error);
	close_all(&maker);
	if (H5Fclose(maker.file) < 0 && status == NS_OK)
		status = ns_hdf_error(error, NS_FAILED, "%s cannot be written", path);
	return status;
}

/* Space that the disk has promised: no write into a slot can find it full. */
static enum ns_status seal_file(const char *path, struct ns_seal *seal, struct ns_error *error)
{
	struct ns_error inner;
	const int file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return ns_error_set(error, NS_FAILED, "%s cannot be opened: %s", path, strerror(errno));
	enum ns_status status = ns_seal_apply(file, seal, &inner);
	const int refusal = status == NS_OK ? posix_fallocate(file, 0, (off_t)seal->file_bytes) : 0;
	if (refusal != 0)
		status = ns_error_set(&inner, NS_FAILED, "there is no room for its %.3g GiB: %s",
			(double)seal->file_bytes / 0x1p30, strerror(refusal));
	close(file);
	return status == NS_OK ? NS_OK : ns_error_set(error, status, "%s: %s", path, inner.text);
}

enum ns_status ns_create_file(
	const char *path, const struct ns_sweep_description *sweep, struct ns_seal *seal, struct ns_error *error)
{
	struct ns_extents extents;
	ns_hdf_silence();
	enum ns_status status = ns_extents_of_sweep(sweep, &extents, error);
	if (status == NS_OK)
		status = make_structure(path, sweep, &extents, seal, error);
	if (status != NS_OK)
		return status;
	ns_fault_die(NS_FAULT_DIE_IN_CREATE);
	status = seal_file(path, seal, error);
	ns_fault_die(NS_FAULT_DIE_IN_CREATE);
	return status;
}

enum ns_status ns_create_alone(const char *path, const struct ns_sweep_description *sweep, struct ns_error *error)
{
	char temporary[PATH_MAX];
	double bytes;
	struct ns_seal seal;
	enum ns_status status = ns_store_bytes(sweep, &bytes, error);
	if (status == NS_OK)
		status = ns_publish_prepare(path, NS_PUBLISH_NEW, bytes, temporary, error);
	if (status != NS_OK)
		return status;
	status = ns_create_file(temporary, sweep, &seal, error);
	if (status == NS_OK)
		status = ns_publish(temporary, path, NS_PUBLISH_NEW, error);
	if (status != NS_OK)
		unlink(temporary);
	return status;
}

enum ns_status ns_store_create(const char *path, const struct ns_sweep_description *sweep, MPI_Comm comm, struct ns_error *error)
{
	int rank;
	MPI_Comm_rank(comm, &rank);
	return ns_agree(comm, rank == 0 ? ns_create_alone(path, sweep, error) : NS_OK, error);
}
