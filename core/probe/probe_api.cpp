#include "core/probe/probe_api.h"

#include "core/probe/environment.h"
#include "core/probe/own_ids.h"
#include "core/probe/thread_record.h"

using namespace timeslice;
using namespace timeslice::probe;

namespace {

bool mayComeFromAProgram(int kind) noexcept
{
    if (kind <= 0 || kind > UINT16_MAX) {
        return false;
    }
    switch (static_cast<EventKind>(kind)) {
    case EventKind::None:
    case EventKind::SwitchIn:
    case EventKind::SwitchOut:
    case EventKind::ThreadBorn:
    case EventKind::ThreadExit:
    case EventKind::Wakeup:
    case EventKind::ProcessExec:
    case EventKind::ProcessReaped:
        return false;
    default:
        return true; // the reader refuses what it does not know
    }
}

bool isObjectKind(int kind) noexcept
{
    return kind >= static_cast<int>(ObjectKind::Mutex) && kind <= static_cast<int>(ObjectKind::SpinLock);
}

#define TIMESLICE_EXPORT extern "C" [[gnu::visibility("default")]]

} // namespace

TIMESLICE_EXPORT int timeslice_probe_version(void)
{
    return 1;
}

TIMESLICE_EXPORT int timeslice_probe_active(void)
{
    return openChannel() != nullptr ? 1 : 0;
}

TIMESLICE_EXPORT int64_t timeslice_probe_now(void)
{
    return monotonicNow();
}

TIMESLICE_EXPORT uint32_t timeslice_probe_object(int kind, const char* name, int shared)
{
    const ChannelMap* channel = openChannel();
    if (channel == nullptr || name == nullptr || !isObjectKind(kind)) {
        return 0;
    }
    beOfThisProcess(t_thread);
    return channel->addObject(static_cast<ObjectKind>(kind), name, shared != 0 ? 0 : ownPid());
}

TIMESLICE_EXPORT void timeslice_probe_event(int kind, uint32_t object, uint64_t value)
{
    ThreadRecord& thread = t_thread;
    if (thread.busy || !mayComeFromAProgram(kind)) {
        return;
    }
    AtWork atWork{thread};
    if (readyToRecord(thread)) {
        thread.ring.record(monotonicNow(), static_cast<EventKind>(kind), object, value);
    }
}

TIMESLICE_EXPORT void timeslice_probe_name_thread(const char* name)
{
    ThreadRecord& thread = t_thread;
    if (thread.busy || name == nullptr) {
        return;
    }
    AtWork atWork{thread};
    if (readyToRecord(thread)) {
        thread.namedByScript = true;
        thread.ring.setName(name);
    }
}

TIMESLICE_EXPORT const char* timeslice_probe_variable(const char* name)
{
    return name != nullptr ? hiddenVariable(name) : nullptr;
}
