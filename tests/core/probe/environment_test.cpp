// What the recording adds to a program's environment is hidden from it, and reaches every program that it starts.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>

namespace timeslice::test::environment_test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// Runs it with the probe and without: they say the same and end alike. `without` for the rest.
ProbedRun alike(const std::vector<std::string>& command, ProbedOptions options = {})
{
    options.probe = false;
    const ProbedRun plain = runProbed(command, options);
    options.probe = true;
    ProbedRun probed = runProbed(command, options);
    EXPECT_EQ(probed.error, "");
    EXPECT_EQ(probed.out, plain.out);
    EXPECT_EQ(probed.err, plain.err);
    EXPECT_EQ(probed.status, plain.status);
    return probed;
}

class Environment : public WithEveryInterpreter {
protected:
    std::string path() const { return GetParam().path; }
};

INSTANTIATE_TEST_SUITE_P(Found, Environment, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Environment);

TEST_P(Environment, is_the_same_as_without_us_in_content_and_order)
{
    const std::vector<std::string> show{path(), "-c", "import os; print(list(os.environb.items()))"};
    alike(show);
    alike(show, {.environment = {{"LD_PRELOAD", "/lib/x86_64-linux-gnu/libc.so.6"}, {"TIMESLICE_RESOURCES", "mine"}}});
    alike(show, {.environment = {{"LD_PRELOAD", ""}}});
}

TEST_P(Environment, of_programs_that_are_started_is_the_one_that_they_were_given)
{
    const ProbedRun run =
        alike({path(), "-c",
                  "import os, subprocess, sys\n"
                  "code = 'import os; print(list(os.environb.items()))'\n"
                  "show = [sys.executable, '-c', code]\n"
                  "for env in None, {}, {'A': '1', 'LD_PRELOAD': '', 'B': '2'}, {'LD_PRELOAD': '/no/such.so'}:\n"
                  "    print(subprocess.run(show, env=env, stderr=subprocess.STDOUT, stdout=subprocess.PIPE).stdout)\n"
                  "    print(subprocess.run(show, env=env, preexec_fn=int, stdout=subprocess.PIPE).stdout)\n"},
            {.environment = {{"PYTHONWARNINGS", "ignore"}}});
    EXPECT_THAT(run.gils(), SizeIs(1 + 8 + 4)); // the last four: children that ran preexec_fn in a GIL of their own
    EXPECT_EQ(violated(run), "");
}

TEST_P(Environment, a_child_is_recorded_however_it_is_started)
{
    const ProbedRun run = alike({path(), "-c",
        "import multiprocessing, os, pty, subprocess, sys\n"
        "code = 'import time; time.sleep(0.001); print(1, flush=True)'\n"
        "words = [sys.executable, '-c', code]\n"
        "shell = sys.executable + ' -c \"' + code + '\"'\n"
        "def ask(i): return i + 1\n"
        "if __name__ == '__main__':\n"
        "    subprocess.run(words, env={})\n" // vfork
        "    subprocess.run(words, env={}, preexec_fn=int)\n" // fork
        "    subprocess.run(words, env={}, close_fds=False)\n" // posix_spawn
        "    os.waitpid(os.posix_spawn(words[0], words, {}), 0)\n"
        "    os.waitpid(os.posix_spawnp(words[0], words, {}), 0)\n"
        "    os.system(shell)\n"
        "    print(os.popen(shell).read(), end='', flush=True)\n"
        "    os.waitpid(os.spawnve(os.P_NOWAIT, words[0], words, {}), 0)\n"
        "    pid, fd = pty.fork()\n"
        "    if pid == 0: os.execve(words[0], words, {})\n"
        "    os.read(fd, 3); os.waitpid(pid, 0)\n"
        "    os.execve(words[0], words, {})\n"});
    EXPECT_EQ(violated(run), "");
    std::set<Pid> recorded;
    for (const ObjectBirth& gil : run.gils()) {
        recorded.insert(gil.pid);
    }
    EXPECT_THAT(recorded, SizeIs(10)) << run.out << run.err; // the last became what the first was
}

