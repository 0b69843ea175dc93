// CPython in a program that is not its interpreter: it came late, and its processes are not of its making.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"
#include "tests/places/places.h"

#include <gtest/gtest.h>

namespace timeslice::test::embedded_test {
namespace {

using testing::SizeIs;

class Embedded : public WithEveryInterpreter {
protected:
    /// The interpreter's library; "" if it was built without one that is shared.
    std::string library() const
    {
        const ProbedRun asked =
            runProbed({GetParam().path, "-c",
                          "import os, sysconfig\n"
                          "v = lambda name: sysconfig.get_config_var(name) or ''\n"
                          "for folder in v('LIBDIR'), os.path.join(v('LIBDIR'), v('MULTIARCH')):\n"
                          "    path = os.path.join(folder, v('INSTSONAME'))\n"
                          "    if '.so' in path and os.path.isfile(path): print(path, end=''); break"},
                {.probe = false});
        return asked.out;
    }
    ProbedRun embed(const std::string& what) const
    {
        return runProbed({test::programFolder() / "embeds_python", library(), what});
    }
};

INSTANTIATE_TEST_SUITE_P(Found, Embedded, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Embedded);

TEST_P(Embedded, workers_that_are_forked_behind_its_back_have_gils_of_their_own)
{
    if (library().empty()) {
        GTEST_SKIP() << "it has no shared library";
    }
    for (const bool held : {true, false}) {
        SCOPED_TRACE(held);
        const ProbedRun run = embed(held ? "held" : "let_go");
        EXPECT_EQ(run.status, 0);
        EXPECT_EQ(run.out, "6\n6\n6\n");
        EXPECT_EQ(run.err, "");
        EXPECT_EQ(violated(run), "");
        ASSERT_THAT(run.gils(), SizeIs(4));
        std::set<Pid> processes;
        for (const ObjectBirth& gil : run.gils()) {
            EXPECT_TRUE(processes.insert(gil.pid).second) << "two GILs in process " << gil.pid;
            EXPECT_EQ(gil.name, "GIL");
            EXPECT_THAT(run.threadsOf(gil.id), SizeIs(gil.pid == run.pid ? 1 : 3));
            for (const Event& event : run.eventsOf(gil.id)) {
                ASSERT_EQ(event.pid, gil.pid);
            }
            std::string error;
            const std::vector<Hold> holds = holdsOf(run, gil.id, error);
            ASSERT_FALSE(holds.empty());
            if (gil.pid != run.pid && held) {
                EXPECT_EQ(holds.front().tid, gil.pid); // from the fork on
            }
        }
    }
}

} // namespace
} // namespace timeslice::test::embedded_test
