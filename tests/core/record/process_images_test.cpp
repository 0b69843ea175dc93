// Which processes of a run the recording knows too little of, from what is mapped into them.
#include "core/record/process_images.h"

#include "core/base/unique_fd.h"
#include "core/record/thread_sampler.h"
#include "tests/core/record/recorded_child.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace timeslice::process_images_test {
namespace {

constexpr const char* kPython = "/usr/bin/python3.11";
constexpr const char* kStatic = "/sbin/ldconfig"; // Debian's is, so that it works when no library can be found
constexpr const char* kLibc = "/usr/lib/x86_64-linux-gnu/libc.so.6";
constexpr Pid kPid = 0x3FFFFF; // nobody's: the highest that the kernel gives is one below

std::string probePath()
{
    return "/somewhere/" + std::string{kProbeFile};
}

class Folder {
public:
    Folder()
    {
        char name[] = "/tmp/timeslice-images-XXXXXX";
        m_path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(m_path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string write(const std::string& name, const std::string& bytes) const
    {
        std::ofstream{m_path / name, std::ios::binary} << bytes;
        return (m_path / name).string();
    }

private:
    std::filesystem::path m_path;
};

std::string bytesOf(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

struct Seen {
    RefusedPrograms refused;
    ProcessImages images{refused};
    std::vector<UnobservedProcess> told;

    void program(Nanos time, Pid pid, const std::vector<std::string>& files)
    {
        images.exec(time, pid);
        looked(time + 1, pid, files);
    }
    void looked(Nanos time, Pid pid, const std::vector<std::string>& files)
    {
        std::vector<MappedFile> mapped;
        for (const std::string& file : files) {
            mapped.push_back({file, 0});
        }
        images.looked(time, pid, std::move(mapped));
    }
    void conclude(Nanos now, bool last = false, std::vector<Pid> gilsOf = {})
    {
        Batch batch;
        for (const Pid pid : gilsOf) {
            batch.objects.push_back({1, ObjectKind::Gil, pid, "GIL"});
        }
        images.conclude(now, last, batch);
        told.insert(told.end(), batch.unobserved.begin(), batch.unobserved.end());
    }
};

#define SKIP_UNLESS_THERE(path)                                                                                        \
    if (!std::filesystem::exists(path)) {                                                                              \
        GTEST_SKIP() << path << " is not on this machine";                                                             \
    }

TEST(ProgramFile, ShowsWhatIsInIt)
{
    SKIP_UNLESS_THERE(kPython);
    const ProgramFile python = lookAtProgram(kPython);
    EXPECT_TRUE(python.elf && python.ourKind && python.python);
    EXPECT_FALSE(python.bits32 || python.library || python.privileged || python.freeThreaded);
    EXPECT_NE(python.loader, "");
    EXPECT_FALSE(lookAtProgram("/bin/sh").python);
    EXPECT_FALSE(lookAtProgram("/etc/passwd").elf);
    EXPECT_FALSE(lookAtProgram("/no/such/file").elf);
}

TEST(ProgramFile, SurvivesAnyBytes)
{
    const std::string whole = bytesOf("/bin/true");
    const Folder folder;
    for (std::size_t length = 0; length < std::min<std::size_t>(whole.size(), 1024); length += 7) {
        lookAtProgram(folder.write("cut", whole.substr(0, length)));
    }
    std::string wild = whole;
    for (std::size_t i = 16; i < 64; ++i) { // the header's offsets and counts
        wild[i] = '\xFF';
        lookAtProgram(folder.write("wild", wild));
    }
}

TEST(ProgramFile, KnowsWhatPythonsAreCalled)
{
    for (const char* name : {"python", "python3", "python3.11", "python3.13t", "python3.11-dbg", "libpython3.11.so.1.0",
             "libpython3.13t.so", "python2.7", "libpython3.7m.so.1.0"}) {
        EXPECT_TRUE(isCalledPython(name)) << name;
    }
    for (const char* name : {"pythonista", "sh", "pypy3.10", "python3-config", "libpypy3.10-c.so", "mypython3"}) {
        EXPECT_FALSE(isCalledPython(name)) << name;
    }
    EXPECT_TRUE(isCalledFreeThreaded("python3.13t"));
    EXPECT_TRUE(isCalledFreeThreaded("libpython3.13t.so.1.0"));
    EXPECT_FALSE(isCalledFreeThreaded("python3.13"));
    EXPECT_EQ(programName("/usr/bin/python3.11 (deleted)"), "python3.11");
}

TEST(ProcessImages, NameAPythonThatStartedWithoutTheProbe)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, "/lib64/ld-linux-x86-64.so.2"});
    run.conclude(20);
    EXPECT_TRUE(run.told.empty()) << "what is preloaded may still come";
    run.looked(30, kPid, {kPython, "/lib64/ld-linux-x86-64.so.2", kLibc});
    run.conclude(40);
    ASSERT_EQ(run.told.size(), 1U);
    EXPECT_EQ(run.told[0].pid, kPid);
    EXPECT_EQ(run.told[0].name, "python3.11");
    EXPECT_EQ(run.told[0].why, "started without the probe");
    EXPECT_TRUE(run.told[0].hasGil);
    EXPECT_EQ(run.told[0].begin, 10);
    EXPECT_EQ(run.told[0].end, 0);
    run.images.ended(50, kPid);
    run.conclude(60, true);
    EXPECT_EQ(run.told.size(), 1U) << "once";
}

TEST(ProcessImages, KnowAPythonUnderAnyName)
{
    SKIP_UNLESS_THERE(kPython);
    const Folder folder;
    Seen run;
    run.program(10, kPid, {folder.write("my-tool", bytesOf(kPython)), kLibc});
    run.program(10, kPid - 1, {folder.write("python3.12", bytesOf("/bin/true")), kLibc});
    run.conclude(40, true);
    ASSERT_EQ(run.told.size(), 1U) << "and no Python that is merely called one";
    EXPECT_EQ(run.told[0].name, "my-tool");
}

TEST(ProcessImages, SayNothingWhereTheGilIsRecorded)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, probePath(), kLibc});
    run.images.threadBorn(20, kPid);
    run.conclude(30, false, {kPid});
    run.conclude(10 * kSecond);
    run.images.ended(11 * kSecond, kPid);
    run.conclude(12 * kSecond, true);
    EXPECT_TRUE(run.told.empty());
}

