#include "tests/ui/sample_runs.h"
#include "ui/plot/thread_colors.h"
#include "ui/result/picture_of.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace timeslice::plot_thread_colors_test {
namespace {

/// A variant whose threads have their slots in the order of their appearance, as a run's have.
std::unique_ptr<VariantRecording> variantOf(const std::vector<std::string>& names)
{
    samples::VariantMaker maker("Variant", "", 1);
    for (std::size_t i = 0; i < names.size(); ++i) {
        maker.run(maker.thread(names[i], static_cast<std::uint8_t>(i % kColorSlots + 1)),
            static_cast<Nanos>(i) * kMillisecond, 0, static_cast<Nanos>(i + 1) * kMillisecond);
    }
    return maker.finish(static_cast<Nanos>(names.size()) * kMillisecond);
}

/// The colour of each thread of each variant, by its name.
std::vector<std::map<std::string, std::uint8_t>> colorsByName(const RunModel& model)
{
    const std::vector<ThreadColors> colors = threadColors(pictureOf(model).variants);
    std::vector<std::map<std::string, std::uint8_t>> result;
    for (std::size_t v = 0; v < colors.size(); ++v) {
        const Timeline& timeline = model.variants()[v].recording->timeline;
        auto& names = result.emplace_back();
        for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
            names[timeline.threads[i].name] = colors[v].of(timeline, i);
        }
    }
    return result;
}

TEST(ThreadColorsTest, oneVariantHasItsThreadsColoursInTheOrderOfAppearance)
{
    const auto model = samples::modelWith("", variantOf({"MainThread", "Thread 1", "Thread 2"}));
    const auto colors = colorsByName(*model);
    EXPECT_EQ(colors[0].at("MainThread"), 1);
    EXPECT_EQ(colors[0].at("Thread 1"), 2);
    EXPECT_EQ(colors[0].at("Thread 2"), 3);
}

TEST(ThreadColorsTest, aNameHasOneColourInAllVariantsWhateverTheOrderOfAppearance)
{
    const auto model = samples::modelWith("", variantOf({"MainThread", "Ticker"}),
        variantOf({"MainThread", "Hog 1", "Ticker"}), variantOf({"Hog 2", "Ticker", "Hog 1", "MainThread"}));
    const auto colors = colorsByName(*model);
    std::map<std::string, std::set<std::uint8_t>> seen;
    for (const auto& variant : colors) {
        for (const auto& [name, color] : variant) {
            seen[name].insert(color);
        }
    }
    std::set<std::uint8_t> all;
    for (const auto& [name, ofName] : seen) {
        EXPECT_EQ(ofName.size(), 1U) << name;
        all.insert(ofName.begin(), ofName.end());
    }
    EXPECT_EQ(all.size(), 4U) << "four names, four colours";
}

TEST(ThreadColorsTest, anotherRoleHasAnotherColourAsLongAsThereIsOne)
{
    const auto model = samples::modelWith("", variantOf({"Thread 1", "Thread 2"}),
        variantOf({"Process 1", "Process 2"}), variantOf({"Interpreter 1", "Interpreter 2"}));
    const auto colors = colorsByName(*model);
    EXPECT_EQ(colors[0], (std::map<std::string, std::uint8_t>{{"Thread 1", 1}, {"Thread 2", 2}}));
    EXPECT_EQ(colors[1], (std::map<std::string, std::uint8_t>{{"Process 1", 3}, {"Process 2", 4}}));
    EXPECT_EQ(colors[2], (std::map<std::string, std::uint8_t>{{"Interpreter 1", 5}, {"Interpreter 2", 6}}));
}

TEST(ThreadColorsTest, namesakesWithinAVariantKeepTheirOwnColours)
{
    const auto model =
        samples::modelWith("", variantOf({"worker", "worker", "boss"}), variantOf({"boss", "worker", "worker"}));
    const std::vector<ThreadColors> colors = threadColors(pictureOf(*model).variants);
    const Timeline& first = model->variants()[0].recording->timeline;
    const Timeline& second = model->variants()[1].recording->timeline;
    EXPECT_EQ(colors[1].of(second, 0), colors[0].of(first, 2));
    EXPECT_EQ(colors[1].of(second, 1), colors[0].of(first, 0));
    EXPECT_EQ(colors[1].of(second, 2), colors[0].of(first, 1));
}

TEST(ThreadColorsTest, aKnownNameKeepsItsColourEvenInACrowdThatSharesColours)
{
    std::vector<std::string> crowd;
    for (int i = 0; i < kColorSlots + 3; ++i) {
        crowd.push_back("Compiler " + std::to_string(i));
    }
    crowd.push_back("Thread 2");
    const auto model = samples::modelWith("", variantOf({"Thread 1", "Thread 2"}), variantOf(crowd));
    const auto colors = colorsByName(*model);
    EXPECT_EQ(colors[1].at("Thread 2"), colors[0].at("Thread 2"));
}

TEST(ThreadColorsTest, noTwoSlotsOfAVariantShareAColourHoweverManyNamesThereAre)
{
    std::vector<std::string> crowd;
    std::vector<std::string> others;
    for (int i = 0; i < 40; ++i) {
        crowd.push_back("Sleeper " + std::to_string(i));
        others.push_back((i % 3 == 0 ? "Sleeper " : "Client ") + std::to_string(i));
    }
    const auto model =
        samples::modelWith("", variantOf(crowd), variantOf(others), variantOf({"Server"}), variantOf(others));
    for (const ThreadColors& colors : threadColors(pictureOf(*model).variants)) {
        std::set<std::uint8_t> used(colors.ofSlot.begin(), colors.ofSlot.end());
        EXPECT_EQ(used.size(), colors.ofSlot.size());
        EXPECT_EQ(colors.ofSlot.front(), 0) << "nobody";
        EXPECT_EQ(colors.ofSlot[kOtherSlot], kOtherSlot);
    }
}

TEST(ThreadColorsTest, aVariantThatHasNotBegunChangesNothing)
{
    const std::shared_ptr<const VariantRecording> first = variantOf({"Thread 1"});
    const auto waiting = std::make_shared<const VariantRecording>();
    const std::shared_ptr<const VariantRecording> last = variantOf({"Boss", "Thread 1"});
    std::vector<VariantPicture> variants(4);
    variants[0].recording = first;
    variants[1].recording = waiting;
    variants[3].recording = last; // and the third has no recording yet
    const std::vector<ThreadColors> colors = threadColors(variants);
    ASSERT_EQ(colors.size(), 4U);
    EXPECT_EQ(colors[3].of(last->timeline, 1), colors[0].of(first->timeline, 0));
    EXPECT_NE(colors[3].of(last->timeline, 0), colors[0].of(first->timeline, 0));
    EXPECT_EQ(colors[1].of(waiting->timeline, 0), kOtherSlot) << "nobody is there yet";
}

} // namespace
} // namespace timeslice::plot_thread_colors_test
