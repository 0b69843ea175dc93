#include "core/session/conclusion.h"

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

/// The delays that a script reported as numbers, where it could write no events: Quantiles in `extra`.
void takeReportedDelays(VariantReport& report)
{
    const auto delays = report.extra.is_object() ? report.extra.find("latency_ms") : report.extra.end();
    if (report.latencyMillis || delays == report.extra.end()) {
        return;
    }
    report.latencyMillis = Quantiles{delays->at("p50").get<double>(), delays->at("p95").get<double>(),
        delays->at("max").get<double>(), delays->at("count").get<std::size_t>()};
}

} // namespace

std::optional<CounterLoss> firstLoss(const Timeline& timeline)
{
    for (std::size_t i = 0; i < timeline.counters.size(); ++i) {
        if (const auto loss = firstLostUpdate(timeline.counters[i])) {
            return CounterLoss{static_cast<std::uint32_t>(i), *loss};
        }
    }
    return std::nullopt;
}

std::optional<Spread> spreadFor(const std::string& view, const Timeline& timeline)
{
    if (view == "holds") {
        return spreadOf(holdTimes(timeline));
    }
    if (view == "latency") {
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
    conclusion.loss = firstLoss(timeline);
    conclusion.report = analyzeVariant(timeline, ended.facts, recording.id, recording.title, ended.engine);
    takeReportedDelays(conclusion.report);
    addFindings(timeline, conclusion);
    conclusion.spread = spreadFor(ended.view, timeline);
    if (ended.compared) {
        conclusion.holds = compareHolds(ended.compared->id, ended.compared->timeline, recording.id, recording.timeline);
    }
    return conclusion;
}

} // namespace timeslice
