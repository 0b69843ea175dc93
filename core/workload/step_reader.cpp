#include "core/workload/step_reader.h"

#include "core/base/duration_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace timeslice {

namespace {

constexpr std::int64_t kMostTimes = std::int64_t{1} << 40; ///< days of increments; keeps sums far from overflow
constexpr std::int64_t kMostTransfer = std::int64_t{64} << 20;
constexpr std::int64_t kMostMegabytes = std::int64_t{1} << 20;
constexpr int kMostSpawned = 1'000'000;
constexpr std::size_t kLongestMark = 40; ///< what the channel holds of a name

std::size_t bytesOf(const JsonPlace& object)
{
    return object.at("bytes").integer<std::size_t>(1, kMostTransfer);
}

class StepReader {
public:
    StepReader(WorkloadSpec& spec, const UnreadResources& unread, int threadLimit)
        : m_spec(spec)
        , m_unread(unread)
        , m_threadLimit(threadLimit)
    {
    }

    TaskStep read(std::size_t event, const JsonPlace& at) { return (this->*kEvents[event].read)(at); }

    struct Word {
        const char* name;
        TaskStep (StepReader::*read)(const JsonPlace&);
    };
    static const std::array<Word, 24> kEvents;

private:
    /// 0 after a complaint.
    template <class Resource>
    std::size_t resourceIndex(const JsonPlace& place, const char* what, const std::vector<Resource>& resources)
    {
        if (m_unread.contains(place.value())) {
            place.giveUp();
            return 0;
        }
        std::vector<std::string> names;
        for (const Resource& resource : resources) {
            names.push_back(resource.name);
        }
        if (names.empty() && place.value().is_string()) {
            place.complain(unknownName(what, place.value().get_ref<const std::string&>(), names));
            return 0;
        }
        return place.choice(what, names);
    }

    TaskStep run(const JsonPlace& at) { return step::Run{durationOrMicroseconds(at)}; }
    TaskStep runtime(const JsonPlace& at) { return step::RunFor{durationOrMicroseconds(at)}; }
    TaskStep sleep(const JsonPlace& at) { return step::Sleep{durationOrMicroseconds(at)}; }
    TaskStep timer(const JsonPlace& at) { return step::Timer{durationOrMicroseconds(at, 1)}; }
    TaskStep lock(const JsonPlace& at) { return step::Lock{resourceIndex(at, "mutex", m_spec.mutexes)}; }
    TaskStep unlock(const JsonPlace& at) { return step::Unlock{resourceIndex(at, "mutex", m_spec.mutexes)}; }

    TaskStep wait(const JsonPlace& at)
    {
        at.expectKeys({"condition", "mutex"}, {}, "an object {\"condition\": ..., \"mutex\": ...}");
        return step::Wait{resourceIndex(at.at("condition"), "condition", m_spec.conditions),
            resourceIndex(at.at("mutex"), "mutex", m_spec.mutexes)};
    }

    TaskStep signal(const JsonPlace& at)
    {
        return step::Signal{resourceIndex(at, "condition", m_spec.conditions), false};
    }
    TaskStep broadcast(const JsonPlace& at)
    {
        return step::Signal{resourceIndex(at, "condition", m_spec.conditions), true};
    }
    TaskStep barrier(const JsonPlace& at) { return step::Barrier{resourceIndex(at, "barrier", m_spec.barriers)}; }

    TaskStep increment(const JsonPlace& at)
    {
        at.expectKeys({"counter"}, {"times", "how", "mutex", "record"},
            "an object {\"counter\": ..., \"times\": ..., \"how\": ...}");
        step::Increment increment;
        increment.counter = resourceIndex(at.at("counter"), "counter", m_spec.counters);
        if (const auto times = at.find("times")) {
            increment.times = times->integer<std::uint64_t>(1, kMostTimes);
        }
        const auto how = at.find("how");
        if (how) {
            increment.how = static_cast<step::Increment::How>(
                how->choice("way to increment", {"plain", "atomic", "mutex", "local"}));
        }
        const bool howUnknown = how && how->failed();
        if (increment.how == step::Increment::How::Mutex) {
            if (const auto mutex = at.find("mutex")) {
                increment.mutex = resourceIndex(*mutex, "mutex", m_spec.mutexes);
            } else {
                at.complain("the key 'mutex' is missing");
            }
        } else if (const auto mutex = at.find("mutex"); mutex && !howUnknown) {
            mutex->complain("a mutex is taken only when \"how\" is \"mutex\"");
        }
        if (const auto record = at.find("record")) {
            increment.record = record->flag();
        }
        return increment;
    }

    std::size_t fileOf(const JsonPlace& at, std::size_t bytes)
    {
        const std::size_t file = resourceIndex(at.at("file"), "file", m_spec.files);
        if (file < m_spec.files.size()) {
            m_spec.files[file].largest = std::max(m_spec.files[file].largest, bytes);
        }
        return file;
    }

