// ScriptInterpreters: which Python a scenario's script gets.
#pragma once

#include "core/python/interpreter.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// For one thread. Looks for interpreters when the first is needed, and once.
class ScriptInterpreters {
public:
    /// `named`: the one that was asked for, the usual one wherever it fits; empty = the best found. `added`: to look at
    /// besides those found. Gives up when `stopFd` becomes readable: what was found then is not all that there is.
    ScriptInterpreters(std::filesystem::path named, std::vector<std::filesystem::path> added, int stopFd);

    /// Nullopt: none is here that meets `need`, which is as chooseInterpreter() takes it. Errors: the one that was
    /// asked for cannot be used.
    Result<std::optional<Interpreter>> choose(const std::string& need);
    /// Why choose() found none.
    std::string whyNone(const std::string& need) const { return whyNoInterpreter(m_found, need); }

private:
    std::filesystem::path m_named;
    std::vector<std::filesystem::path> m_added;
    int m_stopFd;
    std::optional<Interpreter> m_usual; ///< m_named, once asked
    bool m_looked = false;
    std::vector<Interpreter> m_found; ///< m_usual is its first
};

} // namespace timeslice
