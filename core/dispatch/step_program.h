// The stepper's model: threads whose programs are a few steps on one shared variable, and the orders in which the steps
// can be taken.
//
// One step at a time is taken, by whichever thread is chosen: an interleaving, under which memory is sequentially
// consistent (L. Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs", 1979).
// Without a lock n threads of k steps have (nk)! / (k!)^n of them. Plain values; no threads here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace timeslice {

enum class StepKind : unsigned char {
    Load, ///< register = variable
    Add, ///< register = register + 1
    Store, ///< variable = register
    Lock, ///< waits while another thread holds the lock
    Unlock,
};
inline constexpr std::size_t kStepKinds = 5;
std::string_view wordOf(StepKind kind) noexcept; ///< "load"

using StepProgram = std::vector<StepKind>;

/// Which thread takes each step, from the first on.
using Schedule = std::vector<std::uint8_t>;

struct StepJob {
    /// So many threads are told apart on a keyboard and by the eye, and so many orders can all be run.
    static constexpr std::size_t kMostThreads = 3;
    static constexpr std::size_t kMostSteps = 8; ///< of a thread
    static constexpr std::uint64_t kMostSchedules = 50'000;

    std::vector<StepProgram> programs; ///< by thread
    std::int64_t initial = 0; ///< of the variable

    std::size_t steps() const noexcept; ///< of all threads together
    /// What the variable is at the end if no update is lost.
    std::int64_t right() const noexcept;

    friend bool operator==(const StepJob&, const StepJob&) = default;
};

/// "" or what is wrong with a thread's program: what it locks it must unlock, once and in this order; and lengths.
std::string_view whyNoProgram(const StepProgram& program) noexcept;

/// Where all threads are. The job must outlive it; its programs must be such as whyNoProgram() has nothing against.
class StepState {
public:
    explicit StepState(const StepJob& job);

    const StepJob& job() const noexcept { return *m_job; }
    std::int64_t value() const noexcept { return m_value; }
    /// Nothing before its first load.
    std::optional<std::int64_t> registerOf(std::size_t thread) const noexcept { return m_threads[thread].value; }
    std::optional<std::uint8_t> holder() const noexcept { return m_holder; }
    /// What the thread does next; nothing: it has done everything.
    std::optional<StepKind> next(std::size_t thread) const noexcept;
    /// It wants the lock, and another has it.
    bool waits(std::size_t thread) const noexcept;
    bool mayStep(std::size_t thread) const noexcept { return next(thread) && !waits(thread); }
    bool over() const noexcept;
    /// mayStep(thread) must hold.
    void step(std::size_t thread) noexcept;
    /// Takes all of them. False, at the first that may not be taken.
    bool steps(const Schedule& schedule) noexcept;

private:
    struct Thread {
        std::size_t position = 0;
        std::optional<std::int64_t> value;
    };
    const StepJob* m_job;
    std::vector<Thread> m_threads;
    std::int64_t m_value;
    std::optional<std::uint8_t> m_holder;
};

/// How many orders there are; at most StepJob::kMostSchedules + 1, which stands for more.
std::uint64_t countSchedules(const StepJob& job);

/// Calls `visit` with each order, from (0, 0, ...) on as words in a dictionary, and with what it ends in. False from
/// `visit` ends it.
void forEachSchedule(const StepJob& job, const std::function<bool(const Schedule&, const StepState& end)>& visit);

/// The first of them that ends with another value than it should; nothing: none does.
std::optional<Schedule> firstWrongSchedule(const StepJob& job);

} // namespace timeslice
