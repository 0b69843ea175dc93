// The window lives on whatever a run brings: no turn of its event loop computes for long, and none waits.
//
// A turn is measured in CPU time of the UI thread, which a busy machine does not change, and in the same process
// against what the whole would take at once.
#include "core/base/unique_fd.h"
#include "tests/ui/window_fixture.h"

#include <QAbstractEventDispatcher>
#include <algorithm>
#include <ctime>
#include <sys/eventfd.h>
#include <unistd.h>

namespace timeslice {
namespace {

#ifdef TIMESLICE_SANITIZED
constexpr std::size_t kEvents = 1'000'000;
#else
constexpr std::size_t kEvents = 10'000'000;
#endif
constexpr std::size_t kThreads = 8;
constexpr ObjectId kGil = 5;
constexpr ObjectId kCounter = 6;

Nanos cpuOfThisThread()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * kSecond + now.tv_nsec;
}

/// The longest that the UI thread computed between two waits for something to happen.
class LongestTurn {
public:
    LongestTurn()
        : m_dispatcher(QAbstractEventDispatcher::instance())
        , m_began(cpuOfThisThread())
    {
        const auto turn = [this] {
            const Nanos now = cpuOfThisThread();
            m_longest = std::max(m_longest, now - m_began);
            m_began = now;
            ++m_turns;
        };
        m_connections = {QObject::connect(m_dispatcher, &QAbstractEventDispatcher::aboutToBlock, turn),
            QObject::connect(m_dispatcher, &QAbstractEventDispatcher::awake, turn)};
    }
    ~LongestTurn()
    {
        for (const auto& connection : m_connections) {
            QObject::disconnect(connection);
        }
    }
    LongestTurn(const LongestTurn&) = delete;
    LongestTurn& operator=(const LongestTurn&) = delete;

