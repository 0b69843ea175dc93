#include "core/session/calibration.h"

#include "core/base/clean_name.h"
#include "core/base/duration_text.h"
#include "core/base/json_in.h"
#include "core/base/readable.h"
#include "core/session/worker_process.h"
#include "core/session/worker_result.h"

#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace timeslice {

namespace {

constexpr Nanos kCalibrationLimit = 20 * kSecond;

Result<double> calibrate(const Programs& programs, int stopFd)
{
    ProcessSpec spec;
    spec.argv = {programs.worker.string(), "--calibrate"};
    Result<WorkerProcess> process = WorkerProcess::spawnHeld(programs.guard, spec, stopFd);
    if (!process) {
        return tl::unexpected(process.error());
    }
    process->release();
    const Nanos deadline = monotonicNow() + kCalibrationLimit;
    std::optional<Exit> exit;
    while (monotonicNow() < deadline) {
        const std::optional<ProcessEvent> event = process->waitEvent(deadline, {stopFd});
        if (readable(stopFd)) {
            return fail("stopped before this machine's speed was measured");
        }
        if (event && event->kind == ProcessEvent::Kind::Ended) {
            exit = exitFromStatus(event->value, process->output());
        }
        if (event && (event->kind == ProcessEvent::Kind::Swept || event->kind == ProcessEvent::Kind::GuardLost)) {
            break;
        }
    }
    const std::string output = process->output();
    const std::string what = "cannot measure this machine's speed: " + programs.worker.string() + " --calibrate ";
    if (!exit) {
        return fail(what + "did not finish within " + toDurationText(kCalibrationLimit, " "));
    }
    if (!exit->ok()) {
        return fail(what + exit->text);
    }
    const nlohmann::json json = parseJson(lastLine(output)).value_or(nlohmann::json());
    const auto value = json.is_object() ? json.find("iterations_per_us") : json.end();
    if (!json.is_object() || value == json.end() || !value->is_number() || !std::isfinite(value->get<double>())
        || value->get<double>() <= 0) {
        return fail(what + "printed '" + cleanText(lastLine(output)) + "', which is not what this version expects");
    }
    return value->get<double>();
}

} // namespace

Result<double> iterationsPerMicrosecond(const Programs& programs, int stopFd)
{
    static std::mutex mutex; // of `known` alone: who waited for another's measurement could not be stopped
    static std::optional<double> known; // the first to succeed; a failure is tried again
    {
        const std::lock_guard lock(mutex);
        if (known) {
            return *known;
        }
    }
    const Result<double> measured = calibrate(programs, stopFd);
    if (!measured) {
        return measured;
    }
    const std::lock_guard lock(mutex);
    known = known.value_or(*measured);
    return *known;
}

} // namespace timeslice
