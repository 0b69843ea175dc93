#include "core/dispatch/step_page.h"

#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

namespace timeslice {

namespace {

struct Fixed {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t seats;
    std::uint64_t bytes;
};

constexpr std::uint64_t kMagic = 0x31504554'534c5354; // "TSLSTEP1", little endian
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSeatsOffset = 64;
constexpr std::size_t kMostSeats = 1024; ///< far above any use
static_assert(sizeof(Fixed) <= kSeatsOffset && alignof(StepSeat) == kSeatsOffset);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

constexpr std::size_t bytesFor(std::size_t seats)
{
    return kSeatsOffset + seats * sizeof(StepSeat);
}

Result<void*> mapShared(int fd, std::size_t bytes)
{
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return failErrno("cannot map the page of the stepper", errno);
    }
    return memory;
}

} // namespace

Result<StepPage> StepPage::create(std::size_t seats)
{
    assert(seats > 0 && seats <= kMostSeats);
    UniqueFd fd(memfd_create("timeslice-steps", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd || ftruncate(fd.get(), static_cast<off_t>(bytesFor(seats))) != 0
        || fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        return failErrno("cannot make the page of the stepper in memory", errno);
    }
    const Result<void*> memory = mapShared(fd.get(), bytesFor(seats));
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    new (*memory) Fixed{kMagic, kVersion, static_cast<std::uint32_t>(seats), bytesFor(seats)};
    StepPage page(std::move(fd), *memory, seats);
    for (std::size_t i = 0; i < seats; ++i) {
        new (&page.seat(i)) StepSeat;
    }
    return page;
}

Result<StepPage> StepPage::open(UniqueFd fd, std::size_t seats)
{
    Fixed fixed{};
    struct stat status { };
    if (pread(fd.get(), &fixed, sizeof fixed, 0) != static_cast<ssize_t>(sizeof fixed) || fixed.magic != kMagic
        || fstat(fd.get(), &status) != 0) {
        return fail("this file is not a page of Timeslice's stepper", ErrorKind::Usage);
    }
    if (fixed.version != kVersion) {
        return fail("the page of the stepper has version " + std::to_string(fixed.version)
                + ", this program knows version " + std::to_string(kVersion)
                + ": both ends must come from the same release",
            ErrorKind::Usage);
    }
    if (fixed.seats != seats || fixed.bytes != bytesFor(seats) || status.st_size != static_cast<off_t>(fixed.bytes)) {
        return fail("the page of the stepper is for " + std::to_string(fixed.seats) + " threads, the workload has "
                + std::to_string(seats),
            ErrorKind::Usage);
    }
    const int seals = fcntl(fd.get(), F_GET_SEALS);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
        return fail(
            "the page of the stepper is not sealed: it could be cut short while it is in use", ErrorKind::Usage);
    }
    const Result<void*> memory = mapShared(fd.get(), bytesFor(seats));
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    return StepPage(std::move(fd), *memory, seats);
}

StepPage::StepPage(UniqueFd fd, void* memory, std::size_t seats) noexcept
    : m_fd(std::move(fd))
    , m_memory(memory)
    , m_seats(seats)
{
}

StepPage::StepPage(StepPage&& other) noexcept
    : m_fd(std::move(other.m_fd))
    , m_memory(std::exchange(other.m_memory, nullptr))
    , m_seats(std::exchange(other.m_seats, 0))
{
}

StepPage::~StepPage()
{
    if (m_memory != nullptr) {
        munmap(m_memory, bytesFor(m_seats));
    }
}

StepSeat& StepPage::seat(std::size_t index) const noexcept
{
    assert(index < m_seats);
    return reinterpret_cast<StepSeat*>(static_cast<std::byte*>(m_memory) + kSeatsOffset)[index];
}

} // namespace timeslice
