#include "app/cli/setting.h"

#include "core/base/read_file.h"
#include "core/dispatch/job_text.h"

#include <algorithm>
#include <cerrno>

namespace timeslice {

namespace {

/// What stands in the file, if the value names one.
Result<std::string> tableText(const std::string& value)
{
    if (!value.starts_with('@')) {
        return value;
    }
    const std::string path = value.substr(1);
    std::string text;
    if (!readFile(path.c_str(), text)) {
        return failErrno("cannot read the jobs of " + path, errno, ErrorKind::Usage);
    }
    if (text.size() > Knob::kLongestJobs) {
        return fail(path + ": a table of jobs has at most 1 MiB", ErrorKind::Usage);
    }
    return text;
}

/// The table as the knob takes it.
Result<std::string> jobsValue(const Knob& knob, const std::string& value)
{
    if (std::find(knob.choices.begin(), knob.choices.end(), value) != knob.choices.end()) {
        return value;
    }
    Result<std::string> text = tableText(value);
    if (!text || (!value.starts_with('@') && !looksLikeJobs(*text))) {
        return text; // setKnob() says what is wrong with a word that is no name
    }
    const Result<JobTable> jobs = readJobs(*text);
    if (!jobs) {
        return fail(
            "knob '" + knob.id + "': " + (value.starts_with('@') ? value.substr(1) + ": " : "") + jobs.error().message,
            ErrorKind::Usage);
    }
    return jobsText(jobs->jobs());
}

} // namespace

Result<void> applySetting(Scenario& scenario, const std::string& setting)
{
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
        return fail("--set " + setting + " is not of the form KNOB=VALUE", ErrorKind::Usage);
    }
    const std::string id = setting.substr(0, equals);
    std::string value = setting.substr(equals + 1);
    const auto knob =
        std::find_if(scenario.knobs.begin(), scenario.knobs.end(), [&](const Knob& one) { return one.id == id; });
    if (knob != scenario.knobs.end() && knob->type == Knob::Type::Jobs) {
        Result<std::string> table = jobsValue(*knob, value);
        if (!table) {
            return tl::unexpected(table.error());
        }
        value = std::move(*table);
    }
    return setKnob(scenario, id, value);
}

} // namespace timeslice
