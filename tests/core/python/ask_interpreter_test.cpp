// Asking one program what it is.
#include "core/python/interpreter.h"

#include "core/base/unique_fd.h"
#include "core/python/ask_interpreter.h"
#include "core/python/question.h"
#include "tests/core/python/scratch.h"

#include <chrono>
#include <cstring>
#include <elf.h>
#include <gmock/gmock.h>
#include <link.h>
#include <sys/eventfd.h>
#include <thread>

namespace timeslice::ask_interpreter_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

using AskInterpreterTest = PythonTest;

/// Why the program cannot be used; "" if it can.
std::string whyNot(const fs::path& path)
{
    const Result<Interpreter> interpreter = askInterpreter(path);
    EXPECT_TRUE(interpreter || interpreter.error().kind == ErrorKind::Usage);
    return interpreter ? std::string() : interpreter.error().message;
}

TEST_F(AskInterpreterTest, DebiansPythonIsCPythonAndSaysItsVersion)
{
    const Result<Interpreter> python = askInterpreter("/usr/bin/python3");
    ASSERT_TRUE(python) << python.error().message;
    EXPECT_EQ(python->path, "/usr/bin/python3");
    EXPECT_EQ(python->kind, InterpreterKind::CPython);
    EXPECT_EQ(python->implementation, "cpython");
    EXPECT_EQ(python->major, 3);
    EXPECT_EQ(python->version.rfind(std::to_string(python->major) + "." + std::to_string(python->minor) + ".", 0), 0U);
    EXPECT_EQ(describe(*python), "CPython " + python->version);
    EXPECT_EQ(gilNote(*python), "");
}

TEST_F(AskInterpreterTest, ANameIsLookedUpOnThePath)
{
    fs::create_directories(folder() / "bin");
    fs::create_symlink("/usr/bin/python3", folder() / "bin/my-python");
    setVariable("PATH", "/no/such/folder:" + (folder() / "bin").string());
    const Result<Interpreter> python = askInterpreter("my-python");
    ASSERT_TRUE(python) << python.error().message;
    EXPECT_EQ(python->path, folder() / "bin/my-python");
    EXPECT_THAT(whyNot("python9"), HasSubstr("there is no 'python9' on $PATH"));
}

TEST_F(AskInterpreterTest, SaysWhatIsWrongWithAPathThatIsNoProgram)
{
    EXPECT_THAT(whyNot("/no/such/python3"), AllOf(HasSubstr("/no/such/python3"), HasSubstr("No such file")));
    EXPECT_THAT(whyNot(folder()), AllOf(HasSubstr(folder().string()), HasSubstr("is a folder")));
    const fs::path plain = write("plain", "text");
    EXPECT_THAT(whyNot(plain), HasSubstr(plain.string() + " is not executable"));
    EXPECT_NE(whyNot(""), "");
}

TEST_F(AskInterpreterTest, SaysThatAProgramIsNotAPythonAndWhatItSaidItself)
{
    EXPECT_THAT(whyNot("/bin/ls"), AllOf(HasSubstr("/bin/ls is not a Python"), HasSubstr("invalid option")));
    EXPECT_THAT(whyNot("/bin/true"), HasSubstr("/bin/true is not a Python"));
    const fs::path rubbish = write("rubbish", "#!/bin/sh\necho 'timeslice-python|so to say|three|||'\n", true);
    EXPECT_THAT(whyNot(rubbish), HasSubstr("is not a Python"));
    const fs::path noProgram = write("no-program", "#!/no/such/shell\n", true);
    EXPECT_THAT(whyNot(noProgram), HasSubstr("cannot be run: No such file"));
}

