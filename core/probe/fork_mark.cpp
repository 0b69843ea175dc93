#include "core/probe/fork_mark.h"

#include <new>
#include <sys/mman.h>

namespace timeslice::probe {

namespace {

constexpr std::size_t kPage = 4096;
constinit std::atomic<std::uint32_t> g_noMark{1}; ///< stands in until there is one

} // namespace

constinit std::atomic<std::atomic<std::uint32_t>*> g_forkMark{&g_noMark};

bool placeForkMark() noexcept
{
    if (hasForkMark()) {
        return true;
    }
    void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return false;
    }
    if (madvise(page, kPage, MADV_WIPEONFORK) != 0) {
        munmap(page, kPage);
        return false;
    }
    madvise(page, kPage, MADV_DONTDUMP);
    g_forkMark.store(new (page) std::atomic<std::uint32_t>{1}, std::memory_order_release);
    return true;
}

bool hasForkMark() noexcept
{
    return g_forkMark.load(std::memory_order_relaxed) != &g_noMark;
}

void renewForkMark() noexcept
{
    g_forkMark.load(std::memory_order_relaxed)->store(1, std::memory_order_relaxed);
}

} // namespace timeslice::probe
