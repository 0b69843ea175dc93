#include "core/workload/dispatch_outcome.h"

#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"
#include "core/dispatch/job_text.h"
#include "core/workload/dispatch_spec.h"

#include <algorithm>
#include <optional>

namespace timeslice {

namespace {

nlohmann::json millis(std::optional<Nanos> time)
{
    return time ? nlohmann::json(static_cast<double>(*time) / 1e6) : nlohmann::json();
}

nlohmann::json jobFigures(const JobFigures& job)
{
    return {{"turnaround_ms", millis(job.turnaround())}, {"waiting_ms", millis(job.waiting)},
        {"response_ms", millis(job.response())}, {"ended_ms", millis(job.ended)}};
}

nlohmann::json means(const Figures& figures)
{
    return {{"turnaround_ms", millis(figures.turnaround)}, {"waiting_ms", millis(figures.waiting)},
        {"response_ms", millis(figures.response)}, {"longest_wait_ms", millis(figures.longestWait)}};
}

/// "A B A"; a long one is cut off.
std::string orderText(const std::vector<JobIndex>& order, const std::vector<std::string>& names)
{
    constexpr std::size_t kMost = 200;
    std::string text;
    for (std::size_t i = 0; i < std::min(order.size(), kMost); ++i) {
        text += (i == 0 ? "" : " ") + names[order[i]];
    }
    return order.size() > kMost ? text + " ..." : text;
}

/// "A, B and C"; of many the first, and how many more.
std::string namesText(const std::vector<std::string>& names)
{
    constexpr std::size_t kMost = 4;
    if (names.size() <= kMost + 1) {
        return joinNames(names);
    }
    std::vector<std::string> first(names.begin(), names.begin() + kMost);
    first.push_back(std::to_string(names.size() - kMost) + " more");
    return joinNames(first);
}

} // namespace

std::vector<JobIndex> orderOf(const std::vector<TimedDecision>& decisions)
{
    std::vector<JobIndex> order;
    for (const TimedDecision& one : decisions) {
        if (one.decision.in != one.decision.out) {
            order.push_back(one.decision.in);
        }
    }
    return order;
}

nlohmann::json toJson(const DispatchOutcome& outcome)
{
    nlohmann::json jobs = nlohmann::json::array();
    for (std::size_t i = 0; i < outcome.names.size(); ++i) {
        nlohmann::json job = jobFigures(outcome.figures.jobs[i]);
        job["name"] = outcome.names[i];
        job["starved"] = outcome.limit && outcome.figures.jobs[i].starved(*outcome.limit) ? 1 : 0;
        if (i < outcome.jobs.size()) {
            job["arrival_ms"] = millis(outcome.jobs[i].arrival);
            job["length_ms"] = millis(outcome.jobs[i].length);
        }
        job["closed_form"] = jobFigures(outcome.closedForm.jobs[i]);
        jobs.push_back(std::move(job));
    }
    nlohmann::json mean = means(outcome.figures);
    mean["closed_form"] = means(outcome.closedForm);
    nlohmann::json json{{"policy", outcome.policy}, {"granularity_ms", millis(DispatchSpec::kGranularity)},
        {"jobs", jobs}, {"mean", mean}, {"closed_form_order", orderText(outcome.closedFormOrder, outcome.names)},
        {"starved", outcome.figures.starved}, {"unfinished", outcome.figures.unfinished}, {"cut_off", outcome.cutOff},
        {"by_kernel", outcome.byKernel}, {"by", outcome.by}, {"table", jobsText(outcome.jobs)},
        {"limit_ms", millis(outcome.limit)}};
    if (!outcome.byKernel) {
        json["order"] = orderText(outcome.order, outcome.names);
        json["same_order"] = outcome.order == outcome.closedFormOrder ? 1 : 0;
    }
    return json;
}

std::vector<std::string> findingsOf(const DispatchOutcome& outcome)
{
    std::vector<std::string> sentences;
    if (!outcome.limit) {
        return sentences;
    }
    std::vector<std::string> starved;
    std::vector<std::string> unfinished;
    for (std::size_t i = 0; i < outcome.names.size(); ++i) {
        const JobFigures& job = outcome.figures.jobs[i];
        if (job.starved(*outcome.limit)) {
            starved.push_back(outcome.names[i]);
        } else if (!job.ended) {
            unfinished.push_back(outcome.names[i]);
        }
    }
    const std::string limit = "the limit of " + toDurationText(*outcome.limit, " ");
    if (!starved.empty()) {
        sentences.push_back("Starved: " + namesText(starved) + (starved.size() == 1 ? " was" : " were")
            + " ready, and never had a core before " + limit + " ended the run.");
    }
    if (!unfinished.empty()) {
        sentences.push_back(namesText(unfinished) + (unfinished.size() == 1 ? " was" : " were") + " not done when "
            + limit + " ended the run.");
    }
    return sentences;
}

} // namespace timeslice
