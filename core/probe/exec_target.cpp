#include "core/probe/exec_target.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <gnu/lib-names.h>
#include <link.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of the library or program that this is part of.
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;

namespace timeslice::probe {

namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Dynamic = ElfW(Dyn);

constexpr std::size_t kPage = 4096;

// The libraries that neither start programs nor load others by name, and are found under programs that are started by
// the thousand (coreutils, findutils, sed, grep).
constexpr const char* kPlainLibraries[] = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1",
    "libgcc_s.so.1", "libstdc++.so.6", "libselinux.so.1", "libpcre2-8.so.0", "libacl.so.1", "libattr.so.1",
    "libcap.so.2", "libgmp.so.10", "libz.so.1", "libzstd.so.1", "liblzma.so.5", "libbz2.so.1.0", "libtinfo.so.6",
    "libcrypto.so.3", LD_SO};
// What a program calls that starts another, or could: by the C library, by a library that it loads, by hand.
constexpr std::string_view kStarters[] = {"execl", "execlp", "execle", "execv", "execvp", "execve", "execvpe",
    "fexecve", "execveat", "posix_spawn", "posix_spawnp", "system", "popen", "wordexp", "dlopen", "dlmopen", "dlsym",
    "dlvsym", "syscall"};
// GCC's ("ASan runtime does not come first in initial library list"), and Clang's where it is a library.
constexpr const char* kFirstLibraries[] = {"libasan.so", "libhwasan.so", "libtsan.so", "liblsan.so", "libclang_rt."};

bool startsWith(const char* text, const char* beginning) noexcept
{
    return std::strncmp(text, beginning, std::strlen(beginning)) == 0;
}

