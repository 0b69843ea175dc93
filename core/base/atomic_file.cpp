#include "core/base/atomic_file.h"

#include "core/base/unique_fd.h"

#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <streambuf>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr mode_t kNewFileMode = 0666; // less the process's umask
constexpr int kNameAttempts = 100;

/// Writes to a descriptor and remembers the first errno.
class FdBuffer : public std::streambuf {
public:
    explicit FdBuffer(int fd)
        : m_fd(fd)
        , m_buffer(kBufferBytes)
    {
        setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
    }

    int error() const noexcept { return m_error; }

    bool flush()
    {
        const auto pending = static_cast<std::size_t>(pptr() - pbase());
        setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
        return writeOut(m_buffer.data(), pending);
    }

protected:
    int_type overflow(int_type c) override
    {
        if (!flush()) {
            return traits_type::eof();
        }
        if (!traits_type::eq_int_type(c, traits_type::eof())) {
            *pptr() = traits_type::to_char_type(c);
            pbump(1);
        }
        return traits_type::not_eof(c);
    }

    std::streamsize xsputn(const char* text, std::streamsize count) override
    {
        if (count < epptr() - pptr()) {
            traits_type::copy(pptr(), text, static_cast<std::size_t>(count));
            pbump(static_cast<int>(count));
            return count;
        }
        return flush() && writeOut(text, static_cast<std::size_t>(count)) ? count : 0;
    }

    int sync() override { return flush() ? 0 : -1; }

private:
    bool writeOut(const char* from, std::size_t count)
    {
        while (m_error == 0 && count > 0) {
            const ssize_t written = ::write(m_fd, from, count);
            if (written > 0) {
                from += written;
                count -= static_cast<std::size_t>(written);
            } else if (written == 0) {
                m_error = ENOSPC;
            } else if (errno != EINTR) {
                m_error = errno;
            }
        }
        return m_error == 0;
    }

    int m_fd;
    int m_error = 0;
    std::vector<char> m_buffer;
};

} // namespace

struct AtomicFile::Impl {
    Impl(std::filesystem::path shownPath, std::filesystem::path targetPath, std::filesystem::path temporaryPath,
        UniqueFd descriptor)
        : shown(std::move(shownPath))
        , target(std::move(targetPath))
        , temporary(std::move(temporaryPath))
        , fd(std::move(descriptor))
        , buffer(fd.get())
        , stream(&buffer)
    {
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl()
    {
        if (!temporary.empty()) {
            ::unlink(temporary.c_str());
        }
    }

    std::string what() const { return "cannot write '" + shown.string() + "'"; }

    std::filesystem::path shown; ///< as the person gave it
    std::filesystem::path target; ///< links resolved
    std::filesystem::path temporary; ///< empty: written in place, or committed
    UniqueFd fd;
    FdBuffer buffer;
    std::ostream stream;
};

AtomicFile::AtomicFile(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;
AtomicFile::~AtomicFile() = default;

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path)
{
    const std::string what = "cannot write '" + path.string() + "'";
    if (path.empty() || !path.has_filename()) {
        return failErrno(what, path.empty() ? ENOENT : EISDIR);
    }
    std::error_code ignored;
    // Follows links; one that leads nowhere is itself replaced.
    std::filesystem::path target = std::filesystem::weakly_canonical(path, ignored);
    if (ignored || target.empty()) {
        target = path;
    }

    struct stat existing { };
    const bool exists = ::stat(path.c_str(), &existing) == 0;
    if (exists && S_ISDIR(existing.st_mode)) {
        return failErrno(what, EISDIR);
    }
    if (exists && !S_ISREG(existing.st_mode)) {
        UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!fd) {
            return failErrno(what, errno);
        }
        return AtomicFile(std::make_unique<Impl>(path, target, std::filesystem::path(), std::move(fd)));
    }
    if (exists && ::access(target.c_str(), W_OK) != 0) {
        // rename() would replace it all the same; a file made read-only on purpose is left alone.
        return failErrno(what, errno);
    }

    std::random_device random;
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
        std::array<char, 32> name{};
        std::snprintf(name.data(), name.size(), ".timeslice-%08x%08x.tmp", random(), random());
        const std::filesystem::path temporary = target.parent_path() / name.data();
        UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode));
        if (fd) {
            if (exists) {
                // A file system without permissions refuses this; the contents matter more.
                (void)::fchmod(fd.get(), existing.st_mode & 07777);
            }
            return AtomicFile(std::make_unique<Impl>(path, target, temporary, std::move(fd)));
        }
        if (errno != EEXIST) {
            return failErrno(what, errno);
        }
    }
    return failErrno(what, EEXIST);
}

std::ostream& AtomicFile::stream() noexcept
{
    return m_impl->stream;
}

Result<void> AtomicFile::write(std::span<const std::byte> bytes)
{
    return write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Result<void> AtomicFile::write(std::string_view text)
{
    m_impl->stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!m_impl->stream) {
        return failErrno(m_impl->what(), m_impl->buffer.error() != 0 ? m_impl->buffer.error() : EIO);
    }
    return {};
}

Result<void> AtomicFile::commit()
{
    assert(m_impl != nullptr && m_impl->fd.valid());
    Impl& file = *m_impl;
    file.stream.flush();
    const auto failed = [&file](int error) {
        file.fd.reset();
        return failErrno(file.what(), error);
    };
    if (file.buffer.error() != 0 || !file.stream) {
        return failed(file.buffer.error() != 0 ? file.buffer.error() : EIO);
    }
    if (file.temporary.empty()) {
        file.fd.reset();
        return {};
    }
    // Before the rename, or a power cut could leave an empty file in the old one's place.
    if (::fsync(file.fd.get()) != 0 && errno != EINVAL) { // EINVAL: this file system cannot
        return failed(errno);
    }
    if (::close(file.fd.release()) != 0) {
        return failErrno(file.what(), errno);
    }
    if (::rename(file.temporary.c_str(), file.target.c_str()) != 0) {
        return failErrno(file.what(), errno);
    }
    file.temporary.clear();
    const std::filesystem::path folder = file.target.parent_path();
    const UniqueFd folderFd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folderFd) {
        // Makes the rename itself durable; the new file is whole either way, so a refusal is no failure.
        (void)::fsync(folderFd.get());
    }
    return {};
}

} // namespace timeslice
