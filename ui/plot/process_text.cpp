#include "ui/plot/process_text.h"

#include "core/trace/mark_text.h"
#include "core/trace/process_end.h"
#include "ui/plot/format_time.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/memory_painter.h"
#include "ui/plot/row_names.h"

#include <algorithm>

namespace timeslice {

namespace {

QString moment(const Timeline& timeline, Nanos time)
{
    return formatDuration(time - originOf(timeline));
}

QString nameOf(const Timeline& timeline, const ProcessLife& life)
{
    const RowNames names(timeline);
    return names.processTitle(names.process(life.threads.front()));
}

} // namespace

SliceText describeProcess(const Timeline& timeline, const ProcessLife& life)
{
    SliceText text;
    text.title = nameOf(timeline, life);
    const std::size_t threads = life.threads.size();
    text.lines << (threads == 1 ? QStringLiteral("process %1, one thread").arg(life.pid)
                                : QStringLiteral("process %1, %2 threads").arg(life.pid).arg(threads));
    if (life.parent) {
        text.lines << QStringLiteral("born at %1").arg(moment(timeline, life.born));
    }
    for (const Nanos exec : life.execs) {
        text.lines << QStringLiteral("began to run another program at %1 (exec)").arg(moment(timeline, exec));
    }
    if (life.exited != 0) {
        const QString how = life.status ? QString::fromStdString(endText(*life.status)) : QStringLiteral("ended");
        text.lines << QStringLiteral("%1 at %2").arg(how, moment(timeline, life.exited));
    }
    if (life.status && life.exited != 0) {
        text.lines << QStringLiteral("waited for and gone (reaped) %1 later")
                          .arg(formatDuration(std::max(life.reaped - life.exited, Nanos{0})));
    }
    return text;
}

SliceText describeMemory(const Timeline& timeline, const ProcessLife& life, Nanos time)
{
    const std::vector<MemoryStep> steps = memorySteps(timeline, life);
    const auto later = std::upper_bound(
        steps.begin(), steps.end(), time, [](Nanos t, const MemoryStep& step) { return t < step.sample.time; });
    if (later == steps.begin() || (later - 1)->end <= time) {
        return {};
    }
    const MemorySample& sample = (later - 1)->sample;
    return {QStringLiteral("Memory of %1").arg(nameOf(timeline, life)),
        {QStringLiteral("%1 its own (private)").arg(memoryText(sample.own)),
            QStringLiteral("%1 with its share of what it has with others (PSS)").arg(memoryText(sample.pss)),
            QStringLiteral("%1 with all of that (RSS)").arg(memoryText(sample.rss)),
            QStringLiteral("looked at %1").arg(moment(timeline, sample.time))}};
}

QString describeMark(const Timeline& timeline, const MarkPoint& mark)
{
    const auto name = timeline.markNames.find(mark.object);
    const bool told = name != timeline.markNames.end() && markText(name->second, mark.value).hasNumber;
    const QString text = QStringLiteral("Mark “%1” at %2").arg(markName(timeline, mark), moment(timeline, mark.time));
    return mark.value == 0 || told
        ? text
        : QStringLiteral("%1: %2").arg(text).arg(static_cast<qint64>(mark.value)); // as markText()
}

} // namespace timeslice
