#include "core/workload/step_reader.h"

#include <algorithm>
#include <array>
#include <limits>

namespace timeslice {

namespace {

constexpr std::int64_t kMostTimes = std::int64_t{1} << 40; ///< days of increments; keeps sums far from overflow
constexpr std::int64_t kMostTransfer = std::int64_t{64} << 20;
constexpr std::int64_t kMostMegabytes = std::int64_t{1} << 20;
constexpr std::int64_t kMostSpawned = 1'000'000;
constexpr std::size_t kLongestMark = 40; ///< what the channel holds of a name

template <class Resource>
std::size_t resourceIndex(
    JsonReader& reader, const JsonPlace& place, const char* what, const std::vector<Resource>& resources)
{
    std::vector<std::string> names;
    for (const Resource& resource : resources) {
        names.push_back(resource.name);
    }
    if (names.empty() && place.value->is_string()) {
        reader.complainUnknown(place, what, place.value->get_ref<const std::string&>(), names);
        return 0;
    }
    return reader.choice(place, what, names);
}

std::size_t bytesOf(JsonReader& reader, const JsonPlace& object)
{
    return static_cast<std::size_t>(reader.integer(object.at("bytes"), 1, kMostTransfer));
}

/// True if the object has every key; complains about the first that is missing.
bool requireKeys(JsonReader& reader, const JsonPlace& object, std::initializer_list<const char*> keys)
{
    for (const char* key : keys) {
        if (!object.has(key)) {
            reader.complain(object, std::string("\"") + key + "\" is missing");
            return false;
        }
    }
    return true;
}

class StepReader {
public:
    StepReader(JsonReader& reader, WorkloadSpec& spec, int threadLimit)
        : m_reader(reader)
        , m_spec(spec)
        , m_threadLimit(threadLimit)
    {
    }

    TaskStep read(std::size_t event, const JsonPlace& at) { return (this->*kEvents[event].read)(at); }

    struct Word {
        const char* name;
        TaskStep (StepReader::*read)(const JsonPlace&);
    };
    static const std::array<Word, 20> kEvents;

private:
    TaskStep run(const JsonPlace& at) { return step::Run{m_reader.duration(at)}; }
    TaskStep runtime(const JsonPlace& at) { return step::RunFor{m_reader.duration(at)}; }
    TaskStep sleep(const JsonPlace& at) { return step::Sleep{m_reader.duration(at)}; }
    TaskStep timer(const JsonPlace& at) { return step::Timer{m_reader.duration(at, 1)}; }
    TaskStep lock(const JsonPlace& at) { return step::Lock{resourceIndex(m_reader, at, "mutex", m_spec.mutexes)}; }
    TaskStep unlock(const JsonPlace& at) { return step::Unlock{resourceIndex(m_reader, at, "mutex", m_spec.mutexes)}; }

    TaskStep wait(const JsonPlace& at)
    {
        if (!m_reader.expectObject(at, "an object {\"condition\": ..., \"mutex\": ...}", {"condition", "mutex"})
            || !requireKeys(m_reader, at, {"condition", "mutex"})) {
            return {};
        }
        return step::Wait{resourceIndex(m_reader, at.at("condition"), "condition", m_spec.conditions),
            resourceIndex(m_reader, at.at("mutex"), "mutex", m_spec.mutexes)};
    }

    TaskStep signal(const JsonPlace& at)
    {
        return step::Signal{resourceIndex(m_reader, at, "condition", m_spec.conditions), false};
    }
    TaskStep broadcast(const JsonPlace& at)
    {
        return step::Signal{resourceIndex(m_reader, at, "condition", m_spec.conditions), true};
    }
    TaskStep barrier(const JsonPlace& at)
    {
        return step::Barrier{resourceIndex(m_reader, at, "barrier", m_spec.barriers)};
    }

    TaskStep increment(const JsonPlace& at)
    {
        if (!m_reader.expectObject(at, "an object {\"counter\": ..., \"times\": ..., \"how\": ...}",
                {"counter", "times", "how", "mutex", "record"})
            || !requireKeys(m_reader, at, {"counter"})) {
            return {};
        }
        step::Increment increment;
        increment.counter = resourceIndex(m_reader, at.at("counter"), "counter", m_spec.counters);
        if (at.has("times")) {
            increment.times = static_cast<std::uint64_t>(m_reader.integer(at.at("times"), 1, kMostTimes));
        }
        if (at.has("how")) {
            increment.how = static_cast<step::Increment::How>(
                m_reader.choice(at.at("how"), "way to increment", {"plain", "atomic", "mutex"}));
        }
        if (increment.how == step::Increment::How::Mutex) {
            if (!requireKeys(m_reader, at, {"mutex"})) {
                return {};
            }
            increment.mutex = resourceIndex(m_reader, at.at("mutex"), "mutex", m_spec.mutexes);
        } else if (at.has("mutex")) {
            m_reader.complain(at.at("mutex"), "a mutex is taken only when \"how\" is \"mutex\"");
        }
        if (at.has("record")) {
            increment.record = m_reader.boolean(at.at("record"));
        }
        return increment;
    }

