// Every lesson, headless, as it is shipped but with its knobs at the least: on one core, and those of Python on every
// interpreter that is there. Times are nobody's matter here; that each variant ends as it should is.
#include "core/python/interpreter.h"
#include "core/scenario/catalogue.h"
#include "tests/system/program.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sched.h>

#if defined(__SANITIZE_ADDRESS__)
#define TIMESLICE_SANITIZED 1
#endif

namespace timeslice::system::course_test {
namespace {

using nlohmann::json;

const std::vector<Scenario>& lessons()
{
    static const std::vector<Scenario> read = [] {
        auto catalogue = readCatalogue(test::resourceFolder() / "scenarios");
        return catalogue ? std::move(catalogue->scenarios) : std::vector<Scenario>();
    }();
    return read;
}

std::vector<std::string> ids(bool pythonOnly)
{
    std::vector<std::string> found;
    for (const Scenario& lesson : lessons()) {
        const auto ofPython = [](const VariantSpec& variant) { return isPython(variant.engine); };
        if (!pythonOnly || std::any_of(lesson.variants.begin(), lesson.variants.end(), ofPython)) {
            found.push_back(lesson.id);
        }
    }
    return found;
}

void onOneCore()
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    sched_getaffinity(0, sizeof allowed, &allowed);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed)) {
            CPU_SET(cpu, &one);
            break;
        }
    }
    sched_setaffinity(0, sizeof one, &one);
}

class CourseTest : public SystemTest, public testing::WithParamInterface<std::string> {
protected:
    void SetUp() override
    {
        SystemTest::SetUp();
#ifdef TIMESLICE_SANITIZED
        GTEST_SKIP()
            << "what differs from one interpreter or core to the other is the scripts, which are not sanitized";
#endif
    }

    static const Scenario& lesson()
    {
        return *std::find_if(lessons().begin(), lessons().end(), [](const Scenario& s) { return s.id == GetParam(); });
    }

    /// Runs the lesson once; each variant must have ended as the lesson says, or say why it did not run.
    void expectItEndsAsItShould(std::vector<std::string> more, const std::function<void()>& inChild = {})
    {
        std::vector<std::string> words{"run", GetParam(), "--once", "--report", path("report.json")};
        for (const Knob& knob : lesson().knobs) {
            if (knob.type == Knob::Type::Integer || knob.type == Knob::Type::Duration) {
                words.insert(words.end(),
                    {"--set",
                        knob.id + '=' + std::to_string(std::llround(knob.minimum))
                            + (knob.type == Knob::Type::Duration ? "ns" : "")});
            }
        }
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = timeslice(words, {}, inChild);
        const json report = json::parse(readText(path("report.json")));
        const bool someRan = std::any_of(report.at("variants").begin(), report.at("variants").end(),
            [](const json& variant) { return variant.at("exit").at("kind") != "not-run"; });
        constexpr int kCannotRunHere = 3; // such as real-time lessons, for want of the privilege
        ASSERT_EQ(outcome.status, someRan ? 0 : kCannotRunHere) << outcome.out << outcome.err;
        ASSERT_EQ(report.at("variants").size(), lesson().variants.size());
        for (std::size_t i = 0; i < lesson().variants.size(); ++i) {
            const json& variant = report.at("variants").at(i);
            const std::string kind = variant.at("exit").at("kind");
            const std::string text = variant.at("exit").at("text");
            SCOPED_TRACE(variant.at("id").get<std::string>() + ": " + kind + ", " + text);
            if (kind == "not-run") {
                EXPECT_NE(text, "");
                continue;
            }
            switch (lesson().variants[i].expects) {
            case Ending::Exit:
                EXPECT_EQ(kind, "exited");
                break;
            case Ending::Crash:
                EXPECT_EQ(kind, "signalled");
                break;
            case Ending::Deadlock:
                EXPECT_EQ(kind, "deadlocked");
                break;
            }
            EXPECT_GT(variant.at("events"), 0);
        }
        EXPECT_NE(report.at("verdict").at("why"), "") << "it answers, or says why not";
    }
};

class EveryLesson : public CourseTest { };
TEST_P(EveryLesson, EndsAsItShouldOnOneCore)
{
    expectItEndsAsItShould({}, onOneCore);
}

class EveryPythonLesson : public CourseTest { };
TEST_P(EveryPythonLesson, EndsAsItShouldOnEveryInterpreter)
{
    for (const Interpreter& python : findInterpreters()) {
        if (python.kind == InterpreterKind::CPython && ageNote(python).empty()) {
            SCOPED_TRACE(describe(python));
            expectItEndsAsItShould({"--interpreter", python.path.string()});
        }
    }
}

std::string nameOf(const testing::TestParamInfo<std::string>& lesson)
{
    std::string name = lesson.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Course, EveryLesson, testing::ValuesIn(ids(false)), nameOf);
INSTANTIATE_TEST_SUITE_P(Course, EveryPythonLesson, testing::ValuesIn(ids(true)), nameOf);

} // namespace
} // namespace timeslice::system::course_test