    TaskStep write(const JsonPlace& at)
    {
        at.expectKeys({"file", "bytes"}, {"sync"}, "an object {\"file\": ..., \"bytes\": ...}");
        const std::size_t bytes = bytesOf(at);
        const auto sync = at.find("sync");
        return step::Write{fileOf(at, bytes), bytes, sync && sync->flag()};
    }

    TaskStep read(const JsonPlace& at)
    {
        at.expectKeys({"file", "bytes"}, {}, "an object {\"file\": ..., \"bytes\": ...}");
        const std::size_t bytes = bytesOf(at);
        return step::Read{fileOf(at, bytes), bytes};
    }

    void expectPipe(const JsonPlace& at)
    {
        at.expectKeys({"pipe", "bytes"}, {}, "an object {\"pipe\": ..., \"bytes\": ...}");
    }

    TaskStep send(const JsonPlace& at)
    {
        expectPipe(at);
        return step::Send{resourceIndex(at.at("pipe"), "pipe", m_spec.pipes), bytesOf(at)};
    }

    TaskStep receive(const JsonPlace& at)
    {
        expectPipe(at);
        return step::Receive{resourceIndex(at.at("pipe"), "pipe", m_spec.pipes), bytesOf(at)};
    }

    TaskStep yield(const JsonPlace& at)
    {
        if (at.value() != true) {
            at.complainExpected("true");
        }
        return step::Yield{};
    }

    TaskStep mark(const JsonPlace& at)
    {
        const std::string name = at.text();
        if (name.empty() || name.size() > kLongestMark) {
            at.complain("a mark needs a name of 1 to " + std::to_string(kLongestMark) + " bytes");
            return {};
        }
        const auto it = std::find(m_spec.marks.begin(), m_spec.marks.end(), name);
        const auto index = static_cast<std::size_t>(it - m_spec.marks.begin());
        if (it == m_spec.marks.end()) {
            m_spec.marks.push_back(name);
        }
        return step::Mark{index};
    }

    TaskStep crash(const JsonPlace& at)
    {
        return step::Crash{static_cast<step::Crash::How>(at.choice("way to crash", {"segv", "abort", "kill", "exit"}))};
    }

    TaskStep allocate(const JsonPlace& at)
    {
        at.expectKeys({"megabytes"}, {}, "an object {\"megabytes\": ...}");
        return step::Allocate{at.at("megabytes").integer<std::size_t>(1, kMostMegabytes)};
    }

    TaskStep spawn(const JsonPlace& at)
    {
        at.expectKeys({"count"}, {"as"}, "an object {\"as\": \"thread\", \"count\": ...}");
        step::Spawn spawn;
        if (const auto as = at.find("as")) {
            spawn.processes = as->choice("kind of task", {"thread", "process"}) == 1;
        }
        // More than the limit is allowed here: running into it is what the step is for.
        spawn.count = at.at("count").integer(1, std::max(kMostSpawned, m_threadLimit));
        return spawn;
    }

    TaskStep birth(const JsonPlace& at)
    {
        at.expectKeys({"times"}, {"as"}, "an object {\"as\": \"thread\", \"times\": ...}");
        step::Bear bear;
        if (const auto as = at.find("as")) {
            bear.processes = as->choice("kind of task", {"thread", "process"}) == 1;
        }
        bear.times = at.at("times").integer<std::uint64_t>(1, step::Bear::kMost);
        return bear;
    }

    TaskStep acquire(const JsonPlace& at)
    {
        at.expectKeys({"mutexes"}, {"between", "pause"}, "an object {\"mutexes\": [...], \"pause\": ...}");
        const JsonPlace mutexes = at.at("mutexes");
        if (!mutexes.value().is_array() || mutexes.value().size() < 2) {
            mutexes.complainExpected("a list of two mutexes or more");
        }
        step::Acquire acquire;
        for (const JsonPlace& each : mutexes.list("mutexes")) {
            const std::size_t mutex = resourceIndex(each, "mutex", m_spec.mutexes);
            if (each.failed()) {
                continue;
            }
            if (std::find(acquire.mutexes.begin(), acquire.mutexes.end(), mutex) != acquire.mutexes.end()) {
                each.complain("is there twice; nobody can take a mutex that he has");
            }
            acquire.mutexes.push_back(mutex);
        }
        if (const auto between = at.find("between")) {
            acquire.between = durationOrMicroseconds(*between);
        }
        if (const auto pause = at.find("pause")) {
            acquire.pause = durationOrMicroseconds(*pause, 1);
        }
        return acquire;
    }

