#include "hdf.h"
#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 32 << 10 }; /* an object header holds no attribute of 64 KiB */

void ns_hdf_silence(void)
{
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static herr_t keep_innermost(unsigned depth, const H5E_error2_t *entry, void *text)
{
	if (depth == 0)
		snprintf(text, 256, "%s", entry->desc);
	return 0;
}

enum ns_status ns_hdf_error(struct ns_error *error, enum ns_status status, const char *format, ...)
{
	char own[1024], innermost[256] = "";
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(own, sizeof own, format, arguments);
	va_end(arguments);
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, innermost);
	if (innermost[0] == 0)
		return ns_error_set(error, status, "%s", own);
	return ns_error_set(error, status, "%s (HDF5: %s)", own, innermost);
}

hid_t ns_hdf_string_type(size_t length)
{
	const hid_t type = H5Tcopy(H5T_C_S1);
	H5Tset_size(type, length > 0 ? length : 1); /* HDF5 has no strings of length 0 */
	H5Tset_strpad(type, H5T_STR_NULLPAD);
	H5Tset_cset(type, H5T_CSET_UTF8);
	return type;
}

hid_t ns_hdf_type(enum ns_variable_type type, size_t text_length)
{
	switch (type) {
	case NS_STORED_REAL:
		return H5Tcopy(H5T_IEEE_F64LE);
	case NS_STORED_COUNT:
		return H5Tcopy(H5T_STD_U64LE);
	case NS_STORED_BYTE:
		return H5Tcopy(H5T_STD_U8LE);
	case NS_STORED_CHAR:
		return H5Tcopy(H5T_C_S1);
	case NS_STORED_TEXT:
		return ns_hdf_string_type(text_length);
	}
	return H5I_INVALID_HID;
}

enum ns_status ns_hdf_put(hid_t object, const char *name, hid_t type, size_t count, const void *values, struct ns_error *error)
{
	const hsize_t length = count;
	const hid_t space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &length, NULL);
	const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	const bool written = attribute >= 0 && H5Awrite(attribute, type, values) >= 0;
	if (!written)
		ns_hdf_error(error, NS_FAILED, "attribute %s cannot be written", name);
	if (attribute >= 0)
		H5Aclose(attribute);
	H5Sclose(space);
	return written ? NS_OK : NS_FAILED;
}

enum ns_status ns_hdf_put_text(hid_t object, const char *name, const char *text, struct ns_error *error)
{
	const hid_t type = ns_hdf_string_type(strnlen(text, TEXT_MOST));
	const enum ns_status status = ns_hdf_put(object, name, type, 1, text, error);
	H5Tclose(type);
	return status;
}

/* The attribute, open, if it has the class of type and count elements. */
static hid_t open_attribute(hid_t object, const char *name, H5T_class_t class, size_t count, size_t *element_size)
{
	if (H5Aexists(object, name) <= 0)
		return H5I_INVALID_HID;
	const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
	if (attribute < 0)
		return H5I_INVALID_HID;
	const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
	const bool fits = type >= 0 && space >= 0 && H5Tget_class(type) == class && H5Tis_variable_str(type) <= 0 &&
			  H5Sget_simple_extent_npoints(space) == (hssize_t)count;
	*element_size = type >= 0 ? H5Tget_size(type) : 0;
	if (type >= 0)
		H5Tclose(type);
	if (space >= 0)
		H5Sclose(space);
	if (fits)
		return attribute;
	H5Aclose(attribute);
	return H5I_INVALID_HID;
}

enum ns_status ns_hdf_get(hid_t object, const char *name, hid_t type, size_t count, void *values, struct ns_error *error)
{
	size_t element_size;
	const hid_t attribute = open_attribute(object, name, H5Tget_class(type), count, &element_size);
	enum ns_status status = NS_OK;
	if (attribute < 0 || H5Aread(attribute, type, values) < 0)
		status = ns_hdf_error(error, NS_BAD_INPUT, "attribute %s is missing, of the wrong type or damaged", name);
	if (attribute >= 0)
		H5Aclose(attribute);
	return status;
}

enum ns_status ns_hdf_get_text(hid_t object, const char *name, char *text, size_t size, struct ns_error *error)
{
	size_t length;
	const hid_t attribute = open_attribute(object, name, H5T_STRING, 1, &length);
	const hid_t type = attribute >= 0 ? H5Aget_type(attribute) : H5I_INVALID_HID;
	enum ns_status status = NS_OK;
	memset(text, 0, size);
	if (type < 0 || length >= size || H5Aread(attribute, type, text) < 0)
		status = ns_hdf_error(error, NS_BAD_INPUT, "attribute %s is missing, not text, too long or damaged", name);
	if (type >= 0)
		H5Tclose(type);
	if (attribute >= 0)
		H5Aclose(attribute);
	return status;
}
