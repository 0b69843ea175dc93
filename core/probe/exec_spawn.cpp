// posix_spawn, system and popen.
#include "core/probe/exec_start.h"
#include "core/probe/real_exec.h"
#include "core/probe/real_functions.h"
#include "core/probe/recording_variable.h"

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <paths.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace timeslice::probe;

namespace {

#define TIMESLICE_EXPORT extern "C" [[gnu::visibility("default")]]

/// Calls start(environment, pid), which returns an error's number.
template <class Start>
int spawn(
    Preload preload, const char* path, const Target& target, char* const* environment, pid_t* pid, Start start) noexcept
{
    pid_t own = 0;
    pid_t* const child = pid != nullptr ? pid : &own;
    const auto begin = [&](char* const* envp) { return start(envp, child); };
    const int result = preload == Preload::Fits
        ? startWithRecording(environment, begin, [](int failed) { return failed == E2BIG; })
        : begin(environment);
    if (result == 0) {
        tellIfRefused(preload, AT_FDCWD, path, target, *child);
    }
    return result;
}

// What system() changes for the whole process while any thread is in it.
constinit pthread_mutex_t g_systemMutex = PTHREAD_MUTEX_INITIALIZER;
constinit int g_systemCalls = 0;
constinit struct sigaction g_interruptBefore {
};
constinit struct sigaction g_quitBefore {
};

struct Running {
    pid_t pid = -1;
    sigset_t mask{}; ///< the caller's
};

/// SIGINT and SIGQUIT are the command's alone, and nobody else may wait for it.
void beginSystem(Running& running, sigset_t& defaults) noexcept
{
    struct sigaction ignore { };
    ignore.sa_handler = SIG_IGN;
    pthread_mutex_lock(&g_systemMutex);
    if (g_systemCalls++ == 0) {
        sigaction(SIGINT, &ignore, &g_interruptBefore);
        sigaction(SIGQUIT, &ignore, &g_quitBefore);
    }
    sigemptyset(&defaults);
    if (g_interruptBefore.sa_handler != SIG_IGN) {
        sigaddset(&defaults, SIGINT);
    }
    if (g_quitBefore.sa_handler != SIG_IGN) {
        sigaddset(&defaults, SIGQUIT);
    }
    pthread_mutex_unlock(&g_systemMutex);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &child, &running.mask);
}

void endSystem(const Running& running) noexcept
{
    pthread_mutex_lock(&g_systemMutex);
    if (--g_systemCalls == 0) {
        sigaction(SIGINT, &g_interruptBefore, nullptr);
        sigaction(SIGQUIT, &g_quitBefore, nullptr);
    }
    pthread_mutex_unlock(&g_systemMutex);
    pthread_sigmask(SIG_SETMASK, &running.mask, nullptr);
}

int waitFor(pid_t pid, int& status)
{
    int waited = 0;
    do {
        waited = g_real.waitPid(pid, &status, 0);
    } while (waited < 0 && errno == EINTR);
    return waited;
}

/// The thread is cancelled while its command runs.
void killCommand(void* argument)
{
    const auto& running = *static_cast<const Running*>(argument);
    int status = 0;
    kill(running.pid, SIGKILL);
    waitFor(running.pid, status);
    endSystem(running);
}

// glibc's sysdeps/posix/system.c, whose own call of posix_spawn() cannot be stood in front of.
int runCommand(const char* command)
{
    Running running;
    sigset_t defaults;
    beginSystem(running, defaults);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &running.mask);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    const char* const words[] = {"sh", "-c", command, nullptr};
    auto* const argv = const_cast<char* const*>(words);
    const int error = spawn(Preload::Fits, _PATH_BSHELL, {}, environ, &running.pid, [&](char* const* envp, pid_t* pid) {
        return realExec().posixSpawn(pid, _PATH_BSHELL, nullptr, &attributes, argv, envp);
    });
    posix_spawnattr_destroy(&attributes);
    int status = W_EXITCODE(127, 0);
    if (error == 0) {
        pthread_cleanup_push(&killCommand, &running);
        if (waitFor(running.pid, status) != running.pid) {
            status = -1;
        }
        pthread_cleanup_pop(0);
    }
    const int savedErrno = error != 0 ? error : errno;
    endSystem(running);
    errno = savedErrno;
    return status;
}

