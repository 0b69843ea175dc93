// `timeslice record` and the GILs of whatever Python comes of a command; and the programs that cannot be observed,
// which must not notice and must be named.
#include "tests/system/program.h"

#include <array>
#include <cstring>
#include <elf.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/stat.h>
#include <vector>

namespace timeslice::system::observed_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kPython = "/usr/bin/python3";
constexpr const char* kThreads = "import threading\n"
                                 "def work():\n"
                                 "    for _ in range(300000): pass\n"
                                 "threads = [threading.Thread(target=work) for _ in range(2)]\n"
                                 "[t.start() for t in threads]\n"
                                 "[t.join() for t in threads]\n";

class ObservedTest : public SystemTest {
protected:
    struct Recorded {
        Outcome outcome;
        json variant;

        std::vector<std::string> gils() const
        {
            std::vector<std::string> names;
            for (const json& lock : variant.at("locks")) {
                if (lock.at("kind") == "gil") {
                    names.push_back(lock.at("name"));
                }
            }
            return names;
        }
        const json& unobserved() const { return variant.at("unobserved"); }
    };

    Recorded record(const std::vector<std::string>& command, const std::vector<std::string>& options = {}) const
    {
        std::vector<std::string> words{"record", "--report", path("report.json")};
        words.insert(words.end(), options.begin(), options.end());
        words.emplace_back("--");
        words.insert(words.end(), command.begin(), command.end());
        Recorded recorded{timeslice(words), {}};
        recorded.variant = json::parse(readText(path("report.json"))).at("variants").at(0);
        return recorded;
    }
    /// What the command says on standard error, without and with us; ours comes behind it.
    void expectSaysTheSame(const std::vector<std::string>& command, const Recorded& recorded) const
    {
        const Outcome plain = Program(command.front(), {command.begin() + 1, command.end()}, folder()).wait();
        EXPECT_EQ(recorded.outcome.status, plain.status);
        EXPECT_EQ(recorded.outcome.out, plain.out);
        EXPECT_THAT(recorded.outcome.err, testing::StartsWith(plain.err));
        EXPECT_THAT(recorded.outcome.err, AllOf(Not(HasSubstr("LD_PRELOAD")), Not(HasSubstr("ld.so"))));
    }
    std::string executable(const std::string& name, const std::string& text) const
    {
        writeText(folder() / name, text);
        fs::permissions(folder() / name, fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
        return path(name);
    }
};

TEST_F(ObservedTest, AConsoleScriptShowsItsGil)
{
    const std::string script = executable("console-script", std::string("#!") + kPython + "\n" + kThreads);
    const Recorded recorded = record({script});
    EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
    EXPECT_THAT(recorded.gils(), ElementsAre("GIL"));
    EXPECT_THAT(recorded.unobserved(), IsEmpty());
    EXPECT_THAT(recorded.outcome.err, HasSubstr("held"));
    expectSaysTheSame({script}, recorded);
}

TEST_F(ObservedTest, WithoutTheGilNothingIsLookedFor)
{
    const std::string script = executable("console-script",
        std::string("#!") + kPython + "\nimport os\n"
            + "print([name for name in os.environ if 'TIMESLICE' in name or name == 'LD_PRELOAD'])\n"
            + "print('probe' in open('/proc/self/maps').read())\n");
    const Recorded recorded = record({script}, {"--no-gil"});
    EXPECT_EQ(recorded.outcome.out, "[]\nFalse\n");
    EXPECT_THAT(recorded.gils(), IsEmpty());
    EXPECT_THAT(recorded.unobserved(), IsEmpty()) << "nobody asked for it";
    EXPECT_EQ(record({script}).outcome.out, "[]\nTrue\n");
}

TEST_F(ObservedTest, EachPythonThatAShellStartsHasAGil)
{
    const std::string worker = executable("worker.py", kThreads);
    const std::string tasks = executable("tasks",
        "#!/bin/sh\nfor i in 1 2 3; do " + std::string(kPython) + " " + worker + "; done\nexec env -i " + kPython + " "
            + worker + "\n");
    const Recorded recorded = record({tasks});
    EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
    EXPECT_THAT(recorded.gils(), SizeIs(4));
    EXPECT_THAT(recorded.unobserved(), IsEmpty());
}

TEST_F(ObservedTest, AProgramThatEmbedsPythonShowsTheGilOfEachOfItsWorkers)
{
    const Outcome asked = Program(kPython,
        {"-c",
            "import os, sysconfig\n"
            "v = lambda name: sysconfig.get_config_var(name) or ''\n"
            "for folder in v('LIBDIR'), os.path.join(v('LIBDIR'), v('MULTIARCH')):\n"
            "    path = os.path.join(folder, v('INSTSONAME'))\n"
            "    if '.so' in path and os.path.isfile(path): print(path, end=''); break"},
        folder())
                              .wait();
    if (asked.out.empty()) {
        GTEST_SKIP() << kPython << " has no shared library here";
    }
    const Recorded recorded = record({(test::programFolder() / "embeds_python").string(), asked.out, "held"});
    EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
    EXPECT_THAT(recorded.gils(), SizeIs(4));
    EXPECT_THAT(recorded.unobserved(), IsEmpty());
}

TEST_F(ObservedTest, WhatAStaticallyLinkedProgramStartsIsNamedWhenItIsAPython)
{
    const std::string starter = (test::programFolder() / "starts_another_statically").string();
    const std::string script = executable("worker.py", kThreads);
    const std::vector<std::string> command{starter, kPython, script};
    const Recorded recorded = record(command);
    expectSaysTheSame(command, recorded);
    EXPECT_THAT(recorded.gils(), IsEmpty());
    std::set<std::string> who;
    for (const json& process : recorded.unobserved()) {
        EXPECT_GT(process.at("pid").get<int>(), 0);
        EXPECT_NE(process.at("why"), "");
        who.insert(process.at("name").get<std::string>());
    }
    EXPECT_THAT(who, testing::Contains(testing::StartsWith("python3")));
    EXPECT_THAT(recorded.outcome.err, HasSubstr("GIL of python3"));
}

TEST_F(ObservedTest, AProgramOf32BitsStartsAsWithoutUs)
{
    // The smallest there is: exit(7), by the 32-bit system call.
    struct [[gnu::packed]] {
        Elf32_Ehdr header;
        Elf32_Phdr segment;
        std::array<unsigned char, 12> code;
    } image{};
    constexpr Elf32_Addr kBase = 0x08048000;
    std::memcpy(image.header.e_ident, ELFMAG, SELFMAG);
    image.header.e_ident[EI_CLASS] = ELFCLASS32;
    image.header.e_ident[EI_DATA] = ELFDATA2LSB;
    image.header.e_ident[EI_VERSION] = EV_CURRENT;
    image.header.e_type = ET_EXEC;
    image.header.e_machine = EM_386;
    image.header.e_version = EV_CURRENT;
    image.header.e_entry = kBase + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
    image.header.e_phoff = sizeof(Elf32_Ehdr);
    image.header.e_ehsize = sizeof(Elf32_Ehdr);
    image.header.e_phentsize = sizeof(Elf32_Phdr);
    image.header.e_phnum = 1;
    image.segment = {.p_type = PT_LOAD,
        .p_offset = 0,
        .p_vaddr = kBase,
        .p_paddr = kBase,
        .p_filesz = sizeof image,
        .p_memsz = sizeof image,
        .p_flags = PF_R | PF_X,
        .p_align = 0x1000};
    image.code = {0xb8, 1, 0, 0, 0, 0xbb, 7, 0, 0, 0, 0xcd, 0x80}; // mov $1, %eax; mov $7, %ebx; int $0x80
    std::string bytes(sizeof image, '\0');
    std::memcpy(bytes.data(), &image, sizeof image);
    const std::string program = executable("of-32-bits", bytes);
    if (Program(program, {}, folder()).wait().status != 7) {
        GTEST_SKIP() << "this kernel runs no 32-bit programs";
    }
    const std::vector<std::string> command{"/bin/sh", "-c", program + "; echo $?"};
    const Recorded recorded = record(command);
    expectSaysTheSame(command, recorded);
    EXPECT_EQ(recorded.outcome.out, "7\n");
    // It is over before anybody could look at it: who started it has told.
    ASSERT_THAT(recorded.unobserved(), SizeIs(1));
    EXPECT_EQ(recorded.unobserved().at(0).at("name"), "of-32-bits");
    EXPECT_THAT(recorded.unobserved().at(0).at("why").get<std::string>(), HasSubstr("32-bit"));

    const std::string starter = executable("starter.py",
        "import os, subprocess\nsubprocess.run(['" + program + "'])\nos.waitpid(os.posix_spawn('" + program
            + "', ['x'], {}), 0)\nos.waitpid(os.posix_spawnp('" + program + "', ['x'], {}), 0)\n");
    const Recorded byPython = record({kPython, starter});
    ASSERT_THAT(byPython.unobserved(), SizeIs(3)) << byPython.variant.at("unobserved").dump();
    for (const json& one : byPython.unobserved()) {
        EXPECT_EQ(one.at("name"), "of-32-bits");
    }
}

TEST_F(ObservedTest, AProgramThatIsSetUidIsNamedAndSaysNothingOfUs)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root can make a program of another user";
    }
    fs::permissions(folder(), fs::perms::others_all, fs::perm_options::add);
    const std::string python = path("setuid-python3");
    fs::copy_file(kPython, python);
    ASSERT_EQ(chown(python.c_str(), 65534, 65534), 0);
    ASSERT_EQ(chmod(python.c_str(), S_ISUID | 0755), 0);
    const std::vector<std::string> command{"/bin/sh", "-c", python + " -c 'import os; print(os.geteuid())'; true"};
    const Recorded recorded = record(command);
    if (recorded.outcome.out != "65534\n") {
        GTEST_SKIP() << "programs do not change user here (nosuid)";
    }
    expectSaysTheSame(command, recorded);
    ASSERT_THAT(recorded.unobserved(), SizeIs(1));
    EXPECT_EQ(recorded.unobserved().at(0).at("name"), "setuid-python3");
    EXPECT_THAT(recorded.outcome.err, HasSubstr("GIL of setuid-python3"));
}

TEST_F(ObservedTest, APythonInAPidNamespaceOfItsOwnIsRecordedUnderTheNumbersThatOthersSee)
{
    const std::vector<std::string> command{"unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc",
        kPython,
        executable("worker.py",
            std::string(kThreads)
                + "import os\nprint(os.getpid())\nprint([n for n in "
                  "os.environ if 'TIMESLICE' in n or n == 'LD_PRELOAD'])\n")};
    if (Program("/usr/bin/unshare", {command.begin() + 1, command.end()}, folder()).wait().status != 0) {
        GTEST_SKIP() << "no user namespaces here";
    }
    const Recorded recorded = record(command);
    EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
    EXPECT_EQ(recorded.outcome.out, "1\n[]\n");
    ASSERT_THAT(recorded.gils(), SizeIs(1)) << recorded.variant.at("unobserved").dump();
    EXPECT_THAT(recorded.unobserved(), IsEmpty());
    std::set<int> pids;
    for (const json& thread : recorded.variant.at("threads")) {
        pids.insert(thread.at("pid").get<int>());
    }
    EXPECT_EQ(pids.count(1), 0U) << "its own number for itself";
}

} // namespace
} // namespace timeslice::system::observed_test
