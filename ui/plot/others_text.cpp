#include "ui/plot/others_text.h"

#include "core/trace/core_others.h"
#include "ui/plot/format_time.h"
#include "ui/plot/row_list.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace timeslice {

namespace {

constexpr std::size_t kMostSlices = 2000; // that are added up for a text
constexpr std::size_t kMostNames = 3;
constexpr std::size_t kMostOthersNear = 12; // close to the cursor

QString span(const Timeline& timeline, TimeRange range)
{
    return QStringLiteral("for %1, from %2")
        .arg(formatDuration(range.length()),
            formatInstant(range.begin - originOf(timeline), std::max<Nanos>(1, range.length() / 20)));
}

QString titleOf(const OtherProgram& program, CpuId cpu)
{
    if (program.kind == OtherProgram::Kind::Timeslice) {
        return QStringLiteral("Timeslice itself runs on core %1").arg(cpu);
    }
    const QString who = program.kind == OtherProgram::Kind::Kernel ? QStringLiteral("The kernel itself")
                                                                   : QStringLiteral("Another program");
    if (program.name.empty()) {
        return program.pid > 0 ? QStringLiteral("%1 (%2) runs on core %3").arg(who).arg(program.pid).arg(cpu)
                               : QStringLiteral("%1 runs on core %2").arg(who).arg(cpu);
    }
    return QStringLiteral("%1 runs on core %2: %3 (%4)")
        .arg(who)
        .arg(cpu)
        .arg(QString::fromStdString(program.name))
        .arg(program.pid);
}

/// The slice of another program at `t`, or a shorter one close by.
std::optional<Slice> otherNear(const Track& track, Nanos t, Nanos reach)
{
    const std::size_t here = track.indexAt(t);
    if (here < track.size() && track.value(here).state() == SliceState::Running) {
        return track.slice(here);
    }
    const std::size_t first = track.firstEndingAfter(t - reach);
    for (std::size_t i = first; i < track.size() && i < first + kMostOthersNear; ++i) {
        const Slice slice = track.slice(i);
        if (slice.begin > t + reach) {
            break;
        }
        if (slice.value.state() == SliceState::Running && slice.length() <= 2 * reach) {
            return slice;
        }
    }
    return std::nullopt;
}

} // namespace

QString programLabel(const OtherProgram& program)
{
    if (program.name.empty()) {
        return QStringLiteral("another program");
    }
    const QString name = QString::fromStdString(program.name);
    return program.kind == OtherProgram::Kind::Kernel ? QStringLiteral("kernel: %1").arg(name) : name;
}

std::optional<OthersText> describeOthersAt(const Timeline& timeline, std::size_t core, Nanos t, Nanos reach)
{
    const CoreInfo& info = timeline.cores[core];
    if (const auto slice = otherNear(info.others, t, reach)) {
        const TimeRange range{slice->begin, slice->end};
        const OtherProgram& program = timeline.programs[slice->value.subject()];
        OthersText text{titleOf(program, info.cpu), {span(timeline, range)}, range};
        if (program.kind == OtherProgram::Kind::Timeslice) {
            text.lines << QStringLiteral("its window, its collector or its guard");
        }
        text.lines << QStringLiteral("measured; it is no part of the run");
        return text;
    }
    const std::size_t index = info.track.indexAt(t);
    if (index >= info.track.size() || info.track.value(index).state() == SliceState::Running) {
        return std::nullopt;
    }
    const Slice free = info.track.slice(index);
    for (const UnseenGap& gap : unseenGaps(timeline, core, {free.begin, free.end})) {
        if (!gap.range.contains(t)) {
            continue;
        }
        return OthersText{gap.host ? QStringLiteral("The host took core %1: another machine's turn").arg(info.cpu)
                                   : QStringLiteral("Not seen on core %1: another program or the host").arg(info.cpu),
            {span(timeline, gap.range),
                QStringLiteral("A thread waits for this core, and nothing that is recorded runs on it.")},
            gap.range};
    }
    return std::nullopt;
}

QStringList describeOthersIn(const Timeline& timeline, std::size_t core, TimeRange range)
{
    const CoreInfo& info = timeline.cores[core];
    const OthersTime time = othersIn(info, range);
    if (time.known * 10 < range.length() * 9) {
        return {QStringLiteral("Other programs may run here: the row CPU shows them.")};
    }
    std::map<QString, Nanos> byName;
    const std::size_t first = info.others.firstEndingAfter(range.begin);
    for (std::size_t i = first; i < info.others.size() && i < first + kMostSlices; ++i) {
        const Slice slice = info.others.slice(i);
        if (slice.begin >= range.end) {
            break;
        }
        if (slice.value.state() == SliceState::Running) {
            byName[programLabel(timeline.programs[slice.value.subject()])] +=
                std::min(slice.end, range.end) - std::max(slice.begin, range.begin);
        }
    }
    std::vector<std::pair<QString, Nanos>> programs(byName.begin(), byName.end());
    std::stable_sort(
        programs.begin(), programs.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    programs.resize(std::min(programs.size(), kMostNames));
    QStringList lines;
    for (const auto& [name, used] : programs) {
        lines << QStringLiteral("%1: %2").arg(name, formatDuration(used));
    }
    lines << (time.others == 0
            ? QStringLiteral("No other program ran here (measured).")
            : QStringLiteral("other programs: %1 in all (measured)").arg(formatDuration(time.others)));
    return lines;
}

} // namespace timeslice