/// `text` within '...' of a shell, at `to`; returns its end. With nullptr only counts.
std::size_t quoted(const char* text, char* to) noexcept
{
    std::size_t length = 0;
    const auto put = [&](char c) {
        if (to != nullptr) {
            to[length] = c;
        }
        ++length;
    };
    put('\'');
    for (; *text != '\0'; ++text) {
        put(*text);
        if (*text == '\'') { // closes; an escaped one; opens again
            put('\\');
            put('\'');
            put('\'');
        }
    }
    put('\'');
    return length;
}

/// Of the environment with the recording, the entries that are not the program's: LD_PRELOAD's and ours.
void ownEntries(char* const* environment, const char* (&own)[2]) noexcept
{
    using namespace timeslice::recording_variable;
    for (; *environment != nullptr; ++environment) {
        for (std::size_t i = 0; i < 2; ++i) {
            const char* name = i == 0 ? kPreload : kName;
            const std::size_t length = std::strlen(name);
            if (std::strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') {
                own[i] = *environment;
            }
        }
    }
}

/// LD_PRELOAD='...' TIMESLICE_RECORDING='...' exec /bin/sh -c 'COMMAND' sh: to be freed; nullptr = not possible.
char* carryingCommand(char* const* environment, const char* command) noexcept
{
    constexpr char kExec[] = "exec " _PATH_BSHELL " -c ";
    constexpr char kName0[] = " sh"; // what the shell calls itself when it complains
    const char* own[2] = {};
    ownEntries(environment, own);
    if (own[0] == nullptr || own[1] == nullptr) {
        return nullptr;
    }
    std::size_t bytes = sizeof kExec + sizeof kName0 + quoted(command, nullptr);
    for (const char* entry : own) {
        bytes += std::strlen(entry) + quoted(entry, nullptr);
    }
    constexpr std::size_t kLongestWord = 128 * 1024; // MAX_ARG_STRLEN
    char* text = bytes < kLongestWord ? static_cast<char*>(std::malloc(bytes)) : nullptr;
    if (text == nullptr) {
        return nullptr;
    }
    char* to = text;
    for (const char* entry : own) {
        const auto name = static_cast<std::size_t>(std::strchr(entry, '=') + 1 - entry);
        std::memcpy(to, entry, name);
        to += name;
        to += quoted(entry + name, to);
        *to++ = ' ';
    }
    std::memcpy(to, kExec, sizeof kExec - 1);
    to += sizeof kExec - 1;
    to += quoted(command, to);
    std::memcpy(to, kName0, sizeof kName0);
    return text;
}

} // namespace

TIMESLICE_EXPORT int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
    const posix_spawnattr_t* attributes, char* const argv[], char* const envp[])
{
    Target target;
    const Preload preload = lookAt(AT_FDCWD, path, &target);
    return spawn(preload, path, target, envp, pid, [&](char* const* environment, pid_t* child) {
        return realExec().posixSpawn(child, path, actions, attributes, argv, environment);
    });
}

TIMESLICE_EXPORT int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
    const posix_spawnattr_t* attributes, char* const argv[], char* const envp[])
{
    Target target;
    FoundProgram found;
    findInPath(file, found, target);
    return spawn(found.preload, found.path, target, envp, pid, [&](char* const* environment, pid_t* child) {
        return realExec().posixSpawnp(child, file, actions, attributes, argv, environment);
    });
}

TIMESLICE_EXPORT int system(const char* command)
{
    if (command == nullptr || lookAt(AT_FDCWD, _PATH_BSHELL) != Preload::Fits) {
        return realExec().system(command);
    }
    return runCommand(command);
}

// Its stream belongs to the C library, which starts the shell itself. So that shell becomes another one, to which it
// gives the recording.
TIMESLICE_EXPORT FILE* popen(const char* command, const char* mode)
{
    const int savedErrno = errno;
    char* carrying = nullptr;
    if (command != nullptr && lookAt(AT_FDCWD, _PATH_BSHELL) == Preload::Fits) {
        startWithRecording(
            environ,
            [&](char* const* environment) {
                carrying = carryingCommand(environment, command);
                return 0;
            },
            [](int) { return false; });
    }
    errno = savedErrno;
    FILE* stream = realExec().popen(carrying != nullptr ? carrying : command, mode);
    const int error = errno;
    std::free(carrying);
    errno = error;
    return stream;
}
