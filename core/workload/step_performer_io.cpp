// Files and pipes.
#include "core/workload/step_performer.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace timeslice {

char* StepPerformer::buffer(std::size_t bytes)
{
    if (m_buffer.size() < bytes) {
        m_buffer.resize(bytes, 'x');
    }
    return m_buffer.data();
}

off_t StepPerformer::nextFileOffset(std::size_t file, std::size_t bytes) noexcept
{
    const std::size_t region = m_plan.resources->files[file].regionBytes;
    std::size_t& position = m_filePosition[file];
    if (position + bytes > region) {
        position = 0;
    }
    const std::size_t offset = region * static_cast<std::size_t>(m_plan.index) + position;
    position += bytes;
    return static_cast<off_t>(offset);
}

Result<void> StepPerformer::perform(const step::Write& write)
{
    const SharedFile& file = m_plan.resources->files[write.file];
    const char* bytes = buffer(write.bytes);
    const off_t offset = nextFileOffset(write.file, write.bytes);
    const Waiting waiting(*this, WaitKind::FileIo, write.sync ? Certainty::Surely : Certainty::Perhaps);
    for (std::size_t done = 0; done < write.bytes && !stopping();) {
        const ssize_t written =
            pwrite(file.fd.get(), bytes + done, write.bytes - done, offset + static_cast<off_t>(done));
        if (written < 0 && errno != EINTR) {
            return failErrno("cannot write to a temporary file in " + file.directory, errno);
        }
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    if (write.sync && fdatasync(file.fd.get()) != 0 && errno != EINTR && errno != EINVAL) {
        return failErrno("cannot flush a temporary file in " + file.directory, errno);
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Read& read)
{
    const SharedFile& file = m_plan.resources->files[read.file];
    char* bytes = buffer(read.bytes);
    const off_t offset = nextFileOffset(read.file, read.bytes);
    const Waiting waiting(*this, WaitKind::FileIo, Certainty::Surely);
    // From the device and not from memory, else it would be no I/O.
    posix_fadvise(file.fd.get(), offset, static_cast<off_t>(read.bytes), POSIX_FADV_DONTNEED);
    for (std::size_t done = 0; done < read.bytes && !stopping();) {
        const ssize_t got = pread(file.fd.get(), bytes + done, read.bytes - done, offset + static_cast<off_t>(done));
        if (got == 0) {
            return fail("a temporary file in " + file.directory + " is shorter than what was written to it");
        }
        if (got < 0 && errno != EINTR) {
            return failErrno("cannot read a temporary file in " + file.directory, errno);
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return {};
}

StepPerformer::Certainty StepPerformer::certaintyOf(int fd, short events) const noexcept
{
    if (!m_plan.selfStamp) {
        return Certainty::Perhaps; // only the stamp wants to know
    }
    pollfd look{.fd = fd, .events = events, .revents = 0};
    return poll(&look, 1, 0) == 0 ? Certainty::Surely : Certainty::Perhaps;
}

Result<void> StepPerformer::transfer(int fd, std::size_t bytes, bool write)
{
    char* memory = buffer(bytes);
    const Waiting waiting(*this, WaitKind::PipeIo, certaintyOf(fd, write ? POLLOUT : POLLIN));
    for (std::size_t done = 0; done < bytes && !stopping();) {
        const ssize_t moved =
            write ? ::write(fd, memory + done, bytes - done) : ::read(fd, memory + done, bytes - done);
        if (moved < 0 && errno != EINTR) {
            return failErrno(write ? "cannot write to a pipe" : "cannot read from a pipe", errno);
        }
        done += moved > 0 ? static_cast<std::size_t>(moved) : 0;
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Send& send)
{
    return transfer(m_plan.resources->pipes[send.pipe].writeEnd.get(), send.bytes, true);
}

Result<void> StepPerformer::perform(const step::Receive& receive)
{
    return transfer(m_plan.resources->pipes[receive.pipe].readEnd.get(), receive.bytes, false);
}

} // namespace timeslice
