#include "core/rtapp/rtapp_workload.h"

#include "core/base/did_you_mean.h"
#include "core/rtapp/rtapp_events.h"
#include "core/rtapp/rtapp_object.h"
#include "core/rtapp/rtapp_scheduling.h"
#include "core/workload/locking_mistake.h"

#include <algorithm>
#include <charconv>
#include <sched.h>
#include <set>

namespace timeslice {

namespace {

constexpr int kMostSeconds = 30 * 24 * 3600;
constexpr std::size_t kUsualBuffer = std::size_t{4} << 20;
constexpr std::size_t kLargestBuffer = std::size_t{1} << 30;
constexpr std::size_t kLongestTaskName =
    32; ///< with an instance or a fork number behind it, it still fits the channel's 40

/// "global": what it says that counts for all tasks.
struct Globals {
    std::optional<int> policy = SCHED_OTHER; ///< nothing: what it says is wrong
    bool priorityInheritance = false;
    bool lockPages = true;
    std::string ioDevice = "/dev/null";
    std::size_t bufferBytes = kUsualBuffer;
    Nanos duration = 0;
};

std::vector<std::string> joined(std::vector<std::string> keys, const std::vector<std::string>& more)
{
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

class WorkloadReader {
public:
    WorkloadReader(JsonReading& reading, const WorkloadBounds& bounds)
        : m_reading(reading)
        , m_bounds(bounds)
    {
    }

    RtappWorkload read(const RtappObject& document)
    {
        if (!document.expectKeys({"tasks", "global", "resources"}, "an object with \"tasks\"")) {
            return {};
        }
        if (const auto global = document.findObject("global")) {
            readGlobal(*global);
        }
        m_result.spec.duration = m_globals.duration;
        RtappResources resources(m_result.spec, m_globals.priorityInheritance);
        if (const auto declared = document.findObject("resources")) {
            readResources(*declared, resources);
        }
        const auto tasks = document.findObject("tasks");
        if (!tasks) {
            document.complainMissing("tasks");
        } else {
            readTasks(*tasks, resources);
        }
        if (!m_reading.failed()) {
            conclude(*tasks);
        }
        return std::move(m_result);
    }

private:
    void readGlobal(const RtappObject& global)
    {
        if (!global.expectKeys(
                {"duration", "calibration", "default_policy", "pi_enabled", "lock_pages", "logdir", "log_size",
                    "log_basename", "ftrace", "gnuplot", "io_device", "mem_buffer_size", "cumulative_slack", "frag"},
                "an object")) {
            return;
        }
        if (const auto duration = global.find("duration")) {
            m_globals.duration = std::max(0, duration->integer(-1, kMostSeconds)) * kSecond;
        }
        if (const auto calibration = global.find("calibration")) {
            readCalibration(*calibration);
        }
        if (const auto policy = global.find("default_policy")) {
            m_globals.policy = rtappPolicy(*policy);
            if (policy->failed()) {
                m_globals.policy.reset();
            }
        }
        const auto flag = [&global](const char* key, bool& target) {
            if (const auto place = global.find(key)) {
                target = place->flag();
            }
        };
        flag("pi_enabled", m_globals.priorityInheritance);
        flag("lock_pages", m_globals.lockPages);
        if (const auto device = global.find("io_device")) {
            m_globals.ioDevice = device->text();
        }
        if (const auto size = global.find("mem_buffer_size")) {
            m_globals.bufferBytes = size->integer<std::size_t>(1, kLargestBuffer);
        }
        readLogs(global);
    }

    /// A loop here is not a loop of rt-app's, so a number of nanoseconds for one says nothing; a core is only named to
    /// measure on.
    void readCalibration(const JsonPlace& place)
    {
        if (place.value().is_number()) {
            place.integer(1, kMostRtappNumber);
            m_result.notes.push_back("global/calibration: the " + place.value().dump()
                + " ns are those of a loop of rt-app's; here \"run\" is calibrated on this machine");
            return;
        }
        const std::string text = place.value().is_string() ? place.value().get<std::string>() : std::string();
        int cpu = -1;
        if (text.starts_with("CPU")) {
            std::from_chars(text.data() + 3, text.data() + text.size(), cpu);
        }
        if (cpu < 0 || text != "CPU" + std::to_string(cpu)) {
            place.complainExpected("a core such as \"CPU0\", or a number of nanoseconds");
        }
    }

    /// What rt-app writes about its run. The recording has more of that than its logs.
    void readLogs(const RtappObject& global)
    {
        std::vector<std::string> left;
        for (const char* key : {"gnuplot", "cumulative_slack"}) {
            if (const auto place = global.find(key); place && place->flag()) {
                left.emplace_back(key);
            }
        }
        if (const auto ftrace = global.find("ftrace")) {
            if (!ftrace->value().is_boolean() && !ftrace->value().is_string()) {
                ftrace->complainExpected("a text such as \"main,task\", or true or false");
            } else if (ftrace->value() != false && ftrace->value() != "none" && ftrace->value() != "") {
                left.emplace_back("ftrace");
            }
        }
        for (const char* key : {"logdir", "log_basename"}) {
            if (const auto place = global.find(key)) {
                place->text();
            }
        }
        if (const auto size = global.find("log_size")) {
            if (!size->value().is_string()) {
                size->integer<std::int64_t>(0, kMostRtappNumber);
            }
        }
        if (!left.empty()) {
            m_result.notes.push_back("global: " + joinNames(left) + (left.size() == 1 ? " is" : " are")
                + " of rt-app's own logs, which are not written; the recording takes their place");
        }
    }

    /// rt-app makes what events name by itself and only checks this section.
    void readResources(const RtappObject& declared, RtappResources& resources)
    {
        if (!declared.expectKeys({}, "an object of named resources", [](std::string_view) { return true; })) {
            return;
        }
        for (const RtappEntry& entry : declared.entry().entries) {
            const RtappObject resource(m_reading, entry);
            if (!resource.expectKeys({"type", "target"}, "an object with a \"type\"")) {
                continue;
            }
            const auto type = resource.find("type");
            enum Type : std::size_t { Mutex, Wait };
            const std::size_t which = type ? type->choice("type of resource",
                                          {"mutex", "wait", "signal", "broadcast", "sync", "sleep", "run", "timer"})
                                           : Mutex;
            if (which == Mutex) {
                resources.mutex(entry.key);
            } else if (which == Wait) {
                resources.condition(entry.key);
            }
        }
    }

    void readTasks(const RtappObject& tasks, RtappResources& resources)
    {
        if (!tasks.entry().value.is_object() || tasks.entry().entries.empty()) {
            tasks.place().complainExpected("an object with at least one named task");
            return;
        }
        const std::vector<std::string> names = namesOf(tasks.entry());
        bool tooMany = false;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const RtappObject task(m_reading, tasks.entry().entries[i]);
            checkName(task.place(), names[i]);
            readTask(task, names[i], names, resources);
            const int instances = m_result.spec.instances();
            if (!tooMany && instances > m_bounds.threads) {
                tooMany = true;
                task.find("instance")
                    .value_or(task.place())
                    .complain("this makes " + std::to_string(instances) + " threads; a workload may have "
                        + std::to_string(m_bounds.threads));
            }
        }
    }

    /// Of two tasks with one name the second gets a number behind it, as rt-app's workgen does it.
    static std::vector<std::string> namesOf(const RtappEntry& tasks)
    {
        std::vector<std::string> names;
        std::set<std::string> taken;
        for (const RtappEntry& entry : tasks.entries) {
            std::string name = entry.key;
            for (int number = 1; !taken.insert(name).second; ++number) {
                name = entry.key + std::to_string(number);
            }
            names.push_back(std::move(name));
        }
        return names;
    }

    static void checkName(const JsonPlace& place, const std::string& name)
    {
        const bool printable = std::none_of(
            name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (name.empty() || name.size() > kLongestTaskName || !printable) {
            place.complain("a task's name has 1 to " + std::to_string(kLongestTaskName) + " printable bytes");
        }
    }

    static std::uint64_t readLoop(const JsonPlace& place)
    {
        const auto loop = place.integer<std::int64_t>(-1, kMostRtappNumber);
        if (loop == 0) {
            place.complain("expected a number of rounds from 1 on, or -1 for rounds without end; found 0");
        }
        return loop < 0 ? kEndless : static_cast<std::uint64_t>(std::max<std::int64_t>(loop, 1));
    }

    void readTask(const RtappObject& object, const std::string& name, const std::vector<std::string>& names,
        RtappResources& resources)
    {
        const auto phases = object.findObject("phases");
        const std::vector<std::string> keys =
            joined({"instance", "delay", "loop", "phases", "period", "deadline"}, rtappSchedulingKeys());
        if (!object.expectKeys(keys, "a task (an object)", isRtappEvent, rtappEventNames())) {
            return;
        }
        TaskSpec task;
        static_cast<Scheduling&>(task) = readTaskScheduling(object, m_globals.policy, m_bounds.cpus);
        const bool fair =
            !task.policy || task.policy == SCHED_OTHER || task.policy == SCHED_BATCH || task.policy == SCHED_IDLE;
        task.lockPages = m_globals.lockPages && !fair; // as rt-app: it is for real-time tasks
        task.name = name;
        if (const auto instance = object.find("instance")) {
            task.instances = instance->integer(0, 1'000'000);
        }
        if (const auto delay = object.find("delay")) {
            task.delay = delay->integer<Nanos>(0, kMostRtappNumber) * kMicrosecond;
        }
        const auto loop = object.find("loop");
        const RtappEventContext context{name, task.instances, names, m_globals.ioDevice, m_globals.bufferBytes};
        if (phases) {
            task.loop = loop ? readLoop(*loop) : kEndless;
            refuseEventsBesidePhases(object);
            readPhases(*phases, context, resources, task);
        } else {
            task.loop = loop ? 1 : kEndless;
            PhaseSpec& phase = task.phases.emplace_back();
            phase.loop = loop ? readLoop(*loop) : 1;
            readEvents(object, context, resources, phase);
        }
        if (!object.place().failed()) {
            for (const LockingMistake& mistake : findLockingMistakes(task, m_result.spec.mutexes)) {
                JsonPlace(m_reading, object.entry().value, mistake.path).complain(mistake.what);
            }
            m_result.spec.tasks.push_back(std::move(task));
        }
    }

    void refuseEventsBesidePhases(const RtappObject& object)
    {
        for (const RtappEntry& entry : object.entry().entries) {
            if (isRtappEvent(entry.key) && entry.key != "runtime") { // which is also an old word for dl-runtime
                object.placeOf(entry).complain(
                    "an event beside \"phases\" would never happen; it belongs into a phase");
            }
        }
    }

    void readPhases(
        const RtappObject& phases, const RtappEventContext& context, RtappResources& resources, TaskSpec& task)
    {
        if (!phases.entry().value.is_object() || phases.entry().entries.empty()) {
            phases.place().complainExpected("an object with at least one phase");
            return;
        }
        const std::vector<RtappEntry>& all = phases.entry().entries;
        const bool movesAround = std::any_of(all.begin(), all.end(),
            [this](const RtappEntry& entry) { return RtappObject(m_reading, entry).find("cpus").has_value(); });
        std::optional<int> policy = task.policy;
        std::string taskgroup = task.taskgroup;
        for (const RtappEntry& entry : all) {
            const RtappObject object(m_reading, entry);
            if (!object.expectKeys(
                    joined({"loop"}, rtappSchedulingKeys()), "a phase (an object)", isRtappEvent, rtappEventNames())) {
                continue;
            }
            PhaseSpec& phase = task.phases.emplace_back();
            if (const auto loop = object.find("loop")) {
                phase.loop = readLoop(*loop);
            }
            auto scheduling = readPhaseScheduling(object, policy, taskgroup, m_bounds.cpus);
            if (movesAround) {
                scheduling = scheduling.value_or(Scheduling{});
                if (scheduling->cpus.empty()) { // back to where the task may be
                    scheduling->cpus = task.cpus.empty() ? m_bounds.cpus : task.cpus;
                }
            }
            if (scheduling) {
                phase.steps.push_back(step::Schedule{std::move(*scheduling)});
                phase.stepPaths.push_back(entry.path);
            }
            readEvents(object, context, resources, phase);
        }
    }

    void readEvents(
        const RtappObject& object, const RtappEventContext& context, RtappResources& resources, PhaseSpec& phase)
    {
        phase.path = object.entry().path;
        bool any = false;
        for (const RtappEntry& entry : object.entry().entries) {
            if (isRtappEvent(entry.key)) {
                readRtappEvent(RtappObject(m_reading, entry), context, resources, m_references, phase);
                any = true;
            }
        }
        if (!any && !object.place().failed()) {
            object.place().complain("there is no event in it, such as \"run\" or \"sleep\"");
        }
    }

    /// What depends on all tasks.
    void conclude(const RtappObject& tasks)
    {
        const WorkloadSpec& spec = m_result.spec;
        if (spec.instances() == 0) {
            tasks.place().complain("no task would start: \"instance\" is 0 in every one of them");
        }
        for (const RtappReference& fork : m_references.forks) {
            if (hasBarrier(spec.tasks[fork.index])) {
                fork.place.complain("a task with a barrier cannot be forked: how many would wait there is not known");
            }
        }
        noteLostResumes();
        m_result.endless = spec.duration == 0 && std::any_of(spec.tasks.begin(), spec.tasks.end(), isEndless);
    }

    static bool hasBarrier(const TaskSpec& task)
    {
        return std::any_of(task.phases.begin(), task.phases.end(), [](const PhaseSpec& phase) {
            return std::any_of(phase.steps.begin(), phase.steps.end(),
                [](const TaskStep& step) { return std::holds_alternative<step::Barrier>(step); });
        });
    }

    static bool isEndless(const TaskSpec& task)
    {
        return task.loop == kEndless || std::any_of(task.phases.begin(), task.phases.end(), [](const PhaseSpec& phase) {
            return phase.loop == kEndless;
        });
    }

    /// A resume wakes those who are suspended under that name, which is the name of their task, and those who wait for
    /// a condition of that name.
    void noteLostResumes()
    {
        std::set<std::size_t> waitedFor;
        for (const TaskSpec& task : m_result.spec.tasks) {
            for (const PhaseSpec& phase : task.phases) {
                for (const TaskStep& step : phase.steps) {
                    if (const auto* suspend = std::get_if<step::Suspend>(&step)) {
                        waitedFor.insert(suspend->condition);
                    } else if (const auto* wait = std::get_if<step::Wait>(&step)) {
                        waitedFor.insert(wait->condition);
                    }
                }
            }
        }
        for (const RtappReference& resume : m_references.resumes) {
            if (waitedFor.insert(resume.index).second) {
                m_result.notes.push_back(resume.place.path() + ": nobody is ever woken by \""
                    + shown(m_result.spec.conditions[resume.index].name)
                    + "\"; a task suspends itself under its own name, whatever stands behind \"suspend\"");
            }
        }
    }

    JsonReading& m_reading;
    const WorkloadBounds& m_bounds;
    Globals m_globals;
    RtappReferences m_references;
    RtappWorkload m_result;
};

std::string positionOf(const std::string& file, std::string_view text, std::size_t offset)
{
    const TextPlace place = placeInText(text, offset);
    return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": ";
}

/// All of them, a line each, in the order of the text. A mistake is to be mended whatever this machine can do.
Error errorOf(
    std::vector<JsonComplaint> complaints, const RtappEntry& document, std::string_view text, const std::string& file)
{
    const auto offsetOf = [&](const JsonComplaint& complaint) { return findEntry(document, complaint.path).offset; };
    std::stable_sort(complaints.begin(), complaints.end(),
        [&](const JsonComplaint& a, const JsonComplaint& b) { return offsetOf(a) < offsetOf(b); });
    Error error{"", ErrorKind::Unsupported};
    for (const JsonComplaint& complaint : complaints) {
        error.message.append(error.message.empty() ? "" : "\n")
            .append(positionOf(file, text, offsetOf(complaint)))
            .append(complaint.path.empty() ? "" : complaint.path + ": ")
            .append(complaint.message);
        if (complaint.kind == ErrorKind::Usage) {
            error.kind = ErrorKind::Usage;
        }
    }
    return error;
}

} // namespace

Result<RtappWorkload> readRtappWorkload(std::string_view text, const std::string& file, const WorkloadBounds& bounds)
{
    const tl::expected<RtappEntry, JsonProblem> document = readRtappDocument(text);
    if (!document) {
        return fail(positionOf(file, text, document.error().offset) + document.error().what, ErrorKind::Usage);
    }
    JsonReading reading;
    RtappWorkload workload = WorkloadReader(reading, bounds).read(RtappObject(reading, *document));
    if (reading.failed()) {
        return tl::unexpected(errorOf(reading.complaints(), *document, text, file));
    }
    return workload;
}

} // namespace timeslice
