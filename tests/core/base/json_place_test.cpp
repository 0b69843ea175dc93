#include "core/base/json_place.h"

#include <gtest/gtest.h>
#include <limits>

namespace timeslice::json_place_test {
namespace {

using nlohmann::json;

/// A document, and what is complained of while it is read.
struct Document {
    explicit Document(json written)
        : value(std::move(written))
    {
    }
    JsonPlace top() { return {reading, value, ""}; }
    /// All of them, a line each.
    std::string complaint() const
    {
        std::string all;
        for (const JsonComplaint& each : reading.complaints()) {
            all += (all.empty() ? "" : "\n") + each.path + ": " + each.message;
        }
        return all;
    }

    json value;
    JsonReading reading;
};

std::string complaintOfInteger(json value)
{
    Document document(std::move(value));
    EXPECT_EQ(document.top().integer(1, 8), 1) << "a neutral value";
    return document.complaint();
}

TEST(JsonPlace, TellsWhereAComplaintIs)
{
    Document document(json{{"list", json::array({{{"name", 5}}})}});
    document.top().at("list").at(0).find("name")->text();
    EXPECT_EQ(document.complaint(), "list/0/name: expected a text, found the number 5");
}

TEST(JsonPlace, KeepsEveryComplaintWithItsKind)
{
    Document document(json::array({1, 2}));
    document.top().at(1).complain("not here", ErrorKind::Unsupported);
    document.top().at(std::size_t{0}).complain("nor here");
    EXPECT_EQ(document.complaint(), "1: not here\n0: nor here");
    EXPECT_EQ(document.reading.complaints()[0].kind, ErrorKind::Unsupported);
    EXPECT_EQ(document.reading.complaints()[1].kind, ErrorKind::Usage);
}

TEST(JsonPlace, ComplainsOfAValueOnce)
{
    Document document(json{{"text", 1}, {"path", json::array()}, {"object", json::object()}});
    document.top().at("text").text();
    document.top().at("text").choice("word", {"a", "b"}); // what follows from the first
    document.top().at("path").text();
    document.top().at("path").complain("has no slash");
    EXPECT_EQ(document.complaint(), "text: expected a text, found the number 1\npath: expected a text, found an array");
}

TEST(JsonPlace, ComplainsOfEachPartOfAnObject)
{
    Document document(json{{"a", 1}});
    document.top().expectKeys({"b", "c"}, {});
    document.top().complain("and it contradicts itself");
    document.top().complain("and it contradicts itself");
    EXPECT_EQ(document.complaint(),
        ": unknown key 'a'; known: b and c\n: the key 'b' is missing\n: the key 'c' is missing\n"
        ": and it contradicts itself");
    EXPECT_EQ(document.reading.complaints()[0].key, "a");
}

TEST(JsonPlace, DoesNotMissTheKeyThatAMistypedOneStandsFor)
{
    Document document(json{{"titel", "x"}});
    EXPECT_FALSE(document.top().expectKeys({"title", "why"}, {}));
    EXPECT_EQ(document.complaint(), ": unknown key 'titel'; did you mean 'title'?\n: the key 'why' is missing");
}

TEST(JsonPlace, SaysNothingOfWhatIsNotThereOrWasGivenUp)
{
    Document document(json{{"given up", "=x"}});
    document.top().expectKeys({"needed"}, {"given up"});
    EXPECT_EQ(document.top().at("needed").integer(1, 8), 1);
    document.top().at("given up").giveUp();
    EXPECT_EQ(document.top().at("given up").number(), 0);
    EXPECT_EQ(document.complaint(), ": the key 'needed' is missing");
    EXPECT_TRUE(document.top().at("given up").failed());
    Document number(5);
    EXPECT_FALSE(number.top().expectKeys({"needed"}, {}));
    EXPECT_EQ(number.top().at("needed").text(), "");
    EXPECT_EQ(number.complaint(), ": expected an object, found the number 5");
}

TEST(JsonPlace, KnowsWhetherSomethingInsideIsWrong)
{
    Document document(json{{"a", {{"b", json::array({1, "x"})}}}, {"a b", 1}});
    document.top().at("a").at("b").at(1).number();
    EXPECT_TRUE(document.top().failed());
    EXPECT_TRUE(document.top().at("a").failed());
    EXPECT_TRUE(document.top().at("a").at("b").at(1).failed());
    EXPECT_FALSE(document.top().at("a").at("b").at(std::size_t{0}).failed());
    EXPECT_FALSE(document.top().at("a b").failed());
}

TEST(JsonPlace, KeepsNoMoreComplaintsThanAnybodyReads)
{
    Document document(json(std::vector<int>(1000, 1)));
    for (const JsonPlace& each : document.top().list("texts")) {
        each.text();
    }
    EXPECT_EQ(document.reading.complaints().size(), JsonReading::kMostComplaints);
    EXPECT_TRUE(document.top().at(999).failed());
}

TEST(JsonPlace, WantsTheKeysThatAreNeededAndNoOthers)
{
    const auto complaint = [](json value) {
        Document document(std::move(value));
        const bool there = document.top().expectKeys({"file"}, {"sync"}, "an object {\"file\": ...}");
        EXPECT_EQ(there, document.top().find("file").has_value());
        return document.complaint();
    };
    EXPECT_EQ(complaint({{"file", 1}}), "");
    EXPECT_EQ(complaint({{"file", 1}, {"sync", 1}}), "");
    EXPECT_EQ(complaint({{"sync", 1}}), ": the key 'file' is missing");
    EXPECT_EQ(complaint({{"file", 1}, {"snyc", 1}}), ": unknown key 'snyc'; did you mean 'sync'?");
    EXPECT_EQ(complaint("f"), ": expected an object {\"file\": ...}, found the text \"f\"");
}

TEST(JsonPlace, FindsNothingInWhatIsNoObject)
{
    Document document(json::array({1}));
    EXPECT_FALSE(document.top().find("key"));
    EXPECT_FALSE(document.reading.failed());
}

TEST(JsonPlace, PutsNothingIntoItsPathThatATerminalWouldObey)
{
    Document document(json{{"\x1b[31m", 1}});
    document.top().at("\x1b[31m").complain("no");
    EXPECT_EQ(document.complaint(), "\uFFFD[31m: no");
}

TEST(JsonPlace, ReadsWholeNumbersHoweverTheyAreWritten)
{
    EXPECT_EQ(Document(json(8)).top().integer(1, 8), 8);
    EXPECT_EQ(Document(json(2.0)).top().integer(1, 8), 2);
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(Document(json(kMost)).top().integer<std::uint64_t>(0, kMost), static_cast<std::uint64_t>(kMost));
    EXPECT_EQ(complaintOfInteger(9), ": expected a whole number from 1 to 8, found the number 9");
    EXPECT_EQ(complaintOfInteger(2.5), ": expected a whole number from 1 to 8, found the number 2.5");
    EXPECT_EQ(complaintOfInteger("2"), ": expected a whole number from 1 to 8, found the text \"2\"");
    EXPECT_NE(complaintOfInteger(std::numeric_limits<std::uint64_t>::max()), "");
    EXPECT_NE(complaintOfInteger(1e300), "");
}

TEST(JsonPlace, AsksItsReaderForNumbersThatAreWrittenOtherwise)
{
    Document document(json::array({"=2", 7, "seven"}));
    document.reading.otherNumber = [](const JsonPlace& place) {
        if (place.value() == "=2") {
            return 2.0;
        }
        place.complainExpected("a number or \"=2\"");
        return 0.0;
    };
    EXPECT_EQ(document.top().at(std::size_t{0}).number(), 2);
    EXPECT_EQ(document.top().at(std::size_t{0}).integer(1, 8), 2);
    EXPECT_EQ(document.top().at(1).number(), 7);
    EXPECT_EQ(document.complaint(), "");
    EXPECT_EQ(document.top().at(2).integer(1, 8), 1);
    EXPECT_EQ(document.complaint(), "2: expected a number or \"=2\", found the text \"seven\"");
}

TEST(JsonPlace, ReadsOneOfSomeWords)
{
    Document good("atomic");
    EXPECT_EQ(good.top().choice("way", {"plain", "atomic"}), 1U);
    EXPECT_EQ(good.complaint(), "");
    Document unknown("atomik");
    EXPECT_EQ(unknown.top().choice("way", {"plain", "atomic"}), 0U);
    EXPECT_EQ(unknown.complaint(), ": unknown way 'atomik'; did you mean 'atomic'?");
    Document number(3);
    EXPECT_EQ(number.top().choice("way", {"plain", "atomic"}), 0U);
    EXPECT_EQ(number.complaint(), ": expected plain or atomic, found the number 3");
}

TEST(JsonPlace, ReadsATextThatSaysSomething)
{
    Document document("");
    EXPECT_EQ(document.top().text(), "");
    EXPECT_EQ(document.complaint(), ": expected a text that is not empty, found the text \"\"");
}

TEST(JsonPlace, JoinsLinesOfText)
{
    EXPECT_EQ(Document("one").top().textOrLines(" "), "one");
    EXPECT_EQ(Document(json::array({"one", "two"})).top().textOrLines(" "), "one two");
    Document document(json::array({"one", 2}));
    EXPECT_EQ(document.top().textOrLines(" "), "one");
    EXPECT_EQ(document.complaint(), "1: expected a text, found the number 2");
}

TEST(JsonPlace, ReadsADurationWithItsUnit)
{
    EXPECT_EQ(Document("5ms").top().duration(), 5 * kMillisecond);
    Document document(5);
    EXPECT_EQ(document.top().duration(), 0);
    EXPECT_EQ(document.complaint(), ": expected a duration such as \"5ms\" (ns, us, ms or s), found the number 5");
}

} // namespace
} // namespace timeslice::json_place_test
