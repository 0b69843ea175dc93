#include "ui/plot/handoff_text.h"

#include "ui/plot/format_time.h"
#include "ui/plot/row_names.h"

#include <algorithm>

namespace timeslice {

namespace {

/// A waiter whose interval is over needs this long at most to see it and ask, other threads of the machine included.
constexpr Nanos kLookAround = kMillisecond;

} // namespace

std::optional<DropRequest> firstDropRequest(const Timeline& timeline, std::uint32_t lock, std::size_t hold)
{
    const LockInfo& info = timeline.locks[lock];
    const Slice slice = info.track.slice(hold);
    auto it = std::lower_bound(info.moments.begin(), info.moments.end(), slice.begin,
        [](const LockMoment& moment, Nanos t) { return moment.time < t; });
    it = std::find_if(it, info.moments.end(), [&](const LockMoment& moment) {
        return moment.time > slice.end
            || (moment.kind == EventKind::LockDropRequest && moment.thread < timeline.threads.size());
    });
    if (it == info.moments.end() || it->time > slice.end) {
        return std::nullopt;
    }
    DropRequest request{it->thread, std::nullopt};
    // Back over the waiting, and the moments on a core in which it woke up to look.
    const Track& waiter = timeline.threads[it->thread].track;
    Nanos since = it->time;
    for (std::size_t i = std::min(waiter.indexAt(it->time), waiter.size()); i < waiter.size(); --i) {
        const Slice part = waiter.slice(i);
        const SliceState state = part.value.state();
        const bool woken = state == SliceState::Runnable && part.value.cause() == Cause::Woken; // to look and ask
        if ((state == SliceState::WaitingForLock && part.value.subject() == lock) || woken) {
            since = std::max(part.begin, slice.begin);
        } else if (state == SliceState::Absent || state == SliceState::Blocked || state == SliceState::OffCore
            || part.length() > kLookAround) {
            break;
        }
        if (i == 0 || part.begin <= slice.begin) {
            break;
        }
    }
    if (since < it->time) {
        request.waited = it->time - since;
    }
    return request;
}

QString reasonLabel(const Timeline& timeline, std::uint32_t lock, std::size_t hold)
{
    const auto reason = releaseReason(timeline, lock, hold);
    if (!reason) {
        return {};
    }
    switch (*reason) {
    case ReleaseReason::Timeout: {
        const auto request = firstDropRequest(timeline, lock, hold);
        return request && request->waited ? QStringLiteral("asked for after %1").arg(formatDuration(*request->waited))
                                          : QStringLiteral("asked for");
    }
    case ReleaseReason::Voluntary:
        return timeline.locks[lock].kind == ObjectKind::Gil ? QStringLiteral("given up: sleep, I/O or C code")
                                                            : QStringLiteral("let go of its own accord");
    case ReleaseReason::Exit:
        return QStringLiteral("the thread ended");
    case ReleaseReason::Killed:
        break;
    }
    return QStringLiteral("its holder was killed while holding it");
}

QString reasonSentence(const Timeline& timeline, std::uint32_t lock, std::size_t hold)
{
    const auto reason = releaseReason(timeline, lock, hold);
    if (reason == ReleaseReason::Timeout) {
        const auto request = firstDropRequest(timeline, lock, hold);
        if (!request) {
            return QStringLiteral("let go: another thread waited for it and asked");
        }
        const QString name = threadLabel(timeline, request->thread);
        return request->waited
            ? QStringLiteral("let go: %1 waited %2 and asked").arg(name, formatDuration(*request->waited))
            : QStringLiteral("let go: %1 asked for it").arg(name);
    }
    const QString label = reasonLabel(timeline, lock, hold);
    return reason == ReleaseReason::Exit ? QStringLiteral("let go: ") + label : label;
}

} // namespace timeslice
