#include "core/workload/workload_spec.h"

#include "core/base/did_you_mean.h"
#include "core/base/json_in.h"
#include "core/base/json_place.h"
#include "core/workload/cut_product.h"
#include "core/workload/dispatch_reader.h"
#include "core/workload/locking_mistake.h"
#include "core/workload/step_reader.h"
#include "core/workload/whole_workload.h"

#include <algorithm>
#include <sched.h>
#include <utility>

namespace timeslice {

namespace {

constexpr std::int64_t kMostLoops = 1'000'000'000;
constexpr std::int64_t kMostPhases = 10'000; ///< and events in one "do"
constexpr int kDefaultRealtimePriority = 10; ///< rt-app's
constexpr std::size_t kLongestName = 32; ///< with an instance number behind it, it still fits the channel's 40 bytes

class WorkloadReader {
public:
    WorkloadReader(JsonReading& reading, const WorkloadBounds& bounds)
        : m_reading(reading)
        , m_bounds(bounds)
    {
    }

    WorkloadSpec read(const JsonPlace& document)
    {
        if (document.value().is_object() && document.value().contains("dispatch")) {
            if (document.expectKeys({"dispatch"}, {}, "an object with \"dispatch\"")) {
                readDispatch(m_reading, document.at("dispatch"), m_bounds, m_spec);
            }
            return std::move(m_spec);
        }
        document.expectKeys({"tasks"}, {"resources"}, "an object with \"tasks\"");
        if (const auto resources = document.find("resources")) {
            readResources(*resources);
        }
        const JsonPlace tasks = document.at("tasks");
        readTasks(tasks);
        if (!m_reading.failed()) { // who uses what is known only where all can be read
            checkWhole(m_reading, tasks, m_spec);
        }
        return std::move(m_spec);
    }

private:
    void checkName(const JsonPlace& place, const std::string& name)
    {
        const bool printable = std::none_of(
            name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (name.empty() || name.size() > kLongestName || !printable) {
            place.complain("a name has 1 to " + std::to_string(kLongestName) + " printable bytes");
        }
    }

    void readResources(const JsonPlace& place)
    {
        if (!place.value().is_object()) {
            place.complainExpected("an object of named resources");
            m_unread.all = true;
            return;
        }
        for (const auto& [name, value] : place.value().items()) {
            const JsonPlace resource = place.at(name);
            checkName(resource, name);
            if (!value.is_object() || !value.contains("type")) {
                resource.complainExpected("an object with a \"type\"");
                m_unread.names.insert(name);
                continue;
            }
            readResource(resource, name);
        }
    }

    void readResource(const JsonPlace& place, const std::string& name)
    {
        enum Type : std::size_t { Mutex, GilLock, Condition, Barrier, Counter, File, Pipe, Litmus };
        const JsonPlace word = place.at("type");
        const std::size_t type = word.choice(
            "type of resource", {"mutex", "gil", "condition", "barrier", "counter", "file", "pipe", "litmus"});
        if (word.failed()) {
            m_unread.names.insert(name);
            return;
        }
        const auto expectKeys = [&](const std::vector<std::string>& keys) { return place.expectKeys({"type"}, keys); };
        switch (static_cast<Type>(type)) {
        case Mutex:
            expectKeys({"protocol", "record"});
            m_spec.mutexes.push_back(readMutex(place, name));
            break;
        case GilLock:
            expectKeys({"policy", "interval", "ticks"});
            m_spec.gils.push_back({name, readGil(place)});
            break;
        case Condition:
            expectKeys({});
            m_spec.conditions.push_back({name, false});
            break;
        case Barrier:
            expectKeys({});
            m_spec.barriers.push_back({name, 0, false});
            break;
        case Counter:
            expectKeys({"initial", "layout"});
            m_spec.counters.push_back(readCounter(place, name));
            break;
        case File:
            expectKeys({});
            m_spec.files.push_back({name, 0});
            break;
        case Pipe:
            expectKeys({});
            m_spec.pipes.push_back({name});
            break;
        case Litmus:
            expectKeys({});
            m_spec.litmusTests.push_back({name, 0});
            break;
        }
    }

    static MutexSpec readMutex(const JsonPlace& place, const std::string& name)
    {
        const auto protocol = place.find("protocol");
        const bool inherit = protocol && protocol->choice("protocol", {"none", "inherit"}) == 1;
        const auto record = place.find("record");
        return {name, inherit, false, !record || record->flag()};
    }

    static CounterSpec readCounter(const JsonPlace& place, const std::string& name)
    {
        constexpr std::int64_t kFarthest = std::int64_t{1} << 53; // exact in every JSON reader
        const auto initial = place.find("initial");
        const auto layout = place.find("layout");
        const bool packed = layout && layout->choice("layout", {"padded", "packed"}) == 1;
        return {name, initial ? initial->integer<std::int64_t>(-kFarthest, kFarthest) : 0, false,
            packed ? CounterSpec::Layout::Packed : CounterSpec::Layout::Padded};
    }

    static Gil::Options readGil(const JsonPlace& place)
    {
        Gil::Options options;
        const auto policy = place.find("policy");
        if (policy && policy->choice("GIL policy", {"interval", "ticks"}) == 1) {
            options.policy = Gil::Policy::TickCounting;
        }
        const bool unknown = policy && policy->failed();
        const bool counts = options.policy == Gil::Policy::TickCounting;
        if (const auto interval = place.find("interval")) {
            if (counts) {
                interval->complain("a GIL that counts ticks has no switch interval");
            }
            options.switchInterval = durationOrMicroseconds(*interval, kMicrosecond);
        }
        if (const auto ticks = place.find("ticks")) {
            if (!counts && !unknown) {
                ticks->complain("ticks are counted only with \"policy\": \"ticks\"");
            }
            options.ticks = ticks->integer<std::uint32_t>(1, 1'000'000'000);
        }
        return options;
    }

    void readTasks(const JsonPlace& place)
    {
        if (!place.value().is_object() || place.value().empty()) {
            place.complainExpected("an object with at least one named task");
            return;
        }
        std::int64_t instances = 0;
        for (const auto& [name, value] : place.value().items()) {
            const JsonPlace task = place.at(name);
            checkName(task, name);
            const std::int64_t before = std::exchange(instances, instances + readTask(task, name));
            if (before <= m_bounds.threads && instances > m_bounds.threads) { // told once
                task.find("instance")
                    .value_or(task)
                    .complain("this makes " + std::to_string(instances)
                        + " threads and processes, more than this run's limit of " + std::to_string(m_bounds.threads));
            }
        }
    }

    /// Gives how many there are of it.
    int readTask(const JsonPlace& place, const std::string& name)
    {
        if (!place.expectKeys({},
                {"instance", "as", "gil", "cpus", "policy", "priority", "nice", "delay", "loop", "until", "phases",
                    "do"},
                "a task (an object)")) {
            return 0;
        }
        TaskSpec task;
        task.name = name;
        if (const auto instance = place.find("instance")) {
            task.instances = instance->integer(1, 1'000'000);
        }
        const auto as = place.find("as");
        task.process = as && as->choice("kind of task", {"thread", "process"}) == 1;
        if (const auto gil = place.find("gil")) {
            task.gil = gilIndex(*gil);
        }
        if (const auto cpus = place.find("cpus")) {
            task.cpus = readCpus(*cpus);
        }
        readScheduling(place, task);
        if (const auto delay = place.find("delay")) {
            task.delay = durationOrMicroseconds(*delay);
        }
        if (const auto loop = place.find("loop")) {
            task.loop = loop->integer<std::uint64_t>(1, kMostLoops);
        }
        if (const auto until = place.find("until")) {
            task.until = durationOrMicroseconds(*until, 1);
        }
        if (readPhases(place, task)) {
            for (const LockingMistake& mistake : findLockingMistakes(task, m_spec.mutexes)) {
                JsonPlace(m_reading, place.value(), mistake.path).complain(mistake.what);
            }
        }
        return m_spec.tasks.emplace_back(std::move(task)).instances;
    }

    std::size_t gilIndex(const JsonPlace& place)
    {
        if (m_unread.contains(place.value())) {
            place.giveUp();
            return 0;
        }
        std::vector<std::string> names;
        for (const GilSpec& gil : m_spec.gils) {
            names.push_back(gil.name);
        }
        if (names.empty()) {
            place.complain("the resources have no gil");
            return 0;
        }
        return place.choice("gil", names);
    }

    std::vector<CpuId> readCpus(const JsonPlace& place)
    {
        std::vector<CpuId> cpus;
        if (!place.value().is_array() || place.value().empty()) {
            place.complainExpected("a list of cores such as [0]");
            return cpus;
        }
        for (std::size_t i = 0; i < place.value().size(); ++i) {
            const auto nth = place.at(i).integer<std::size_t>(0, CPU_SETSIZE - 1);
            if (nth < m_bounds.cpus.size()) {
                cpus.push_back(m_bounds.cpus[nth]);
            }
        }
        // "Any of cores 0 and 1" is what there is of them; the verdict says if that is too little to see the effect.
        if (cpus.empty() && !place.failed()) {
            const std::size_t cores = m_bounds.cpus.size();
            place.complain("none of the cores " + place.value().dump() + " is here; this run may use "
                    + std::to_string(cores) + (cores == 1 ? " core" : " cores") + ", counted from 0",
                ErrorKind::Unsupported);
        }
        return cpus;
    }

    void readScheduling(const JsonPlace& place, TaskSpec& task)
    {
        bool realtime = false;
        const auto policy = place.find("policy");
        if (policy) {
            constexpr int kPolicies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO, SCHED_RR};
            task.policy = kPolicies[policy->choice(
                "scheduling policy", {"SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE", "SCHED_FIFO", "SCHED_RR"})];
            realtime = task.policy == SCHED_FIFO || task.policy == SCHED_RR;
        }
        if (realtime) {
            task.priority = kDefaultRealtimePriority;
        }
        if (const auto priority = place.find("priority")) {
            if (!realtime && !(policy && policy->failed())) {
                priority->complain(
                    "a priority goes with SCHED_FIFO or SCHED_RR; the other policies are weighted by \"nice\"");
            }
            task.priority = priority->integer(1, 99);
        }
        if (const auto nice = place.find("nice")) {
            if (realtime) {
                nice->complain("SCHED_FIFO and SCHED_RR ignore nice; they have a \"priority\"");
            }
            task.nice = nice->integer(-20, 19);
        }
    }

    /// Whether all that the task does is known.
    bool readPhases(const JsonPlace& place, TaskSpec& task)
    {
        const auto phases = place.find("phases");
        const auto steps = place.find("do");
        if (phases.has_value() == steps.has_value()) {
            place.complain("a task has either \"phases\" or \"do\"");
            return false;
        }
        if (steps) {
            task.phases.push_back({1, readSteps(*steps), steps->path()});
            return !steps->failed();
        }
        if (!isList(*phases, "a list of phases such as [{\"do\": [...]}]")) {
            return false;
        }
        for (std::size_t i = 0; i < phases->value().size(); ++i) {
            const JsonPlace phase = phases->at(i);
            if (!phase.expectKeys({"do"}, {"loop"}, "a phase (an object with \"do\")")) {
                continue;
            }
            const auto loop = phase.find("loop");
            const JsonPlace each = phase.at("do");
            task.phases.push_back(
                {loop ? loop->integer<std::uint64_t>(1, kMostLoops) : 1, readSteps(each), each.path()});
        }
        return !phases->failed();
    }

    bool isList(const JsonPlace& place, const std::string& what)
    {
        if (!place.value().is_array() || place.value().empty()) {
            place.complainExpected(what);
            return false;
        }
        if (place.value().size() > static_cast<std::size_t>(kMostPhases)) {
            place.complain("more than " + std::to_string(kMostPhases) + " entries; use \"loop\"");
            return false;
        }
        return true;
    }

    std::vector<TaskStep> readSteps(const JsonPlace& place)
    {
        std::vector<TaskStep> steps;
        if (!isList(place, "a list of events such as [{\"run\": \"5ms\"}]")) {
            return steps;
        }
        for (std::size_t i = 0; i < place.value().size(); ++i) {
            if (auto step = readStep(place.at(i), m_spec, m_unread, m_bounds.threads)) {
                steps.push_back(std::move(*step));
            }
        }
        return steps;
    }

    JsonReading& m_reading;
    const WorkloadBounds& m_bounds;
    WorkloadSpec m_spec;
    UnreadResources m_unread;
};

} // namespace

std::string TaskSpec::instanceName(int index) const
{
    return instances == 1 ? name : name + " " + std::to_string(index + 1);
}

std::uint64_t TaskSpec::recordedAccesses() const noexcept
{
    std::uint64_t accesses = 0;
    for (const PhaseSpec& phase : phases) {
        for (const TaskStep& one : phase.steps) {
            if (const auto* increment = std::get_if<step::Increment>(&one); increment != nullptr && increment->record) {
                accesses = std::min(accesses + cutProduct(2 * increment->times, phase.loop), kMostCounted);
            }
        }
    }
    return until > 0 ? 0 : cutProduct(accesses, loop);
}

std::uint64_t TaskSpec::births() const noexcept
{
    std::uint64_t births = 0;
    for (const PhaseSpec& phase : phases) {
        for (const TaskStep& one : phase.steps) {
            if (const auto* bear = std::get_if<step::Bear>(&one)) {
                births = std::min(births + cutProduct(bear->times, phase.loop), kMostCounted);
            }
        }
    }
    return cutProduct(births, loop);
}

int WorkloadSpec::instances() const noexcept
{
    int sum = 0;
    for (const TaskSpec& task : tasks) {
        sum += task.instances;
    }
    return sum;
}

std::vector<CpuId> allowedCpus()
{
    std::vector<CpuId> cpus;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &set)) {
                cpus.push_back(static_cast<CpuId>(cpu));
            }
        }
    }
    return cpus;
}

Result<WorkloadSpec> readWorkload(const nlohmann::json& document, const WorkloadBounds& bounds)
{
    JsonReading reading;
    WorkloadSpec spec = WorkloadReader(reading, bounds).read({reading, document, ""});
    if (reading.failed()) {
        const JsonComplaint& first = reading.complaints().front();
        return fail((first.path.empty() ? "workload" : first.path) + ": " + first.message, first.kind);
    }
    return spec;
}

std::vector<JsonComplaint> workloadComplaints(const nlohmann::json& document, const WorkloadBounds& bounds)
{
    JsonReading reading;
    WorkloadReader(reading, bounds).read({reading, document, ""});
    return reading.complaints();
}

Result<WorkloadSpec> parseWorkload(const std::string& text, const WorkloadBounds& bounds)
{
    const Result<nlohmann::json> document = parseJson(text);
    if (!document) {
        return fail("workload: " + document.error().message, document.error().kind);
    }
    return readWorkload(*document, bounds);
}

} // namespace timeslice
