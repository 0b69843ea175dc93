// Any bytes as what a script, or the worker, says of its own run: the report that it becomes can be written and read.
#include "core/analysis/report.h"
#include "core/base/json_in.h"
#include "core/base/json_out.h"
#include "core/base/unique_fd.h"
#include "core/session/worker_result.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace {

using namespace timeslice;

void report(WorkerResult result)
{
    RunFacts facts;
    facts.counters = std::move(result.counters);
    facts.extra = std::move(result.extra);
    facts.findings = std::move(result.unused);
    facts.wall = result.wall.value_or(0);
    facts.cpu = result.cpu.value_or(0);
    RunReport report;
    report.variants.push_back(analyzeVariant(Timeline(), facts, "id", "name", Engine::CPython));
    const auto text = jsonText(toJson(report));
    if (!parseJson(text).and_then(reportFromJson)) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const UniqueFd file(memfd_create("fuzz", MFD_CLOEXEC));
    if (!file || ::write(file.get(), data, size) != static_cast<ssize_t>(size)) {
        return 0;
    }
    report(readScriptResult(file.get()));
    report(readWorkerResult(file.get()));
    (void)exitFromStatus(1 << 8, std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
