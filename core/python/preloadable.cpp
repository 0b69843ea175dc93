#include "core/python/preloadable.h"

#include "core/base/unique_fd.h"
#include "core/probe/exec_target.h"

#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <gnu/lib-names.h>
#include <string>
#include <unistd.h>

namespace timeslice {

bool isElf(const std::filesystem::path& program)
{
    char magic[SELFMAG] = {};
    const UniqueFd file{::open(program.c_str(), O_RDONLY | O_CLOEXEC)};
    return file && ::read(file.get(), magic, sizeof magic) == sizeof magic && std::memcmp(magic, ELFMAG, SELFMAG) == 0;
}

Result<void> checkPreloadable(const std::filesystem::path& program)
{
    using probe::Preload;
    if (!isElf(program)) {
        return {};
    }
    probe::Target target;
    std::string what;
    switch (probe::inspectTarget(AT_FDCWD, program.c_str(), &target)) {
    case Preload::OtherProcessor:
        what = " is a program for another kind of processor";
        break;
    case Preload::StaticallyLinked:
        what = " is statically linked";
        break;
    case Preload::OtherLibc:
        what = std::string(" is linked against another libc (its loader is ") + target.loader
            + ", Timeslice's is " LD_SO + ")";
        break;
    case Preload::Sanitized:
        what = " is built with a sanitizer whose library has to be the first of all";
        break;
    case Preload::Privileged:
        what = " runs with another user's rights or with capabilities";
        break;
    case Preload::Fits:
    case Preload::Needless:
    case Preload::NotThere:
    case Preload::Unreadable:
    case Preload::NoProgram:
        return {};
    }
    return fail(program.string() + what + ": the GIL probe cannot be loaded into it; name another interpreter",
        ErrorKind::Usage);
}

} // namespace timeslice
