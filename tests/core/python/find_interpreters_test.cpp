// Which interpreters there are, and which one a script gets.
#include "core/python/interpreter.h"

#include "tests/core/python/scratch.h"

#include <algorithm>
#include <cstdio>
#include <gmock/gmock.h>
#include <memory>
#include <set>

namespace timeslice::find_interpreters_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class FindInterpretersTest : public PythonTest {
protected:
    FindInterpretersTest() { setVariable("PYENV_ROOT", (folder() / "pyenv").string()); }

    static std::vector<std::string> paths(const std::vector<Interpreter>& found)
    {
        std::vector<std::string> all;
        for (const Interpreter& interpreter : found) {
            all.push_back(interpreter.path.string());
        }
        return all;
    }
    static std::ptrdiff_t position(const std::vector<Interpreter>& found, const fs::path& path)
    {
        return std::find_if(found.begin(), found.end(), [&](const Interpreter& i) { return i.path == path; })
            - found.begin();
    }
};

std::string outputOf(const std::string& command)
{
    std::string text;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    char buffer[256];
    while (pipe && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) {
        text += buffer;
    }
    return text;
}

TEST_F(FindInterpretersTest, WhatIsFoundOnThisMachineIsWhatItSaysOfItself)
{
    unsetenv("PYENV_ROOT"); // the real one, if there is one
    const std::vector<Interpreter> found = findInterpreters();
    ASSERT_FALSE(found.empty());
    std::set<std::string> seen;
    for (const Interpreter& interpreter : found) {
        EXPECT_TRUE(seen.insert(interpreter.path.string()).second) << interpreter.path;
        if (interpreter.kind == InterpreterKind::CPython || interpreter.kind == InterpreterKind::PyPy) {
            EXPECT_EQ(outputOf("'" + interpreter.path.string()
                          + "' -c 'import sys; print(\"%d.%d.%d\" % sys.version_info[:3])'"),
                interpreter.version + "\n")
                << interpreter.path;
        }
    }
}

TEST_F(FindInterpretersTest, ThePython3OfThePathComesFirstThenNewerBeforeOlderThenOtherKinds)
{
    const fs::path first = fake("bin/python3", "timeslice-python|cpython|3.9.18|||");
    const fs::path old = fake("bin/python3.2", "timeslice-python|cpython|3.2.1|||");
    const fs::path newest = fake("bin/python3.99", "timeslice-python|cpython|3.99.0|||");
    const fs::path newer = fake("bin/python3.100", "timeslice-python|cpython|3.99.10|||");
    const fs::path freeThreaded = fake("bin/python3.99t", "timeslice-python|cpython|3.99.0||t|");
    const fs::path pypy = fake("bin/pypy3", "timeslice-python|pypy|3.9.16|7.3.11||");
    const fs::path jython = fake("bin/jython", kJythonAnswer);
    setVariable("PATH", (folder() / "bin").string() + ":/usr/bin:/bin");
    const std::vector<Interpreter> found = findInterpreters();
    EXPECT_EQ(position(found, first), 0);
    EXPECT_EQ(position(found, newer), 1);
    EXPECT_EQ(position(found, newest), 2);
    EXPECT_LT(position(found, newest), position(found, old));
    EXPECT_LT(position(found, old), position(found, freeThreaded));
    EXPECT_LT(position(found, freeThreaded), position(found, pypy));
    EXPECT_LT(position(found, pypy), position(found, jython));
    EXPECT_LT(position(found, jython), static_cast<std::ptrdiff_t>(found.size()));
}

TEST_F(FindInterpretersTest, NamesThatMerelyBeginLikeAnInterpretersAreLeftAlone)
{
    for (const char* name : {"python3-config", "python-argcomplete", "pythonista", "python3.", "pypy-c-jit"}) {
        fake(std::string("bin/") + name, "timeslice-python|cpython|3.12.1|||");
    }
    setVariable("PATH", (folder() / "bin").string() + ":/usr/bin:/bin");
    findInterpreters();
    for (const char* name : {"python3-config", "python-argcomplete", "pythonista", "python3.", "pypy-c-jit"}) {
        EXPECT_EQ(timesAsked(std::string("bin/") + name), 0) << name;
    }
}