TEST(ProcessImages, SayNothingOfAProbedProcessThatNeverCameToRunPython)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, probePath(), kLibc}); // python3 --version
    run.images.ended(20, kPid);
    run.conclude(30, true);
    EXPECT_TRUE(run.told.empty());
}

TEST(ProcessImages, NameAProbedProcessWithThreadsWhoseGilWasNotSeen)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, probePath(), kLibc});
    run.images.threadBorn(20, kPid);
    run.conclude(30);
    EXPECT_TRUE(run.told.empty()) << "it may be about to be";
    run.conclude(20 + kSecond);
    ASSERT_EQ(run.told.size(), 1U);
    EXPECT_EQ(run.told[0].why, "the probe was loaded, but saw no GIL");
}

TEST(ProcessImages, NameAChildThatWasForkedWithoutPythonsKnowledge)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, probePath(), kLibc});
    run.conclude(20, false, {kPid});
    run.images.forked(kSecond, kPid - 1, kPid); // as uWSGI does
    run.images.forked(kSecond, kPid - 2, kPid); // as os.fork() does
    run.images.forked(kSecond, kPid - 3, kPid); // as subprocess does
    run.images.exec(kSecond + kMillisecond, kPid - 3);
    run.images.forked(kSecond, kPid - 4, kPid); // the same, but there is no such program
    run.images.ended(kSecond + kMillisecond, kPid - 4);
    run.conclude(kSecond + 2 * kMillisecond, false, {kPid - 2});
    EXPECT_TRUE(run.told.empty());
    run.conclude(3 * kSecond, true);
    ASSERT_EQ(run.told.size(), 1U);
    EXPECT_EQ(run.told[0].pid, kPid - 1);
    EXPECT_EQ(run.told[0].begin, kSecond);
    EXPECT_EQ(run.told[0].why, "forked by code that did not tell Python of it");
}

