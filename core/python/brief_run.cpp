#include "core/python/brief_run.h"

#include "core/base/readable.h"
#include "core/base/unique_fd.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace timeslice {

namespace {

constexpr std::size_t kMostOutput = std::size_t{1} << 16;

/// Ours, and for Jython a Java that compiles less eagerly: half the time for an answer of one line. A Java other than
/// HotSpot, or one before 9, leaves the option alone.
std::vector<std::string> environmentOfRun()
{
    const std::string name = "JDK_JAVA_OPTIONS=";
    std::string options = "-XX:+IgnoreUnrecognizedVMOptions -XX:TieredStopAtLevel=1";
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (const std::string_view text = *variable; text.starts_with(name)) {
            options.append(1, ' ').append(text.substr(name.size())); // the last word is the user's
        } else {
            variables.emplace_back(text);
        }
    }
    variables.push_back(name + options);
    return variables;
}

std::vector<char*> pointersTo(const std::vector<std::string>& words)
{
    std::vector<char*> pointers;
    for (const std::string& word : words) {
        pointers.push_back(const_cast<char*>(word.c_str()));
    }
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

BriefRun runBriefly(const std::vector<std::string>& words, Nanos deadline, int stopFd)
{
    BriefRun ending;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ending.startError = errno;
        return ending;
    }
    const UniqueFd read(ends[0]);
    UniqueFd write(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, write.get(), STDERR_FILENO);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const std::vector<std::string> variables = environmentOfRun();
    pid_t pid = -1;
    ending.startError = posix_spawn(
        &pid, words.front().c_str(), &actions, &attributes, pointersTo(words).data(), pointersTo(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (ending.startError != 0) {
        return ending;
    }
    write.reset();

    // Until nobody can write any more: a launcher's child may answer after the launcher itself has ended.
    for (bool open = true; open && !ending.late;) {
        const Nanos left = deadline - monotonicNow();
        pollfd ready[2] = {{read.get(), POLLIN, 0}, {stopFd, POLLIN, 0}};
        if (left <= 0) {
            ending.late = true;
        } else if (::poll(ready, 2, static_cast<int>(left / kMillisecond) + 1) > 0 && ready[1].revents != 0) {
            ending.late = ending.stopped = true;
        } else if (ready[0].revents != 0) {
            char buffer[4096];
            const ssize_t n = ::read(read.get(), buffer, sizeof buffer);
            open = n > 0 || (n < 0 && errno == EINTR);
            if (n > 0 && ending.output.size() < kMostOutput) {
                ending.output.append(buffer, static_cast<std::size_t>(n));
            }
        }
    }
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR)) { // ECHILD: whoever started us ignores SIGCHLD
            ending.good = ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
            break;
        }
        ending.stopped = ending.stopped || readable(stopFd);
        if (ending.late || ending.stopped || monotonicNow() >= deadline) {
            ending.late = true;
            ::kill(-pid, SIGKILL);
            while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) { }
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1)); // its output is closed: it is about to end
    }
    if (ending.late) {
        ::kill(-pid, SIGKILL); // what it left behind in its group
    }
    return ending;
}

} // namespace timeslice
