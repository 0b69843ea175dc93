#include "core/session/python_job.h"

#include "core/base/clean_name.h"
#include "core/base/read_file.h"
#include "core/python/result_lines.h"
#include "core/record/collector.h"
#include "core/scenario/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <sys/resource.h>
#include <unistd.h>

namespace timeslice {

namespace {

constexpr std::uint32_t kRings = 1U << 20; ///< as many threads as Linux is usually set to allow, and more
/// Processes that contend for a lock let go of the GIL and take it again at each attempt: two events a microsecond,
/// from one moment to the next. The collector may then still be in a quiet period, and wait for a core after it.
constexpr std::uint32_t kRingEvents = 32768;
static_assert(kRingEvents >= 2 * (Collector::kQuietPeriod + Collector::kPeriod) / kMicrosecond);
constexpr std::uint32_t kObjects = 1U << 16; ///< each process has a GIL, a script may have thousands of locks
/// The least that is of use: the threads of a pool, for a few milliseconds each until they are read.
constexpr std::uint32_t kLeastRings = 64;
constexpr std::uint32_t kLeastRingEvents = 4096;
/// The share of a limited address space that the rings of a pool of threads may take.
constexpr std::uint64_t kShareOfLimit = 16;

/// "NAME=first:what is there".
std::string prepended(const char* name, const std::string& first)
{
    std::string assignment = name;
    assignment.append(1, '=').append(first);
    if (const char* now = std::getenv(name); now != nullptr && *now != '\0') {
        assignment.append(1, ':').append(now);
    }
    return assignment;
}

} // namespace

ChannelGeometry pythonChannelGeometry()
{
    ChannelGeometry geometry;
    geometry.rings = kRings;
    geometry.ringCapacity = kRingEvents;
    geometry.objects = kObjects;
    const auto limitOf = [](auto resource) -> std::uint64_t {
        rlimit limit{};
        return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY; // which is the largest there is
    };
    const std::uint64_t mostMapped = limitOf(RLIMIT_AS) / kShareOfLimit;
    // A memfd is a file. Half of the limit leaves room for the other tables of the channel.
    const std::uint64_t mostInFile = limitOf(RLIMIT_FSIZE) / 2;
    const auto bytesOf = [&](std::uint64_t rings) { return rings * geometry.ringCapacity * sizeof(Event); };
    while (bytesOf(geometry.rings) > mostInFile && geometry.rings > kLeastRings) {
        geometry.rings /= 2;
    }
    while ((bytesOf(kLeastRings) > mostMapped || bytesOf(geometry.rings) > mostInFile)
        && geometry.ringCapacity > kLeastRingEvents) {
        geometry.ringCapacity /= 2;
    }
    return geometry;
}

std::int64_t probeAddressSpace(const channel::Geometry& channel, int threads)
{
    constexpr std::uint64_t kFew = std::uint64_t{1} << 20; // the index, and the probe itself
    return static_cast<std::int64_t>(kFew + static_cast<std::uint64_t>(std::max(threads, 1)) * channel.ringBytes());
}

std::vector<std::string> lessonEnvironment(const Programs& programs)
{
    std::vector<std::string> environment;
    if (!programs.modules.empty()) {
        environment.push_back(prepended("PYTHONPATH", programs.modules.string()));
    }
    environment.emplace_back("PYTHONUNBUFFERED=1"); // its two streams arrive in the order in which it wrote
    environment.emplace_back("PYTHONDONTWRITEBYTECODE=1"); // our folders are not its to write to
    // The heap that glibc reserves for each thread, 64 MiB a core, would soon exceed the limit on address space.
    environment.emplace_back("MALLOC_ARENA_MAX=2");
    return environment;
}

std::vector<std::string> pythonEnvironment(
    const PythonJob& job, const Programs& programs, const RecordingDescriptors& descriptors)
{
    std::vector<std::string> environment = recordingEnvironment(programs, descriptors);
    if (job.lesson) {
        const std::vector<std::string> lesson = lessonEnvironment(programs);
        environment.insert(environment.end(), lesson.begin(), lesson.end());
    } else if (job.captureOutput) {
        environment.emplace_back("TERM=dumb"); // it writes to a terminal that knows no colours and moves no cursor
    }
    return environment;
}

std::vector<std::string> pythonCommand(const PythonJob& job)
{
    std::vector<std::string> words{job.interpreter.path.string()};
    words.insert(words.end(), job.arguments.begin(), job.arguments.end());
    return words;
}

std::int64_t pythonMemoryLimit(const PythonJob& job, const Limits& limits, std::int64_t probeBytes)
{
    if (limits.memoryBytes <= 0 || job.interpreter.kind == InterpreterKind::Jython) {
        return 0;
    }
    return limits.memoryBytes + probeBytes;
}

bool canOpenScript(const PythonJob& job)
{
    const std::string& script = job.arguments.front();
    return script.starts_with('-') || ::access((job.directory / script).c_str(), R_OK) == 0;
}

std::string interpreterText(const Interpreter& interpreter)
{
    return describe(interpreter) + ", " + cleanName(interpreter.path.string());
}

Result<std::filesystem::path> scriptOf(const VariantSpec& variant)
{
    std::filesystem::path script = variant.python.script;
    const bool named = script.is_relative();
    if (named) {
        const Result<std::filesystem::path> resources = findResources();
        if (!resources) {
            return tl::unexpected(resources.error());
        }
        script = *resources / "scenarios" / script.filename();
    }
    std::string text;
    if (!readFile(script.c_str(), text)) {
        return fail("its script " + script.string() + " is not there or cannot be read", ErrorKind::Unsupported);
    }
    if (named && !variant.code.empty()) {
        if (text != variant.code) {
            return fail("its script " + script.string() + " is not the one that the recording was made with",
                ErrorKind::Unsupported);
        }
    }
    return script;
}

} // namespace timeslice
