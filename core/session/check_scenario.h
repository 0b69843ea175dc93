// What can be found wrong with a scenario without running it, and is not a matter of its document alone: its workloads,
// scripts that Python cannot compile, and numbers that no run of it can report.
#pragma once

#include "core/python/interpreter.h"
#include "core/scenario/scenario.h"

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// Has Pythons compile scripts, and remembers what came of it as long as a script's text stays the same. Any thread.
class ScriptCompiler {
public:
    /// `pythons` gives the interpreters of this machine; it is asked where there is a script, and once.
    explicit ScriptCompiler(std::function<std::vector<Interpreter>()> pythons);

    /// What is wrong with the variant's script. Nullopt: nothing, or no interpreter is here that it could be asked.
    /// Blocks while a script is compiled that is not known yet.
    std::optional<std::string> mistakeIn(const VariantSpec& variant);
    /// The same where that is known already; else nullopt.
    std::optional<std::string> knownMistakeIn(const VariantSpec& variant) const;

private:
    struct Key {
        std::string script, need, text;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    static Key keyOf(const VariantSpec& variant);
    std::optional<std::string> compile(const VariantSpec& variant);

    std::function<std::vector<Interpreter>()> m_pythons;
    std::mutex m_compiling; ///< guards the next, and lets one Python run at a time
    std::optional<std::vector<Interpreter>> m_found; ///< once asked for
    mutable std::mutex m_mutex; ///< guards the next; never held for long
    std::map<Key, std::optional<std::string>> m_known;
};

enum class Scripts : unsigned char {
    Compiled,
    Remembered, ///< only what is known of them is told
};

/// For readScenarioFile(). Without a compiler nothing is said of scripts. As any thread calls it that may call the
/// compiler.
ScenarioCheck scenarioCheck(std::shared_ptr<ScriptCompiler> compiler, Scripts scripts = Scripts::Compiled);

} // namespace timeslice
