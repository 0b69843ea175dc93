// Any bytes as JSON: what is read can be written, copied and read again, and is what the library's parser reads.
#include "core/base/json_in.h"
#include "core/base/json_out.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace timeslice;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void compareWithLibrary(std::string_view text)
{
    const auto read = readJson(text, JsonDialect::Program);
    require(read || (!read.error().what.empty() && read.error().offset <= text.size()));
    const nlohmann::json expected = nlohmann::json::parse(text, nullptr, false);
    if (read) {
        require(!expected.is_discarded() && *read == expected && read->type() == expected.type());
    } else {
        require(expected.is_discarded() || read.error().what.find("levels deep") != std::string::npos);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    compareWithLibrary(text);
    for (const JsonDialect dialect : {JsonDialect::Person, JsonDialect::Python}) {
        std::vector<std::string> notes;
        if (const auto read = readJson(text, dialect, &notes)) {
            const auto again = readJson(jsonText(*read), dialect);
            require(again && *again == *read);
            require(parseJson(jsonText(*read, JsonLayout::Indented)).has_value());
        }
    }
    return 0;
}