TEST_F(FindInterpretersTest, AnExecutableIsListedOnceHoweverManyLinksLeadToIt)
{
    const fs::path real = fake("real/pypy3.10", "timeslice-python|pypy|3.10.14|7.3.17||");
    fs::create_directories(folder() / "bin");
    for (const char* name : {"pypy", "pypy3", "pypy3.10"}) {
        fs::create_symlink(real, folder() / "bin" / name);
    }
    setVariable("PATH", (folder() / "bin").string() + ":" + (folder() / "real").string() + ":/usr/bin:/bin");
    const std::vector<std::string> found = paths(findInterpreters({real}));
    EXPECT_THAT(found, Contains(real.string())); // the user's own word comes before what was found
    EXPECT_THAT(found, Not(Contains((folder() / "bin/pypy3").string())));
    EXPECT_THAT(paths(findInterpreters()), Contains((folder() / "bin/pypy3").string()));
    EXPECT_EQ(timesAsked("real/pypy3.10"), 1);
}

TEST_F(FindInterpretersTest, AVirtualEnvironmentsPythonStaysUsableAsItself)
{
    write("venv/pyvenv.cfg", "home = /usr/bin\n");
    fs::create_directories(folder() / "venv/bin");
    fs::create_symlink("/usr/bin/python3", folder() / "venv/bin/python3");
    setVariable("PATH", "/usr/bin:/bin");
    const std::vector<std::string> found = paths(findInterpreters({folder() / "venv/bin/python3"}));
    EXPECT_THAT(found, Contains((folder() / "venv/bin/python3").string()));
    EXPECT_THAT(found, Contains("/usr/bin/python3"));
    setVariable("PATH", (folder() / "venv/bin").string() + ":/usr/bin:/bin"); // activated
    EXPECT_EQ(findInterpreters().front().path, folder() / "venv/bin/python3");
}

TEST_F(FindInterpretersTest, AShimOfPyenvIsResolvedToTheVersionThatItRuns)
{
    const fs::path root = folder() / "pyenv";
    for (const char* version : {"one", "two"}) {
        fs::create_directories(root / "versions" / version / "bin");
        fs::create_symlink("/usr/bin/python3", root / "versions" / version / "bin/python3");
    }
    write("pyenv/version", "one\n");
    write("pyenv/shims/python3",
        "#!/bin/sh\nroot='" + root.string()
            + "'\nexec \"$root/versions/${PYENV_VERSION:-$(cat $root/version)}/bin/python3\" \"$@\"\n",
        true);
    setVariable("PYENV_VERSION", "");
    setVariable("PYENV_DIR", folder().string());
    setVariable("PATH", (root / "shims").string() + ":/usr/bin:/bin");
    EXPECT_EQ(findInterpreters().front().path, root / "versions/one/bin/python3");
    EXPECT_EQ(findInterpreters().front().path, root / "versions/one/bin/python3"); // from the cache
    write("pyenv/version", "two\n");
    EXPECT_EQ(findInterpreters().front().path, root / "versions/two/bin/python3");
    setVariable("PYENV_VERSION", "one");
    EXPECT_EQ(findInterpreters().front().path, root / "versions/one/bin/python3");
    EXPECT_EQ(askInterpreter(root / "shims/python3")->path, root / "versions/one/bin/python3");
}

TEST_F(FindInterpretersTest, ThoseOfPyenvAreFoundWithoutBeingOnThePath)
{
    const fs::path python = fake("pyenv/versions/3.99.1/bin/python3.99", "timeslice-python|cpython|3.99.1|||");
    EXPECT_THAT(paths(findInterpreters()), Contains(python.string()));
}

TEST_F(FindInterpretersTest, WhatTheUserAddsIsFoundWhateverItsName)
{
    const fs::path own = fake("work/my-interpreter", "timeslice-python|cpython|3.14.0|||");
    EXPECT_THAT(paths(findInterpreters({own, folder() / "not-there", "/bin/ls"})), Contains(own.string()));
}

