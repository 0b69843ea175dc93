// Reading a variant that is a Python script: what is run, with which interpreter, and the script's text.
#include "core/base/clean_name.h"
#include "core/base/json_out.h"
#include "core/base/json_place.h"
#include "core/scenario/document.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <regex>
#include <string_view>

namespace timeslice::scenario {

namespace {

/// A lesson's script is a page or two. What is longer is no lesson, and would be kept in every recording.
constexpr std::size_t kLongestScript = std::size_t{256} << 10;

/// JSON, and so recordings, can hold no other text.
bool isUtf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = utf8Length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

/// A name of a file in the scenario's own folder: a scenario from elsewhere cannot have other files shown or run.
std::string scriptName(const JsonPlace& place)
{
    const std::string name = place.text();
    if (name.size() <= 3 || !name.ends_with(".py") || name.starts_with('.') || name.find('/') != std::string::npos
        || name.find('\0') != std::string::npos) {
        place.complainExpected("the name of a script beside this file, such as \"job.py\"");
    }
    return name;
}

std::string readScript(const JsonPlace& place, const std::filesystem::path& path)
{
    const auto complain = [&](int error) {
        place.complain(
            "cannot read " + shown(path.filename().string()) + " beside the scenario's file: " + std::strerror(error));
        return std::string();
    };
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::is_regular_file(status)) {
        return complain(std::filesystem::is_directory(status) ? EISDIR : error ? error.value() : EINVAL);
    }
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) {
        return complain(errno);
    }
    // A little more than there is, not than there may be: that would be memory to clear for each variant at each start.
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    std::string text(std::min<std::uintmax_t>(error ? kLongestScript : size, kLongestScript) + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) {
        return complain(EIO);
    }
    if (text.size() > kLongestScript) {
        place.complain("is longer than a scenario's script may be, " + std::to_string(kLongestScript >> 10) + " KiB");
    } else if (text.empty()) {
        place.complain("is empty");
    } else if (!isUtf8(text)) {
        place.complain("is not UTF-8 text");
    }
    return text;
}

/// A text; a number where it was an expression "=EXPR".
std::string argument(const JsonPlace& place)
{
    if (place.value().is_number()) {
        return jsonText(place.value());
    }
    const std::string text = place.text();
    if (text.find('\0') != std::string::npos) {
        place.complain("a program's argument cannot contain the character 0");
    }
    return text;
}

/// Whether it is "cpython>=MAJOR.MINOR", or that with ",<MAJOR.MINOR" or ",other" behind it, or both.
bool isCPythonSince(const std::string& need)
{
    static const std::regex kVersions("cpython>=[0-9]{1,3}\\.[0-9]{1,3}(,<[0-9]{1,3}\\.[0-9]{1,3})?(,other)?");
    return std::regex_match(need, kVersions);
}

} // namespace

void readPython(const JsonPlace& variantPlace, const std::filesystem::path& directory, const std::string& need,
    VariantSpec& variant)
{
    PythonSpec& python = variant.python;
    python.interpreter = need;
    const auto place = variantPlace.find("python");
    if (!place) {
        return;
    }
    place->expectKeys({"script"}, {"arguments", "interpreter", "stepped"});
    if (const auto interpreter = place->find("interpreter")) {
        python.interpreter = interpreter->text();
        if (python.interpreter != need && !(need == "cpython" && isCPythonSince(python.interpreter))) {
            interpreter->complainExpected(
                need == "cpython" ? "\"cpython\" or a version of it, such as \"cpython>=3.12\"" : '"' + need + '"');
        }
    }
    if (const auto arguments = place->find("arguments")) {
        for (const JsonPlace& each : arguments->list("arguments")) {
            python.arguments.push_back(argument(each));
        }
    }
    if (const auto stepped = place->find("stepped")) {
        if (!stepped->value().is_object()) {
            stepped->complainExpected("a workload that is stepped: an object with 'tasks'");
        }
        python.stepped = stepped->value();
    }
    const auto code = variantPlace.find("code");
    const auto script = place->find("script");
    if (!script) {
        return;
    }
    python.script = scriptName(*script);
    if (!directory.empty()) {
        if (code) {
            code->complain("the code of a Python variant is its script's text; leave it out");
        }
        if (script->failed()) {
            return;
        }
        const std::filesystem::path path = directory / python.script;
        variant.code = readScript(*script, path);
        python.script = path;
    } else if (code) {
        variant.code = code->textOrLines("\n");
    } else {
        variantPlace.complain("the key 'code' is missing: what is not read from a file must carry its script's text");
    }
}

} // namespace timeslice::scenario
