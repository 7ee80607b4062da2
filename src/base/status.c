#include <nodescale/status.h>
#include <stdio.h>

enum ns_status ns_error_set(struct ns_error *error, enum ns_status status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	error->status = status;
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return status;
}

enum ns_status ns_error_memory(struct ns_error *error, const char *what, double bytes)
{
	return ns_error_set(error, NS_FAILED, "out of memory: %s needs %.3g GiB", what, bytes / 0x1p30);
}
