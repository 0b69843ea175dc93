// `timeslice export` and `info`: recordings whole, cut off and broken.
#include "core/recording/recording.h"
#include "tests/system/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace timeslice::system::recording_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class RecordingTest : public SystemTest {
protected:
    void SetUp() override
    {
        SystemTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        const Outcome outcome = timeslice(
            {"run", "three-ways", "--set", "work=40ms", "--save", recording(), "--report", path("original.json")});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    std::string recording() const { return path("a.timeslice"); }
};

TEST_F(RecordingTest, InfoSaysWhatIsInIt)
{
    const Outcome outcome = timeslice({"info", recording()});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
        AllOf(
            HasSubstr("The same job, three ways"), HasSubstr("created"), HasSubstr("Processes"), HasSubstr("slices")));
}

TEST_F(RecordingTest, ExportGivesTheReportOfTheRun)
{
    const Outcome outcome = timeslice({"export", recording(), "--report", "-"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(json::parse(outcome.out), json::parse(readText(path("original.json"))));
}

TEST_F(RecordingTest, ExportGivesEveryOtherOutputToo)
{
    const Outcome outcome = timeslice({"export", recording(), "--png", path("a.png"), "--svg", path("a.svg"), "--csv",
        path("a.csv"), "--trace", path("a.json"), "--save", path("b.timeslice"), "--from", "1ms", "--to", "9ms"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(readText(path("a.png")), StartsWith("\x89PNG"));
    EXPECT_THAT(readText(path("a.svg")), HasSubstr("<svg"));
    EXPECT_GT(fs::file_size(path("a.csv")), 100U);
    EXPECT_FALSE(json::parse(readText(path("a.json"))).at("traceEvents").empty());
    EXPECT_EQ(timeslice({"export", path("b.timeslice"), "--report", "-"}).out,
        timeslice({"export", recording(), "--report", "-"}).out);
}

TEST_F(RecordingTest, ExportOfNothingIsAUsageError)
{
    const Outcome outcome = timeslice({"export", recording()});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--png"));
}

TEST_F(RecordingTest, AFileThatIsNotThereOrNoRecordingIsRefused)
{
    writeText(path("text.timeslice"), "This is no recording at all, only a line of text.\n");
    writeText(path("empty.timeslice"), "");
    for (const char* name : {"none.timeslice", "text.timeslice", "empty.timeslice", "."}) {
        const Outcome outcome = timeslice({"info", path(name)});
        EXPECT_EQ(outcome.status, 2) << name;
        EXPECT_THAT(outcome.err, HasSubstr(path(name)));
    }
}

TEST_F(RecordingTest, CutOffAnywhereItShowsWhatIsWholeOrSaysThatNothingIs)
{
    const std::string whole = readText(recording());
    for (const std::size_t tenths : {1, 3, 5, 7, 9}) {
        writeText(path("cut.timeslice"), whole.substr(0, whole.size() * tenths / 10));
        const Outcome outcome = timeslice({"info", path("cut.timeslice")});
        EXPECT_TRUE(outcome.status == 0 || outcome.status == 2) << tenths << ": " << outcome.status;
        EXPECT_NE(outcome.err, "") << tenths;
        const Outcome picture = timeslice({"export", path("cut.timeslice"), "--png", path("cut.png")});
        EXPECT_EQ(picture.status, outcome.status) << tenths << ": " << picture.err;
    }
}

TEST_F(RecordingTest, DamagedInTheMiddleItIsRefusedOrShownButNeverCrashes)
{
    const std::string whole = readText(recording());
    for (std::size_t i = 1; i < 12; ++i) {
        std::string damaged = whole;
        for (std::size_t k = 0; k < 16; ++k) {
            damaged[(whole.size() * i / 12 + k) % whole.size()] ^= static_cast<char>(0x5A);
        }
        writeText(path("damaged.timeslice"), damaged);
        const Outcome outcome = timeslice({"info", path("damaged.timeslice")});
        EXPECT_TRUE(outcome.status == 0 || outcome.status == 2) << i << ": " << outcome.status << outcome.err;
        EXPECT_NE(outcome.err, "") << i;
    }
}

/// Sent by somebody: what is in it must not end the program.
TEST_F(SystemTest, ARecordingWithTextsNestedWithoutEndIsRefused)
{
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    for (std::string Recording::*text : {&Recording::reportJson, &Recording::scenarioJson}) {
        Recording recording;
        recording.variants.push_back(std::make_unique<VariantRecording>());
        recording.*text = deep;
        ASSERT_TRUE(saveRecording(recording, path("deep.timeslice")));
        for (const Outcome& outcome : {timeslice({"info", path("deep.timeslice")}),
                 timeslice({"export", path("deep.timeslice"), "--report", "-"}),
                 timeslice({"export", path("deep.timeslice"), "--png", path("deep.png")})}) {
            EXPECT_EQ(outcome.status, 2) << outcome.err;
            EXPECT_THAT(outcome.err, HasSubstr("nested more than 64 levels deep"));
        }
    }
}

} // namespace
} // namespace timeslice::system::recording_test
