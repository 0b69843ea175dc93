// The threads of a worker, behind the gates of a control page.
#include "core/dispatch/step_page.h"
#include "core/session/stepped_threads.h"

#include <cerrno>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace timeslice {

namespace {

Result<UniqueFd> fileWith(const std::string& text)
{
    UniqueFd fd = aboveStdio(UniqueFd(memfd_create("timeslice-spec", MFD_CLOEXEC)));
    std::size_t done = 0;
    while (fd && done < text.size()) {
        const ssize_t n = ::write(fd.get(), text.data() + done, text.size() - done);
        if (n < 0 && errno != EINTR) {
            break;
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    if (!fd || done < text.size() || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
        return failErrno("cannot make the workload's file in memory", errno);
    }
    return fd;
}

class SteppedWorker final : public SteppedThreads {
public:
    SteppedWorker(std::size_t threads, std::string workload, std::int64_t memoryBytes)
        : m_threads(threads)
        , m_workload(std::move(workload))
        , m_memoryBytes(memoryBytes)
    {
    }

    Result<WorkerProcess> start(int stopFd) override
    {
        Result<Programs> programs = findPrograms();
        if (!programs) {
            return tl::unexpected(programs.error());
        }
        Result<StepPage> made = StepPage::create(m_threads);
        if (!made) {
            return tl::unexpected(made.error());
        }
        m_page.emplace(std::move(*made));
        Result<UniqueFd> file = fileWith(m_workload);
        if (!file) {
            return tl::unexpected(file.error());
        }
        const UniqueFd theirs = aboveStdio(UniqueFd(::dup(m_page->fd())));
        if (!theirs) {
            return failErrno("cannot step threads: dup", errno);
        }
        ProcessSpec held;
        held.argv = {programs->worker.string(), "--spec-fd", std::to_string(file->get()), "--step-fd",
            std::to_string(theirs.get()), "--iterations-per-us",
            "1"}; // nothing in it computes, so no need to calibrate
        held.inherit = {file->get(), theirs.get()};
        held.memoryBytes = m_memoryBytes;
#ifdef TIMESLICE_SANITIZED
        held.memoryBytes = 0; // the sanitizers reserve terabytes of address space
#endif
        return WorkerProcess::spawnHeld(programs->guard, held, stopFd);
    }

    void give(std::size_t thread, StepOrder order) override
    {
        m_page->seat(thread).give(order);
    }
    bool waitUntilAnswered(std::size_t thread, Nanos most) override
    {
        return m_page->seat(thread).waitUntilAnswered(most);
    }
    StepAnswer answer(std::size_t thread) const override
    {
        return m_page->seat(thread).answer();
    }
    /// The worker sits down before it waits, and a thread that ends by itself leaves its seat as it is.
    Tid tid(std::size_t thread) const override
    {
        return m_page->seat(thread).tid();
    }
    const std::vector<StepText>& texts() const override
    {
        return m_texts;
    }
    const std::string& trouble() const override
    {
        return m_trouble;
    }

private:
    std::size_t m_threads;
    std::string m_workload;
    std::int64_t m_memoryBytes;
    std::optional<StepPage> m_page;
    std::vector<StepText> m_texts; ///< none
    std::string m_trouble; ///< none: who writes nonsense into a seat has answered
};

} // namespace

std::unique_ptr<SteppedThreads> steppedWorker(const SteppedSpec& spec, std::string workload, const Limits& limits)
{
    return std::make_unique<SteppedWorker>(spec.names.size(), std::move(workload), limits.memoryBytes);
}

} // namespace timeslice