    std::size_t fileOf(const JsonPlace& at, std::size_t bytes)
    {
        const std::size_t file = resourceIndex(m_reader, at.at("file"), "file", m_spec.files);
        if (!m_reader.failed()) {
            m_spec.files[file].largest = std::max(m_spec.files[file].largest, bytes);
        }
        return file;
    }

    TaskStep write(const JsonPlace& at)
    {
        if (!m_reader.expectObject(at, "an object {\"file\": ..., \"bytes\": ...}", {"file", "bytes", "sync"})
            || !requireKeys(m_reader, at, {"file", "bytes"})) {
            return {};
        }
        const std::size_t bytes = bytesOf(m_reader, at);
        return step::Write{fileOf(at, bytes), bytes, at.has("sync") && m_reader.boolean(at.at("sync"))};
    }

    TaskStep read(const JsonPlace& at)
    {
        if (!m_reader.expectObject(at, "an object {\"file\": ..., \"bytes\": ...}", {"file", "bytes"})
            || !requireKeys(m_reader, at, {"file", "bytes"})) {
            return {};
        }
        const std::size_t bytes = bytesOf(m_reader, at);
        return step::Read{fileOf(at, bytes), bytes};
    }

    bool expectPipe(const JsonPlace& at)
    {
        return m_reader.expectObject(at, "an object {\"pipe\": ..., \"bytes\": ...}", {"pipe", "bytes"})
            && requireKeys(m_reader, at, {"pipe", "bytes"});
    }

    TaskStep send(const JsonPlace& at)
    {
        if (!expectPipe(at)) {
            return {};
        }
        return step::Send{resourceIndex(m_reader, at.at("pipe"), "pipe", m_spec.pipes), bytesOf(m_reader, at)};
    }

    TaskStep receive(const JsonPlace& at)
    {
        if (!expectPipe(at)) {
            return {};
        }
        return step::Receive{resourceIndex(m_reader, at.at("pipe"), "pipe", m_spec.pipes), bytesOf(m_reader, at)};
    }

    TaskStep yield(const JsonPlace& at)
    {
        if (*at.value != true) {
            m_reader.complainExpected(at, "true");
        }
        return step::Yield{};
    }

    TaskStep mark(const JsonPlace& at)
    {
        const std::string name = m_reader.text(at);
        if (name.empty() || name.size() > kLongestMark) {
            m_reader.complain(at, "a mark needs a name of 1 to " + std::to_string(kLongestMark) + " bytes");
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
        return step::Crash{
            static_cast<step::Crash::How>(m_reader.choice(at, "way to crash", {"segv", "abort", "kill", "exit"}))};
    }

    TaskStep allocate(const JsonPlace& at)
    {
        if (!m_reader.expectObject(at, "an object {\"megabytes\": ...}", {"megabytes"})
            || !requireKeys(m_reader, at, {"megabytes"})) {
            return {};
        }
        return step::Allocate{static_cast<std::size_t>(m_reader.integer(at.at("megabytes"), 1, kMostMegabytes))};
    }

    TaskStep spawn(const JsonPlace& at)
    {
        if (!m_reader.expectObject(at, "an object {\"as\": \"thread\", \"count\": ...}", {"as", "count"})
            || !requireKeys(m_reader, at, {"count"})) {
            return {};
        }
        step::Spawn spawn;
        spawn.processes = at.has("as") && m_reader.choice(at.at("as"), "kind of task", {"thread", "process"}) == 1;
        // More than the limit is allowed here: running into it is what the step is for.
        spawn.count =
            static_cast<int>(m_reader.integer(at.at("count"), 1, std::max<std::int64_t>(kMostSpawned, m_threadLimit)));
        return spawn;
    }

    JsonReader& m_reader;
    WorkloadSpec& m_spec;
    int m_threadLimit;
};

const std::array<StepReader::Word, 20> StepReader::kEvents{{
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
}};

} // namespace

std::optional<TaskStep> readStep(JsonReader& reader, const JsonPlace& place, WorkloadSpec& spec, int threadLimit)
{
    if (!place.value->is_object()) {
        reader.complainExpected(place, "an event such as {\"run\": \"5ms\"}");
        return std::nullopt;
    }
    if (place.value->size() != 1) {
        reader.complain(place,
            "an event has exactly one key, this one has " + std::to_string(place.value->size())
                + "; give each event an object of its own, since their order matters");
        return std::nullopt;
    }
    const std::string name = place.value->begin().key();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < StepReader::kEvents.size(); ++i) {
        if (name == StepReader::kEvents[i].name) {
            TaskStep step = StepReader(reader, spec, threadLimit).read(i, place.at(name));
            return reader.failed() ? std::nullopt : std::optional<TaskStep>(std::move(step));
        }
        names.emplace_back(StepReader::kEvents[i].name);
    }
    reader.complainUnknown(place, "event", name, names);
    return std::nullopt;
}

} // namespace timeslice
