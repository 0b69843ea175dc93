#include "core/record/collector.h"

#include "core/base/unique_fd.h"
#include "core/record/channel_reader.h"
#include "core/record/chosen_names.h"
#include "core/record/sort_by_time.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <poll.h>
#include <pthread.h>
#include <span>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <utility>

namespace timeslice {

namespace {

Nanos threadCpuTime()
{
    timespec ts{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

// The sampler reads two files a thread; with thousands of threads that must not eat the core it observes.
constexpr Nanos kSamplerShare = 10;

constexpr std::size_t kFewEvents = 1000; // in one drain

// Other programs may take a fourth of the run's budget besides; then only their share of the time is known.
constexpr std::uint64_t kOthersShare = 4;

} // namespace

struct Collector::Impl {
    explicit Impl(CollectorSources from);

    void run();
    void waitUntil(Nanos deadline);
    void drain(bool last);
    void drainChannel(Batch& batch, bool last);
    void drainSwitches(Batch& batch, bool last);
    bool queueIsFull();
    void push(Batch batch);
    void refuseImpossible(Batch& batch);
    void keepWithinBudget(Batch& batch);

    CollectorSources sources;
    std::optional<ChannelReader> reader;
    std::vector<pollfd> polled; ///< the stop descriptor, then the rings'
    std::vector<Event> scratch;
    std::vector<Event> early; ///< of the channel: to be passed on with the next drain
    ChosenNames chosenNames;
    std::uint64_t impossible = 0; ///< events so far
    std::size_t drained = 0; ///< events, the last time
    std::uint64_t recorded = 0; ///< events, names and objects so far
    std::uint64_t overBudget = 0; ///< events so far
    std::uint64_t others = 0; ///< intervals of other programs so far
    Nanos passedOnUntil = 0; ///< drainedAt of the last batch
    Nanos nextUsage = 0;
    Nanos nextSample = 0;
    Nanos soonestSample = 0; ///< if there is a reason not to wait for the next

    UniqueFd wake;
    std::atomic<bool> stopping{false};
    std::atomic<Nanos> cpuTogether{-1}; ///< see stop(); -1 = not known
    std::atomic<Nanos> cpu{0};
    std::atomic<Nanos> stolen{0};
    std::atomic<Nanos> cut{0}; ///< cutAt(); 0 = none

    std::mutex queueMutex; ///< of the next two; held for a swap or a push
    std::vector<Batch> queue;
    std::size_t waiting = 0; ///< events in the queue

    std::mutex joinMutex;
    std::thread thread;
};

Collector::Impl::Impl(CollectorSources from)
    : sources(std::move(from))
    , chosenNames(sources.sampler.has_value())
    , wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (!wake) {
        throw std::system_error(errno, std::generic_category(), "cannot create the collector's eventfd");
    }
    if (sources.channel != nullptr) {
        reader.emplace(*sources.channel,
            sources.switches      ? SchedulingSource::Kernel
                : sources.sampler ? SchedulingSource::Samples
                                  : SchedulingSource::Workload);
    }
    polled.push_back({wake.get(), POLLIN, 0});
    if (sources.switches) {
        for (const int fd : sources.switches->pollFds()) {
            polled.push_back({fd, POLLIN, 0});
        }
    }
    if (sources.sampler) {
        sources.sampler->awaitEnd(); // stop() has the last sample taken
    }
    // Signals are for the program's own threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread = std::thread{[this] { run(); }};
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Collector::Impl::run()
{
    pthread_setname_np(pthread_self(), "collector");
    while (!stopping.load(std::memory_order_acquire)) {
        const Nanos began = monotonicNow();
        drain(false);
        cpu.store(threadCpuTime(), std::memory_order_relaxed);
        // A sampler sees only what is there when it looks.
        waitUntil(began + (drained < kFewEvents && !sources.sampler ? kQuietPeriod : kPeriod));
    }
    if (const Nanos together = cpuTogether.load(std::memory_order_relaxed); sources.sampler && together >= 0) {
        sources.sampler->endWith(together);
    }
    drain(true);
    cpu.store(threadCpuTime(), std::memory_order_relaxed);
}

void Collector::Impl::waitUntil(Nanos deadline)
{
    const Nanos left = std::max(deadline - monotonicNow(), Nanos{0});
    const timespec timeout{.tv_sec = static_cast<time_t>(left / kSecond), .tv_nsec = static_cast<long>(left % kSecond)};
    if (ppoll(polled.data(), polled.size(), &timeout, nullptr) <= 0) {
        return;
    }
    for (pollfd& p : polled) {
        // A ring hangs up when its last thread has ended, and would be "ready" for ever. It is drained all the same.
        if ((p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
            p.fd = -1;
        }
    }
}

void Collector::Impl::drain(bool last)
{
    if (!last && queueIsFull()) {
        return;
    }
    Batch batch;
    batch.source = sources.source;
    batch.drainedAt = monotonicNow();
    // The channel first: a thread's birth is then in the kernel's records by the time that its own events are read.
    if (reader) {
        drainChannel(batch, last);
    }
    const std::size_t firstKernelName = batch.names.size();
    const bool newThreads = firstKernelName > 0; // their births belong before what they did
    if (sources.switches) {
        drainSwitches(batch, last);
    } else if (sources.sampler && (last || batch.drainedAt >= (newThreads ? soonestSample : nextSample))) {
        const Nanos before = threadCpuTime();
        sources.sampler->sample(batch, last);
        const Nanos cost = threadCpuTime() - before;
        nextSample = batch.drainedAt + kSamplerShare * cost;
        soonestSample = batch.drainedAt + cost;
    }
    chosenNames.settle(batch, firstKernelName);
    refuseImpossible(batch);
    sortByTime(batch.events, scratch);
    if (sources.usage && (last || batch.drainedAt >= nextUsage)) {
        sources.usage->sample(batch);
        stolen.store(sources.usage->stolen(), std::memory_order_relaxed);
        nextUsage = batch.drainedAt + kUsagePeriod;
    }
    if (sources.memory) {
        sources.memory->note(batch.events);
        sources.memory->sample(batch, batch.drainedAt);
    }
    drained = batch.events.size();
    keepWithinBudget(batch);
    push(std::move(batch));
}

/// The rings are read one after another, and this thread may lose its core in between. What a ring that is read late
/// says of the time since would come before what another, which was read early, has yet to say of it: of a lock, that
/// it was taken before it was let go. So what was written since the drain began waits for the next.
void Collector::Impl::drainChannel(Batch& batch, bool last)
{
    batch.events.swap(early);
    reader->drain(batch);
    if (last) {
        return;
    }
    const auto isEarly = [until = batch.drainedAt](const Event& event) { return event.time > until; };
    auto kept = std::find_if(batch.events.begin(), batch.events.end(), isEarly);
    for (auto event = kept; event != batch.events.end(); ++event) { // in their order, as their writers had them
        if (isEarly(*event)) {
            early.push_back(*event);
        } else {
            *kept++ = *event;
        }
    }
    batch.events.erase(kept, batch.events.end());
}

void Collector::Impl::drainSwitches(Batch& batch, bool last)
{
    if (sources.others) {
        sources.others->read();
    }
    if (sources.wakeups) {
        sources.wakeups->read();
    }
    const std::size_t firstOwn = batch.events.size();
    sources.switches->drain(batch, last);
    const std::size_t own = batch.events.size() - firstOwn;
    if (sources.wakeups) {
        sources.wakeups->translate(std::span(batch.events).subspan(firstOwn), batch.drainedAt, batch, last);
    }
    if (sources.others) {
        sources.others->translate(std::span(batch.events).subspan(firstOwn, own), batch.drainedAt, batch);
        others += batch.others.size();
        if (others > sources.mostEvents / kOthersShare) {
            sources.others.reset();
        }
    }
}

void Collector::Impl::refuseImpossible(Batch& batch)
{
    const Nanos now = monotonicNow(); // all was read before
    impossible += std::erase_if(batch.events, [now](const Event& event) {
        // A delay cannot have begun before the machine did.
        return event.time < 0 || event.time > now
            || (event.kind == EventKind::Latency && event.value > static_cast<std::uint64_t>(event.time));
    });
    batch.lost.malformed += impossible;
}

// Events are sorted. What came to be known of threads and objects up to the cut is kept with them.
void Collector::Impl::keepWithinBudget(Batch& batch)
{
    Nanos cutTime = cut.load(std::memory_order_relaxed);
    const std::uint64_t besides = batch.names.size() + batch.objects.size();
    if (cutTime == 0 && recorded + besides + batch.events.size() > sources.mostEvents) {
        const std::uint64_t room = sources.mostEvents - std::min(sources.mostEvents, recorded + besides);
        const std::size_t kept = std::min<std::size_t>(room, batch.events.size());
        cutTime = std::max({passedOnUntil, kept > 0 ? batch.events[kept - 1].time : 0, Nanos{1}});
        cut.store(cutTime, std::memory_order_release);
        overBudget += batch.events.size() - kept;
        batch.events.resize(kept);
        batch.usage.clear();
        batch.programs.clear();
        batch.others.clear();
        batch.memory.clear();
    } else if (cutTime != 0) {
        overBudget += batch.events.size();
        batch.events.clear();
        batch.names.clear();
        batch.objects.clear();
        batch.usage.clear();
        batch.programs.clear();
        batch.others.clear();
        batch.memory.clear();
    }
    recorded += besides + batch.events.size();
    batch.lost.overBudget = overBudget;
    if (cutTime != 0) {
        batch.drainedAt = cutTime;
    }
    passedOnUntil = batch.drainedAt;
}

bool Collector::Impl::queueIsFull()
{
    const std::lock_guard lock{queueMutex};
    return waiting >= kMostWaiting;
}

void Collector::Impl::push(Batch batch)
{
    const std::lock_guard lock{queueMutex};
    Batch beside; // nothing of the run itself
    beside.programs.swap(batch.programs);
    beside.others.swap(batch.others);
    if (batch.empty() && !queue.empty()) {
        // Only the time has moved on.
        Batch& back = queue.back();
        back.drainedAt = batch.drainedAt;
        back.lost = batch.lost;
        back.wakeups = back.wakeups && batch.wakeups;
        back.programs.insert(back.programs.end(), beside.programs.begin(), beside.programs.end());
        back.others.insert(back.others.end(), beside.others.begin(), beside.others.end());
        return;
    }
    batch.programs.swap(beside.programs);
    batch.others.swap(beside.others);
    waiting += batch.events.size();
    queue.push_back(std::move(batch));
}

Collector::Collector(CollectorSources sources)
    : m_impl(std::make_unique<Impl>(std::move(sources)))
{
}

Collector::~Collector()
{
    stop();
}

std::vector<Batch> Collector::take()
{
    std::vector<Batch> taken;
    const std::lock_guard lock{m_impl->queueMutex};
    taken.swap(m_impl->queue);
    m_impl->waiting = 0;
    return taken;
}

void Collector::stop(std::optional<Nanos> cpu)
{
    if (cpu) {
        m_impl->cpuTogether.store(*cpu, std::memory_order_relaxed); // seen by whoever sees `stopping`
    }
    m_impl->stopping.store(true, std::memory_order_release);
    eventfd_write(m_impl->wake.get(), 1);
    const std::lock_guard lock{m_impl->joinMutex};
    if (m_impl->thread.joinable()) {
        m_impl->thread.join();
    }
}

Nanos Collector::cpuTime() const
{
    return m_impl->cpu.load(std::memory_order_relaxed);
}

Nanos Collector::stolen() const
{
    return m_impl->stolen.load(std::memory_order_relaxed);
}

std::optional<Nanos> Collector::cutAt() const
{
    const Nanos cut = m_impl->cut.load(std::memory_order_acquire);
    return cut > 0 ? std::optional(cut) : std::nullopt;
}

} // namespace timeslice
