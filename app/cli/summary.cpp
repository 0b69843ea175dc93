#include "app/cli/summary.h"

#include <algorithm>
#include <cinttypes>
#include <numeric>

namespace timeslice {

namespace {

std::string secondsText(Nanos duration)
{
    char text[32];
    if (duration < kSecond) {
        std::snprintf(text, sizeof text, "%.1f ms", toMillis(duration));
    } else {
        std::snprintf(text, sizeof text, "%.3f s", toSeconds(duration));
    }
    return text;
}

} // namespace

std::size_t textWidth(const std::string& text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width)
{
    const std::size_t used = textWidth(text);
    return text + std::string(width > used ? width - used : 0, ' ');
}

void printVariant(std::FILE* out, const VariantReport& report, std::size_t nameWidth)
{
    const std::uint64_t switches = report.voluntary + report.preempted;
    std::fprintf(out, "  %s %10s  %5.2f cores  %6" PRIu64 " switches (%" PRIu64 " preempted)",
        padded(report.name, nameWidth).c_str(), secondsText(report.wall).c_str(), report.parallelism, switches,
        report.preempted);
    for (const CounterResult& counter : report.counters) {
        std::fprintf(
            out, "  %s: %" PRId64 " of %" PRId64 " lost", counter.name.c_str(), counter.lost(), counter.expected);
    }
    if (!report.exit.ok()) {
        std::fprintf(out, "\n  %s %s", padded("", nameWidth).c_str(), report.exit.text.c_str());
    }
    std::fputc('\n', out);
    std::fflush(out);
}

void printVerdict(std::FILE* out, const std::optional<Verdict>& verdict)
{
    if (!verdict) {
        return;
    }
    std::fprintf(out, "\n%s %s\n", verdict->headline.c_str(), verdict->caption.c_str());
    if (!verdict->text.empty()) {
        const char* answer = !verdict->holds ? "not visible here" : *verdict->holds ? "holds" : "does not hold";
        std::fprintf(out, "\"%s\": %s.\n", verdict->text.c_str(), answer);
    }
    if (!verdict->why.empty()) {
        std::fprintf(out, "%s\n", verdict->why.c_str());
    }
}

void printQuality(std::FILE* out, const RunReport& report)
{
    std::uint64_t events = 0;
    std::uint64_t lost = 0;
    Nanos stolen = 0;
    Nanos wall = 0;
    for (const VariantReport& variant : report.variants) {
        events += variant.events;
        lost += variant.lostEvents;
        stolen += variant.stolen;
        wall += variant.wall;
    }
    std::fprintf(out, "\n%s, %" PRIu64 " events", report.source == Source::Measured ? "Measured" : "Inferred", events);
    if (lost > 0) {
        std::fprintf(out, ", %" PRIu64 " events lost", lost);
    }
    if (const double coreTime = static_cast<double>(wall) * std::max(1, report.machine.cores);
        coreTime > 0 && static_cast<double>(stolen) > 0.005 * coreTime) {
        std::fprintf(out, ", %.1f %% of the cores' time stolen by this machine's host",
            100 * static_cast<double>(stolen) / coreTime);
    }
    std::fprintf(out, "; %d core%s, %s\n", report.machine.cores, report.machine.cores == 1 ? "" : "s",
        report.machine.kernel.c_str());
}

} // namespace timeslice
