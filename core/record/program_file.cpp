#include "core/record/program_file.h"

#include "core/base/unique_fd.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

constexpr unsigned char kOurClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char kOurOrder = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
#if defined(__x86_64__)
constexpr ElfW(Half) kOurMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr ElfW(Half) kOurMachine = EM_AARCH64;
#else
constexpr ElfW(Half) kOurMachine = EM_NONE;
#endif

constexpr std::uint64_t kMostBytes = std::uint64_t{32} << 20; ///< of a table that is worth reading

/// Read piece by piece, never mapped: whoever may write the file can cut it short at any moment.
class File {
public:
    explicit File(int fd) noexcept
        : m_fd(fd)
    {
    }
    template <class T> std::optional<T> at(std::uint64_t offset) const
    {
        T value;
        return read(&value, sizeof value, offset) ? std::optional{value} : std::nullopt;
    }
    /// Empty when it does not lie within the file.
    std::vector<char> part(std::uint64_t offset, std::uint64_t size) const
    {
        std::vector<char> bytes(size <= kMostBytes ? static_cast<std::size_t>(size) : 0);
        return read(bytes.data(), bytes.size(), offset) ? bytes : std::vector<char>{};
    }

private:
    bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept
    {
        return offset <= std::uint64_t{INT64_MAX}
        && ::pread(m_fd, into, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
    }

    int m_fd;
};

std::string_view textAt(const std::vector<char>& strings, std::uint64_t offset)
{
    return offset >= strings.size()
        ? std::string_view{}
        : std::string_view{strings.data() + offset, strnlen(strings.data() + offset, strings.size() - offset)};
}

void readSegments(const File& file, const ElfW(Ehdr) & header, ProgramFile& into)
{
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = file.at<ElfW(Phdr)>(header.e_phoff + i * header.e_phentsize);
        if (segment && segment->p_type == PT_INTERP) {
            into.loader = textAt(file.part(segment->p_offset, segment->p_filesz), 0);
        }
    }
    // A position-independent static program looks like a library but for its entry point; libraries have none. (The C
    // library and the loader, which can be run, have one, and no loader either: they count as programs here.)
    into.library = header.e_type == ET_DYN && into.loader.empty() && header.e_entry == 0;
}

/// Of the symbols that the file itself defines for others.
void readSymbols(const File& file, const ElfW(Ehdr) & header, ProgramFile& into)
{
    bool restores = false;
    bool ensures = false;
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
        const auto section = file.at<ElfW(Shdr)>(header.e_shoff + i * header.e_shentsize);
        if (!section || (section->sh_type != SHT_DYNSYM && section->sh_type != SHT_SYMTAB)) {
            continue; // a static program has, if any, symbols for debuggers
        }
        const auto named = file.at<ElfW(Shdr)>(header.e_shoff + std::uint64_t{section->sh_link} * header.e_shentsize);
        if (!named) {
            continue;
        }
        const std::vector<char> strings = file.part(named->sh_offset, named->sh_size);
        const std::vector<char> symbols = file.part(section->sh_offset, section->sh_size);
        for (std::size_t at = 0; at + sizeof(ElfW(Sym)) <= symbols.size(); at += sizeof(ElfW(Sym))) {
            ElfW(Sym) symbol;
            std::memcpy(&symbol, symbols.data() + at, sizeof symbol);
            if (symbol.st_shndx == SHN_UNDEF) {
                continue;
            }
            const std::string_view name = textAt(strings, symbol.st_name);
            if (!name.starts_with('P') && !name.starts_with("_P")) {
                continue;
            }
            restores = restores || name == "PyEval_RestoreThread";
            ensures = ensures || name == "PyGILState_Ensure";
            into.freeThreaded = into.freeThreaded || name == "_Py_MergeZeroLocalRefcount";
        }
    }
    into.python = restores && ensures;
}