TEST(ProcessImages, NameTheChildrenThatAnUnseenPythonForks)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, kLibc});
    run.images.forked(kSecond, kPid - 1, kPid);
    run.images.threadBorn(kSecond + 1, kPid - 1);
    run.images.forked(kSecond, kPid - 2, kPid);
    run.program(kSecond + 10, kPid - 2, {"/bin/true", kLibc});
    run.conclude(2 * kSecond, true);
    ASSERT_EQ(run.told.size(), 2U);
    EXPECT_EQ(run.told[0].pid, kPid);
    EXPECT_EQ(run.told[1].pid, kPid - 1);
}

TEST(ProcessImages, TellTheGilOfAProgramFromThatOfTheNext)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {kPython, probePath(), kLibc});
    run.program(1000, kPid, {kPython, kLibc}); // all in one batch, as on a machine that is busy
    run.conclude(2000, false, {kPid});
    ASSERT_EQ(run.told.size(), 1U);
    EXPECT_EQ(run.told[0].begin, 1000);
}

TEST(ProcessImages, SayNothingOfAPythonWithoutAGil)
{
    SKIP_UNLESS_THERE(kPython);
    const Folder folder;
    Seen run;
    // What is called so and has the API counts: the marks of such a build are in its symbols, which this copy lacks.
    run.program(10, kPid, {folder.write("python3.13t", bytesOf(kPython)), kLibc});
    run.conclude(20, true);
    EXPECT_TRUE(run.told.empty());
}

TEST(ProcessImages, NameWhatCannotBeGivenTheProbe)
{
    SKIP_UNLESS_THERE(kStatic);
    const Folder folder;
    const auto why = [&](const std::string& program) {
        Seen run;
        run.program(10, kPid, {program, kLibc});
        run.conclude(20, true);
        return run.told.size() == 1 ? run.told[0].why + (run.told[0].hasGil ? " (GIL)" : "") : "nothing";
    };
    EXPECT_EQ(why("/bin/true"), "nothing") << "the probe was left out, as it can start nothing";
    EXPECT_EQ(why("/etc/passwd"), "nothing");
    EXPECT_EQ(why(kStatic), "statically linked, so that the probe cannot be loaded");
    EXPECT_EQ(why(folder.write("python3.11", bytesOf(kStatic))),
        "statically linked, so that the probe cannot be loaded (GIL)");

    std::string other = bytesOf("/bin/true");
    other[EI_CLASS] = ELFCLASS32;
    EXPECT_EQ(why(folder.write("old", other)), "a 32-bit program, into which the probe cannot be loaded");
    std::string musl = bytesOf("/bin/true");
    const std::string loader = "/lib64/ld-linux-x86-64.so.2";
    const std::size_t at = musl.find(loader);
    ASSERT_NE(at, std::string::npos);
    musl.replace(at, loader.size(), std::string("/lib/ld-musl-x86_64.so.1") + std::string(3, '\0'));
    EXPECT_EQ(why(folder.write("small", musl)), "linked against another C library (ld-musl-x86_64.so.1)");
    const std::string privileged = folder.write("su", bytesOf("/bin/true"));
    ASSERT_EQ(chmod(privileged.c_str(), 04755), 0);
    EXPECT_EQ(why(privileged), "starts with more rights than its user has, so that nothing can be preloaded");
}

// --- What the kernel's records, and looks into /proc, tell of real processes

