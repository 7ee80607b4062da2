#include <nodescale/flight.h>

const char *const ns_point_status_names[NS_POINT_STATUS_COUNT] = {
	[NS_POINT_MISSING] = "missing",
	[NS_POINT_DONE] = "done",
	[NS_POINT_DIVERGED] = "diverged",
	[NS_POINT_CRASHED] = "crashed",
	[NS_POINT_RUNNING] = "running",
	[NS_POINT_INTERRUPTED] = "interrupted",
	[NS_POINT_RUNNING_AGAIN] = "running_again",
};

enum ns_point_status ns_flight_begun(enum ns_point_status before)
{
	return before == NS_POINT_INTERRUPTED ? NS_POINT_RUNNING_AGAIN : NS_POINT_RUNNING;
}

enum ns_point_status ns_flight_released(enum ns_point_status in_flight)
{
	return in_flight == NS_POINT_RUNNING_AGAIN ? NS_POINT_INTERRUPTED : NS_POINT_MISSING;
}

enum ns_point_status ns_flight_after_death(enum ns_point_status at_death)
{
	if (at_death == NS_POINT_RUNNING)
		return NS_POINT_INTERRUPTED;
	return at_death == NS_POINT_RUNNING_AGAIN ? NS_POINT_CRASHED : at_death;
}

bool ns_point_is_finished(enum ns_point_status status)
{
	return status == NS_POINT_DONE || status == NS_POINT_DIVERGED;
}

bool ns_point_is_in_flight(enum ns_point_status status)
{
	return status == NS_POINT_RUNNING || status == NS_POINT_RUNNING_AGAIN;
}
