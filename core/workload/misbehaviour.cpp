#include "core/workload/misbehaviour.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr std::size_t kPage = 4096;

std::string memoryLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        return "each process of this run may have " + std::to_string(limit.rlim_cur / kMegabyte) + " MB in all";
    }
    return "this machine has no more to give";
}

} // namespace

void crash(step::Crash::How how) noexcept
{
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    // Whatever a sanitizer or a test has installed: the process is to die of the signal itself.
    std::signal(SIGSEGV, SIG_DFL);
    std::signal(SIGABRT, SIG_DFL);
    switch (how) {
    case step::Crash::How::Segv:
        if (void* forbidden = mmap(nullptr, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            forbidden != MAP_FAILED) {
            *static_cast<volatile char*>(forbidden) = 1;
        }
        std::raise(SIGSEGV);
        break;
    case step::Crash::How::Abort:
        std::abort();
    case step::Crash::How::Kill:
        kill(getpid(), SIGKILL);
        break;
    case step::Crash::How::Exit:
        break;
    }
    _exit(1);
}

Result<TouchedMemory> TouchedMemory::allocate(std::size_t megabytes, const std::function<bool()>& goOn)
{
    const std::size_t bytes = megabytes * kMegabyte;
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return failErrno("asked for " + std::to_string(megabytes) + " MB of memory; " + memoryLimit(), errno);
    }
    TouchedMemory touched(memory, bytes);
    auto* bytesOfIt = static_cast<volatile char*>(memory);
    for (std::size_t megabyte = 0; megabyte < megabytes && goOn(); ++megabyte) {
        for (std::size_t page = 0; page < kMegabyte; page += kPage) {
            bytesOfIt[megabyte * kMegabyte + page] = 1;
        }
    }
    return touched;
}

TouchedMemory::TouchedMemory(void* memory, std::size_t bytes) noexcept
    : m_memory(memory)
    , m_bytes(bytes)
{
}

TouchedMemory::TouchedMemory(TouchedMemory&& other) noexcept
    : m_memory(std::exchange(other.m_memory, nullptr))
    , m_bytes(other.m_bytes)
{
}

TouchedMemory::~TouchedMemory()
{
    if (m_memory != nullptr) {
        munmap(m_memory, m_bytes);
    }
}

} // namespace timeslice
