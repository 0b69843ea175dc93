#include "core/record/proc_file.h"

#include "core/base/unique_fd.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace timeslice {

bool readProcFile(const char* path, std::string& into)
{
    into.clear();
    const UniqueFd fd{::open(path, O_RDONLY | O_CLOEXEC)};
    if (!fd) {
        return false;
    }
    constexpr std::size_t kChunk = 4096;
    for (;;) {
        const std::size_t filled = into.size();
        into.resize(filled + kChunk);
        const ssize_t got = ::read(fd.get(), into.data() + filled, kChunk);
        into.resize(filled + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
    }
}

std::string_view nextWord(std::string_view& text)
{
    constexpr std::string_view kBlanks = " \t\n";
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const std::string_view word = text.substr(0, std::min(text.find_first_of(kBlanks), text.size()));
    text.remove_prefix(word.size());
    return word;
}

} // namespace timeslice