Interpreter interpreterOf(InterpreterKind kind, int minor, const char* implementation = "cpython")
{
    Interpreter interpreter;
    interpreter.path = "/opt/python3." + std::to_string(minor);
    interpreter.kind = kind;
    interpreter.implementation = implementation;
    interpreter.version = "3." + std::to_string(minor) + ".2";
    interpreter.major = 3;
    interpreter.minor = minor;
    return interpreter;
}

TEST(ChooseInterpreter, TakesTheFirstThatMeetsTheNeed)
{
    const std::vector<Interpreter> found{interpreterOf(InterpreterKind::CPython, 8),
        interpreterOf(InterpreterKind::CPython, 11), interpreterOf(InterpreterKind::CPython, 13),
        interpreterOf(InterpreterKind::FreeThreaded, 13), interpreterOf(InterpreterKind::PyPy, 9, "pypy")};
    EXPECT_EQ(chooseInterpreter(found, "cpython")->minor, 11); // 3.8 only for those who name it
    EXPECT_EQ(chooseInterpreter(found, "cpython>=3.12")->minor, 13);
    EXPECT_EQ(chooseInterpreter(found, "cpython>=3.8")->minor, 8);
    EXPECT_FALSE(chooseInterpreter(found, "cpython>=3.14"));
    EXPECT_EQ(chooseInterpreter(found, "cpython>=3.9,<3.13")->minor, 11);
    EXPECT_FALSE(chooseInterpreter(found, "cpython>=3.9,<3.11"));
    EXPECT_EQ(chooseInterpreter(found, "free-threaded")->kind, InterpreterKind::FreeThreaded);
    EXPECT_EQ(chooseInterpreter(found, "pypy")->kind, InterpreterKind::PyPy);
    EXPECT_FALSE(chooseInterpreter(found, "jython"));
    EXPECT_FALSE(chooseInterpreter(found, "cpython>=3.11,<3.12,other")) << "it is the usual one";
    EXPECT_EQ(chooseInterpreter(found, "cpython>=3.13,<3.14,other")->minor, 13);
    EXPECT_EQ(chooseInterpreter(found, "cpython>=3.6,<3.10,other")->minor, 8);
}

TEST(ChooseInterpreter, SaysWhatIsMissingAndWhereToHaveItFrom)
{
    EXPECT_EQ(whyNoInterpreter({interpreterOf(InterpreterKind::CPython, 11)}, "cpython>=3.11,<3.12,other"),
        "is the usual Python here: CPython 3.11.2");
    EXPECT_THAT(whyNoInterpreter({interpreterOf(InterpreterKind::CPython, 11)}, "cpython>=3.12,<3.13,other"),
        HasSubstr("needs CPython 3.12 or newer, but older than 3.13, here is 3.11.2"));
    EXPECT_EQ(whyNoInterpreter({}, "pypy"), "PyPy is not installed (Debian's package: pypy3)");
    EXPECT_EQ(whyNoInterpreter({}, "jython"), "Jython is not installed (Debian's package: jython)");
    EXPECT_EQ(whyNoInterpreter({}, "cpython"), "CPython is not installed (Debian's package: python3)");
    EXPECT_THAT(whyNoInterpreter({}, "free-threaded"), HasSubstr("A free-threaded CPython is not installed"));
    EXPECT_THAT(
        whyNoInterpreter(
            {interpreterOf(InterpreterKind::CPython, 9), interpreterOf(InterpreterKind::CPython, 11)}, "cpython>=3.12"),
        HasSubstr("needs CPython 3.12 or newer, here is 3.11.2"));
    EXPECT_THAT(whyNoInterpreter({interpreterOf(InterpreterKind::CPython, 8)}, "cpython"),
        HasSubstr("needs CPython 3.9 or newer, here is 3.8.2"));
    EXPECT_THAT(whyNoInterpreter({}, "cpython>=3.12"), HasSubstr("3.12 or newer"));
    EXPECT_EQ(whyNoInterpreter({interpreterOf(InterpreterKind::CPython, 11)}, "cpython>=3.8,<3.10"),
        "needs CPython 3.8 or newer, but older than 3.10, here is 3.11.2 (with pyenv: pyenv install 3.9)");
}

} // namespace
} // namespace timeslice::find_interpreters_test
