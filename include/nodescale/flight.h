/* Points in flight, kept in the status of a point: each change is one write of a slot's checksum, which no kill can halve
 * (src/store/slots.h).
 *
 *               taken up        result written      stopped in good order   death of the program
 *   missing  ->  running   ->   done | diverged  |  missing              |  interrupted
 *   interrupted -> running again -> done | diverged | interrupted        |  crashed: set aside, not run again unless asked
 *
 * A death is noted by the next run that opens the file for writing: whatever is in flight then was so when its rank died. */
#ifndef NODESCALE_FLIGHT_H
#define NODESCALE_FLIGHT_H

#include <nodescale/result.h>

/* Of a point that is taken up. Finished and crashed points that are to run again start afresh. */
enum ns_point_status ns_flight_begun(enum ns_point_status before);

/* Of a point in flight that is given up in good order. */
enum ns_point_status ns_flight_released(enum ns_point_status in_flight);

/* Of any point, once the program that wrote it has died. */
enum ns_point_status ns_flight_after_death(enum ns_point_status at_death);

/* Whether the slot holds a result; all others are missing to whoever reads results. */
bool ns_point_is_finished(enum ns_point_status status);
bool ns_point_is_in_flight(enum ns_point_status status);

/* By status, as the file's flag_meanings has them. */
extern const char *const ns_point_status_names[NS_POINT_STATUS_COUNT];

#endif
