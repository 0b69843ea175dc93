#include "core/model/conclusion.h"

namespace timeslice {

namespace {

/// What the report says beside the numbers.
void addFindings(const Timeline& timeline, Conclusion& conclusion)
{
    std::vector<std::string>& findings = conclusion.report.findings;
    if (conclusion.deadlock) {
        findings.push_back(describe(*conclusion.deadlock, timeline));
    }
    if (conclusion.loss) {
        const std::vector<std::string> steps =
            describe(conclusion.loss->loss, timeline.counters[conclusion.loss->counter], timeline);
        findings.insert(findings.end(), steps.begin(), steps.end());
    }
}

} // namespace

std::optional<CounterLoss> lossToShow(const Timeline& timeline)
{
    std::optional<CounterLoss> shown;
    for (std::size_t i = 0; i < timeline.counters.size() && !(shown && shown->loss.complete); ++i) {
        const auto loss = lossToShow(timeline.counters[i]);
        if (loss && (!shown || loss->complete)) {
            shown = CounterLoss{static_cast<std::uint32_t>(i), *loss};
        }
    }
    return shown;
}

std::optional<Spread> spreadFor(Sample sample, const Timeline& timeline)
{
    switch (sample) {
    case Sample::None:
        break;
    case Sample::HoldTimes:
        return spreadOf(holdTimes(timeline));
    case Sample::WakeUpDelays:
        return spreadOf(latencies(timeline));
    }
    return std::nullopt;
}

Conclusion conclude(const EndedVariant& ended)
{
    const VariantRecording& recording = *ended.recording;
    const Timeline& timeline = recording.timeline;
    Conclusion conclusion;
    // What still waits in a circle at the end of a run that was cut short is a deadlock, whoever noticed first.
    if (ended.facts.exit.kind != Exit::Kind::Exited) {
        conclusion.deadlock = findDeadlock(timeline);
    }
    conclusion.loss = lossToShow(timeline);
    conclusion.report = analyzeVariant(timeline, ended.facts, recording.id, recording.title, ended.engine);
    addFindings(timeline, conclusion);
    conclusion.spread = spreadFor(ended.sample, timeline);
    return conclusion;
}

} // namespace timeslice
