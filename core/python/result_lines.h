// What a scenario's script reports beside its events: JSON objects, one a line, appended to the file that the variable
// TIMESLICE_RESULT names (a path to open; it may be a memfd's under /proc), which the probe hides from the script.
//
//   {"counters": [{"name": "x", "expected": 200000, "actual": 123456}]}
//   {"extra": {"requests": 20}}          numbers and texts for the report's "extra", merged in order
//   {"latency_ms": [0.1, 5.2]}           delays that were measured where no event could be written (Jython)
//   {"error": "the server did not start"}
//   {"unwritten": "what the module could not say, and why"}
//
// Of a line, or a value, that cannot be used, the report's findings say which and why; the others count.
#pragma once

namespace timeslice {

inline constexpr const char* kResultVariable = "TIMESLICE_RESULT";

} // namespace timeslice
