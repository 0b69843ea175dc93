// `--save` while the run goes on, and when the end comes by force.
#include "core/recording/recording.h"
#include "tests/system/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace timeslice::system::killed_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// What SIGKILL leaves of a recording that was still growing.
class KilledTest : public SystemTest {
protected:
    /// Starts timeslice with these arguments and kills it once the recording at `file` holds so many events.
    void killWhenItHolds(std::uint64_t events, const std::string& file, const std::vector<std::string>& arguments) const
    {
        Program running(program(), arguments, folder());
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
        while (eventsIn(file) < events && !running.hasEnded() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        EXPECT_FALSE(running.hasEnded()) << running.outSoFar();
        ::kill(running.pid(), SIGKILL);
        EXPECT_EQ(running.wait().status, 128 + SIGKILL);
    }

    static std::uint64_t eventsIn(const std::string& file)
    {
        const Result<LoadedRecording> loaded = loadRecording(file);
        std::uint64_t events = 0;
        if (loaded) {
            for (const auto& variant : loaded->recording.variants) {
                events += variant->timeline.events;
            }
        }
        return events;
    }
};

constexpr const char* kEndless = "while :; do sleep 0.01; done";

TEST_F(KilledTest, LeavesARecordingThatOpens)
{
    const std::string file = path("r.timeslice");
    killWhenItHolds(100, file, {"record", "-q", "--save", file, "--", "sh", "-c", kEndless});
    EXPECT_GE(eventsIn(file), 100U);
    const Outcome info = timeslice({"info", file});
    EXPECT_EQ(info.status, 0) << info.err;
    EXPECT_THAT(info.err, HasSubstr("cut off while it ran"));
    EXPECT_THAT(info.out, AllOf(HasSubstr("slices"), HasSubstr(" core")));
    const Outcome exported = timeslice({"export", file, "--csv", path("x.csv"), "--report", path("x.json")});
    EXPECT_EQ(exported.status, 0) << exported.err;
    EXPECT_GT(json::parse(readText(path("x.json"))).at("variants").at(0).at("events").get<std::uint64_t>(), 99U);
}

TEST_F(KilledTest, LeavesTheOlderRecordingWholeAndTheNewOneBesideIt)
{
    const std::string file = path("r.timeslice");
    ASSERT_EQ(timeslice({"record", "-q", "--save", file, "--", "true"}).status, 0);
    const std::string old = readText(file);
    killWhenItHolds(100, file + ".partial", {"record", "-q", "--save", file, "--", "sh", "-c", kEndless});
    EXPECT_EQ(readText(file), old);
    EXPECT_EQ(timeslice({"info", file + ".partial"}).status, 0);
    const Outcome info = timeslice({"info", file});
    EXPECT_EQ(info.status, 0);
    EXPECT_THAT(info.err, HasSubstr("r.timeslice.partial"));
}

TEST_F(KilledTest, LeavesTheVariantsOfAScenarioThatHadEnded)
{
    const std::string file = path("r.timeslice");
    Program running(program(), {"run", "three-ways", "--set", "work=400ms", "--quiet", "--save", file}, folder());
    const auto variants = [&file] {
        const Result<LoadedRecording> loaded = loadRecording(file);
        return loaded ? loaded->recording.variants.size() : 0;
    };
    while (variants() < 2 && !running.hasEnded()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(running.pid(), SIGKILL);
    running.wait();
    const Outcome info = timeslice({"info", file});
    EXPECT_EQ(info.status, 0) << info.err;
    EXPECT_THAT(info.out, HasSubstr("The same job, three ways"));
}

TEST_F(KilledTest, LeavesNothingBesideTheRecordingOfARunThatEnds)
{
    ASSERT_EQ(timeslice({"record", "-q", "--save", path("r.timeslice"), "--", "true"}).status, 0);
    ASSERT_EQ(timeslice({"record", "-q", "--save", path("r.timeslice"), "--", "true"}).status, 0);
    EXPECT_EQ(timeslice({"info", path("r.timeslice")}).err, "");
    EXPECT_EQ(timeslice({"record", "-q", "--save", path("no.timeslice"), "--", "/no/such/program"}).status, 127);
    std::vector<std::string> recordings;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder())) {
        const std::string name = entry.path().filename();
        if (name.find("timeslice") != std::string::npos) {
            recordings.push_back(name);
        }
    }
    EXPECT_THAT(recordings, testing::ElementsAre("r.timeslice"));
}

} // namespace
} // namespace timeslice::system::killed_test