/// The rest of `name` after CPython's own part: "3.13t" of "python3.13t" and of "libpython3.13t.so.1.0".
std::optional<std::string_view> versionIn(std::string_view name)
{
    for (const std::string_view prefix : {"libpython", "python"}) {
        if (name.starts_with(prefix)) {
            name.remove_prefix(prefix.size());
            name = name.substr(0, name.find(".so"));
            std::size_t end = 0;
            while (
                end < name.size() && (std::isdigit(static_cast<unsigned char>(name[end])) != 0 || name[end] == '.')) {
                ++end;
            }
            const std::string_view build = name.substr(end); // "t", "d", "m", "dm", "-dbg"
            const bool known = build.empty() || build == "-dbg" || build.find_first_not_of("tdmu") == std::string::npos;
            return known ? std::optional{name} : std::nullopt;
        }
    }
    return std::nullopt;
}

/// What was read of files that have not changed since; one run after another starts the same programs.
class Known {
public:
    static Known& instance()
    {
        static Known known;
        return known;
    }
    std::optional<ProgramFile> find(const struct stat& status)
    {
        const std::lock_guard lock(m_mutex);
        const auto at = m_files.find(keyOf(status));
        return at == m_files.end() ? std::nullopt : std::optional{at->second};
    }
    void keep(const struct stat& status, const ProgramFile& file)
    {
        // A file's time is that of the kernel's last tick: what changed just now may change again within it.
        constexpr std::time_t kLongAgo = 2; // s
        const std::lock_guard lock(m_mutex);
        if (std::time(nullptr) - status.st_ctim.tv_sec > kLongAgo && m_files.size() < kMost) {
            m_files.insert_or_assign(keyOf(status), file);
        }
    }

private:
    static constexpr std::size_t kMost = 1000;
    /// Its change time also tells of new rights, and cannot be set.
    using Key = std::tuple<dev_t, ino_t, off_t, std::time_t, long>;
    static Key keyOf(const struct stat& status)
    {
        return {status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
    }
    std::mutex m_mutex;
    std::map<Key, ProgramFile> m_files;
};

ProgramFile readProgram(int fd, const struct stat& status)
{
    ProgramFile result;
    result.privileged =
        (status.st_mode & (S_ISUID | S_ISGID)) != 0 || fgetxattr(fd, "security.capability", nullptr, 0) > 0;
    const File file{fd};
    const auto identity = file.at<std::array<unsigned char, EI_NIDENT>>(0);
    if (!identity || std::memcmp(identity->data(), ELFMAG, SELFMAG) != 0) {
        return result;
    }
    result.elf = true;
    result.bits32 = (*identity)[EI_CLASS] == ELFCLASS32;
    const auto header = file.at<ElfW(Ehdr)>(0);
    if (!header || (*identity)[EI_CLASS] != kOurClass || (*identity)[EI_DATA] != kOurOrder) {
        return result;
    }
    result.ourKind = kOurMachine == EM_NONE || header->e_machine == kOurMachine;
    readSegments(file, *header, result);
    readSymbols(file, *header, result);
    return result;
}

} // namespace

ProgramFile lookAtProgram(const std::string& path)
{
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat status { };
    if (!fd || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return {};
    }
    if (std::optional<ProgramFile> known = Known::instance().find(status)) {
        return *known;
    }
    const ProgramFile file = readProgram(fd.get(), status);
    Known::instance().keep(status, file);
    return file;
}

std::string programName(const std::string& path)
{
    constexpr std::string_view kDeleted = " (deleted)";
    std::string_view name{path};
    if (name.ends_with(kDeleted)) {
        name.remove_suffix(kDeleted.size());
    }
    return std::string{name.substr(name.rfind('/') + 1)}; // npos + 1 is 0
}

bool isCalledPython(const std::string& name)
{
    return versionIn(name).has_value();
}

bool isCalledFreeThreaded(const std::string& name)
{
    const auto version = versionIn(name);
    return version && version->ends_with('t');
}

} // namespace timeslice
