#include "core/workload/dispatch_reader.h"

#include "core/dispatch/job_text.h"
#include "core/workload/step_reader.h"

#include <algorithm>
#include <sched.h>
#include <utility>

namespace timeslice {

namespace {

/// Who schedules: a policy's dispatcher, or the kernel by one of its own.
struct Scheduler {
    DispatchSpec::Run run = DispatchSpec::Run::Policy;
    int kernelPolicy = SCHED_OTHER;
};

class DispatchReader {
public:
    DispatchReader(JsonReading& reading, const WorkloadBounds& bounds)
        : m_reading(reading)
        , m_bounds(bounds)
    {
    }

    void read(const JsonPlace& place, WorkloadSpec& spec)
    {
        if (!place.expectKeys({"policy", "jobs"},
                {"by", "cores", "quantum", "switchCost", "preemptive", "ageing", "levels", "boost", "forgetsAtBlock",
                    "seed", "latency", "granularity", "until", "preset"},
                "a dispatch (an object with \"policy\" and \"jobs\")")) {
            return;
        }
        const PolicyOptions options = readOptions(place);
        const Scheduler scheduler = readScheduler(place);
        const Nanos until = time(place, "until", 0, 1);
        const std::optional<JsonPlace> list = jobList(place);
        if (!list) {
            return;
        }
        auto table = list->value().is_string() ? readJobs(list->text()) : readJobList(*list);
        if (m_reading.failed()) {
            return;
        }
        if (!table) {
            list->complain(table.error().message);
            return;
        }
        if (table->size() > static_cast<std::size_t>(m_bounds.threads)) {
            list->complain("this makes " + std::to_string(table->size())
                + " threads, a thread for each job, more than this run's limit of " + std::to_string(m_bounds.threads));
            return;
        }
        if (auto checked = options.check(); !checked) {
            place.complain(checked.error().message);
            return;
        }
        addTasks(spec, *table, options, scheduler, list->path());
        spec.dispatch = DispatchSpec{scheduler.run, scheduler.kernelPolicy, options, std::move(*table), until};
    }

private:
    static Nanos time(const JsonPlace& place, const char* key, Nanos otherwise, Nanos least)
    {
        const auto found = place.find(key);
        return found ? durationOrMicroseconds(*found, least) : otherwise;
    }

