#include "core/record/tracepoint.h"

#include "core/base/proc_file.h"
#include "core/base/read_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <limits>

namespace timeslice {

namespace {

/// Where tracefs is mounted by itself, and where it is reached through debugfs.
constexpr std::array kEvents = {"/sys/kernel/tracing/events/", "/sys/kernel/debug/tracing/events/"};

constexpr std::size_t kMostRecordBytes = std::numeric_limits<std::uint16_t>::max(); // perf_event_header::size

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t first = text.find_first_not_of(kBlank);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

/// The text of "KEY:" in "field:...; offset:8; size:16; signed:0;".
std::optional<std::string_view> part(std::string_view line, std::string_view key)
{
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(';'), line.size());
        const std::string_view piece = trimmed(line.substr(0, end));
        if (piece.starts_with(key)) {
            return trimmed(piece.substr(key.size()));
        }
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return std::nullopt;
}

/// "char comm[16]" is called "comm", and "__data_loc char[] name" "name".
std::string_view nameIn(std::string_view declaration)
{
    const bool array = declaration.ends_with(']');
    const std::string_view before =
        trimmed(declaration.substr(0, array ? declaration.rfind('[') : std::string_view::npos));
    const auto isPart = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    const auto last = std::find_if_not(before.rbegin(), before.rend(), isPart);
    return before.substr(static_cast<std::size_t>(before.rend() - last));
}

std::optional<TracepointField> fieldIn(std::string_view line)
{
    const auto declaration = part(line, "field:");
    const auto offset = part(line, "offset:");
    const auto size = part(line, "size:");
    if (!declaration || !offset || !size) {
        return std::nullopt;
    }
    const auto at = toNumber<std::size_t>(*offset);
    const auto bytes = toNumber<std::size_t>(*size);
    const std::string_view name = nameIn(*declaration);
    if (!at || !bytes || name.empty() || *at > kMostRecordBytes || *bytes > kMostRecordBytes) {
        return std::nullopt;
    }
    return TracepointField{std::string(name), *at, *bytes};
}

} // namespace

std::optional<std::size_t> Tracepoint::offsetOf(std::string_view name, std::size_t size) const
{
    const auto found = std::find_if(
        fields.begin(), fields.end(), [&](const TracepointField& f) { return f.name == name && f.size == size; });
    return found != fields.end() ? std::optional(found->offset) : std::nullopt;
}

Result<Tracepoint> parseTracepoint(std::string_view format)
{
    Tracepoint tracepoint;
    bool hasId = false;
    while (!format.empty()) {
        const std::size_t end = std::min(format.find('\n'), format.size());
        const std::string_view line = trimmed(format.substr(0, end));
        format.remove_prefix(std::min(end + 1, format.size()));
        if (line.starts_with("print fmt:")) {
            break; // for people
        }
        if (const auto id = part(line, "ID:")) {
            const auto number = toNumber<std::uint64_t>(*id);
            hasId = number.has_value();
            tracepoint.id = number.value_or(0);
        } else if (line.starts_with("field:")) {
            std::optional<TracepointField> field = fieldIn(line);
            if (!field) {
                return fail("the description of a tracepoint makes no sense: '" + std::string(line) + "'");
            }
            tracepoint.fields.push_back(std::move(*field));
        }
    }
    if (!hasId || tracepoint.fields.empty()) {
        return fail("the description of a tracepoint has no number or no fields");
    }
    return tracepoint;
}

Result<Tracepoint> readTracepoint(const std::string& name)
{
    int refused = ENOENT;
    for (const char* events : kEvents) {
        std::string text;
        if (readFile((events + name + "/format").c_str(), text)) {
            Result<Tracepoint> tracepoint = parseTracepoint(text);
            return tracepoint ? std::move(tracepoint) : fail(tracepoint.error().message, ErrorKind::Unsupported);
        }
        refused = errno == EACCES || errno == EPERM ? errno : refused;
    }
    const std::string what = "the kernel's tracepoints cannot be read: ";
    if (refused == ENOENT) {
        return fail(what + "tracefs is not mounted. Root may mount it: mount -t tracefs nodev /sys/kernel/tracing",
            ErrorKind::Unsupported);
    }
    return fail(what + "/sys/kernel/tracing is for root alone (" + std::strerror(refused)
            + "). To let every user read it until the next start of the machine, run: sudo mount -o remount,mode=755 "
              "/sys/kernel/tracing",
        ErrorKind::Unsupported);
}

} // namespace timeslice
