// Result<T>: a value, or an error message that a person can act on.
//
// Used at the edges of the operating system and of files. Bugs are asserted, not returned.
#pragma once

#include <cstring>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace timeslice {

/// What kind of trouble it is; the command line turns this into its exit status.
enum class ErrorKind : unsigned char {
    Failed, ///< the operation failed (exit status 1)
    Usage, ///< what the person gave is wrong: unknown name, value out of range, malformed file (2)
    Unsupported, ///< this machine cannot do it, or does not allow it (3)
};

struct Error {
    /// One sentence or more: what was attempted, what went wrong, what to do about it.
    std::string message;
    ErrorKind kind = ErrorKind::Failed;
};

template <class T> using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message, ErrorKind kind = ErrorKind::Failed)
{
    return tl::unexpected<Error>(Error{std::move(message), kind});
}

/// "WHAT: No such file or directory" for the given errno value.
inline tl::unexpected<Error> failErrno(const std::string& what, int errnoValue, ErrorKind kind = ErrorKind::Failed)
{
    return fail(what + ": " + std::strerror(errnoValue), kind);
}

} // namespace timeslice
