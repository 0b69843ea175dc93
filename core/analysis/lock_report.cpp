#include "core/analysis/lock_report.h"

#include "core/analysis/quantiles.h"
#include "core/trace/false_alarms.h"
#include "core/trace/handoff.h"
#include "core/trace/labels.h"

#include <algorithm>
#include <unordered_map>

namespace timeslice {

namespace {

/// A stretch in which a thread stood still for a lock.
struct Standstill {
    std::uint32_t thread = 0;
    TimeRange time;
};

/// For each lock, every standstill for it, thread by thread, ascending within a thread.
std::vector<std::vector<Standstill>> collectStandstills(const Timeline& timeline, TimeRange range)
{
    std::vector<std::vector<Standstill>> perLock(timeline.locks.size());
    for (std::uint32_t t = 0; t < timeline.threads.size(); ++t) {
        const Track& track = timeline.threads[t].track;
        for (std::size_t i = track.firstEndingAfter(range.begin); i < track.size(); ++i) {
            const Slice slice = track.slice(i);
            if (slice.begin >= range.end) {
                break;
            }
            const std::uint32_t lock = slice.value.subject();
            if (slice.value.state() == SliceState::WaitingForLock && lock < perLock.size()) {
                perLock[lock].push_back({t, {slice.begin, slice.end}});
            }
        }
    }
    return perLock;
}

void countHandoff(std::optional<ReleaseReason> reason, LockReport& report)
{
    if (!reason) {
        return; // not recorded why: not guessed
    }
    switch (*reason) {
    case ReleaseReason::Timeout:
        ++report.handoffsTimeout;
        break;
    case ReleaseReason::Voluntary:
        ++report.handoffsVoluntary;
        break;
    case ReleaseReason::Exit:
    case ReleaseReason::Killed:
        ++report.handoffsExit;
        break;
    }
}

/// Holds, hand-offs and, per thread, when it took the lock.
void reportHolds(const Timeline& timeline, std::uint32_t lock, TimeRange range, LockReport& report,
    std::unordered_map<std::uint32_t, std::vector<Nanos>>& taken)
{
    const Track& track = timeline.locks[lock].track;
    std::vector<double> lengths;
    std::vector<double> timedOut;
    std::optional<std::uint32_t> holderBefore;
    std::optional<ReleaseReason> reasonBefore;
    for (std::size_t i = track.firstEndingAfter(range.begin); i < track.size(); ++i) {
        const Slice slice = track.slice(i);
        if (slice.begin >= range.end) {
            break;
        }
        if (slice.value.state() != SliceState::Running) {
            continue;
        }
        const std::uint32_t holder = slice.value.subject();
        if (holderBefore && *holderBefore != holder) {
            countHandoff(reasonBefore, report);
        }
        holderBefore = holder;
        reasonBefore = releaseReason(timeline, lock, i);
        taken[holder].push_back(slice.begin);
        ++report.holds;
        report.hold += std::min(slice.end, range.end) - std::max(slice.begin, range.begin);
        if (i + 1 < track.size()) { // else it lasts: the recording ended first
            lengths.push_back(toMillis(slice.length()));
            report.holdTimes.add(slice.length());
            if (reasonBefore == ReleaseReason::Timeout) {
                timedOut.push_back(lengths.back());
            }
        }
    }
    report.holdMillis = quantilesOf(std::move(lengths));
    report.timeoutHoldMillis = quantilesOf(std::move(timedOut));
}

void reportWaits(const std::vector<Standstill>& standstills,
    const std::unordered_map<std::uint32_t, std::vector<Nanos>>& taken, LockReport& report)
{
    std::vector<double> lengths;
    for (std::size_t i = 0; i < standstills.size();) {
        const Standstill& first = standstills[i];
        Nanos end = first.time.end;
        Nanos takenAt = INT64_MAX;
        if (const auto times = taken.find(first.thread); times != taken.end()) {
            const auto next = std::lower_bound(times->second.begin(), times->second.end(), first.time.begin);
            takenAt = next == times->second.end() ? INT64_MAX : *next;
        }
        // Standstills before the thread takes the lock are one wait, interrupted by looking at the lock.
        std::size_t last = i + 1;
        for (; last < standstills.size() && standstills[last].thread == first.thread
             && standstills[last].time.begin < takenAt;
             ++last) {
            end = standstills[last].time.end;
        }
        if (takenAt != INT64_MAX) {
            end = takenAt;
        } else {
            ++report.waitsInVain;
        }
        const Nanos wait = end - first.time.begin;
        report.wait += wait;
        report.longestWait = std::max(report.longestWait, wait);
        report.waitTimes.add(wait);
        lengths.push_back(toMillis(wait));
        i = last;
    }
    report.waits = lengths.size();
    report.waitMillis = quantilesOf(std::move(lengths));
}

/// By lock.
std::vector<std::uint64_t> countFalseAlarms(const Timeline& timeline, TimeRange range)
{
    std::vector<std::uint64_t> counts(timeline.locks.size());
    for (const auto& [thread, alarms] : timeline.falseAlarms) {
        for (std::size_t i = firstFalseAlarmFrom(alarms, range.begin); i < alarms.size() && alarms[i].time < range.end;
             ++i) {
            ++counts[alarms[i].lock];
        }
    }
    return counts;
}

} // namespace

const char* lockKindName(ObjectKind kind)
{
    switch (kind) {
    case ObjectKind::Mutex:
        return "mutex";
    case ObjectKind::Gil:
        return "gil";
    case ObjectKind::Condition:
        return "condition";
    case ObjectKind::Barrier:
        return "barrier";
    case ObjectKind::SpinLock:
        return "spinlock";
    case ObjectKind::Counter:
    case ObjectKind::Mark:
        break;
    }
    return "lock";
}

std::vector<LockReport> reportLocks(const Timeline& timeline, TimeRange range)
{
    const std::vector<std::vector<Standstill>> standstills = collectStandstills(timeline, range);
    const RowLabels labels(timeline);
    const std::vector<std::uint64_t> falseAlarms = countFalseAlarms(timeline, range);
    std::vector<LockReport> reports;
    for (std::uint32_t i = 0; i < timeline.locks.size(); ++i) {
        const LockInfo& lock = timeline.locks[i];
        LockReport report;
        report.id = lock.id;
        report.name = lock.name.empty() ? std::string() : labels.locks[i];
        report.kind = lockKindName(lock.kind);
        report.pid = lock.pid;
        report.maxConcurrentHolders = lock.maxConcurrentHolders;
        std::unordered_map<std::uint32_t, std::vector<Nanos>> taken;
        reportHolds(timeline, i, range, report, taken);
        reportWaits(standstills[i], taken, report);
        report.dropRequests = static_cast<std::uint64_t>(
            std::count_if(lock.moments.begin(), lock.moments.end(), [&](const LockMoment& moment) {
                return moment.kind == EventKind::LockDropRequest && range.contains(moment.time);
            }));
        if (lock.kind == ObjectKind::Gil) { // no other lock tells
            report.falseAlarms = falseAlarms[i];
        }
        report.heldShare = range.empty() ? 0 : static_cast<double>(report.hold) / static_cast<double>(range.length());
        reports.push_back(std::move(report));
    }
    return reports;
}

std::optional<LockingReport> reportLocking(const std::vector<LockReport>& locks)
{
    std::optional<LockingReport> sum;
    for (const LockReport& lock : locks) {
        if (lock.kind == lockKindName(ObjectKind::Gil)) {
            continue;
        }
        if (!sum) {
            sum.emplace();
        }
        sum->holds += lock.holds;
        sum->waits += lock.waits.value_or(0);
        sum->waitsInVain += lock.waitsInVain;
        sum->wait += lock.wait;
    }
    return sum;
}

} // namespace timeslice
