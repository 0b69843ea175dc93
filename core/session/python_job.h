// PythonJob: a script to run under an interpreter, and what it needs around it to be recorded.
#pragma once

#include "core/python/interpreter.h"
#include "core/record/channel.h"
#include "core/scenario/scenario.h"
#include "core/session/programs.h"
#include "core/session/recording_environment.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

struct PythonJob {
    Interpreter interpreter;
    std::vector<std::string> arguments; ///< SCRIPT [ARGS...] or -m NAME [ARGS...]
    std::filesystem::path directory; ///< to run in; empty = ours
    bool lesson = false; ///< a scenario's: contained, within its limits, and with our module; else the user's own
    bool captureOutput = false; ///< of the user's own: what it prints is delivered; else it goes where ours goes
    int input = -1; ///< of the user's own: becomes its standard input; -1 = ours
};

/// For as many threads at a time as the system gives a program. A sparse file: of it a process maps the ring of each of
/// its threads, half a MiB; less where the address space is limited (ulimit -v), so that the recording does not take
/// from the script what it is allowed.
ChannelGeometry pythonChannelGeometry();
/// What the probe takes of the address space of a process of the script with so many threads, in bytes.
std::int64_t probeAddressSpace(const channel::Geometry& channel, int threads);

/// What the workload's environment says besides ours: "NAME=VALUE".
std::vector<std::string> pythonEnvironment(
    const PythonJob& job, const Programs& programs, const RecordingDescriptors& descriptors);

/// What of it is the same for every scenario's script, recorded or not.
std::vector<std::string> lessonEnvironment(const Programs& programs);

/// What the interpreter is started with, argv[0] first.
std::vector<std::string> pythonCommand(const PythonJob& job);

/// Whether the file that the arguments begin with can be read now; true where they begin with no file's name.
bool canOpenScript(const PythonJob& job);

/// RunFacts::interpreter: "CPython 3.11.2, /usr/bin/python3".
std::string interpreterText(const Interpreter& interpreter);

/// RLIMIT_AS of the script, 0 = none. It is per process, and includes what the probe takes of it. Not for Jython: its
/// virtual machine reserves many times the address space that it uses, and ends at a share of this machine's memory by
/// itself.
std::int64_t pythonMemoryLimit(const PythonJob& job, const Limits& limits, std::int64_t probeBytes);

/// The script that a scenario's variant names. Errors (Unsupported): it is not on this machine, or (of a recording's
/// scenario, which names it only) is not the text that the recording shows.
Result<std::filesystem::path> scriptOf(const VariantSpec& variant);

} // namespace timeslice
