#include "core/record/chosen_names.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace timeslice {

void ChosenNames::settle(Batch& batch, std::size_t firstKernelName)
{
    std::unordered_map<Tid, Nanos> newProgram; // began no earlier than that
    for (const Event& event : batch.events) {
        const bool begins = event.kind == EventKind::ProcessExec
            && (m_sampled || event.value == static_cast<std::uint64_t>(ExecNews::Certain));
        if (begins || event.kind == EventKind::ThreadBorn) {
            m_named.erase(event.tid); // it was the name of what ran before, or the number that of another thread
        }
        if (begins) {
            const bool look = event.value >= static_cast<std::uint64_t>(ExecNews::Sampled);
            const Nanos since = look ? static_cast<Nanos>(std::min<std::uint64_t>(event.value, INT64_MAX)) : event.time;
            Nanos& latest = newProgram[event.tid];
            latest = std::max(latest, since);
        }
    }
    const auto kernelNames = batch.names.begin() + static_cast<std::ptrdiff_t>(firstKernelName);
    std::for_each(batch.names.begin(), kernelNames, [&](const ThreadNaming& naming) {
        const auto exec = newProgram.find(naming.tid);
        const bool ofOldProgram =
            exec != newProgram.end() && naming.programSince != 0 && naming.programSince < exec->second;
        if (!ofOldProgram) {
            m_named.insert(naming.tid);
        }
    });
    const auto unwanted = [this](const ThreadNaming& naming) { return m_named.contains(naming.tid); };
    batch.names.erase(std::remove_if(kernelNames, batch.names.end(), unwanted), batch.names.end());
}

} // namespace timeslice
