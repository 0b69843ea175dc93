#include "ui/result/trust.h"

#include "ui/plot/format_time.h"
#include "ui/result/calculated.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <QCoreApplication>
#include <algorithm>

namespace timeslice {

SourceText describeSource(const RunModel& model)
{
    SourceText text;
    Nanos wall = 0;
    Nanos cost = 0;
    Nanos stolen = 0;
    std::uint64_t lost = 0;
    std::uint64_t events = 0;
    std::size_t cores = 1;
    bool ended = false;
    bool any = false;
    bool switches = false;
    bool wakeups = false;
    for (const VariantModel& variant : model.variants()) {
        if (variant.phase == VariantModel::Phase::Waiting || variant.recording == nullptr) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        any = true;
        text.measured = text.measured && timeline.source != Source::Inferred; // a calculation says so itself
        switches = switches || timeline.source == Source::Measured;
        wakeups = wakeups || timeline.wakeupsUntil.has_value();
        lost += timeline.lost.total();
        events += timeline.events;
        if (variant.phase == VariantModel::Phase::Ended) {
            ended = true;
            wall += variant.report.wall;
            cost += variant.report.recordingCost;
            stolen += variant.report.stolen;
            cores = std::max(cores, timeline.cores.size());
        }
    }
    if (!any) {
        return text;
    }
    text.lossy = lost > 0;
    const CalculatedVariants calculated = calculatedIn(model);
    text.word = calculated.all() ? tr("calculated") : text.measured ? tr("measured") : tr("inferred");
    text.exception = calculated.text();
    QStringList parts{calculated.all() ? tr("nothing ran")
            : text.measured            ? tr("kernel context switches")
                                       : tr("gaps in the workload's own time stamps")};
    if (!text.exception.isEmpty()) {
        parts << text.exception;
    }
    if (ended && wall > 0) {
        const double share = static_cast<double>(cost) / static_cast<double>(wall);
        constexpr double kWorthAWord = 0.2;
        parts << (share < kWorthAWord ? tr("recording cost %1 of the run")
                                      : tr("recording took a core for %1 of the run"))
                     .arg(percentText(share));
    }
    parts << tr("%1 lost").arg(pluralText(static_cast<std::int64_t>(lost), "event"));
    if (ended && wall > 0) {
        const double capacity = static_cast<double>(wall) * static_cast<double>(cores);
        parts << tr("stolen by the host %1").arg(percentText(static_cast<double>(stolen) / capacity));
    }
    text.details = parts.join(QStringLiteral(" · "));
    text.explanation = tr("%1 were recorded.").arg(pluralText(static_cast<std::int64_t>(events), "event"));
    if (ended) {
        text.explanation += '\n'
            + tr("The recorder used %1 of CPU time while the work took %2.")
                  .arg(formatDuration(cost), formatDuration(wall))
            + '\n' + tr("Stolen: time in which the host of this virtual machine ran something else on our cores.");
    }
    if (wakeups) {
        text.explanation += '\n' + tr("Wake-ups were recorded: waiting for a core is measured from the wake-up on.");
    } else if (switches) {
        text.explanation += '\n'
            + tr("Wake-ups were not recorded: a thread waits for a core once the time is over for which it said it "
                 "would sleep; after any other wait it is drawn as blocked until it runs. “timeslice doctor” says how "
                 "to allow them.");
    }
    if (!text.measured) {
        text.explanation += '\n'
            + tr("The kernel's context-switch records were not used, so cores and states are inferred. "
                 "“timeslice doctor” says how to allow them.");
    }
    return text;
}

QString describeMachine(const MachineFacts& machine)
{
    QStringList parts;
    for (const auto& [name, version] : machine.interpreters) {
        parts << QString::fromStdString(name + ' ' + version);
    }
    if (machine.cores > 0) {
        parts << pluralText(machine.cores, "core");
    }
    if (!machine.kernel.empty()) {
        parts << QString::fromStdString(machine.kernel);
    }
    return parts.join(QStringLiteral(" · "));
}

} // namespace timeslice
