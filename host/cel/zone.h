/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone: how far a time zone is from UTC at a given time, from the system's time zone database.
 *
 * Reads TZif files (RFC 8536) of /usr/share/zoneinfo itself: the C library's own way is a
 * process-wide setting. A name is checked before it becomes a path and cannot leave that folder.
 */
#ifndef TDH_CEL_ZONE_H
#define TDH_CEL_ZONE_H

#include "cel/run.h"

/**
 * "+02:00", "-09:30", "02:00", "UTC", "Europe/Paris": false when the zone is not known. The last
 * file read is kept.
 */
bool cel_zone_offset(struct cel_run *run, struct cel_value name, int64_t seconds,
                     int64_t *ret_offset_s);

#endif
