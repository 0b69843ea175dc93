// AtomicFile: a file that is replaced whole or not at all.
//
// What is written goes to a hidden file beside the target; commit() puts it on disk (fsync) and renames it over the
// target. Until then the target keeps its old contents, and when anything fails, or the AtomicFile is destroyed
// without commit(), the hidden file is removed.
//
//   auto file = AtomicFile::create("out.png");
//   if (!file) { return tl::unexpected(file.error()); }
//   file->stream() << ...;             // or file->write(bytes)
//   return file->commit();             // reports every failure since create()
//
// A symbolic link is followed: the file it names is replaced, the link stays. A target that is no regular file (a
// pipe, /dev/stdout) cannot be replaced and is written in place. An existing file's permissions are kept.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <ostream>
#include <span>
#include <string_view>

namespace timeslice {

/// Not thread-safe.
class AtomicFile {
public:
    /// Errors: the system's, with the path (no such folder, no permission, target is a folder).
    static Result<AtomicFile> create(const std::filesystem::path& path);

    AtomicFile(AtomicFile&&) noexcept;
    AtomicFile& operator=(AtomicFile&&) noexcept;
    ~AtomicFile();

    /// Buffered. After a failure the stream is bad and swallows the rest; commit() then says why.
    std::ostream& stream() noexcept;
    /// The same buffer as stream(), with the failure at once.
    Result<void> write(std::span<const std::byte> bytes);
    Result<void> write(std::string_view text);

    /// Flushes, syncs and renames; once. On failure the target is as it was.
    Result<void> commit();

private:
    struct Impl;
    explicit AtomicFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