    Nanos longest() const { return m_longest; }
    int turns() const { return m_turns; }

private:
    QAbstractEventDispatcher* m_dispatcher;
    std::vector<QMetaObject::Connection> m_connections;
    Nanos m_began;
    Nanos m_longest = 0;
    int m_turns = 0;
};

Event eventOf(Nanos time, std::size_t thread, EventKind kind, ObjectId object = 0, std::uint64_t value = 0)
{
    Event event;
    event.time = time;
    event.tid = static_cast<Tid>(100 + thread);
    event.pid = 100;
    event.cpu = static_cast<CpuId>(thread % 2);
    event.kind = kind;
    event.object = object;
    event.value = value;
    return event;
}

/// Threads that hand a GIL round and count something, in `batches` batches: what a long run of a busy script records.
std::vector<RunUpdate> busyRun(std::size_t events, std::size_t batches)
{
    std::vector<RunUpdate> updates;
    updates.emplace_back(VariantStarted{0, BuilderOptions{{0, 1}, 100, false}});
    Nanos now = kSecond;
    std::size_t made = 0;
    for (std::size_t b = 0; b < batches; ++b) {
        Batch batch;
        if (b == 0) {
            batch.objects = {{kGil, ObjectKind::Gil, 100, "GIL"}, {kCounter, ObjectKind::Counter, 100, "x"}};
            batch.events.push_back(eventOf(now, 0, EventKind::WorkBegin));
        }
        batch.events.reserve(events / batches + 8);
        while (batch.events.size() < events / batches) {
            const std::size_t thread = made / 7 % kThreads;
            const auto add = [&](EventKind kind, ObjectId object = 0, std::uint64_t value = 0) {
                batch.events.push_back(eventOf(now += 50, thread, kind, object, value));
            };
            add(EventKind::SwitchIn);
            add(EventKind::LockRequest, kGil);
            add(EventKind::LockAcquire, kGil);
            add(EventKind::CounterLoad, kCounter, made / 7);
            add(EventKind::CounterStore, kCounter, made / 7 + 1);
            add(EventKind::LockRelease, kGil, static_cast<std::uint64_t>(ReleaseReason::Timeout));
            add(EventKind::SwitchOut);
            made += 7;
        }
        batch.drainedAt = now;
        VariantBatches one;
        one.batches.push_back(std::move(batch));
        updates.emplace_back(std::move(one));
    }
    VariantEnded ended;
    ended.end = now;
    ended.facts.exit = {Exit::Kind::TimeLimit, 0, "ended at its time limit"}; // deadlocks are looked for, too
    updates.emplace_back(std::move(ended));
    updates.emplace_back(RunEnded{});
    return updates;
}

/// Tells everything at once; or nothing, ever.
class MadeSource : public RunSource {
public:
    explicit MadeSource(std::vector<RunUpdate> updates)
        : m_updates(std::move(updates))
        , m_fd(::eventfd(m_updates.empty() ? 0 : 1, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }
    std::vector<RunUpdate> poll() override
    {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t n = ::read(m_fd.get(), &count, sizeof count);
        return std::exchange(m_updates, {});
    }
    int updateFd() const override { return m_fd.get(); }
    void stop() override { }

private:
    std::vector<RunUpdate> m_updates;
    UniqueFd m_fd;
};

class WindowResponsive : public WindowTest {
protected:
    /// What the events cost where everything is done at once.
    static Nanos atOnce(std::vector<RunUpdate> updates)
    {
        const Nanos began = cpuOfThisThread();
        RunModel model(std::string("at once"));
        model.apply(std::move(updates));
        EXPECT_TRUE(model.finished());
        return cpuOfThisThread() - began;
    }
};

TEST_F(WindowResponsive, NoTurnOfTheLoopTakesLongWhateverARunBrings)
{
    const Nanos whole = atOnce(busyRun(kEvents, 5));
    open();
    ASSERT_TRUE(window().selectScenario("gil-hog")); // which has a distribution
    QTest::qWait(100);
    window().follow(std::make_unique<MadeSource>(busyRun(20'000, 5)));
    ASSERT_TRUE(runsToItsEnd());
    Nanos ordinary = 0;
    {
        auto source = std::make_unique<MadeSource>(busyRun(20'000, 5));
        const LongestTurn turns;
        window().follow(std::move(source));
        ASSERT_TRUE(runsToItsEnd());
        QTest::qWait(300);
        ordinary = turns.longest();
    }
    auto source = std::make_unique<MadeSource>(busyRun(kEvents, 5));
    const LongestTurn turns;
    window().follow(std::move(source));
    ASSERT_TRUE(runsToItsEnd());
    QTest::qWait(300);
    EXPECT_GE(model()->variants()[0].recording->timeline.events, kEvents);
    EXPECT_EQ(model()->variants()[0].phase, VariantModel::Phase::Ended);
    RecordProperty("longest_turn_ms", static_cast<int>(turns.longest() / kMillisecond));
    RecordProperty("longest_ordinary_turn_ms", static_cast<int>(ordinary / kMillisecond));
    RecordProperty("at_once_ms", static_cast<int>(whole / kMillisecond));
    // In one go it would be the whole; a turn has ten milliseconds of updates and a frame.
    EXPECT_LT(turns.longest(), ordinary + whole / 16) << "ordinary: " << ordinary << ", at once: " << whole;
}

TEST_F(WindowResponsive, FilesOfALargeRunAreWrittenAndReadBesideTheLoop)
{
    const Nanos whole = atOnce(busyRun(kEvents, 5));
    open();
    window().follow(std::make_unique<MadeSource>(busyRun(kEvents, 5)));
    ASSERT_TRUE(runsToItsEnd());
    QTest::qWait(300);
    const LongestTurn turns;
    for (const auto& [action, name] : {std::pair(window().actions().exportPng, "x.png"),
             std::pair(window().actions().saveRecording, "x.timeslice")}) {
        answerPath = path(name);
        action->trigger();
        EXPECT_TRUE(window().busy());
        ASSERT_TRUE(settles());
        EXPECT_TRUE(QFile::exists(answerPath)) << banner();
    }
    window().openRecording(path("x.timeslice"));
    ASSERT_TRUE(settles());
    QTest::qWait(300);
    EXPECT_FALSE(window().currentLesson());
    EXPECT_GE(model()->variants()[0].recording->timeline.events, kEvents);
    RecordProperty("longest_turn_ms", static_cast<int>(turns.longest() / kMillisecond));
    EXPECT_LT(turns.longest(), whole / 20) << "at once: " << whole;
}

TEST_F(WindowResponsive, ARunThatDoesNotStopIsWaitedForByNobodyAndGivenUp)
{
    open();
    std::vector<RunUpdate> begun;
    begun.emplace_back(VariantStarted{0, BuilderOptions{{0, 1}, 100, false}});
    window().follow(std::make_unique<MadeSource>(std::move(begun)));
    QTest::qWait(100);
    ASSERT_TRUE(running());
    const std::size_t first = *window().currentLesson();
    const std::size_t other = first == 0 ? 1 : 0;
    const LongestTurn turns;
    window().selectScenario(window().lessons().at(other).scenario.id);
    EXPECT_TRUE(window().controller().stopping());
    EXPECT_EQ(window().currentLesson(), first) << "until it has ended";
    const int before = turns.turns();
    QTest::qWait(200);
    EXPECT_GT(turns.turns(), before + 5) << "the loop turns meanwhile";
    ASSERT_TRUE(settles());
    EXPECT_FALSE(running());
    EXPECT_EQ(window().currentLesson(), other);
    EXPECT_EQ(window().lessons().at(first).mark, RunMark::Stopped);
}

} // namespace
} // namespace timeslice
