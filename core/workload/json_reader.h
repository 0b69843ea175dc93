// JsonReader: walks a JSON document and keeps the first complaint about it, with the path of the place.
//
// Reading functions return a neutral value after a complaint, so that a reader is straight code and looks at error()
// once, at its end.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// A value of the document and where it stands: "tasks/Thread/phases/0".
struct JsonPlace {
    const nlohmann::json* value = nullptr;
    std::string path;

    JsonPlace at(const std::string& key) const; ///< must be an object that has the key
    JsonPlace at(std::size_t index) const; ///< must be an array that is long enough
    bool has(const char* key) const; ///< false unless an object
};

/// For one thread.
class JsonReader {
public:
    const std::optional<Error>& error() const noexcept { return m_error; }
    bool failed() const noexcept { return m_error.has_value(); }

    /// Keeps the complaint if it is the first.
    void complain(const JsonPlace& place, const std::string& what, ErrorKind kind = ErrorKind::Usage);
    /// "PATH: expected EXPECTED, found FOUND"
    void complainExpected(const JsonPlace& place, const std::string& expected);
    /// "PATH: ", and what unknownName() says.
    void complainUnknown(const JsonPlace& place, const std::string& what, const std::string& name,
        const std::vector<std::string>& known);

    /// False, with a complaint, unless the place is an object with none but these keys.
    bool expectObject(const JsonPlace& place, const std::string& what, const std::vector<std::string>& keys);

    std::int64_t integer(const JsonPlace& place, std::int64_t least, std::int64_t most);
    bool boolean(const JsonPlace& place);
    std::string text(const JsonPlace& place);
    /// `least` is 0 or 1 ns.
    Nanos duration(const JsonPlace& place, Nanos least = 0);
    /// The index of the text among `words`; 0 after a complaint.
    std::size_t choice(const JsonPlace& place, const std::string& what, const std::vector<std::string>& words);

private:
    std::optional<Error> m_error;
};

} // namespace timeslice