TEST_F(AskInterpreterTest, AProgramThatIsNotToBeWaitedForAnyLongerIsEndedAtOnceAndAskedAgainNextTime)
{
    const fs::path mute =
        write("mute", "#!/bin/sh\necho asked >> '" + logOf("mute").string() + "'\nsleep 1000\n", true);
    const UniqueFd stop(eventfd(0, EFD_CLOEXEC));
    std::jthread stopper([&] {
        while (timesAsked("mute") == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        eventfd_write(stop.get(), 1);
    });
    const Result<Interpreter> given = askInterpreterUntil(mute, stop.get());
    ASSERT_FALSE(given);
    EXPECT_THAT(given.error().message, EndsWith("/mute was not waited for"));
    EXPECT_FALSE(askInterpreterUntil(mute, stop.get()));
    EXPECT_EQ(findInterpretersUntil({mute}, stop.get()).size(), 0U);
}

TEST_F(AskInterpreterTest, AProgramThatNeverAnswersIsEndedWithAllThatItStarted)
{
    const fs::path mute =
        write("mute", "#!/bin/sh\nsleep 1000 &\necho $! > '" + (folder() / "pid").string() + "'\nwait\n", true);
    // On a busy machine a second may be too short for a shell to come as far as its second line.
    std::string pid;
    for (Nanos within = kSecond; pid.empty() && within <= 16 * kSecond; within *= 4) {
        const Answer answer = askProgram(mute, within);
        EXPECT_EQ(answer.kind, Answer::Kind::Late);
        EXPECT_THAT(answer.why, HasSubstr("does not answer within " + std::to_string(within / kSecond) + " s"));
        pid = textOf(folder() / "pid");
    }
    ASSERT_NE(pid, "");
    const fs::path stat = "/proc/" + std::to_string(std::stoi(pid)) + "/stat";
    const Nanos deadline = monotonicNow() + 60 * kSecond;
    std::string state;
    do { // a zombie until somebody has inherited it
        state = textOf(stat);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (!state.empty() && state.find(") Z ") == std::string::npos && monotonicNow() < deadline);
    EXPECT_TRUE(state.empty() || state.find(") Z ") != std::string::npos) << state;
}

TEST_F(AskInterpreterTest, ALaunchersOwnWordsBeforeTheAnswerDoNoHarm)
{
    const fs::path launcher = write(
        "chatty", std::string("#!/bin/sh\necho 'Picked up some options' >&2\necho '") + kJythonAnswer + "'\n", true);
    const Result<Interpreter> jython = askInterpreter(launcher);
    ASSERT_TRUE(jython) << jython.error().message;
    EXPECT_EQ(jython->kind, InterpreterKind::Jython);
}

TEST_F(AskInterpreterTest, AnInterpreterThatKnowsNoIsolationIsAskedWithout)
{
    const fs::path old = write("jython",
        std::string("#!/bin/sh\nif [ \"$1\" = -I ]; then echo \"Unknown option: $1\"; exit 2; fi\necho '")
            + kJythonAnswer + "'\n",
        true);
    const Result<Interpreter> jython = askInterpreter(old);
    ASSERT_TRUE(jython) << jython.error().message;
    EXPECT_EQ(describe(*jython), "Jython 2.7.3");
}

TEST_F(AskInterpreterTest, TheKindIsWhatTheInterpreterSaysNotWhatItIsCalled)
{
    const auto kind = [&](const std::string& answer) {
        static int count = 0;
        const Result<Interpreter> interpreter = askInterpreter(fake("python" + std::to_string(++count), answer));
        EXPECT_TRUE(interpreter) << interpreter.error().message;
        return *interpreter;
    };
    const Interpreter pypy = kind("timeslice-python|pypy|3.9.16|7.3.11||");
    EXPECT_EQ(pypy.kind, InterpreterKind::PyPy);
    EXPECT_EQ(describe(pypy), "PyPy 7.3.11 (Python 3.9.16)");
    EXPECT_THAT(gilNote(pypy), HasSubstr("GIL of its own"));
    const Interpreter freeThreaded = kind("timeslice-python|cpython|3.13.0||t|");
    EXPECT_EQ(freeThreaded.kind, InterpreterKind::FreeThreaded);
    EXPECT_EQ(describe(freeThreaded), "CPython 3.13.0, free-threaded");
    EXPECT_THAT(gilNote(freeThreaded), HasSubstr("free-threaded"));
    const Interpreter jython = kind(kJythonAnswer);
    EXPECT_THAT(gilNote(jython), HasSubstr("Jython has none"));
    const Interpreter graal = kind("timeslice-python|graalpy|3.10.8|||");
    EXPECT_EQ(graal.kind, InterpreterKind::Other);
    EXPECT_THAT(gilNote(graal), HasSubstr("graalpy 3.10.8"));
    EXPECT_EQ(kind("timeslice-python|cpython|3.8.18||m|").kind, InterpreterKind::CPython);
}

TEST_F(AskInterpreterTest, ACPythonBeforeTheTestedOnesIsTakenWithANoteAndPython2IsNot)
{
    const Result<Interpreter> old = askInterpreter(fake("old", "timeslice-python|cpython|3.8.18|||"));
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_THAT(ageNote(*old), HasSubstr("CPython 3.8.18 is older than 3.9"));
    const Result<Interpreter> current = askInterpreter("/usr/bin/python3");
    ASSERT_TRUE(current) << current.error().message;
    EXPECT_EQ(ageNote(*current), "");
    EXPECT_THAT(whyNot(fake("python2", "timeslice-python|cpython|2.7.18|||")), HasSubstr("is Python 2.7.18"));
}

/// A copy of an ordinary program whose program headers `change` may edit.
template <class Change> std::string editedProgram(const Change& change)
{
    std::string bytes = textOf(fs::canonical("/bin/true"));
    ElfW(Ehdr) header;
    std::memcpy(&header, bytes.data(), sizeof header);
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const std::size_t at = header.e_phoff + i * header.e_phentsize;
        ElfW(Phdr) segment;
        std::memcpy(&segment, bytes.data() + at, sizeof segment);
        if (segment.p_type == PT_INTERP) {
            change(bytes, segment);
            std::memcpy(bytes.data() + at, &segment, sizeof segment);
        }
    }
    return bytes;
}

TEST_F(AskInterpreterTest, AStaticallyLinkedProgramIsRefusedBecauseNothingCanBePreloaded)
{
    const fs::path program = write(
        "static-python", editedProgram([](std::string&, ElfW(Phdr) & segment) { segment.p_type = PT_NULL; }), true);
    EXPECT_THAT(whyNot(program), AllOf(HasSubstr(program.string() + " is statically linked"), HasSubstr("GIL probe")));
}

TEST_F(AskInterpreterTest, AProgramForAnotherLibcIsRefusedWithTheNameOfItsLoader)
{
    const fs::path program = write("musl-python", editedProgram([](std::string& bytes, ElfW(Phdr) & segment) {
        const std::string loader = "/lib/ld-musl-any.so.1";
        ASSERT_GT(segment.p_filesz, loader.size());
        std::memcpy(bytes.data() + segment.p_offset, loader.c_str(), loader.size() + 1);
    }),
        true);
    EXPECT_THAT(whyNot(program), AllOf(HasSubstr("another libc"), HasSubstr("/lib/ld-musl-any.so.1")));
}

TEST_F(AskInterpreterTest, AProgramForAnotherProcessorIsRefused)
{
    std::string bytes = textOf(fs::canonical("/bin/true"));
    bytes[EI_CLASS] = static_cast<char>(bytes[EI_CLASS] == ELFCLASS64 ? ELFCLASS32 : ELFCLASS64);
    EXPECT_THAT(whyNot(write("foreign-python", bytes, true)), HasSubstr("another kind of processor"));
}

TEST_F(AskInterpreterTest, EachIsAskedOnce)
{
    const fs::path jython = fake("jython", kJythonAnswer);
    const Result<Interpreter> first = askInterpreter(jython);
    const Result<Interpreter> second = askInterpreter(jython);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(describe(*second), describe(*first));
    EXPECT_EQ(second->path, first->path);
    EXPECT_EQ(second->kind, first->kind);
    EXPECT_EQ(timesAsked("jython"), 1);
}

TEST_F(AskInterpreterTest, AnUnusableOneIsAskedOnceToo)
{
    const fs::path old = fake("python2", "timeslice-python|cpython|2.7.18|||");
    const std::string why = whyNot(old);
    EXPECT_EQ(whyNot(old), why);
    EXPECT_EQ(timesAsked("python2"), 1);
}

TEST_F(AskInterpreterTest, AReplacedOneIsAskedAgain)
{
    const fs::path pypy = fake("pypy", "timeslice-python|pypy|3.9.16|7.3.11||");
    ASSERT_TRUE(askInterpreter(pypy));
    fake("pypy", "timeslice-python|pypy|3.10.14|7.3.17||");
    const Result<Interpreter> newer = askInterpreter(pypy);
    ASSERT_TRUE(newer);
    EXPECT_EQ(newer->release, "7.3.17");
    EXPECT_EQ(timesAsked("pypy"), 2);
}

TEST_F(AskInterpreterTest, ADamagedCacheIsIgnoredAndReplaced)
{
    const fs::path jython = fake("jython", kJythonAnswer);
    ASSERT_TRUE(askInterpreter(jython));
    const std::string good = textOf(cacheFile());
    ASSERT_NE(good, "");
    int asked = 1;
    for (const std::string& bad : {std::string("{"), std::string("[]"), std::string(), good.substr(0, good.size() / 2),
             std::string(R"({"schema": "timeslice.interpreters/1", "entries": {")") + jython.string() + R"(": 7}})"}) {
        write("cache/timeslice/interpreters.json", bad);
        EXPECT_TRUE(askInterpreter(jython)) << bad;
        EXPECT_EQ(timesAsked("jython"), ++asked) << bad;
        EXPECT_EQ(textOf(cacheFile()), good);
    }
}

TEST_F(AskInterpreterTest, WithoutAPlaceForTheCacheItStillAnswers)
{
    write("in-the-way", "");
    setVariable("XDG_CACHE_HOME", (folder() / "in-the-way").string());
    const fs::path jython = fake("jython", kJythonAnswer);
    EXPECT_TRUE(askInterpreter(jython));
    EXPECT_TRUE(askInterpreter(jython));
    EXPECT_EQ(timesAsked("jython"), 2);
}

} // namespace
} // namespace timeslice::ask_interpreter_test
