#include "core/model/conclusion.h"

#include "core/base/clean_name.h"

#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

/// What the report says beside the numbers.
void addFindings(const Timeline& timeline, Conclusion& conclusion)
{
    std::vector<std::string>& findings = conclusion.report.findings;
    if (conclusion.deadlock) {
        findings.push_back(describe(*conclusion.deadlock, timeline));
    }
    if (conclusion.losses.first) {
        const CounterLoss& first = *conclusion.losses.first;
        const std::vector<std::string> steps = describe(first.loss, timeline.counters[first.counter], timeline);
        findings.insert(findings.end(), steps.begin(), steps.end());
    }
    findings.insert(findings.end(), conclusion.losses.untold.begin(), conclusion.losses.untold.end());
}

/// The result of the counter, if that is one: a forked process has a copy of the same name.
CounterResult* resultOf(std::size_t counter, const Timeline& timeline, std::vector<CounterResult>& results)
{
    const std::string& name = timeline.counters[counter].name;
    const auto named = std::count_if(timeline.counters.begin(), timeline.counters.end(),
        [&](const CounterInfo& other) { return other.name == name; });
    const auto result =
        std::find_if(results.begin(), results.end(), [&](const CounterResult& other) { return other.name == name; });
    return named == 1 && result != results.end() ? &*result : nullptr;
}

/// Nothing where it says more than can be: that the counter's record is of other updates than its result.
std::optional<LossesFound> foundBy(const LossAccount& account, const CounterResult& result)
{
    if (!account.step) {
        return std::nullopt;
    }
    const std::int64_t lost = result.lost();
    const std::int64_t found = account.found * *account.step;
    const bool isMore = *account.step > 0 ? found > lost : found < lost;
    if (isMore || (*account.step > 0 ? lost < 0 : lost > 0)) {
        return std::nullopt;
    }
    return LossesFound{found, lost - found, account.losses.size(), account.complete};
}

/// Where `loss` stands in the list from `begin` on; else the first that is complete, else the first.
std::size_t placeIn(const RunLosses& losses, std::size_t begin, const LostUpdate& loss, const Timeline& timeline)
{
    std::optional<std::size_t> complete;
    for (std::size_t i = begin; i < losses.all.size(); ++i) {
        const auto& [counter, place] = losses.all[i];
        const CounterAccess& store = timeline.counters[counter].accesses[place.overwrite];
        if (store.time == loss.overwrite.time && store.thread == loss.overwrite.thread
            && place.complete == loss.complete) {
            return i;
        }
        if (place.complete && !complete) {
            complete = i;
        }
    }
    return complete.value_or(begin);
}

} // namespace

LossesOf findLosses(const Timeline& timeline, std::vector<CounterResult>& counters)
{
    LossesOf losses;
    auto all = std::make_shared<RunLosses>();
    for (std::size_t i = 0; i < timeline.counters.size(); ++i) {
        const CounterInfo& counter = timeline.counters[i];
        if (counter.accesses.empty()) {
            continue;
        }
        const auto index = static_cast<std::uint32_t>(i);
        CounterResult* result = resultOf(i, timeline, counters);
        const LossAccount account =
            accountLosses(counter, result != nullptr ? std::optional(result->actual) : std::nullopt);
        if (result != nullptr) {
            result->found = foundBy(account, *result);
            if (!account.step && result->lost() != 0) {
                losses.untold.push_back(cleanName(counter.name)
                    + " counts by different amounts: which of its updates were lost, the values do not tell.");
            }
        }
        const std::size_t begin = all->all.size();
        for (const Loss& loss : account.losses) {
            all->all.push_back({index, loss});
        }
        std::optional<LostUpdate> shown = account.step ? lossToShow(counter) : std::nullopt;
        if (!shown && !account.losses.empty()) {
            shown = lostUpdate(account.losses.front(), counter);
        }
        if (!account.losses.empty() && shown) {
            const std::size_t place = placeIn(*all, begin, *shown, timeline);
            shown = lostUpdate(all->all[place].loss, counter);
            if (!losses.first || (shown->complete && !losses.first->loss.complete)) {
                all->shown = place;
            }
        }
        if (shown && (!losses.first || (shown->complete && !losses.first->loss.complete))) {
            losses.first = CounterLoss{index, *shown};
        }
    }
    if (!all->all.empty()) {
        all->all.shrink_to_fit();
        losses.all = std::move(all);
    }
    return losses;
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
    conclusion.report = analyzeVariant(timeline, ended.facts, recording.id, recording.title, ended.engine);
    conclusion.losses = findLosses(timeline, conclusion.report.counters);
    addFindings(timeline, conclusion);
    conclusion.spread = spreadFor(ended.sample, timeline);
    return conclusion;
}

} // namespace timeslice
