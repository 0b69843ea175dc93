// Moments of a run that the panel lists, so that a click shows them.
#include "ui/result/result_facts.h"

#include "core/trace/process_end.h"
#include "core/trace/process_lives.h"
#include "ui/plot/format_time.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/one_line.h"
#include "ui/plot/row_names.h"

#include <algorithm>
#include <csignal>

namespace timeslice {

namespace {

/// What is shown around a moment: a tenth of the work. Since its start.
TimeRange around(const Timeline& timeline, Nanos time)
{
    const Nanos reach = std::max(timeline.workRange().length() / 20, 10 * kMicrosecond);
    const Nanos at = time - originOf(timeline);
    return {at - reach, at + reach};
}

QString withVariant(const RunModel& model, const VariantModel& variant, const QString& text)
{
    const auto begun = std::count_if(model.variants().begin(), model.variants().end(),
        [](const VariantModel& other) { return other.recording != nullptr; });
    return begun > 1 ? QStringLiteral("%1: %2").arg(oneLineText(variant.recording->title), text) : text;
}

} // namespace

std::vector<Finding> markList(const RunModel& model)
{
    std::vector<Finding> list;
    std::size_t more = 0;
    for (const VariantModel& variant : model.variants()) {
        if (variant.recording == nullptr || variant.recording->timeline.marks.empty()) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        const RowNames names(timeline);
        for (const MarkPoint& mark : timeline.marks) {
            if (list.size() == kMostMarks) {
                ++more;
                continue;
            }
            const QString text = QStringLiteral("%1  %2, by %3")
                                     .arg(formatDuration(mark.time - originOf(timeline)), markName(timeline, mark),
                                         names.thread(mark.thread));
            list.push_back({withVariant(model, variant, text), around(timeline, mark.time)});
        }
    }
    if (more > 0) {
        list.push_back({QStringLiteral("and %1 more").arg(more), std::nullopt});
    }
    return list;
}

std::vector<Finding> processEnds(const RunModel& model)
{
    std::vector<Finding> list;
    for (const VariantModel& variant : model.variants()) {
        if (variant.recording == nullptr || variant.recording->timeline.reaps.empty()) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        const RowNames names(timeline);
        const std::vector<ProcessLife> lives = processLives(timeline);
        for (const ProcessLife& life : lives) {
            if (!life.status || *life.status == 0 || !life.parent || list.size() == kMostMarks) {
                continue;
            }
            const Nanos over = lives.front().exited;
            if (over != 0 && life.exited >= over && *life.status == SIGKILL) {
                continue; // left over when the program was done, and tidied away: not of its doing
            }
            const QString text =
                QStringLiteral("%1 %2 %3 at %4.")
                    .arg(names.processTitle(names.process(life.threads.front())),
                        wasKilled(*life.status) ? QStringLiteral("was") : QString(),
                        QString::fromStdString(endText(*life.status)),
                        formatDuration((life.exited != 0 ? life.exited : life.reaped) - originOf(timeline)))
                    .simplified();
            list.push_back(
                {withVariant(model, variant, text), around(timeline, life.exited != 0 ? life.exited : life.reaped)});
        }
    }
    return list;
}

} // namespace timeslice
