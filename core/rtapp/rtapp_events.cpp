#include "core/rtapp/rtapp_events.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace timeslice {

namespace {

constexpr std::size_t kLongestResourceName = 40; ///< what the channel holds of a name

class EventReader {
public:
    EventReader(const RtappObject& event, const RtappEventContext& context, RtappResources& resources,
        RtappReferences& references, PhaseSpec& phase)
        : m_event(event)
        , m_context(context)
        , m_resources(resources)
        , m_references(references)
        , m_phase(phase)
    {
    }

    struct Word {
        std::string_view begin;
        void (EventReader::*read)();
    };
    static const std::array<Word, 20> kWords;

private:
    void add(TaskStep step)
    {
        m_phase.steps.push_back(std::move(step));
        m_phase.stepPaths.push_back(m_event.entry().path);
    }

    Nanos micros(const JsonPlace& place) const { return place.integer<Nanos>(0, kMostRtappNumber) * kMicrosecond; }

    static std::string name(const JsonPlace& place)
    {
        std::string text = place.text();
        const bool printable = std::none_of(
            text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (text.size() > kLongestResourceName || !printable) {
            place.complain("a name has 1 to " + std::to_string(kLongestResourceName) + " printable bytes");
        }
        return text;
    }
    std::string name() const { return name(m_event.place()); }
    /// "ref" and the like of an event that is an object.
    std::string name(const char* key) const
    {
        const auto place = m_event.need(key);
        return place ? name(*place) : std::string();
    }

    void run() { add(step::Run{micros(m_event.place())}); }
    void runtime() { add(step::RunFor{micros(m_event.place())}); }
    void sleep() { add(step::Sleep{micros(m_event.place())}); }
    void lock() { add(step::Lock{m_resources.mutex(name())}); }
    void unlock() { add(step::Unlock{m_resources.mutex(name())}); }
    void signal() { add(step::Signal{m_resources.condition(name()), false}); }
    void broad() { add(step::Signal{m_resources.condition(name()), true}); }

    bool expectRefAndMutex() const
    {
        return m_event.expectKeys({"ref", "mutex"}, "an object {\"ref\": ..., \"mutex\": ...}");
    }
    void wait()
    {
        if (expectRefAndMutex()) {
            add(step::Wait{m_resources.condition(name("ref")), m_resources.mutex(name("mutex"))});
        }
    }
    /// As rt-app does it and its examples need it: the task has the mutex already, and keeps it.
    void sync()
    {
        if (expectRefAndMutex()) {
            const std::size_t condition = m_resources.condition(name("ref"));
            add(step::Signal{condition, false});
            add(step::Wait{condition, m_resources.mutex(name("mutex"))});
        }
    }

    /// Each use counts, of a task that has two of them as well.
    void barrier()
    {
        const std::size_t index = m_resources.barrier(name());
        m_resources.spec().barriers[index].participants += m_context.instances;
        add(step::Barrier{index});
    }

    void timer()
    {
        if (!m_event.expectKeys({"ref", "period", "mode"}, "an object {\"ref\": ..., \"period\": ...}")) {
            return;
        }
        const std::string ref = name("ref");
        const bool unique = ref.starts_with("unique");
        const std::size_t index = m_resources.timer(ref, unique ? m_context.task : "");
        if (const auto mode = m_event.find("mode")) {
            m_resources.spec().timers[index].absolute |= mode->choice("mode", {"relative", "absolute"}) == 1;
        }
        if (const auto period = m_event.need("period")) {
            add(step::AwaitTimer{index, micros(*period)});
        }
    }

    /// What stands there is of no account: a task is suspended under its own name.
    void suspend()
    {
        const std::string& name = m_context.task;
        add(step::Suspend{m_resources.condition(name), m_resources.mutex(name, false)});
    }
    void resume()
    {
        const std::string name = this->name();
        const std::size_t condition = m_resources.condition(name);
        m_references.resumes.push_back({m_event.place(), condition});
        add(step::Resume{condition, m_resources.mutex(name, false)});
    }

    void semPost() { add(step::PostSemaphore{m_resources.semaphore(name())}); }
    void semWait() { add(step::AwaitSemaphore{m_resources.semaphore(name())}); }
    void yield() { add(step::Yield{}); }

    void fork()
    {
        const JsonPlace place = m_event.place();
        if (!place.value().is_string()) {
            place.complainExpected("the name of a task");
            return;
        }
        const std::size_t task = place.choice("task", m_context.tasks);
        m_references.forks.push_back({place, task});
        add(step::Fork{task});
    }

    std::uint64_t count(const JsonPlace& place) const { return place.integer<std::uint64_t>(0, kMostRtappNumber); }
    void mem()
    {
        const std::size_t buffer =
            m_resources.buffer({"mem", m_context.bufferBytes, 0, BufferSpec::Chain::None, false}, m_context.task);
        add(step::UseMemory{step::UseMemory::How::Fill, buffer, count(m_event.place())});
    }
    void iorun()
    {
        add(step::WriteOut{m_resources.device(m_context.ioDevice), count(m_event.place()), m_context.bufferBytes});
    }

    void memrun()
    {
        using How = step::UseMemory::How;
        if (!m_event.expectKeys({"type", "size", "count", "stride", "pattern", "ref"},
                "an object {\"type\": ..., \"size\": ..., \"count\": ...}")) {
            return;
        }
        const auto type = m_event.need("type");
        const auto size = m_event.need("size");
        const auto count = m_event.need("count");
        if (!type || !size || !count) {
            return;
        }
        const std::vector<std::string> kinds{"read", "write", "chase"}; // each has buffers of its own
        constexpr How kHows[] = {How::Read, How::Write, How::Chase};
        const std::size_t kind = type->choice("type of memrun", kinds);
        const How how = kHows[kind];
        BufferSpec buffer;
        buffer.bytes = size->integer<std::size_t>(1, kMostRtappNumber);
        readChain(how == How::Chase, buffer);
        const auto ref = m_event.find("ref");
        buffer.shared = ref.has_value();
        buffer.name = ref ? name(*ref)
                          : "memrun " + std::to_string(buffer.bytes) + "/" + std::to_string(buffer.stride) + "/"
                + std::to_string(static_cast<int>(buffer.chain));
        const std::size_t index = m_resources.buffer(buffer, (ref ? "" : m_context.task + "/") + kinds[kind]);
        const BufferSpec& made = m_resources.spec().buffers[index];
        const bool right = !m_event.place().failed(); // else it is of no account what they are
        if (right && (made.bytes != buffer.bytes || made.stride != buffer.stride || made.chain != buffer.chain)) {
            ref.value_or(m_event.place())
                .complain("another memrun with this ref has another size, stride or pattern; all that share a buffer "
                          "must agree");
        }
        add(step::UseMemory{how, index, this->count(*count)});
    }

    /// Stride and pattern, of chase only.
    void readChain(bool chase, BufferSpec& buffer)
    {
        const auto stride = m_event.find("stride");
        const auto pattern = m_event.find("pattern");
        if (!chase) {
            for (const auto& extra : {stride, pattern}) {
                if (extra) {
                    extra->complain("goes with the type \"chase\" only");
                }
            }
            return;
        }
        constexpr std::size_t kUsualStride = 64;
        buffer.stride = stride ? stride->integer<std::size_t>(sizeof(void*), kMostRtappNumber) : kUsualStride;
        const bool wrong = buffer.stride % sizeof(void*) != 0 || buffer.bytes / buffer.stride < 2;
        if (wrong && !m_event.place().failed()) {
            stride.value_or(m_event.place())
                .complain("a chase needs a stride that is a multiple of " + std::to_string(sizeof(void*))
                    + " bytes, and a size of at least two strides");
            buffer.stride = 0;
        }
        const bool sequential = pattern && pattern->choice("pattern", {"random", "sequential"}) == 1;
        buffer.chain = sequential ? BufferSpec::Chain::Sequential : BufferSpec::Chain::Scattered;
    }

    const RtappObject& m_event;
    const RtappEventContext& m_context;
    RtappResources& m_resources;
    RtappReferences& m_references;
    PhaseSpec& m_phase;
};

/// The longer of two that begin alike stands first.
const std::array<EventReader::Word, 20> EventReader::kWords{{
    {"runtime", &EventReader::runtime},
    {"run", &EventReader::run},
    {"sleep", &EventReader::sleep},
    {"timer", &EventReader::timer},
    {"lock", &EventReader::lock},
    {"unlock", &EventReader::unlock},
    {"wait", &EventReader::wait},
    {"signal", &EventReader::signal},
    {"broad", &EventReader::broad},
    {"sync", &EventReader::sync},
    {"barrier", &EventReader::barrier},
    {"suspend", &EventReader::suspend},
    {"resume", &EventReader::resume},
    {"memrun", &EventReader::memrun},
    {"mem", &EventReader::mem},
    {"iorun", &EventReader::iorun},
    {"yield", &EventReader::yield},
    {"fork", &EventReader::fork},
    {"sem_post", &EventReader::semPost},
    {"sem_wait", &EventReader::semWait},
}};

const EventReader::Word* wordOf(std::string_view key) noexcept
{
    const auto& words = EventReader::kWords;
    const auto* it = std::find_if(
        words.begin(), words.end(), [key](const EventReader::Word& word) { return key.starts_with(word.begin); });
    return it == words.end() ? nullptr : it;
}

} // namespace

bool isRtappEvent(std::string_view key) noexcept
{
    return wordOf(key) != nullptr;
}

std::vector<std::string> rtappEventNames()
{
    std::vector<std::string> names;
    for (const EventReader::Word& word : EventReader::kWords) {
        names.emplace_back(word.begin);
    }
    return names;
}

void readRtappEvent(const RtappObject& event, const RtappEventContext& context, RtappResources& resources,
    RtappReferences& references, PhaseSpec& phase)
{
    EventReader reader(event, context, resources, references, phase);
    (reader.*wordOf(event.entry().key)->read)();
}

} // namespace timeslice
