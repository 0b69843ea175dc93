#include "ui/result/job_figures.h"

#include "ui/plot/one_line.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace timeslice {

namespace {

enum Measure : unsigned char { Turnaround, Waiting, Response };
constexpr std::array<const char*, 3> kKeys{"turnaround_ms", "waiting_ms", "response_ms"};
constexpr std::size_t kMostChartRows = 8;

/// In milliseconds; nothing: it did not come about.
using Times = std::array<std::optional<double>, kKeys.size()>;

struct JobTimes {
    std::string name;
    Times times;
    Times closedForm;
    bool starved = false;
    std::optional<double> length; ///< of its work, in milliseconds
    double arrival = 0; ///< in milliseconds
};

/// What a variant says of its jobs.
struct JobRun {
    QString title; ///< of the variant
    std::string policy;
    std::string by;
    std::vector<JobTimes> jobs;
    Times mean;
    Times meanClosedForm;
};

/// Of a recording nothing is believed.
std::string textAt(const nlohmann::json& object, const char* key)
{
    const auto it = object.is_object() ? object.find(key) : object.end();
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

const nlohmann::json& partOf(const nlohmann::json& object, const char* key)
{
    static const nlohmann::json kNothing = nlohmann::json::object();
    const auto it = object.is_object() ? object.find(key) : object.end();
    return it != object.end() ? *it : kNothing;
}

std::optional<double> numberAt(const nlohmann::json& object, const char* key)
{
    const nlohmann::json& value = partOf(object, key);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

Times timesOf(const nlohmann::json& object)
{
    Times times;
    for (std::size_t i = 0; i < times.size(); ++i) {
        times[i] = numberAt(object, kKeys[i]);
    }
    return times;
}

std::optional<JobRun> runOf(const VariantModel& variant)
{
    const nlohmann::json& dispatch = partOf(variant.report.extra, "dispatch");
    const nlohmann::json& jobs = partOf(dispatch, "jobs");
    if (variant.phase != VariantModel::Phase::Ended || !jobs.is_array() || jobs.empty()) {
        return std::nullopt;
    }
    JobRun run;
    run.title = oneLineText(variant.recording != nullptr ? variant.recording->title : variant.report.name);
    run.policy = textAt(dispatch, "policy");
    run.by = textAt(dispatch, "by");
    for (const nlohmann::json& job : jobs) {
        run.jobs.push_back({textAt(job, "name"), timesOf(job), timesOf(partOf(job, "closed_form")),
            partOf(job, "starved") == 1, numberAt(job, "length_ms"), numberAt(job, "arrival_ms").value_or(0)});
    }
    const nlohmann::json& mean = partOf(dispatch, "mean");
    run.mean = timesOf(mean);
    run.meanClosedForm = timesOf(partOf(mean, "closed_form"));
    return run;
}

/// One column: what one variant measured, or what was calculated for it.
struct JobColumn {
    const JobRun* run = nullptr;
    bool closedForm = false;

    bool calculated() const { return closedForm || run->by == "calculation"; }
    const Times& times(std::size_t job) const { return closedForm ? run->jobs[job].closedForm : run->jobs[job].times; }
    const Times& mean() const { return closedForm ? run->meanClosedForm : run->mean; }
    QString heading() const
    {
        return calculated()           ? tr("calc.")
            : run->by == "dispatcher" ? tr("policy")
            : run->by == "SCHED_FIFO" ? tr("FIFO")
            : run->by == "SCHED_RR"   ? tr("RR")
                                      : tr("kernel");
    }
    QString whole() const { return closedForm ? tr("%1, calculated").arg(text(run->policy)) : run->title; }
    QString value(std::size_t job, Measure measure) const
    {
        const auto& time = times(job)[measure];
        const bool never = !closedForm && run->jobs[job].starved && measure != Waiting;
        return time ? QString::number(*time, 'f', 1) : never ? tr("never") : QStringLiteral("–");
    }
};

/// Variants that have the same jobs stand side by side.
struct JobGroup {
    std::vector<JobColumn> columns;
};

bool sameJobs(const JobRun& a, const JobRun& b)
{
    return std::equal(a.jobs.begin(), a.jobs.end(), b.jobs.begin(), b.jobs.end(),
        [](const JobTimes& left, const JobTimes& right) { return left.name == right.name; });
}

std::vector<JobGroup> groupsOf(const std::vector<JobRun>& runs)
{
    std::vector<JobGroup> groups;
    for (const JobRun& run : runs) {
        const auto same = std::find_if(groups.begin(), groups.end(),
            [&](const JobGroup& group) { return sameJobs(*group.columns.front().run, run); });
        (same != groups.end() ? *same : groups.emplace_back()).columns.push_back({&run, false});
    }
    for (JobGroup& group : groups) {
        std::vector<JobColumn>& columns = group.columns;
        const bool onePolicy = std::all_of(columns.begin(), columns.end(),
            [&](const JobColumn& column) { return column.run->policy == columns.front().run->policy; });
        const bool known =
            std::any_of(columns.begin(), columns.end(), [](const JobColumn& column) { return column.calculated(); });
        if (onePolicy && !known) {
            columns.insert(columns.begin() + 1, {columns.front().run, true});
        }
    }
    return groups;
}

QString measureName(Measure measure)
{
    return measure == Turnaround ? tr("turnaround") : measure == Waiting ? tr("waiting") : tr("response");
}

QString measureMeaning(Measure measure)
{
    return measure == Turnaround ? tr("Turnaround: from a job's arrival to its end, in milliseconds")
        : measure == Waiting     ? tr("Waiting: ready, and without a core, in milliseconds")
                                 : tr("Response: from a job's arrival to its first moment on a core, in milliseconds");
}

FactSection sectionOf(const JobGroup& group, Measure measure, const QString& title)
{
    FactSection section{title, {}};
    FactRow head{tr("ms"), {}, FactRow::Tone::Heading, measureMeaning(measure)};
    for (const JobColumn& column : group.columns) {
        head.values << column.heading();
        head.explanation += QStringLiteral("\n%1: %2").arg(column.heading(), column.whole());
    }
    section.rows.push_back(std::move(head));
    const std::vector<JobTimes>& jobs = group.columns.front().run->jobs;
    for (std::size_t i = 0; i < std::min(jobs.size(), kMostJobRows); ++i) {
        FactRow row{oneLineText(jobs[i].name), {}, FactRow::Tone::Plain, {}};
        QStringList lines;
        for (const JobColumn& column : group.columns) {
            row.values << column.value(i, measure);
            lines << QStringLiteral("%1: %2").arg(column.whole(), column.value(i, measure));
            if (!column.closedForm && column.run->jobs[i].starved) {
                row.tone = measure != Waiting ? FactRow::Tone::Bad : row.tone; // where it says "never"
                lines.last() += tr(" (it starved: ready, and never on a core)");
            }
        }
        row.explanation = lines.join(u'\n');
        section.rows.push_back(std::move(row));
    }
    if (jobs.size() > kMostJobRows) {
        section.rows.push_back(
            {tr("and %1").arg(pluralText(static_cast<std::int64_t>(jobs.size() - kMostJobRows), tr("more job"))), {},
                FactRow::Tone::Muted, tr("The report has the figures of every job")});
    }
    FactRow mean{tr("mean"), {}, FactRow::Tone::Plain, tr("Of all jobs; –: not all of them came so far")};
    for (const JobColumn& column : group.columns) {
        const auto& time = column.mean()[measure];
        mean.values << (time ? QString::number(*time, 'f', 1) : QStringLiteral("–"));
    }
    section.rows.push_back(std::move(mean));
    return section;
}

std::vector<JobRun> runsOf(const RunModel& model)
{
    std::vector<JobRun> runs;
    for (const VariantModel& variant : model.variants()) {
        if (auto run = runOf(variant)) {
            runs.push_back(std::move(*run));
        }
    }
    return runs;
}

ChartCell cellOf(const std::optional<double>& time)
{
    ChartCell cell;
    if (time) {
        cell.value = cell.low = cell.high = *time;
        cell.count = 1;
        cell.text = QString::number(*time, 'f', 1).toStdString() + " ms";
    }
    return cell;
}

/// "Long: 60 ms", "Short: 10 ms, from 20 ms on": what a picture without the table of jobs says of one.
QString jobInWords(const JobTimes& job)
{
    const auto milliseconds = [](double time) { return QString::number(time, 'g', 6); };
    const QString name = oneLineText(job.name);
    if (!job.length) {
        return name;
    }
    return job.arrival > 0
        ? tr("%1: %2 ms, from %3 ms on").arg(name, milliseconds(*job.length), milliseconds(job.arrival))
        : tr("%1: %2 ms").arg(name, milliseconds(*job.length));
}

/// As the columns of a picture are called; the titles of its panels say the rest.
QString columnInWords(const JobColumn& column)
{
    return column.calculated()           ? tr("calculated")
        : column.run->by == "dispatcher" ? text(column.run->policy)
                                         : column.heading();
}

} // namespace

std::vector<FactSection> jobSections(const RunModel& model)
{
    const std::vector<JobRun> runs = runsOf(model);
    const std::vector<JobGroup> groups = groupsOf(runs);
    std::vector<FactSection> sections;
    for (const JobGroup& group : groups) {
        for (const Measure measure : {Turnaround, Waiting, Response}) {
            const QString of = groups.size() > 1 ? QStringLiteral(" · ") + group.columns.front().run->title : QString();
            sections.push_back(sectionOf(group, measure, measureName(measure) + of));
        }
    }
    return sections;
}

std::map<std::string, Unfinished> unfinishedJobs(const VariantModel& variant)
{
    std::map<std::string, Unfinished> unfinished;
    const nlohmann::json& dispatch = partOf(variant.report.extra, "dispatch");
    if (!partOf(dispatch, "limit_ms").is_number() || variant.phase != VariantModel::Phase::Ended) {
        return unfinished;
    }
    const nlohmann::json& jobs = partOf(dispatch, "jobs");
    for (const nlohmann::json& job : jobs.is_array() ? jobs : nlohmann::json::array()) {
        const bool ended = partOf(job, "turnaround_ms").is_number();
        if (const std::string name = textAt(job, "name"); !name.empty() && !ended) {
            unfinished.emplace(name, partOf(job, "starved") == 1 ? Unfinished::Starved : Unfinished::CutOff);
        }
    }
    return unfinished;
}

std::optional<Chart> jobChart(const RunModel& model)
{
    const std::vector<JobRun> runs = runsOf(model);
    const std::vector<JobGroup> groups = groupsOf(runs);
    if (groups.size() != 1 || groups.front().columns.front().run->jobs.size() > kMostChartRows) {
        return std::nullopt;
    }
    const JobGroup& group = groups.front();
    const std::vector<JobTimes>& jobs = group.columns.front().run->jobs;
    Chart chart;
    chart.kind = ChartSpec::Kind::Table;
    QString title = tr("Each job with its length, and the mean");
    for (const JobColumn& column : group.columns) {
        if (!column.calculated() && column.run->by == "dispatcher") {
            title += tr("; %1: on real threads").arg(text(column.run->policy));
            break;
        }
    }
    if (std::all_of(jobs.begin(), jobs.end(), [](const JobTimes& job) { return job.arrival <= 0; })) {
        title += tr("; all jobs arrive at 0 ms");
    }
    chart.title = title.toStdString();
    for (const Measure measure : {Turnaround, Waiting, Response}) {
        for (const JobColumn& column : group.columns) {
            chart.names.push_back((measureName(measure) + QStringLiteral(", ") + columnInWords(column)).toStdString());
        }
    }
    double longest = 0;
    for (std::size_t i = 0; i <= jobs.size(); ++i) {
        const bool mean = i == jobs.size();
        chart.groups.push_back((mean ? tr("mean") : jobInWords(jobs[i])).toStdString());
        std::vector<ChartCell>& row = chart.cells.emplace_back();
        for (const Measure measure : {Turnaround, Waiting, Response}) {
            for (const JobColumn& column : group.columns) {
                row.push_back(cellOf(mean ? column.mean()[measure] : column.times(i)[measure]));
                longest = std::max(longest, row.back().value);
            }
        }
    }
    for (std::vector<ChartCell>& row : chart.cells) {
        for (ChartCell& cell : row) {
            cell.full = longest;
        }
    }
    return chart;
}

} // namespace timeslice