/// What is told of the command, whose standard input ends when something was: whoever reads it cannot have gone before.
std::vector<UnobservedProcess> unobservedOf(const std::vector<const char*>& command, bool sampled)
{
    constexpr Nanos kPatience = 60 * kSecond;
    std::vector<UnobservedProcess> told;
    RefusedPrograms refused;
    int input[2];
    if (pipe2(input, O_CLOEXEC) != 0) {
        ADD_FAILURE() << "no pipe";
        return told;
    }
    UniqueFd reads(input[0]);
    UniqueFd writes(input[1]);
    const Nanos begin = monotonicNow();
    std::shared_ptr<ContextSwitches> switches;
    std::shared_ptr<ThreadSampler> sampler;
    const auto body = [&](int) {
        std::vector<char*> argv;
        for (const char* word : command) {
            argv.push_back(const_cast<char*>(word));
        }
        argv.push_back(nullptr);
        dup2(reads.get(), STDIN_FILENO);
        unsetenv("LD_PRELOAD");
        execv(argv[0], argv.data());
    };
    const test::RecordedRun run = test::recordChildWith(body, [&](Pid pid) -> Result<test::Drain> {
        if (sampled) {
            sampler = std::make_shared<ThreadSampler>(pid, &refused);
        } else {
            Result<ContextSwitches> opened = ContextSwitches::open(pid, {}, &refused);
            if (!opened) {
                return tl::unexpected(opened.error());
            }
            switches = std::make_shared<ContextSwitches>(std::move(*opened));
        }
        return test::Drain{[&](Batch& batch) {
            batch.drainedAt = monotonicNow();
            sampled ? sampler->sample(batch) : switches->drain(batch);
            told.insert(told.end(), batch.unobserved.begin(), batch.unobserved.end());
            if (!told.empty() || monotonicNow() - begin > kPatience) {
                writes.reset();
            }
        }};
    });
    EXPECT_EQ(run.error, "");
    EXPECT_EQ(run.lost.malformed, 0U);
    return told;
}

TEST(ProcessImages, AreSeenInTheKernelsRecords)
{
    SKIP_UNLESS_THERE(kPython);
    if (!probeContextSwitches()) {
        GTEST_SKIP() << "the kernel refuses context-switch records";
    }
    const auto told =
        unobservedOf({"/bin/sh", "-c", "/bin/true; /usr/bin/python3.11 -S -c 'open(0).read()'; exit 0"}, false);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].name, "python3.11");
    EXPECT_EQ(told[0].why, "started without the probe");
}

TEST(ProcessImages, AreSeenInProc)
{
    SKIP_UNLESS_THERE(kPython);
    const auto told = unobservedOf({kPython, "-S", "-c", "open(0).read()"}, true);
    ASSERT_FALSE(told.empty());
    for (const UnobservedProcess& process : told) { // a sample that falls into its exec may name it a second time
        EXPECT_EQ(process.name, "python3.11");
        EXPECT_EQ(process.why, "started without the probe");
    }
}

/// A child that lives on, whatever the records say.
class Sleeper {
public:
    Sleeper()
        : m_pid(fork())
    {
        if (m_pid == 0) {
            for (;;) {
                pause();
            }
        }
    }
    ~Sleeper()
    {
        kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
    }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    Pid pid() const { return m_pid; }

private:
    pid_t m_pid;
};

TEST(ProcessImages, AProgramThatTheKernelNoLongerShowsIsNamed)
{
    const Sleeper hidden;
    Seen run;
    run.images.forked(10, hidden.pid(), 1);
    run.images.exec(20, hidden.pid(), "sudo"); // as begin_new_exec() does it: the records end there
    run.images.threadEnded(20, hidden.pid());
    run.images.forked(30, kPid, 1);
    run.images.exec(40, kPid, "true"); // over at once, and really
    run.images.threadEnded(50, kPid);
    run.conclude(60);
    ASSERT_EQ(run.told.size(), 1U);
    EXPECT_EQ(run.told[0].pid, hidden.pid());
    EXPECT_TRUE(run.told[0].unrecorded);
    EXPECT_EQ(run.told[0].begin, 20);
}

