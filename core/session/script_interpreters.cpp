#include "core/session/script_interpreters.h"

#include "core/python/ask_interpreter.h"

#include <utility>

namespace timeslice {

ScriptInterpreters::ScriptInterpreters(
    std::filesystem::path named, std::vector<std::filesystem::path> added, int stopFd)
    : m_named(std::move(named))
    , m_added(std::move(added))
    , m_stopFd(stopFd)
{
}

Result<std::optional<Interpreter>> ScriptInterpreters::choose(const std::string& need)
{
    if (!m_named.empty() && !m_usual) {
        Result<Interpreter> named = askInterpreterUntil(m_named, m_stopFd);
        if (!named) {
            return tl::unexpected(named.error());
        }
        m_usual = std::move(*named);
        m_found.insert(m_found.begin(), *m_usual);
    }
    if (std::optional<Interpreter> usual = chooseInterpreter(m_found, need)) {
        return usual;
    }
    if (!std::exchange(m_looked, true)) {
        const std::vector<Interpreter> found = findInterpretersUntil(m_added, m_stopFd);
        m_found.insert(m_found.end(), found.begin(), found.end());
    }
    return chooseInterpreter(m_found, need);
}

} // namespace timeslice
