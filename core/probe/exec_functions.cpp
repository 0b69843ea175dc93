// exec, in all its forms. The C library's own call each other by names that cannot be stood in front of, so each is
// here. All of them are safe after vfork(), as theirs are.
#include "core/probe/exec_functions.h"

#include "core/probe/exec_image.h"
#include "core/probe/exec_start.h"
#include "core/probe/real_exec.h"

#include <climits>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <paths.h>
#include <unistd.h>

namespace timeslice::probe {

namespace {

#define TIMESLICE_EXPORT extern "C" [[gnu::visibility("default")]]

/// Calls become(environment), which returns only when it failed.
template <class Become> int become(int directory, const char* path, char* const* environment, Become start) noexcept
{
    Target target;
    const Preload preload = lookAt(directory, path, &target);
    tellIfRefused(preload, directory, path, target, 0);
    const bool announced = preload != Preload::NotThere && announceExec();
    const int result = preload != Preload::Fits
        ? start(environment)
        : startWithRecording(environment, start, [](int failed) { return failed != 0 && errno == E2BIG; });
    if (announced) {
        takeBackExec();
    }
    return result;
}

/// The path by which a descriptor is opened anew.
class DescriptorPath {
public:
    explicit DescriptorPath(int fd) noexcept
    {
        char digits[12];
        int count = 0;
        for (auto rest = static_cast<unsigned int>(fd); rest != 0 || count == 0; rest /= 10) {
            digits[count++] = static_cast<char>('0' + rest % 10);
        }
        char* to = m_text + sizeof kFolder - 1;
        while (count > 0) {
            *to++ = digits[--count];
        }
        *to = '\0';
    }
    const char* text() const noexcept { return m_text; }

private:
    static constexpr char kFolder[] = "/proc/self/fd/";
    char m_text[sizeof kFolder + 12] = "/proc/self/fd/";
};

/// As the C library's execvp() does with a file that the kernel does not know how to execute.
void becomeScriptOfShell(const char* file, char* const* argv, char* const* environment) noexcept
{
    std::size_t count = 0;
    while (argv[count] != nullptr) {
        if (++count == INT_MAX - 1) {
            errno = E2BIG;
            return;
        }
    }
    auto** words = static_cast<char**>(__builtin_alloca((count + 3) * sizeof(char*)));
    words[0] = const_cast<char*>(_PATH_BSHELL);
    words[1] = const_cast<char*>(file);
    words[2] = nullptr;
    if (count > 1) {
        std::memcpy(words + 2, argv + 1, count * sizeof(char*));
    }
    becomeProgram(words[0], words, environment);
}

} // namespace

int becomeProgram(const char* path, char* const* argv, char* const* environment) noexcept
{
    return become(AT_FDCWD, path, environment, [&](char* const* envp) { return realExec().execve(path, argv, envp); });
}

// glibc's posix/execvpe.c: which errors let it go on, what is too long, and when the shell is called.
int becomeProgramOfPath(const char* file, char* const* argv, char* const* environment) noexcept
{
    if (*file == '\0') {
        errno = ENOENT;
        return -1;
    }
    const auto tryOne = [&](const char* path) {
        becomeProgram(path, argv, environment);
        if (errno == ENOEXEC) {
            becomeScriptOfShell(path, argv, environment);
        }
    };
    if (std::strchr(file, '/') != nullptr) {
        tryOne(file);
        return -1;
    }
    const char* path = std::getenv("PATH");
    path = path != nullptr ? path : "/bin:/usr/bin";
    const std::size_t fileLength = strnlen(file, NAME_MAX + 1);
    const std::size_t longest = strnlen(path, PATH_MAX - 1) + 1;
    if (fileLength > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    bool refused = false;
    auto* candidate = static_cast<char*>(__builtin_alloca(longest + fileLength + 2));
    for (const char* part = path;; ++part) {
        const char* end = strchrnul(part, ':');
        const auto length = static_cast<std::size_t>(end - part);
        if (length < longest) {
            char* to = candidate;
            std::memcpy(to, part, length);
            to += length;
            if (length > 0) {
                *to++ = '/';
            }
            std::memcpy(to, file, fileLength + 1);
            tryOne(candidate);
            switch (errno) {
            case EACCES:
                refused = true;
                break;
            case ENOENT:
            case ESTALE:
            case ENOTDIR:
            case ENODEV:
            case ETIMEDOUT:
                break;
            default:
                return -1;
            }
        }
        if (*end == '\0') {
            break;
        }
        part = end;
    }
    if (refused) {
        errno = EACCES;
    }
    return -1;
}

} // namespace timeslice::probe

using namespace timeslice::probe;

// The words of execl() and its like as an array in the caller's frame; `last` is where the list stands afterwards.
#define TIMESLICE_WORDS(words, first, list)                                                                            \
    va_list list;                                                                                                      \
    std::size_t wordCount = 1;                                                                                         \
    va_start(list, first);                                                                                             \
    while (va_arg(list, const char*) != nullptr) {                                                                     \
        ++wordCount;                                                                                                   \
    }                                                                                                                  \
    va_end(list);                                                                                                      \
    auto** words = static_cast<char**>(__builtin_alloca((wordCount + 1) * sizeof(char*)));                             \
    va_start(list, first);                                                                                             \
    words[0] = const_cast<char*>(first);                                                                               \
    for (std::size_t word = 1; word <= wordCount; ++word) {                                                            \
        words[word] = va_arg(list, char*);                                                                             \
    }

TIMESLICE_EXPORT int execve(const char* path, char* const argv[], char* const envp[]) noexcept
{
    return becomeProgram(path, argv, envp);
}

TIMESLICE_EXPORT int execv(const char* path, char* const argv[]) noexcept
{
    return becomeProgram(path, argv, environ);
}

TIMESLICE_EXPORT int execvp(const char* file, char* const argv[]) noexcept
{
    return becomeProgramOfPath(file, argv, environ);
}

TIMESLICE_EXPORT int execvpe(const char* file, char* const argv[], char* const envp[]) noexcept
{
    return becomeProgramOfPath(file, argv, envp);
}

TIMESLICE_EXPORT int execl(const char* path, const char* first, ...) noexcept
{
    TIMESLICE_WORDS(words, first, list)
    va_end(list);
    return becomeProgram(path, words, environ);
}

TIMESLICE_EXPORT int execlp(const char* file, const char* first, ...) noexcept
{
    TIMESLICE_WORDS(words, first, list)
    va_end(list);
    return becomeProgramOfPath(file, words, environ);
}

TIMESLICE_EXPORT int execle(const char* path, const char* first, ...) noexcept
{
    TIMESLICE_WORDS(words, first, list)
    char** const envp = va_arg(list, char**);
    va_end(list);
    return becomeProgram(path, words, envp);
}

TIMESLICE_EXPORT int fexecve(int fd, char* const argv[], char* const envp[]) noexcept
{
    const DescriptorPath path{fd};
    return become(fd < 0 ? AT_FDCWD : fd, fd < 0 ? nullptr : path.text(), envp,
        [&](char* const* environment) { return realExec().fexecve(fd, argv, environment); });
}

TIMESLICE_EXPORT int execveat(
    int directory, const char* path, char* const argv[], char* const envp[], int flags) noexcept
{
    const bool itself = (flags & AT_EMPTY_PATH) != 0 && path != nullptr && *path == '\0' && directory >= 0;
    const DescriptorPath own{directory};
    return become(directory, itself ? own.text() : path, envp,
        [&](char* const* environment) { return realExec().execveat(directory, path, argv, environment, flags); });
}
