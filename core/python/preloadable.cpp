#include "core/python/preloadable.h"

#include "core/base/unique_fd.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <optional>
#include <string>
#include <unistd.h>

namespace timeslice {

namespace {

template <class T> bool readAt(int fd, std::uint64_t offset, T& into)
{
    return ::pread(fd, &into, sizeof into, static_cast<off_t>(offset)) == static_cast<ssize_t>(sizeof into);
}

constexpr unsigned char kOurClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char kOurOrder = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

/// What an ELF program says about how it is to be loaded.
struct Linkage {
    bool ours = false; ///< this processor's class, byte order and machine
    unsigned int machine = 0;
    std::string loader; ///< "" = none: statically linked
};

/// Nullopt: not an ELF file, or cannot be read.
std::optional<Linkage> linkageOf(const char* path)
{
    const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    ElfW(Ehdr) header{};
    if (!fd || !readAt(fd.get(), 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        return std::nullopt;
    }
    Linkage linkage;
    linkage.ours = header.e_ident[EI_CLASS] == kOurClass && header.e_ident[EI_DATA] == kOurOrder;
    if (!linkage.ours) {
        return linkage;
    }
    linkage.machine = header.e_machine;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        ElfW(Phdr) segment{};
        if (!readAt(fd.get(), header.e_phoff + i * header.e_phentsize, segment)) {
            break;
        }
        if (segment.p_type == PT_INTERP) {
            char name[4096] = {};
            const std::size_t most = std::min<std::size_t>(segment.p_filesz, sizeof name - 1);
            if (::pread(fd.get(), name, most, static_cast<off_t>(segment.p_offset)) > 0) {
                linkage.loader = name;
            }
        }
    }
    return linkage;
}

std::string fileName(const std::string& path)
{
    return std::filesystem::path(path).filename().string();
}

} // namespace

bool isElf(const std::filesystem::path& program)
{
    return linkageOf(program.c_str()).has_value();
}

Result<void> checkPreloadable(const std::filesystem::path& program)
{
    const std::optional<Linkage> linkage = linkageOf(program.c_str());
    const std::optional<Linkage> own = linkageOf("/proc/self/exe");
    if (!linkage || !own) {
        return {};
    }
    const std::string consequence = ": the GIL probe cannot be loaded into it; name another interpreter";
    if (!linkage->ours || linkage->machine != own->machine) {
        return fail(program.string() + " is a program for another kind of processor" + consequence, ErrorKind::Usage);
    }
    if (linkage->loader.empty()) {
        return fail(program.string() + " is statically linked" + consequence, ErrorKind::Usage);
    }
    // The name and not the path: Nix and Guix keep the same loader in folders of their own.
    if (!own->loader.empty() && fileName(linkage->loader) != fileName(own->loader)) {
        return fail(program.string() + " is linked against another libc (its loader is " + linkage->loader
                + ", Timeslice's is " + own->loader + ")" + consequence,
            ErrorKind::Usage);
    }
    return {};
}

} // namespace timeslice
