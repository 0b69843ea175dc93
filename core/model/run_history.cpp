#include "core/model/run_history.h"

#include "core/analysis/metric.h"
#include "core/recording/recording.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace timeslice {

namespace {

bool sameButAttempt(const RunPlace& a, const RunPlace& b)
{
    return a.variant == b.variant && a.step == b.step && a.repetition == b.repetition;
}

} // namespace

std::size_t RunHistory::begin(const RunPlace& place)
{
    const std::size_t run = m_runs.size();
    m_runs.emplace_back().place = place;
    m_shown.resize(std::max(m_shown.size(), place.variant + 1));
    m_shown[place.variant] = run;
    return run;
}

std::optional<std::size_t> RunHistory::shown(std::size_t variant) const
{
    return variant < m_shown.size() ? m_shown[variant] : std::nullopt;
}

void RunHistory::park(std::size_t run, VariantModel model, std::shared_ptr<VariantRecording> recording)
{
    m_runs[run].model = std::move(model);
    m_runs[run].recording = std::move(recording);
}

VariantModel* RunHistory::parked(std::size_t run)
{
    return m_runs[run].model ? &*m_runs[run].model : nullptr;
}

std::pair<VariantModel, std::shared_ptr<VariantRecording>> RunHistory::unpark(std::size_t run)
{
    m_shown[m_runs[run].place.variant] = run;
    auto model = std::move(*m_runs[run].model);
    m_runs[run].model.reset();
    return {std::move(model), std::exchange(m_runs[run].recording, nullptr)};
}

bool RunHistory::analysed(std::size_t run, const VariantReport& report, double number)
{
    Run& made = m_runs[run];
    made.number = number;
    made.wellEnded = report.exit.ok();
    made.disturbance = report.foreignShare + report.stolenShare;
    made.counts = true;
    bool first = true;
    for (Run& attempt : m_runs) {
        if (&attempt == &made || !attempt.counts || !sameButAttempt(attempt.place, made.place)) {
            continue;
        }
        first = false;
        // One that failed tells less than one that was disturbed.
        const bool worse =
            std::pair(!attempt.wellEnded, attempt.disturbance) > std::pair(!made.wellEnded, made.disturbance);
        (worse ? attempt : made).counts = false;
    }
    m_ended += first ? 1 : 0;
    giveUp(made.place.variant);
    return made.counts;
}

/// Its timeline is still there.
bool RunHistory::available(std::size_t run) const
{
    return m_runs[run].model || shown(m_runs[run].place.variant) == run;
}

/// What may be kept, the best first.
std::vector<std::size_t> RunHistory::candidates(std::size_t variant) const
{
    std::vector<std::size_t> all;
    std::vector<double> numbers;
    for (std::size_t run = 0; run < m_runs.size(); ++run) {
        const Run& made = m_runs[run];
        if (made.place.variant == variant && made.place.step == m_keptStep && made.counts) {
            if (made.wellEnded) {
                numbers.push_back(made.number);
            }
            if (available(run)) {
                all.push_back(run);
            }
        }
    }
    const double wanted = numbers.empty() ? 0 : summarize(m_wanted, numbers);
    std::stable_sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [&](const Run& made) { return std::pair(!made.wellEnded, std::abs(made.number - wanted)); };
        return rank(m_runs[a]) < rank(m_runs[b]);
    });
    return all;
}

void RunHistory::giveUp(std::size_t variant)
{
    const std::vector<std::size_t> kept = candidates(variant);
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (; count < kept.size(); ++count) {
        const Run& made = m_runs[kept[count]];
        bytes += made.recording ? made.recording->timeline.memoryBytes() : 0;
        if (count >= kFewestCandidates && bytes > m_budget) {
            break;
        }
    }
    const auto end = kept.begin() + static_cast<std::ptrdiff_t>(count);
    for (std::size_t run = 0; run < m_runs.size(); ++run) {
        Run& made = m_runs[run];
        const bool analysed = made.counts || (made.model && made.model->phase == VariantModel::Phase::Ended);
        if (made.place.variant == variant && made.model && analysed && std::find(kept.begin(), end, run) == end) {
            made.model.reset();
            made.recording.reset();
        }
    }
}

int RunHistory::attempts(std::size_t run) const
{
    int most = 0;
    for (const Run& made : m_runs) {
        most = sameButAttempt(made.place, m_runs[run].place) ? std::max(most, made.place.attempt) : most;
    }
    return most;
}

std::optional<std::size_t> RunHistory::chosen(std::size_t variant) const
{
    const std::vector<std::size_t> all = candidates(variant);
    return all.empty() ? shown(variant) : all.front();
}

} // namespace timeslice
