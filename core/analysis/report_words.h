// The words that reports use for enumerators; one table for writing and reading.
#pragma once

#include "core/analysis/report.h"

#include <array>
#include <optional>
#include <string_view>

namespace timeslice::report_words {

template <class Enum> struct Word {
    Enum value;
    std::string_view text;
};

inline constexpr std::array<Word<Engine>, 4> kEngines = {{{Engine::Native, "native"}, {Engine::Model, "model"},
    {Engine::CPython, "cpython"}, {Engine::OtherPython, "python"}}};
inline constexpr std::array<Word<Source>, 3> kSources = {
    {{Source::Measured, "measured"}, {Source::Inferred, "inferred"}, {Source::Calculated, "calculated"}}};
inline constexpr std::array<Word<Exit::Kind>, 8> kExits = {{{Exit::Kind::Exited, "exited"},
    {Exit::Kind::Signalled, "signalled"}, {Exit::Kind::StoppedByUser, "stopped"}, {Exit::Kind::TimeLimit, "time-limit"},
    {Exit::Kind::Deadlocked, "deadlocked"}, {Exit::Kind::FailedToStart, "failed-to-start"},
    {Exit::Kind::NotRun, "not-run"}, {Exit::Kind::Unknown, "unknown"}}};

inline constexpr std::array<Word<Silence>, 5> kSilences = {{{Silence::None, "none"}, {Silence::NotRun, "not-run"},
    {Silence::NoAnswer, "no-answer"}, {Silence::NotVisible, "not-visible"}, {Silence::Disturbed, "disturbed"}}};

inline constexpr std::array<Word<Summary>, 3> kKeptRuns = {
    {{Summary::Median, "median"}, {Summary::Least, "least"}, {Summary::Greatest, "greatest"}}};

constexpr const auto& wordsFor(Summary)
{
    return kKeptRuns;
}
constexpr const auto& wordsFor(Silence)
{
    return kSilences;
}
constexpr const auto& wordsFor(Engine)
{
    return kEngines;
}
constexpr const auto& wordsFor(Source)
{
    return kSources;
}
constexpr const auto& wordsFor(Exit::Kind)
{
    return kExits;
}

template <class Enum> constexpr std::string_view word(Enum value)
{
    for (const auto& entry : wordsFor(value)) {
        if (entry.value == value) {
            return entry.text;
        }
    }
    return "unknown";
}

template <class Enum> constexpr std::optional<Enum> fromWord(std::string_view text)
{
    for (const auto& entry : wordsFor(Enum{})) {
        if (entry.text == text) {
            return entry.value;
        }
    }
    return std::nullopt;
}

} // namespace timeslice::report_words
