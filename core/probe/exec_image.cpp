#include "core/probe/exec_image.h"

#include "core/probe/thread_record.h"
#include "core/probe/traced_gil.h"

#include <unistd.h>

namespace timeslice::probe {

bool announceExec() noexcept
{
    ThreadRecord& thread = t_thread;
    if (thread.busy || thread.ended || !thread.ring.attached() || isForkedChild() || thread.ring.pid() != getpid()) {
        return false;
    }
    AtWork atWork{thread};
    thread.ring.record(monotonicNow(), EventKind::ProcessExec, 0, static_cast<std::uint64_t>(ExecNews::Announced));
    return true;
}

void takeBackExec() noexcept
{
    ThreadRecord& thread = t_thread;
    AtWork atWork{thread};
    for (TracedGil* gil = nextHeldGil(thread.serial, nullptr); gil != nullptr; gil = nextHeldGil(thread.serial, gil)) {
        thread.ring.record(monotonicNow(), EventKind::LockAcquire, gil->object, 0);
    }
}

} // namespace timeslice::probe
