#include "core/trace/unseen_gils.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

SliceValue withState(SliceValue value, SliceState state)
{
    return {state, value.cause(), 0, static_cast<std::uint8_t>(state)};
}

} // namespace

void UnseenGils::add(const UnobservedProcess& process)
{
    auto& all = m_timeline.unobserved;
    all.insert(std::upper_bound(all.begin(), all.end(), process,
                   [](const UnobservedProcess& a, const UnobservedProcess& b) { return a.begin < b.begin; }),
        process);
    if (process.hasGil) {
        redraw(process.pid);
    }
}

void UnseenGils::isSeen(Pid pid)
{
    const auto isOpen = [pid](const UnobservedProcess& p) { return p.pid == pid && p.hasGil && p.end == 0; };
    if (std::erase_if(m_timeline.unobserved, isOpen) > 0) {
        redraw(pid);
    }
}

void UnseenGils::endsAt(Pid pid, Nanos time)
{
    for (UnobservedProcess& process : m_timeline.unobserved) {
        if (process.pid == pid && process.end == 0 && process.begin < time) {
            process.end = time;
        }
    }
}

SliceValue UnseenGils::shownAmong(SliceValue value, Pid pid, Nanos time) const noexcept
{
    const bool blocked = value.state() == SliceState::Blocked && value.subject() == 0; // 0 = WaitKind::Unknown
    if (!blocked && value.state() != SliceState::OffCore) {
        return value;
    }
    const bool unseen =
        std::any_of(m_timeline.unobserved.begin(), m_timeline.unobserved.end(), [&](const UnobservedProcess& p) {
            return p.pid == pid && p.hasGil && p.begin <= time && (p.end == 0 || time < p.end);
        });
    return withState(value, unseen ? SliceState::OffCore : SliceState::Blocked);
}

void UnseenGils::redraw(Pid pid)
{
    for (ThreadInfo& thread : m_timeline.threads) {
        if (thread.pid != pid) {
            continue;
        }
        std::size_t next = 0;
        thread.track.mapValues([&](SliceValue value) {
            const Nanos begin = thread.track.slice(next++).begin;
            return shownAmong(value, pid, begin);
        });
    }
}

} // namespace timeslice
