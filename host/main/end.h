/* SPDX-License-Identifier: Apache-2.0 */
/* end: who may end the process; see end.c. Only for programs. */
#ifndef TDH_MAIN_END_H
#define TDH_MAIN_END_H

/** From here on whoever ends this process is named, and its exit code is TDH_EXIT_FAILED. */
void tdh_end_watch(void);
/** main() is about to return. */
void tdh_end_allow(void);

#endif
