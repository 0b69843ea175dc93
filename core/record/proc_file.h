// Reads the small text files of /proc; they have no size to ask for beforehand.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace timeslice {

/// Replaces `into` by the file's content. False when it cannot be read (the process may have ended: no error).
bool readProcFile(const char* path, std::string& into);

/// Takes the next word off `text`; words are separated by blanks, tabs and line ends. Empty at the end.
std::string_view nextWord(std::string_view& text);

/// The number that is the whole of `word`.
template <class T> std::optional<T> toNumber(std::string_view word)
{
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc{} && end == word.data() + word.size();
    return whole ? std::optional{value} : std::nullopt;
}

} // namespace timeslice
