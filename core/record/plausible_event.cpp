#include "core/record/plausible_event.h"

namespace timeslice {

bool isPlausible(const Event& event, SchedulingSource scheduling, CpuId cpus) noexcept
{
    if (event.cpu < kNoCpu || event.cpu >= cpus) {
        return false;
    }
    switch (event.kind) {
    case EventKind::SwitchIn:
    case EventKind::Wakeup:
    case EventKind::ThreadBorn:
    case EventKind::ThreadExit:
        return scheduling == SchedulingSource::Workload;
    case EventKind::SwitchOut:
        return scheduling == SchedulingSource::Workload
            && event.value <= static_cast<std::uint64_t>(SwitchOutReason::Preempted);
    case EventKind::ProcessExec: // where the kernel tells of execs itself, whoever reads it passes over the
                                 // announcement
        return event.value == static_cast<std::uint64_t>(ExecNews::Announced);
    case EventKind::ProcessReaped:
        return Reaping::fromBits(event.value).isEnd();
    case EventKind::LockRelease:
        return event.value <= static_cast<std::uint64_t>(ReleaseReason::Killed);
    case EventKind::WaitBegin:
    case EventKind::WaitEnd:
        return event.value <= static_cast<std::uint64_t>(kLastWaitKind);
    case EventKind::WaitUntil:
    case EventKind::StartDelay:
        return event.value <= static_cast<std::uint64_t>(kLatestTime);
    case EventKind::Latency:
        return event.value <= std::uint64_t{INT64_MAX};
    case EventKind::LockRequest:
    case EventKind::LockAcquire:
    case EventKind::LockDropRequest:
    case EventKind::LockForcedWait:
    case EventKind::LockAbandon:
    case EventKind::LockFalseAlarm:
    case EventKind::CounterLoad:
    case EventKind::CounterStore:
    case EventKind::Mark:
    case EventKind::WorkBegin:
    case EventKind::WorkEnd:
        return true;
    case EventKind::None:
        break;
    }
    return false;
}

} // namespace timeslice
