#include "app/cli/summary.h"

#include "core/base/clean_name.h"
#include "core/trace/unobserved_text.h"

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

std::string oneLine(const std::string& text)
{
    constexpr std::size_t kMost = 60;
    std::string line;
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1
            : lead < 0xC2                      ? 0
            : lead < 0xE0                      ? 2
            : lead < 0xF0                      ? 3
            : lead < 0xF5                      ? 4
                                               : 0;
        const std::string character = text.substr(at, std::max<std::size_t>(length, 1));
        const bool whole = length > 0 && character.size() == length
            && std::all_of(character.begin() + 1, character.end(),
                [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
        const bool control =
            lead < 0x20 || lead == 0x7F || (whole && lead == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
        if (++characters > kMost) {
            // The sixtieth makes room for the sign that something is missing.
            while ((static_cast<unsigned char>(line.back()) & 0xC0) == 0x80) {
                line.pop_back();
            }
            line.pop_back();
            return line + "…";
        }
        line += control ? " " : whole ? character : "?";
        at += whole ? length : 1;
    }
    return line;
}

std::string counted(std::uint64_t count, const std::string& one)
{
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// Time that is in no bar of the picture gets a line of its own from this share of the CPU time on: a 200th.
constexpr Nanos kWorthALine = 200;

void printVariant(std::FILE* out, const VariantReport& report, std::size_t nameWidth)
{
    if (report.exit.kind == Exit::Kind::NotRun) {
        std::fprintf(
            out, "  %s not run: %s\n", padded(oneLine(report.name), nameWidth).c_str(), report.exit.text.c_str());
        std::fflush(out);
        return;
    }
    const std::uint64_t switches = report.voluntary + report.preempted;
    std::fprintf(out, "  %s %10s  %5.2f cores  %6" PRIu64 " %-8s (%" PRIu64 " preempted)",
        padded(oneLine(report.name), nameWidth).c_str(), secondsText(report.wall).c_str(), report.parallelism, switches,
        switches == 1 ? "switch" : "switches", report.preempted);
    for (const CounterResult& counter : report.counters) {
        std::fprintf(
            out, "  %s: %" PRId64 " of %" PRId64 " lost", counter.name.c_str(), counter.lost(), counter.expected);
    }
    if (const Nanos besides = report.starting + report.ending; besides > 0 && besides >= report.cpu / kWorthALine) {
        std::fprintf(out, "\n  %s %s of CPU time, %s of it for starting and ending threads and processes",
            padded("", nameWidth).c_str(), secondsText(report.cpu).c_str(), secondsText(besides).c_str());
    }
    if (!report.exit.ok()) {
        std::fprintf(out, "\n  %s %s", padded("", nameWidth).c_str(), report.exit.text.c_str());
    }
    for (const std::string& finding : report.findings) {
        const bool said = finding.ends_with('.')
            && report.exit.text.find(finding.substr(0, finding.size() - 1)) != std::string::npos; // a deadlock
        if (!said) {
            std::fprintf(out, "\n  %s %s", padded("", nameWidth).c_str(), cleanName(finding).c_str());
        }
    }
    std::fputc('\n', out);
    std::fflush(out);
}

void printGil(std::FILE* out, const VariantReport& report, const std::string& gilNote)
{
    constexpr std::size_t kMost = 8; // a pool's processes have one each
    std::size_t gils = 0;
    for (const LockReport& lock : report.locks) {
        if (lock.kind != "gil" || ++gils > kMost) {
            continue;
        }
        const std::uint64_t handoffs = lock.handoffs();
        std::fprintf(out, "  %s: held %.1f %% of the time, %s", oneLine(lock.name).c_str(), 100 * lock.heldShare,
            counted(handoffs, "hand-off").c_str());
        if (handoffs > 0) {
            std::fprintf(out, " (%" PRIu64 " asked for, %" PRIu64 " given up freely, %" PRIu64 " at a thread's end)",
                lock.handoffsTimeout, lock.handoffsVoluntary, lock.handoffsExit);
        }
        if (lock.falseAlarms.value_or(0) > 0) {
            std::fprintf(out, ", %s", counted(*lock.falseAlarms, "false alarm").c_str());
        }
        if (lock.longestWait > 0) {
            std::fprintf(out, ", longest wait %s", secondsText(lock.longestWait).c_str());
        }
        std::fputc('\n', out);
    }
    if (gils > kMost) {
        std::fprintf(out, "  and %s more\n", counted(gils - kMost, "GIL").c_str());
    }
    if (gils == 0 && !gilNote.empty()) {
        std::fprintf(out, "  %s\n", gilNote.c_str());
    }
    for (const std::string& sentence : unobservedSentences(report.unobserved, kMost)) {
        std::fprintf(out, "  %s\n", cleanName(sentence).c_str());
    }
    std::fflush(out);
}

void printVerdict(std::FILE* out, const std::optional<Verdict>& verdict)
{
    if (!verdict) {
        return;
    }
    if (!verdict->holds && !verdict->measured) {
        // There is no number: judge() says why in a sentence of its own.
        const char* answer = verdict->silence == Silence::NotVisible ? "not visible here" : "no answer";
        std::fprintf(out, "\n\"%s\": %s.\n%s\n", verdict->text.c_str(), answer, verdict->why.c_str());
        return;
    }
    std::fprintf(out, "\n%s %s\n", verdict->headline.c_str(), verdict->caption.c_str());
    if (!verdict->text.empty()) {
        const char* answer = verdict->silence == Silence::Disturbed ? "disturbed, no answer"
            : !verdict->holds                                       ? "not visible here"
            : *verdict->holds                                       ? "holds"
                                                                    : "does not hold";
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
    std::uint64_t notRecorded = 0;
    Nanos stolen = 0;
    Nanos wall = 0;
    std::size_t calculated = 0;
    for (const VariantReport& variant : report.variants) {
        calculated += variant.source == Source::Calculated ? 1 : 0;
        events += variant.events;
        lost += variant.lostEvents - variant.notRecorded;
        notRecorded += variant.notRecorded;
        stolen += variant.stolen;
        wall += variant.wall;
    }
    std::fprintf(out, "\n%s, %s",
        report.source == Source::Measured         ? "Measured"
            : report.source == Source::Calculated ? "Calculated"
                                                  : "Inferred",
        counted(events, "event").c_str());
    if (calculated > 0 && calculated < report.variants.size()) {
        std::fprintf(out, ", %s calculated", counted(calculated, "variant").c_str());
    }
    if (lost > 0) {
        std::fprintf(out, ", %s lost", counted(lost, "event").c_str());
    }
    if (notRecorded > 0) {
        std::fprintf(out, ", %s not recorded (the recording's budget was used up: its picture ends there)",
            counted(notRecorded, "event").c_str());
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
