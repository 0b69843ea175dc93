#include "core/workload/whole_workload.h"

#include "core/workload/cut_product.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace timeslice {

namespace {

class WholeWorkload {
public:
    WholeWorkload(JsonReading& reading, WorkloadSpec& spec)
        : m_reading(reading)
        , m_spec(spec)
    {
    }

    void check(const JsonPlace& tasks)
    {
        findUsers();
        checkLitmusTests(tasks);
        checkIncrements(tasks);
        readStepped(tasks);
        checkBirths(tasks);
    }

private:
    /// Who uses what: barriers count their participants, resources learn whether processes share them.
    void findUsers()
    {
        for (const TaskSpec& task : m_spec.tasks) {
            std::set<std::size_t> barriers;
            std::set<std::size_t> litmusTests;
            const auto use = [&](auto& resource) { resource.betweenProcesses |= task.process; };
            for (const PhaseSpec& phase : task.phases) {
                for (const TaskStep& step : phase.steps) {
                    if (const auto* lock = std::get_if<step::Lock>(&step)) {
                        use(m_spec.mutexes[lock->mutex]);
                    } else if (const auto* acquire = std::get_if<step::Acquire>(&step)) {
                        for (const std::size_t mutex : acquire->mutexes) {
                            use(m_spec.mutexes[mutex]);
                        }
                    } else if (const auto* side = std::get_if<step::StoreBuffer>(&step)) {
                        litmusTests.insert(side->test);
                    } else if (const auto* wait = std::get_if<step::Wait>(&step)) {
                        use(m_spec.conditions[wait->condition]);
                    } else if (const auto* signal = std::get_if<step::Signal>(&step)) {
                        use(m_spec.conditions[signal->condition]);
                    } else if (const auto* barrier = std::get_if<step::Barrier>(&step)) {
                        use(m_spec.barriers[barrier->barrier]);
                        barriers.insert(barrier->barrier);
                    } else if (const auto* increment = std::get_if<step::Increment>(&step)) {
                        use(m_spec.counters[increment->counter]);
                        if (increment->how == step::Increment::How::Mutex) {
                            use(m_spec.mutexes[increment->mutex]);
                        }
                    }
                }
            }
            for (const std::size_t barrier : barriers) {
                m_spec.barriers[barrier].participants += task.instances;
            }
            for (const std::size_t test : litmusTests) {
                m_spec.litmusTests[test].participants += task.instances;
            }
        }
    }

    /// A side alone would wait for ever.
    void checkLitmusTests(const JsonPlace& tasks)
    {
        for (const LitmusSpec& test : m_spec.litmusTests) {
            if (test.participants != 0 && test.participants != 2) {
                tasks.complain("the litmus test '" + test.name + "' takes two threads, here are "
                    + std::to_string(test.participants));
            }
        }
    }

    /// A counter's expected value must be a number that fits.
    void checkIncrements(const JsonPlace& tasks)
    {
        for (std::size_t counter = 0; counter < m_spec.counters.size(); ++counter) {
            std::uint64_t total = 0;
            for (const TaskSpec& task : m_spec.tasks) {
                std::uint64_t each = 0;
                for (const PhaseSpec& phase : task.phases) {
                    std::uint64_t once = 0; // at most 10,000 events of 2^40
                    for (const TaskStep& step : phase.steps) {
                        const auto* increment = std::get_if<step::Increment>(&step);
                        once += increment && increment->counter == counter ? increment->times : 0;
                    }
                    each = std::min(each + cutProduct(once, phase.loop), kMostCounted);
                }
                const auto instances = static_cast<std::uint64_t>(task.instances);
                total = std::min(total + cutProduct(cutProduct(each, task.loop), instances), kMostCounted);
            }
            if (total >= kMostCounted) {
                tasks.complain(
                    "counter '" + m_spec.counters[counter].name + "' would be incremented more than 2^62 times");
            }
        }
    }

    /// Its only event, if the task is one that is stepped.
    static const step::Stepped* steppedOf(const TaskSpec& task)
    {
        const step::Stepped* found = nullptr;
        std::size_t events = 0;
        for (const PhaseSpec& phase : task.phases) {
            for (const TaskStep& one : phase.steps) {
                const auto* stepped = std::get_if<step::Stepped>(&one);
                found = stepped != nullptr ? stepped : found;
                ++events;
            }
        }
        const bool alone = events == 1 && task.phases.front().loop == 1 && task.loop == 1 && task.until == 0;
        return alone && !task.process && !task.gil ? found : nullptr;
    }

    /// All tasks are stepped, or none is: who is not would run on while the others are held.
    void readStepped(const JsonPlace& tasks)
    {
        const auto isStepped = [](const TaskStep& one) { return std::holds_alternative<step::Stepped>(one); };
        const bool any = std::any_of(m_spec.tasks.begin(), m_spec.tasks.end(), [&](const TaskSpec& task) {
            return std::any_of(task.phases.begin(), task.phases.end(),
                [&](const PhaseSpec& phase) { return std::any_of(phase.steps.begin(), phase.steps.end(), isStepped); });
        });
        if (!any || m_reading.failed()) {
            return;
        }
        SteppedSpec stepped;
        for (std::size_t i = 0; i < m_spec.tasks.size(); ++i) {
            const TaskSpec& task = m_spec.tasks[i];
            const step::Stepped* event = steppedOf(task);
            if (event == nullptr) {
                tasks.at(task.name).complain(
                    "where threads are stepped, each task is a thread that does \"stepped\" once "
                    "and nothing besides: no other event, no loop, no gil");
                return;
            }
            if (i > 0 && (event->counter != stepped.counter || event->mutex != stepped.mutex)) {
                tasks.at(task.name).complain("all threads that are stepped share one counter and one mutex");
                return;
            }
            stepped.counter = event->counter;
            stepped.mutex = event->mutex;
            for (int instance = 0; instance < task.instances; ++instance) {
                stepped.job.programs.push_back(event->program);
                stepped.names.push_back(task.instanceName(instance));
            }
        }
        stepped.job.initial = m_spec.counters[stepped.counter].initial;
        stepped.variable = m_spec.counters[stepped.counter].name;
        if (stepped.names.size() > StepJob::kMostThreads) {
            tasks.complain("at most " + std::to_string(StepJob::kMostThreads) + " threads can be stepped, here are "
                + std::to_string(stepped.names.size()));
        } else if (countSchedules(stepped.job) > StepJob::kMostSchedules) {
            tasks.complain("there are more than " + std::to_string(StepJob::kMostSchedules)
                + " orders in which these steps can be taken; take fewer steps or threads");
        }
        m_spec.stepped = std::move(stepped);
    }

    void checkBirths(const JsonPlace& tasks)
    {
        std::uint64_t births = 0;
        for (const TaskSpec& task : m_spec.tasks) {
            births += cutProduct(task.births(), static_cast<std::uint64_t>(task.instances));
            if (births > step::Bear::kMost) {
                tasks.at(task.name).complain("with it there are more than " + std::to_string(step::Bear::kMost)
                    + " births, all rounds and all tasks together");
                return;
            }
        }
    }

    JsonReading& m_reading;
    WorkloadSpec& m_spec;
};

} // namespace

void checkWhole(JsonReading& reading, const JsonPlace& tasks, WorkloadSpec& spec)
{
    WholeWorkload(reading, spec).check(tasks);
}

} // namespace timeslice
