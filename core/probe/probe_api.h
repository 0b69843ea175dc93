/* What the preloaded probe offers to the program that it is loaded into; resources/python/timeslice calls it through
 * ctypes. Plain C. Every function is callable from any thread, never blocks, never fails loudly: without a channel
 * (the recording brought none) all do nothing. They must be called without letting go of the GIL (ctypes.PyDLL), or
 * they would be hand-offs themselves.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1; a higher number only adds functions. */
int timeslice_probe_version(void);
/* 1 when what follows is recorded. */
int timeslice_probe_active(void);
/* Nanoseconds of CLOCK_MONOTONIC, the recording's clock. */
int64_t timeslice_probe_now(void);
/* A new lock, counter or mark; kind is ObjectKind (core/trace/batch.h), name UTF-8. shared != 0: belongs to no single
 * process. Returns its id, 0 when there is no room (events about object 0 are dropped). */
uint32_t timeslice_probe_object(int kind, const char* name, int shared);
/* Records an event of the calling thread now; kind is EventKind (core/trace/event.h). Kinds that are the kernel's or
 * the collector's alone (switches, births) are ignored. */
void timeslice_probe_event(int kind, uint32_t object, uint64_t value);
/* The value of a variable that came with the recording, which is not in the program's environment; NULL = none. */
const char* timeslice_probe_variable(const char* name);
/* Names the calling thread's track. */
void timeslice_probe_name_thread(const char* name);

#ifdef __cplusplus
}
#endif