    TaskStep storeBuffer(const JsonPlace& at)
    {
        at.expectKeys({"test", "rounds", "order"}, {}, "an object {\"test\": ..., \"rounds\": ..., \"order\": ...}");
        step::StoreBuffer side;
        side.test = resourceIndex(at.at("test"), "litmus test", m_spec.litmusTests);
        side.rounds = at.at("rounds").integer<std::uint64_t>(1, kMostTimes);
        side.order =
            static_cast<MemoryOrder>(at.at("order").choice("memory order", {"relaxed", "acquire-release", "seq_cst"}));
        return side;
    }

    TaskStep stepped(const JsonPlace& at)
    {
        if (!at.expectKeys(
                {"program", "counter"}, {"mutex"}, "an object {\"program\": [\"load\", ...], \"counter\": ...}")) {
            return {};
        }
        std::vector<std::string> words;
        for (std::size_t kind = 0; kind < kStepKinds; ++kind) {
            words.emplace_back(wordOf(static_cast<StepKind>(kind)));
        }
        step::Stepped stepped;
        const JsonPlace program = at.at("program");
        for (const JsonPlace& each : program.list("steps")) {
            stepped.program.push_back(static_cast<StepKind>(each.choice("step", words)));
        }
        if (const std::string_view why = whyNoProgram(stepped.program); !why.empty()) {
            program.complain(std::string(why));
        }
        stepped.counter = resourceIndex(at.at("counter"), "counter", m_spec.counters);
        if (const auto mutex = at.find("mutex")) {
            stepped.mutex = resourceIndex(*mutex, "mutex", m_spec.mutexes);
        } else if (std::find(stepped.program.begin(), stepped.program.end(), StepKind::Lock) != stepped.program.end()) {
            at.complain("the key 'mutex' is missing");
        }
        return stepped;
    }

    WorkloadSpec& m_spec;
    const UnreadResources& m_unread;
    int m_threadLimit;
};

const std::array<StepReader::Word, 24> StepReader::kEvents{{
    {"run", &StepReader::run},
    {"runtime", &StepReader::runtime},
    {"sleep", &StepReader::sleep},
    {"timer", &StepReader::timer},
    {"lock", &StepReader::lock},
    {"unlock", &StepReader::unlock},
    {"wait", &StepReader::wait},
    {"signal", &StepReader::signal},
    {"broadcast", &StepReader::broadcast},
    {"barrier", &StepReader::barrier},
    {"increment", &StepReader::increment},
    {"write", &StepReader::write},
    {"read", &StepReader::read},
    {"send", &StepReader::send},
    {"receive", &StepReader::receive},
    {"yield", &StepReader::yield},
    {"mark", &StepReader::mark},
    {"crash", &StepReader::crash},
    {"allocate", &StepReader::allocate},
    {"spawn", &StepReader::spawn},
    {"acquire", &StepReader::acquire},
    {"store-buffer", &StepReader::storeBuffer},
    {"stepped", &StepReader::stepped},
    {"birth", &StepReader::birth},
}};

} // namespace

Nanos durationOrMicroseconds(const JsonPlace& place, Nanos least)
{
    constexpr double kMostMicroseconds = 24.0 * 3600 * 1e6;
    const nlohmann::json& value = place.value();
    std::optional<Nanos> length;
    if (value.is_number() && value.get<double>() >= 0 && value.get<double>() <= kMostMicroseconds) {
        length = std::llround(value.get<double>() * 1e3);
    } else if (value.is_string()) {
        length = parseDurationText(value.get_ref<const std::string&>());
    }
    if (!length || *length < least) {
        place.complainExpected(
            std::string("a duration such as \"5ms\" (ns, us, ms or s; a plain number is microseconds), ")
            + (least > 0 ? "more than zero" : "not negative") + " and at most 24 hours");
        return least;
    }
    return *length;
}

bool UnreadResources::contains(const nlohmann::json& name) const
{
    return name.is_string() && (all || names.contains(name.get_ref<const std::string&>()));
}

std::optional<TaskStep> readStep(
    const JsonPlace& place, WorkloadSpec& spec, const UnreadResources& unread, int threadLimit)
{
    if (!place.value().is_object()) {
        place.complainExpected("an event such as {\"run\": \"5ms\"}");
        return std::nullopt;
    }
    if (place.value().size() != 1) {
        place.complain("an event has exactly one key, this one has " + std::to_string(place.value().size())
            + "; give each event an object of its own, since their order matters");
        return std::nullopt;
    }
    const std::string name = place.value().begin().key();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < StepReader::kEvents.size(); ++i) {
        if (name == StepReader::kEvents[i].name) {
            TaskStep step = StepReader(spec, unread, threadLimit).read(i, place.at(name));
            return place.failed() ? std::nullopt : std::optional<TaskStep>(std::move(step));
        }
        names.emplace_back(StepReader::kEvents[i].name);
    }
    place.complain(unknownName("event", name, names));
    return std::nullopt;
}

} // namespace timeslice