    PolicyOptions readOptions(const JsonPlace& place)
    {
        PolicyOptions options;
        std::vector<std::string> names;
        for (int kind = 0; kind < kPolicyKinds; ++kind) {
            names.emplace_back(policyKindName(static_cast<PolicyKind>(kind)));
        }
        names.emplace_back("mlfq-naive");
        const std::size_t chosen = place.at("policy").choice("policy", names);
        const bool naive = chosen + 1 == names.size();
        options.kind = naive ? PolicyKind::Mlfq : static_cast<PolicyKind>(chosen);
        options.quantum = time(place, "quantum", options.quantum, 1);
        options.switchCost = time(place, "switchCost", options.switchCost, 0);
        options.ageing = time(place, "ageing", options.ageing, 0);
        options.boost = time(place, "boost", options.boost, 0);
        options.latency = time(place, "latency", options.latency, 1);
        options.granularity = time(place, "granularity", options.granularity, 1);
        const auto preemptive = place.find("preemptive");
        options.preemptive = !preemptive || preemptive->flag();
        const auto forgets = place.find("forgetsAtBlock");
        options.forgetsAtBlock = forgets && forgets->flag();
        if (naive) { // as the textbook has it before it has been gamed, and has starved somebody
            options.forgetsAtBlock = true;
            options.boost = 0;
        }
        if (const auto seed = place.find("seed")) {
            options.seed = seed->integer<std::uint32_t>(0, 0xFFFF'FFFFU);
        }
        if (const auto cores = place.find("cores")) {
            options.cores = cores->integer(1, PolicyOptions::kMostCores);
            const int here = static_cast<int>(m_bounds.cpus.size());
            if (!m_reading.failed() && options.cores > here) {
                cores->complain("this run may use " + std::to_string(here) + (here == 1 ? " core" : " cores"),
                    ErrorKind::Unsupported);
            }
        }
        if (const auto levels = place.find("levels")) {
            readLevels(*levels, options);
        }
        return options;
    }

    void readLevels(const JsonPlace& place, PolicyOptions& options)
    {
        const auto places = place.list("a list of levels such as [{\"quantum\": \"5ms\"}], the highest first");
        if (m_reading.failed()) {
            return;
        }
        if (places.empty() || places.size() > PolicyOptions::kMostLevels) {
            place.complain("there are 1 to " + std::to_string(PolicyOptions::kMostLevels) + " levels");
            return;
        }
        options.levels.clear();
        for (const JsonPlace& level : places) {
            if (!level.expectKeys({"quantum"}, {"allotment"}, "a level (an object with \"quantum\")")) {
                return;
            }
            const auto allotment = level.find("allotment");
            options.levels.push_back(
                {durationOrMicroseconds(level.at("quantum"), 1), allotment ? allotment->integer(1, 1'000'000) : 1});
        }
    }

    static Scheduler readScheduler(const JsonPlace& place)
    {
        const auto by = place.find("by");
        constexpr std::pair<DispatchSpec::Run, int> kWho[] = {{DispatchSpec::Run::Policy, SCHED_OTHER},
            {DispatchSpec::Run::Calculation, SCHED_OTHER}, {DispatchSpec::Run::Kernel, SCHED_OTHER},
            {DispatchSpec::Run::Kernel, SCHED_FIFO}, {DispatchSpec::Run::Kernel, SCHED_RR}};
        const std::size_t who =
            by ? by->choice("scheduler", {"dispatcher", "calculation", "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR"}) : 0;
        return {kWho[who].first, kWho[who].second};
    }

    /// "jobs" is a list, or a text; or lists by name, of which "preset" is the name of one, or it is a text itself.
    std::optional<JsonPlace> jobList(const JsonPlace& place)
    {
        const JsonPlace jobs = place.at("jobs");
        const auto preset = place.find("preset");
        if (!jobs.value().is_object()) {
            if (preset) {
                preset->complain("a \"preset\" is the name of one of several lists in \"jobs\"");
            }
            return m_reading.failed() ? std::nullopt : std::optional(jobs);
        }
        std::vector<std::string> names;
        for (const auto& [name, value] : jobs.value().items()) {
            names.push_back(name);
        }
        if (!preset || names.empty()) {
            jobs.complain("where \"jobs\" are lists by name, \"preset\" is the name of one of them");
            return std::nullopt;
        }
        if (preset->value().is_string() && looksLikeJobs(preset->value().get_ref<const std::string&>())) {
            return preset;
        }
        const std::size_t chosen = preset->choice("preset", names);
        return m_reading.failed() ? std::nullopt : std::optional(jobs.at(names[chosen]));
    }

    /// Complains of what is no job; the rest is the table's to say.
    Result<JobTable> readJobList(const JsonPlace& list)
    {
        std::vector<Job> jobs;
        const auto places = list.list("a list of jobs");
        if (places.size() > JobTable::kMostJobs) {
            list.complain("the table has " + std::to_string(places.size()) + " jobs; "
                + std::to_string(JobTable::kMostJobs) + " is the most that is scheduled");
        }
        for (std::size_t i = 0; i < places.size() && !m_reading.failed(); ++i) {
            jobs.push_back(readJob(places[i]));
        }
        return JobTable::create(std::move(jobs));
    }

    Job readJob(const JsonPlace& place)
    {
        Job job;
        if (!place.expectKeys({"name", "length"}, {"arrival", "priority", "tickets", "nice", "io"},
                "a job (an object with \"name\" and \"length\")")) {
            return job;
        }
        job.name = place.at("name").text();
        job.length = durationOrMicroseconds(place.at("length"));
        job.arrival = time(place, "arrival", 0, 0);
        if (const auto priority = place.find("priority")) {
            job.priority = priority->integer(0, JobTable::kMostPriority);
        }
        if (const auto tickets = place.find("tickets")) {
            job.tickets = tickets->integer(1, JobTable::kMostTickets);
        }
        if (const auto nice = place.find("nice")) {
            job.nice = nice->integer(-20, 19);
        }
        if (const auto io = place.find("io");
            io && io->expectKeys({"every", "for"}, {}, "an object {\"every\": ..., \"for\": ...}")) {
            job.ioEvery = durationOrMicroseconds(io->at("every"), 1);
            job.ioLength = durationOrMicroseconds(io->at("for"), 1);
        }
        return job;
    }

    void addTasks(WorkloadSpec& spec, const JobTable& table, const PolicyOptions& options, const Scheduler& scheduler,
        const std::string& path)
    {
        const auto cores = std::min(static_cast<std::size_t>(options.cores), m_bounds.cpus.size());
        for (JobIndex job = 0; job < table.size(); ++job) {
            TaskSpec task;
            task.name = table[job].name;
            task.cpus.assign(m_bounds.cpus.begin(), m_bounds.cpus.begin() + static_cast<std::ptrdiff_t>(cores));
            if (scheduler.run == DispatchSpec::Run::Kernel) {
                task.policy = scheduler.kernelPolicy;
                if (scheduler.kernelPolicy == SCHED_OTHER) {
                    task.nice = table[job].nice == 0 ? std::nullopt : std::optional(table[job].nice);
                } else { // where the greater number is the more urgent
                    constexpr int kMiddle = 50;
                    task.priority = std::max(kMiddle - table[job].priority, 1);
                }
            }
            task.phases.push_back({1, {step::Job{job}}, path + "/" + std::to_string(job)});
            spec.tasks.push_back(std::move(task));
        }
    }

    JsonReading& m_reading;
    const WorkloadBounds& m_bounds;
};

} // namespace

void readDispatch(JsonReading& reading, const JsonPlace& place, const WorkloadBounds& bounds, WorkloadSpec& spec)
{
    DispatchReader(reading, bounds).read(place, spec);
}

} // namespace timeslice
