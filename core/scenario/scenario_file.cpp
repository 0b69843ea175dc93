// From a scenario's file, or text, to the Scenario or to what is wrong with it.
#include "core/base/json_in.h"
#include "core/scenario/document.h"
#include "core/scenario/json_text.h"
#include "core/scenario/scenario.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace timeslice {

namespace scenario {

namespace {

using Read = tl::expected<Scenario, ScenarioMistake>;

tl::unexpected<ScenarioMistake> mistakeAt(std::string_view text, std::size_t offset, std::string what)
{
    const TextPlace place = placeInText(text, offset);
    return tl::unexpected(ScenarioMistake{{}, place.line, place.column, std::move(what)});
}

Read parse(const std::string& text, const std::filesystem::path& directory, Expressions expressions)
{
    const tl::expected<nlohmann::json, JsonProblem> document = readJson(text, JsonDialect::Person);
    if (!document) {
        return mistakeAt(text, document.error().offset, document.error().what);
    }
    const auto complain = [&](const JsonComplaint& complaint) {
        return mistakeAt(text, findInJsonText(text, complaint.path),
            (complaint.path.empty() ? "" : complaint.path + ": ") + complaint.message);
    };
    auto result = readDocument(*document, directory);
    if (!result) {
        return complain(result.error());
    }
    if (expressions == Expressions::Trusted) {
        return std::move(*result);
    }
    // An expression that cannot be evaluated is the author's mistake, to be told when the file is read and not when
    // the viewer presses Run.
    for (const int cores : {1, 8}) {
        if (const auto resolved = resolveDocument(*result, cores); !resolved) {
            return complain(resolved.error());
        }
    }
    return std::move(*result);
}

} // namespace

} // namespace scenario

Error ScenarioMistake::error() const
{
    const std::string where = line == 0
        ? file.string()
        : file.filename().string() + ":" + std::to_string(line) + ":" + std::to_string(column);
    return {where + ": " + what, ErrorKind::Usage};
}

Result<Scenario> parseScenario(const std::string& text, const std::string& name)
{
    auto read = scenario::parse(text, {}, Expressions::Checked);
    if (!read) {
        read.error().file = name;
        return tl::unexpected(read.error().error());
    }
    read->sourcePath = name;
    return std::move(*read);
}

tl::expected<Scenario, ScenarioMistake> readScenarioFile(const std::filesystem::path& path, Expressions expressions)
{
    const auto unreadable = [&](int error) {
        return tl::unexpected(ScenarioMistake{path, 0, 0, std::strerror(error)});
    };
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return unreadable(EISDIR);
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file && file.peek() != std::ifstream::traits_type::eof()) { // an empty file is a syntax error, told below
        text << file.rdbuf();
    }
    if (!file.is_open() || file.bad()) {
        return unreadable(errno);
    }
    auto read = scenario::parse(text.str(), std::filesystem::absolute(path, error).parent_path(), expressions);
    if (!read) {
        read.error().file = path;
        return read;
    }
    read->sourcePath = path.string();
    return read;
}

Result<Scenario> readScenario(const std::filesystem::path& path)
{
    auto read = readScenarioFile(path);
    if (!read) {
        return tl::unexpected(read.error().error());
    }
    return std::move(*read);
}

} // namespace timeslice