TEST(ProcessImages, AProgramThatWasOverBeforeAnyLookIsNamedWhereItsStarterTold)
{
    SKIP_UNLESS_THERE(kStatic);
    const Folder folder;
    const std::string privileged = folder.write("su", bytesOf("/bin/true"));
    ASSERT_EQ(chmod(privileged.c_str(), 04755), 0);
    Seen run;
    run.refused.add(kPid, "ldconfig", kStatic, false);
    run.refused.add(kPid - 1, "su", privileged, false);
    run.refused.add(kPid - 2, "not-executable", kStatic, false); // another comes instead
    run.refused.add(kPid - 3, "ldconfig", kStatic, true); // by posix_spawn()
    const Nanos now = monotonicNow();
    for (const auto& [pid, command] : {std::pair{kPid, "ldconfig"}, {kPid - 1, "su"}, {kPid - 2, "true"}}) {
        run.images.exec(now, pid, command);
        run.images.threadEnded(now + 10, pid);
    }
    run.conclude(now + 20);
    ASSERT_EQ(run.told.size(), 3U);
    std::sort(run.told.begin(), run.told.end(), [](const auto& a, const auto& b) { return a.pid > b.pid; });
    EXPECT_EQ(run.told[0].name, "ldconfig");
    EXPECT_EQ(run.told[0].why, "statically linked, so that the probe cannot be loaded");
    EXPECT_FALSE(run.told[0].unrecorded);
    EXPECT_EQ(run.told[1].name, "su");
    EXPECT_TRUE(run.told[1].unrecorded);
    EXPECT_EQ(run.told[2].pid, kPid - 3);
    EXPECT_EQ(run.told[2].name, "ldconfig");
}

TEST(ProcessImages, WhatAChildTellsMayComeBeforeTheNewsOfItsBirth)
{
    SKIP_UNLESS_THERE(kStatic);
    Seen run;
    const Nanos born = monotonicNow();
    run.refused.add(kPid, "ldconfig", kStatic, false);
    const Nanos told = monotonicNow();
    run.conclude(told);
    run.images.forked(born, kPid, 1);
    run.images.exec(told + 10, kPid, "ldconfig");
    run.images.threadEnded(told + 20, kPid);
    run.conclude(told + 30);
    ASSERT_EQ(run.told.size(), 1U);
    EXPECT_EQ(run.told[0].name, "ldconfig");
}

TEST(ProcessImages, APythonThatWasOverBeforeAnyLookIsNamedWhereNobodyGaveItTheProbe)
{
    SKIP_UNLESS_THERE(kStatic);
    Seen run;
    run.program(10, kPid, {kStatic});
    run.program(10, kPid - 1, {"/bin/sh", probePath(), kLibc});
    for (const Pid starter : {kPid, kPid - 1}) {
        run.images.forked(20, starter - 10, starter);
        run.images.exec(30, starter - 10, "python3");
        run.images.threadEnded(40, starter - 10);
    }
    run.conclude(50, true);
    ASSERT_EQ(run.told.size(), 2U);
    EXPECT_EQ(run.told[0].name, "ldconfig");
    EXPECT_EQ(run.told[1].name, "python3");
    EXPECT_EQ(run.told[1].pid, kPid - 10);
    EXPECT_TRUE(run.told[1].hasGil);
}

TEST(ProcessImages, ALookThatCameBeforeTheNewsOfItsProgramIsOfThatProgram)
{
    SKIP_UNLESS_THERE(kPython);
    Seen run;
    run.program(10, kPid, {"/bin/sh", probePath(), kLibc});
    run.conclude(20);
    run.looked(40, kPid, {kPython, kLibc});
    run.conclude(50);
    run.images.exec(30, kPid); // read from its ring only now
    run.conclude(60, true);
    ASSERT_EQ(run.told.size(), 1U) << "once";
    EXPECT_EQ(run.told[0].name, "python3.11");
}

} // namespace
} // namespace timeslice::process_images_test