// The C library's own are cancellation points, which exec is not.
class File {
public:
    File(int directory, const char* path) noexcept
        : m_fd(static_cast<int>(syscall(SYS_openat, directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)))
    {
    }
    ~File()
    {
        if (m_fd >= 0) {
            syscall(SYS_close, m_fd);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    explicit operator bool() const noexcept { return m_fd >= 0; }
    int fd() const noexcept { return m_fd; }
    /// How many bytes were read.
    std::size_t read(std::uint64_t offset, void* into, std::size_t bytes) const noexcept
    {
        const long got = offset > INT64_MAX ? -1 : syscall(SYS_pread64, m_fd, into, bytes, offset);
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }

private:
    int m_fd;
};

// As the kernel decides whether a loader has to be careful (AT_SECURE).
bool gainsPrivileges(const File& file, const struct stat& status) noexcept
{
    const auto uid = static_cast<uid_t>(syscall(SYS_getuid));
    const uid_t newUid = (status.st_mode & S_ISUID) != 0 ? status.st_uid : static_cast<uid_t>(syscall(SYS_geteuid));
    const bool setsGroup = (status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
    const gid_t newGid = setsGroup ? status.st_gid : static_cast<gid_t>(syscall(SYS_getegid));
    if (newUid != uid || newGid != static_cast<gid_t>(syscall(SYS_getgid))) {
        return true;
    }
    return uid != 0 && syscall(SYS_fgetxattr, file.fd(), "security.capability", nullptr, 0) >= 0;
}

// Takes an ELF file apart. Its first page, read in one go, holds the headers and mostly the names as well.
class Program {
public:
    Program(const File& file, char (&page)[kPage], std::size_t bytes) noexcept
        : m_file(file)
        , m_page(page)
        , m_bytes(bytes)
    {
    }

    /// `loader`: where its name goes, kMostLoaderBytes of room; or nullptr.
    Preload inspect(char* loader) noexcept
    {
        Header header;
        std::memcpy(&header, m_page, sizeof header);
        if (std::memcmp(header.e_ident + EI_CLASS, __ehdr_start.e_ident + EI_CLASS, 2) != 0
            || header.e_machine != __ehdr_start.e_machine) {
            return Preload::OtherProcessor;
        }
        if (!readSegments(header)) {
            return Preload::NoProgram;
        }
        if (m_interpreter.p_filesz == 0) {
            return Preload::StaticallyLinked;
        }
        char own[kMostLoaderBytes];
        char* const name = loader != nullptr ? loader : own;
        const std::size_t most = kMostLoaderBytes - 1;
        name[read(m_interpreter.p_offset, name, m_interpreter.p_filesz < most ? m_interpreter.p_filesz : most)] = '\0';
        // The name and not the path: Nix and Guix keep the same loader in folders of their own.
        const char* slash = std::strrchr(name, '/');
        if (std::strcmp(slash != nullptr ? slash + 1 : name, LD_SO) != 0) {
            return Preload::OtherLibc;
        }
        return readDynamic() ? judge() : Preload::Fits;
    }

private:
    static constexpr std::size_t kMostLoads = 8;
    static constexpr std::size_t kMostNeeded = 32;

    bool isInPage(std::uint64_t offset, std::uint64_t bytes) const noexcept
    {
        return offset <= m_bytes && bytes <= m_bytes - offset;
    }
    /// How many bytes there were.
    std::size_t read(std::uint64_t offset, void* into, std::size_t bytes) const noexcept
    {
        if (!isInPage(offset, bytes)) {
            return m_file.read(offset, into, bytes);
        }
        std::memcpy(into, m_page + offset, bytes);
        return bytes;
    }

    bool readSegments(const Header& header) noexcept
    {
        constexpr std::size_t kMostSegments = 64;
        if (header.e_phentsize != sizeof(Segment) || header.e_phnum > kMostSegments) {
            return false;
        }
        for (std::size_t i = 0; i < header.e_phnum; ++i) {
            Segment segment;
            if (read(header.e_phoff + i * sizeof segment, &segment, sizeof segment) != sizeof segment) {
                return false;
            }
            if (segment.p_type == PT_INTERP) {
                m_interpreter = segment;
            } else if (segment.p_type == PT_DYNAMIC) {
                m_dynamic = segment;
            } else if (segment.p_type == PT_LOAD && m_loadCount < kMostLoads) {
                m_loads[m_loadCount++] = segment;
            }
        }
        return true;
    }

    // Whether all was read that judge() needs.
    bool readDynamic() noexcept
    {
        std::uint64_t names = 0;
        bool atEnd = false;
        for (std::uint64_t done = 0; done < m_dynamic.p_filesz && !atEnd;) {
            Dynamic entries[40]; // as many as most programs have
            const std::uint64_t left = m_dynamic.p_filesz - done;
            const std::size_t got =
                read(m_dynamic.p_offset + done, entries, left < sizeof entries ? left : sizeof entries);
            for (std::size_t i = 0; i < got / sizeof(Dynamic) && !atEnd; ++i) {
                const Dynamic& entry = entries[i];
                if (entry.d_tag == DT_NEEDED && m_neededCount < kMostNeeded) {
                    m_needed[m_neededCount++] = entry.d_un.d_val;
                } else if (entry.d_tag == DT_STRTAB) {
                    names = entry.d_un.d_ptr;
                } else if (entry.d_tag == DT_STRSZ) {
                    m_namesSize = entry.d_un.d_val;
                }
                atEnd = entry.d_tag == DT_NULL;
            }
            atEnd = atEnd || got != sizeof entries;
            done += got;
        }
        for (std::size_t i = 0; i < m_loadCount; ++i) {
            const Segment& load = m_loads[i];
            if (names >= load.p_vaddr && names - load.p_vaddr < load.p_filesz) {
                m_namesAt = names - load.p_vaddr + load.p_offset;
                return true;
            }
        }
        return false;
    }

    Preload judge() noexcept
    {
        // A program with more names than fit is none of those that cost next to nothing.
        bool all = m_namesSize > 0 && m_namesSize < sizeof m_page && m_neededCount < kMostNeeded;
        if (all && isInPage(m_namesAt, m_namesSize)) {
            m_names = m_page + m_namesAt;
        } else if (all) {
            all = m_file.read(m_namesAt, m_page, m_namesSize) == m_namesSize;
            m_bytes = 0;
            m_names = m_page;
        }
        all = all && m_names[m_namesSize - 1] == '\0';
        bool plain = all;
        for (std::size_t i = 0; i < m_neededCount; ++i) {
            char apart[48] = {};
            const char* library = apart;
            if (!all) {
                m_file.read(m_namesAt + m_needed[i], apart, sizeof apart - 1);
            } else if (m_needed[i] < m_namesSize) {
                library = m_names + m_needed[i];
            }
            for (const char* first : kFirstLibraries) {
                if (startsWith(library, first)) {
                    return Preload::Sanitized;
                }
            }
            plain = plain && isPlain(library);
        }
        return plain && !namesAStarter() ? Preload::Needless : Preload::Fits;
    }

    static bool isPlain(const char* library) noexcept
    {
        for (const char* known : kPlainLibraries) {
            if (std::strcmp(library, known) == 0) {
                return true;
            }
        }
        return false;
    }

    // Whatever ends in such a name counts: linkers keep a name that is the end of another one within that.
    bool namesAStarter() const noexcept
    {
        for (const char* name = m_names; name < m_names + m_namesSize;) {
            const std::size_t length = std::strlen(name);
            for (const std::string_view starter : kStarters) {
                if (length >= starter.size() && name[length - 1] == starter.back()
                    && std::memcmp(name + length - starter.size(), starter.data(), starter.size()) == 0) {
                    return true;
                }
            }
            name += length + 1;
        }
        return false;
    }

    const File& m_file;
    char (&m_page)[kPage];
    std::size_t m_bytes; ///< of the file's, in the page
    Segment m_interpreter{};
    Segment m_dynamic{};
    Segment m_loads[kMostLoads] = {};
    std::size_t m_loadCount = 0;
    std::uint64_t m_needed[kMostNeeded] = {};
    std::size_t m_neededCount = 0;
    const char* m_names = nullptr;
    std::uint64_t m_namesAt = 0; ///< in the file
    std::uint64_t m_namesSize = 0;
};

// "#! /path argument": the path, in place. nullptr: none.
char* interpreterOf(char* line) noexcept
{
    char* at = line + 2;
    at += std::strspn(at, " \t");
    at[std::strcspn(at, " \t\n")] = '\0';
    return *at != '\0' ? at : nullptr;
}

constexpr std::size_t kScriptLine = 256; // BINPRM_BUF_SIZE

// What one file is; of a script, `page` begins with its interpreter's path, to which `interpreter` is set.
Preload inspectFile(
    int directory, const char* path, Target* target, char (&page)[kPage], const char*& interpreter) noexcept
{
    const File file(directory, path);
    struct stat status { };
    if (!file) {
        return errno == EACCES && syscall(SYS_faccessat, directory, path, X_OK) == 0 ? Preload::Unreadable
                                                                                     : Preload::NotThere;
    }
    if (fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 0111) == 0) {
        return Preload::NotThere;
    }
    const std::size_t got = file.read(0, page, sizeof page);
    if (got > 2 && std::memcmp(page, "#!", 2) == 0) {
        page[got < kScriptLine ? got : kScriptLine] = '\0';
        interpreter = interpreterOf(page);
        return interpreter != nullptr ? Preload::Fits : Preload::NoProgram;
    }
    if (got < sizeof(Header) || std::memcmp(page, ELFMAG, SELFMAG) != 0) {
        return Preload::NoProgram;
    }
    if (gainsPrivileges(file, status)) {
        return Preload::Privileged;
    }
    return Program(file, page, got).inspect(target != nullptr ? target->loader : nullptr);
}

} // namespace

Preload inspectTarget(int directory, const char* path, Target* target) noexcept
{
    constexpr int kMostScripts = 5; // the kernel's limit: a script may be the interpreter of another
    const int savedErrno = errno;
    char page[kPage];
    Preload preload = Preload::NoProgram;
    for (int i = 0; i <= kMostScripts; ++i) {
        const char* interpreter = nullptr;
        preload = inspectFile(directory, path, target, page, interpreter);
        if (interpreter == nullptr) {
            break;
        }
        if (target != nullptr) {
            std::memcpy(target->interpreter, interpreter, std::strlen(interpreter) + 1);
        }
        directory = AT_FDCWD;
        // Its file is opened before the page is read into again.
        path = interpreter;
        preload = Preload::NoProgram;
    }
    errno = savedErrno;
    return preload;
}

} // namespace timeslice::probe
