#include "core/dispatch/step_program.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>

namespace timeslice {

namespace {

constexpr std::array<std::string_view, kStepKinds> kWords{"load", "add", "store", "lock", "unlock"};

/// Visits what follows from `state`. False: the visitor has had enough.
bool visitFrom(
    const StepState& state, Schedule& taken, const std::function<bool(const Schedule&, const StepState&)>& visit)
{
    if (state.over()) {
        return visit(taken, state);
    }
    for (std::size_t thread = 0; thread < state.job().programs.size(); ++thread) {
        if (state.mayStep(thread)) {
            StepState after = state;
            after.step(thread);
            taken.push_back(static_cast<std::uint8_t>(thread));
            const bool more = visitFrom(after, taken, visit);
            taken.pop_back();
            if (!more) {
                return false;
            }
        }
    }
    return true;
}

/// What can still happen depends on how far each thread is, and on nothing else.
std::uint64_t countFrom(
    const StepState& state, std::vector<std::size_t>& taken, std::map<std::vector<std::size_t>, std::uint64_t>& known)
{
    if (state.over()) {
        return 1;
    }
    if (const auto it = known.find(taken); it != known.end()) {
        return it->second;
    }
    std::uint64_t count = 0;
    for (std::size_t thread = 0; thread < taken.size(); ++thread) {
        if (state.mayStep(thread)) {
            StepState after = state;
            after.step(thread);
            ++taken[thread];
            count += countFrom(after, taken, known);
            --taken[thread];
        }
    }
    return known[taken] = std::min(count, StepJob::kMostSchedules + 1);
}

} // namespace

std::string_view wordOf(StepKind kind) noexcept
{
    return kWords[static_cast<std::size_t>(kind)];
}

std::size_t StepJob::steps() const noexcept
{
    std::size_t sum = 0;
    for (const StepProgram& program : programs) {
        sum += program.size();
    }
    return sum;
}

std::int64_t StepJob::right() const noexcept
{
    std::int64_t value = initial;
    for (const StepProgram& program : programs) {
        value += std::count(program.begin(), program.end(), StepKind::Add);
    }
    return value;
}

std::string_view whyNoProgram(const StepProgram& program) noexcept
{
    if (program.empty() || program.size() > StepJob::kMostSteps) {
        return "a thread takes 1 to 8 steps";
    }
    bool held = false;
    for (const StepKind kind : program) {
        if (kind == StepKind::Lock && held) {
            return "it locks what it has locked";
        }
        if (kind == StepKind::Unlock && !held) {
            return "it unlocks what it has not locked";
        }
        held = kind == StepKind::Lock || (held && kind != StepKind::Unlock);
    }
    return held ? "it does not unlock what it has locked" : "";
}

StepState::StepState(const StepJob& job)
    : m_job(&job)
    , m_threads(job.programs.size())
    , m_value(job.initial)
{
}

std::optional<StepKind> StepState::next(std::size_t thread) const noexcept
{
    const StepProgram& program = m_job->programs[thread];
    const std::size_t position = m_threads[thread].position;
    return position < program.size() ? std::optional(program[position]) : std::nullopt;
}

bool StepState::waits(std::size_t thread) const noexcept
{
    return next(thread) == StepKind::Lock && m_holder.has_value();
}

bool StepState::over() const noexcept
{
    for (std::size_t thread = 0; thread < m_threads.size(); ++thread) {
        if (next(thread)) {
            return false;
        }
    }
    return true;
}

void StepState::step(std::size_t thread) noexcept
{
    assert(mayStep(thread));
    Thread& self = m_threads[thread];
    switch (m_job->programs[thread][self.position++]) {
    case StepKind::Load:
        self.value = m_value;
        break;
    case StepKind::Add:
        self.value = self.value.value_or(0) + 1;
        break;
    case StepKind::Store:
        m_value = self.value.value_or(0);
        break;
    case StepKind::Lock:
        m_holder = static_cast<std::uint8_t>(thread);
        break;
    case StepKind::Unlock:
        m_holder.reset();
        break;
    }
}

bool StepState::steps(const Schedule& schedule) noexcept
{
    return std::all_of(schedule.begin(), schedule.end(), [this](std::uint8_t thread) {
        if (thread >= m_threads.size() || !mayStep(thread)) {
            return false;
        }
        step(thread);
        return true;
    });
}

std::uint64_t countSchedules(const StepJob& job)
{
    std::vector<std::size_t> taken(job.programs.size());
    std::map<std::vector<std::size_t>, std::uint64_t> known;
    return countFrom(StepState(job), taken, known);
}

void forEachSchedule(const StepJob& job, const std::function<bool(const Schedule&, const StepState&)>& visit)
{
    Schedule taken;
    visitFrom(StepState(job), taken, visit);
}

std::optional<Schedule> firstWrongSchedule(const StepJob& job)
{
    std::optional<Schedule> found;
    forEachSchedule(job, [&](const Schedule& schedule, const StepState& end) {
        if (end.value() != job.right()) {
            found = schedule;
        }
        return !found;
    });
    return found;
}

} // namespace timeslice
