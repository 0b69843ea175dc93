#include "ui/export/figure_texts.h"

#include "core/trace/unobserved_text.h"
#include "ui/plot/one_line.h"
#include "ui/result/calculated.h"
#include "ui/text/number_text.h"

#include <QDateTime>
#include <QStringList>
#include <algorithm>

namespace timeslice {

namespace {

std::vector<QString> runTexts(const RunModel& model)
{
    std::vector<QString> texts;
    if (!model.report().series) {
        return texts;
    }
    for (const VariantModel& variant : model.variants()) {
        QStringList parts;
        for (const QString& part :
            {oneLineText(variant.recording->note), seriesRunText(*model.report().series, variant.report)}) {
            if (!part.isEmpty()) {
                parts << part;
            }
        }
        texts.push_back(parts.join(QStringLiteral(" · ")));
    }
    return texts;
}

QString machineText(const MachineFacts& facts)
{
    QStringList machine;
    if (!facts.cpu.empty()) {
        machine << QString::fromStdString(facts.cpu);
    }
    if (facts.cores > 0) {
        machine << counted(static_cast<std::uint64_t>(facts.cores), QStringLiteral("core"));
    }
    if (!facts.kernel.empty()) {
        machine << QString::fromStdString(facts.kernel);
    }
    return machine.join(QStringLiteral(" · "));
}

} // namespace

QString seriesRunText(const SeriesReport& series, const VariantReport& shown)
{
    const auto runs = std::count_if(series.points.begin(), series.points.end(),
        [&](const SeriesPoint& point) { return point.report.id == shown.id && point.step == series.keptStep; });
    if (runs < 2) {
        return {};
    }
    const QString which = series.keptRun == Summary::Least ? QStringLiteral("best")
        : series.keptRun == Summary::Greatest              ? QStringLiteral("greatest")
                                                           : QStringLiteral("median");
    QString text = QStringLiteral("the %1 of %2 runs").arg(which).arg(runs);
    QStringList counters;
    for (const CounterResult& counter : shown.counters) {
        counters << QStringLiteral("%1 = %2").arg(oneLineText(counter.name), countText(counter.actual));
    }
    if (!counters.empty()) {
        text += QStringLiteral(": ") + counters.join(QStringLiteral(", "));
    }
    return text;
}

QString counted(std::uint64_t count, const QString& noun)
{
    return QStringLiteral("%1 %2%3").arg(count).arg(noun, count == 1 ? QString() : QStringLiteral("s"));
}

FigureTexts figureTexts(const RunModel& model)
{
    FigureTexts texts;
    if (model.scenario()) {
        texts.title = oneLineText(model.scenario()->title);
        texts.question = oneLineText(model.scenario()->question);
        texts.definition = oneLineText(model.scenario()->defines);
    } else if (!model.recording().variants.empty()) {
        texts.title = oneLineText(model.recording().variants.front()->title);
    }
    const RunReport& report = model.report();
    if (report.verdict) {
        const Verdict& verdict = *report.verdict;
        texts.headline = QString::fromStdString(verdict.headline);
        texts.caption = QString::fromStdString(verdict.caption);
        texts.conclusion = QString::fromStdString(verdict.why).simplified();
        texts.visible = verdict.holds.has_value();
    }
    std::uint64_t lost = 0;
    std::vector<UnobservedProcess> unobserved;
    for (const VariantModel& variant : model.variants()) {
        const Timeline& timeline = variant.recording->timeline;
        lost += timeline.lost.total();
        texts.measured = texts.measured && timeline.source != Source::Inferred;
        unobserved.insert(unobserved.end(), timeline.unobserved.begin(), timeline.unobserved.end());
    }
    if (lost > 0) {
        texts.lost = counted(lost, QStringLiteral("event")) + QStringLiteral(" lost");
    }
    const CalculatedVariants calculated = calculatedIn(model);
    texts.calculated = calculated.all();
    texts.exception = calculated.text();
    texts.unobserved = oneLineText(unobservedNote(unobserved));
    texts.machine = machineText(report.machine);
    const auto created = QDateTime::fromString(QString::fromStdString(model.recording().created), Qt::ISODate);
    texts.date = created.isValid() ? created.toString(QStringLiteral("yyyy-MM-dd HH:mm")) : QString();
    texts.runs = runTexts(model);
    return texts;
}

} // namespace timeslice