/// Kinds of what the thread did with the GIL around its execs, the last `most`.
std::vector<EventKind> lastKinds(const ProbedRun& run, ObjectId gil, std::size_t most)
{
    std::vector<EventKind> kinds;
    for (const Event& event : run.events) {
        if (event.tid == run.pid && (event.object == gil || event.kind == EventKind::ProcessExec)) {
            kinds.push_back(event.kind);
        }
    }
    kinds.erase(kinds.begin(), kinds.end() - static_cast<std::ptrdiff_t>(std::min(most, kinds.size())));
    return kinds;
}

TEST_P(Environment, an_exec_says_that_the_locks_of_the_image_are_gone_and_a_failed_one_that_they_are_not)
{
    const ProbedRun run = alike({path(), "-c", "import os\nos.execv('/bin/true', ['true'])"});
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_THAT(
        lastKinds(run, run.gils()[0].id, 2), testing::ElementsAre(EventKind::LockAcquire, EventKind::ProcessExec));
    EXPECT_EQ(violated(run), "");

    const ProbedRun failed = alike({path(), "-c",
        "import os, tempfile\n"
        "file = tempfile.NamedTemporaryFile(delete=False); file.close()\n"
        "os.chmod(file.name, 0o755)\n"
        "try: os.execv(file.name, ['x'])\n"
        "except OSError as error: os.unlink(file.name); print(error.errno)\n"
        "os._exit(0)\n"});
    ASSERT_THAT(failed.gils(), SizeIs(1));
    const std::vector<EventKind> kinds = lastKinds(failed, failed.gils()[0].id, SIZE_MAX);
    const auto exec = std::find(kinds.begin(), kinds.end(), EventKind::ProcessExec);
    ASSERT_GE(kinds.end() - exec, 2);
    EXPECT_EQ(exec[1], EventKind::LockAcquire);
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), EventKind::ProcessExec), 1);
    EXPECT_EQ(violated(failed), "");
}

TEST_P(Environment, a_child_of_vfork_says_nothing_of_its_parents_locks)
{
    const ProbedRun run = alike({path(), "-c",
        "import subprocess\nfor i in range(3): subprocess.run(['/bin/true'])\n"
        "try: subprocess.run(['/no/such/program'])\nexcept FileNotFoundError: print('none')\n"});
    for (const Event& event : run.events) {
        EXPECT_NE(event.kind, EventKind::ProcessExec);
    }
}

TEST_P(Environment, many_variables_are_passed_on_too)
{
    alike({path(), "-c",
        "import os, subprocess, sys\n"
        "env = {'V%d' % i: str(i) for i in range(20000)}\n"
        "code = 'import os; print(len(os.environ), os.environ[\"V19999\"])'\n"
        "for i in range(3): subprocess.run([sys.executable, '-c', code], env=env)\n"});
}

TEST(EnvironmentOfPrograms, a_name_is_looked_for_in_the_path_as_without_us)
{
    const std::string python = pythons().front().path;
    alike({python, "-c",
        "import os, subprocess, tempfile\n"
        "folder = tempfile.mkdtemp()\n"
        "def write(name, text, mode):\n"
        "    with open(folder + '/' + name, 'w') as f: f.write(text)\n"
        "    os.chmod(folder + '/' + name, mode)\n"
        "write('shown', '#!/bin/sh\\necho hash-bang \"$@\"\\n', 0o755)\n"
        "write('bare', 'echo bare \"$@\"\\n', 0o755)\n"
        "write('refused', '#!/no/such/interpreter\\n', 0o755)\n"
        "write('empty', '', 0o755)\n"
        "os.mkdir(folder + '/folder')\n"
        "for path in folder, '/no/such:' + folder, '::' + folder, '', '/bin', 'x' * 5000 + ':' + folder:\n"
        "    for name in 'shown', 'bare', 'refused', 'empty', 'folder', 'nosuch', 'n' * 300, '', 'true':\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            os.environ['PATH'] = path\n"
        "            import ctypes\n"
        "            libc = ctypes.CDLL(None, use_errno=True)\n"
        "            libc.execlp(name.encode(), b'name', b'a b', None)\n"
        "            print(path[:9] != folder[:9], name, ctypes.get_errno(), flush=True)\n"
        "            os._exit(3)\n"
        "        print(os.waitpid(pid, 0)[1], flush=True)\n"});
}

} // namespace
} // namespace timeslice::test::environment_test
