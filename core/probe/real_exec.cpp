#include "core/probe/real_exec.h"

#include "core/probe/real_functions.h"

#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice::probe {

namespace {

constinit RealExec g_exec{};

// For a C library before 2.34, which has no such function; and in the place of any that is not there.
int execveatByNumber(int directory, const char* path, char* const* argv, char* const* envp, int flags)
{
    return static_cast<int>(syscall(SYS_execveat, directory, path, argv, envp, flags));
}

template <class Function> Function* next(const char* name) noexcept
{
    return reinterpret_cast<Function*>(nextDefinition(name, nullptr));
}

template <class Function> void look(Function*& into, const char* name) noexcept
{
    into = next<Function>(name);
}

void lookUp() noexcept
{
    look(g_exec.fexecve, "fexecve");
    look(g_exec.execveat, "execveat");
    if (g_exec.execveat == nullptr) {
        g_exec.execveat = &execveatByNumber;
    }
    look(g_exec.posixSpawn, "posix_spawn");
    look(g_exec.posixSpawnp, "posix_spawnp");
    look(g_exec.system, "system");
    look(g_exec.popen, "popen");
    look(g_exec.execve, "execve"); // the last: it says that all are there
}

[[gnu::constructor]] void lookUpBefore() noexcept
{
    lookUp();
}

} // namespace

const RealExec& realExec() noexcept
{
    if (g_exec.execve == nullptr) { // called by the initializer of a library that came before us
        lookUp();
    }
    return g_exec;
}

} // namespace timeslice::probe
