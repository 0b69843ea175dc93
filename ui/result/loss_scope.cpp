#include "ui/result/loss_scope.h"

#include "core/analysis/names.h"
#include "ui/plot/format_time.h"
#include "ui/plot/loss_focus.h"
#include "ui/plot/timeline_geometry.h"
#include "ui/result/result_facts.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace timeslice {

namespace {

std::size_t countOf(const VariantModel& variant)
{
    return variant.losses ? variant.losses->all.size() : 0;
}

QString inSentence(const Timeline& timeline, std::uint32_t thread)
{
    return thread == LossStep::kSeveral ? tr("others") : text(threadName(timeline, thread));
}

/// `by`: how much each update adds.
FactRow rowOf(
    const LossStep& step, const LossStep& first, const Timeline& timeline, const QString& counter, std::int64_t by)
{
    using Kind = LossStep::Kind;
    FactRow row;
    QString what;
    switch (step.kind) {
    case Kind::Load:
        what = tr("%1: load %2").arg(inSentence(timeline, step.thread), counter);
        break;
    case Kind::Add:
        what = tr("%1: add %2").arg(inSentence(timeline, step.thread), countText(by));
        break;
    case Kind::CountOn:
        what = tr("%1: count on to").arg(inSentence(timeline, step.thread));
        break;
    case Kind::Store:
        what = tr("%1: store %2").arg(inSentence(timeline, step.thread), counter);
        break;
    }
    row.label = what;
    row.values = {countText(step.value)};
    row.tone = step.lost ? FactRow::Tone::Bad : FactRow::Tone::Plain;
    if (step.lost) {
        row.explanation = tr("This is lost");
    } else if (step.kind == Kind::Add) {
        row.explanation = tr("Between its load and its store; in its hand, where nobody else sees it");
    }
    if (step.time && first.time) {
        const Nanos since = *step.time - *first.time;
        row.explanation += (row.explanation.isEmpty() ? QString() : QStringLiteral("\n"))
            + (since == 0 ? tr("At %1").arg(formatInstant(*step.time - originOf(timeline), 1))
                          : tr("%1 after the first step").arg(formatDuration(since)));
    }
    return row;
}

const VariantSpec* specOf(const RunModel& model, const VariantModel& variant)
{
    if (model.scenario()) {
        for (const VariantSpec& spec : model.scenario()->variants) {
            if (spec.id == variant.report.id) {
                return &spec;
            }
        }
    }
    return nullptr;
}

QString accountText(const VariantModel& variant, const std::string& counter)
{
    for (const CounterResult& result : variant.report.counters) {
        if (result.name != counter || !result.found) {
            continue;
        }
        const LossesFound& found = *result.found;
        const QString all = tr("%1 lost: %2 found in the record, by %3.")
                                .arg(countText(result.lost()), countText(found.updates),
                                    pluralText(static_cast<std::int64_t>(found.losses), tr("store")));
        return found.unexplained == 0
            ? all
            : all + QLatin1Char(' ') + tr("%1 not explained.").arg(countText(found.unexplained));
    }
    return {};
}

} // namespace

std::size_t lossCount(const RunModel& model)
{
    std::size_t count = 0;
    for (const VariantModel& variant : model.variants()) {
        count += countOf(variant);
    }
    return count;
}

std::optional<LossRef> firstLoss(const RunModel& model)
{
    for (std::size_t v = 0; v < model.variants().size(); ++v) {
        if (countOf(model.variants()[v]) > 0) {
            return LossRef{v, model.variants()[v].losses->shown};
        }
    }
    return std::nullopt;
}

bool isLoss(const RunModel& model, const LossRef& loss)
{
    return loss.variant < model.variants().size() && loss.index < countOf(model.variants()[loss.variant]);
}

LossRef lossBeside(const RunModel& model, const LossRef& loss, int direction)
{
    const std::size_t variants = model.variants().size();
    if (direction > 0) {
        if (loss.index + 1 < countOf(model.variants()[loss.variant])) {
            return {loss.variant, loss.index + 1};
        }
        for (std::size_t step = 1; step <= variants; ++step) {
            const std::size_t v = (loss.variant + step) % variants;
            if (countOf(model.variants()[v]) > 0) {
                return {v, 0};
            }
        }
        return loss;
    }
    if (loss.index > 0) {
        return {loss.variant, loss.index - 1};
    }
    for (std::size_t step = 1; step <= variants; ++step) {
        const std::size_t v = (loss.variant + variants - step) % variants;
        if (const std::size_t count = countOf(model.variants()[v]); count > 0) {
            return {v, count - 1};
        }
    }
    return loss;
}

LossRef lossAtStart(const LossRef& loss)
{
    return {loss.variant, 0};
}

TimeRange lossFocus(const RunModel& model, const LossRef& loss)
{
    const VariantModel& variant = model.variants()[loss.variant];
    const auto& [index, place] = variant.losses->all[loss.index];
    const Timeline& timeline = variant.recording->timeline;
    const CounterInfo& counter = timeline.counters[index];
    return lossFocus(lostUpdate(place, counter), counter, originOf(timeline));
}

LossText lossText(const RunModel& model, const LossRef& loss)
{
    const VariantModel& variant = model.variants()[loss.variant];
    const auto& [index, place] = variant.losses->all[loss.index];
    const Timeline& timeline = variant.recording->timeline;
    const CounterInfo& counter = timeline.counters[index];
    LossText told;
    told.place = tr("%1 of %2")
                     .arg(countText(static_cast<std::int64_t>(loss.index + 1)),
                         countText(static_cast<std::int64_t>(countOf(variant))));
    if (model.variants().size() > 1) {
        told.place = tr("%1: %2").arg(text(variant.recording->title), told.place);
    }
    told.account = accountText(variant, counter.name);
    QStringList sentences;
    for (const std::string& sentence : describe(place, counter, timeline)) {
        sentences << text(sentence);
    }
    told.sentence = sentences.join(QLatin1Char(' '));
    const std::vector<LossStep> steps = lossSteps(place, counter);
    for (const LossStep& step : steps) {
        told.steps.push_back(rowOf(step, steps.front(), timeline, text(counter.name), place.step));
    }
    if (const VariantSpec* spec = specOf(model, variant)) {
        told.code = text(spec->code).trimmed(); // as the panel shows it
        told.codeLine = updateLine(told.code, text(counter.name));
        if (told.codeLine >= 0) {
            told.line = tr("All of them are line %1:").arg(told.codeLine + 1) + QLatin1Char(' ')
                + told.code.split(QLatin1Char('\n'))[told.codeLine].section(QLatin1Char('#'), 0, 0).trimmed();
        }
    }
    return told;
}

int updateLine(const QString& code, const QString& counter)
{
    const QString name = QRegularExpression::escape(counter);
    const QRegularExpression update(QStringLiteral(R"((?<![\w.])%1\s*(\+=|=(?!=).*(?<![\w.])%1\b))").arg(name));
    const QStringList lines = code.split(QLatin1Char('\n'));
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (update.match(lines[i].section(QLatin1Char('#'), 0, 0)).hasMatch()) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

} // namespace timeslice
