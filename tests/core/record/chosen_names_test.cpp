// Whose name a thread has: the one that it gave itself, or the kernel's.
#include "core/record/chosen_names.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace timeslice::chosen_names_test {
namespace {

constexpr Tid kThread = 100;

/// A batch of what the channel said, then the kernel.
class Drained {
public:
    Drained& channel(std::string name, Nanos programSince = 0)
    {
        m_batch.names.push_back({kThread, kThread, std::move(name), false, programSince});
        ++m_ofChannel;
        return *this;
    }
    Drained& kernel(std::string name)
    {
        m_batch.names.push_back({kThread, kThread, std::move(name)});
        return *this;
    }
    Drained& exec(Nanos time, ExecNews news = ExecNews::Certain)
    {
        return sampled(time, static_cast<std::uint64_t>(news));
    }
    Drained& sampled(Nanos time, std::uint64_t lookBefore)
    {
        m_batch.events.push_back(
            {.time = time, .tid = kThread, .pid = kThread, .kind = EventKind::ProcessExec, .value = lookBefore});
        return *this;
    }
    /// What is left of the names.
    std::vector<std::string> settledBy(ChosenNames& chosen)
    {
        chosen.settle(m_batch, m_ofChannel);
        std::vector<std::string> names;
        for (const ThreadNaming& naming : m_batch.names) {
            names.push_back(naming.name);
        }
        return names;
    }

private:
    Batch m_batch;
    std::size_t m_ofChannel = 0;
};

using Names = std::vector<std::string>;

TEST(ChosenNames, StandAboveTheKernels)
{
    ChosenNames chosen{false};
    EXPECT_EQ(Drained().kernel("python3").settledBy(chosen), Names{"python3"});
    EXPECT_EQ(Drained().channel("MainThread", 10).kernel("python3").settledBy(chosen), Names{"MainThread"});
    EXPECT_EQ(Drained().kernel("worker").settledBy(chosen), Names{});
}

TEST(ChosenNames, EndWithTheProgramThatGaveThem)
{
    ChosenNames chosen{false};
    Drained().channel("MainThread", 10).settledBy(chosen);
    EXPECT_EQ(Drained().exec(50).kernel("sleep").settledBy(chosen), Names{"sleep"});
}

TEST(ChosenNames, OfTheOldProgramReadTogetherWithItsExecEndThereToo)
{
    ChosenNames chosen{false};
    EXPECT_EQ(
        Drained().channel("MainThread", 10).exec(50).kernel("sleep").settledBy(chosen), (Names{"MainThread", "sleep"}));
}

TEST(ChosenNames, OfTheNewProgramReadTogetherWithItsExecStay)
{
    ChosenNames chosen{false};
    EXPECT_EQ(Drained().channel("MainThread", 60).exec(50).kernel("python3").settledBy(chosen), Names{"MainThread"});
    EXPECT_EQ(Drained().kernel("python3").settledBy(chosen), Names{});
    ChosenNames ofWorker{false}; // which does not say since when it runs
    EXPECT_EQ(Drained().channel("Hog 1").exec(50).kernel("timeslice-worker").settledBy(ofWorker), Names{"Hog 1"});
}

TEST(ChosenNames, StayWhenAnExecIsAnnouncedThatTheKernelDoesNotConfirm)
{
    ChosenNames chosen{false};
    Drained().channel("MainThread", 10).settledBy(chosen);
    EXPECT_EQ(Drained().exec(50, ExecNews::Announced).kernel("python3").settledBy(chosen), Names{});
    ChosenNames withoutKernel{true};
    Drained().channel("MainThread", 10).settledBy(withoutKernel);
    EXPECT_EQ(Drained().exec(50, ExecNews::Announced).kernel("sleep").settledBy(withoutKernel), Names{"sleep"});
}

TEST(ChosenNames, OfTheNewProgramStayWhenItsExecWasSeenOnlyAfterwards)
{
    ChosenNames chosen{true};
    const Names settled =
        Drained().channel("MainThread", 60).sampled(90, 40).kernel("python3").settledBy(chosen); // between the two
                                                                                                 // looks
    EXPECT_EQ(settled, Names{"MainThread"});
    EXPECT_EQ(Drained().channel("MainThread", 60).sampled(200, 150).kernel("sleep").settledBy(chosen),
        (Names{"MainThread", "sleep"}));
}

} // namespace
} // namespace timeslice::chosen_names_test
