// The threads of a script, told by lines through a socket.
#include "core/base/clean_name.h"
#include "core/base/json_fields.h"
#include "core/base/json_in.h"
#include "core/session/python_job.h"
#include "core/session/script_interpreters.h"
#include "core/session/stepped_threads.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace timeslice {

namespace {

constexpr const char* kVariable = "TIMESLICE_STEPS"; ///< the script's end of the socket
constexpr std::size_t kLongestLine = std::size_t{64} << 10; ///< far above any that _steps.py writes
constexpr std::size_t kMostTextBytes = 120; ///< of an instruction, or of a line of the script

std::string shortened(const std::string& text)
{
    return cleanName(std::string_view(text).substr(0, kMostTextBytes)); // cut within a character: it is cleaned
}

class SteppedScript final : public SteppedThreads {
public:
    SteppedScript(const SteppedSpec& spec, const VariantSpec& variant, const Limits& limits, const RunOptions& options)
        : m_steps(spec.job.programs.front().size())
        , m_variant(variant)
        , m_limits(limits)
        , m_options(options)
        , m_threads(spec.names.size())
    {
    }

    Result<WorkerProcess> start(int stopFd) override
    {
        Result<Programs> programs = findPrograms();
        if (!programs) {
            return tl::unexpected(programs.error());
        }
        PythonJob job;
        job.lesson = true;
        job.arguments = m_variant.python.arguments;
        const Result<std::filesystem::path> script = scriptOf(m_variant);
        if (!script) {
            return tl::unexpected(script.error());
        }
        job.arguments.insert(job.arguments.begin(), script->string());
        ScriptInterpreters interpreters(m_options.interpreter, m_options.addedInterpreters, stopFd);
        const std::string& need = m_variant.python.interpreter;
        Result<std::optional<Interpreter>> interpreter = interpreters.choose(need);
        if (!interpreter) {
            return tl::unexpected(interpreter.error());
        }
        if (!*interpreter) {
            return fail(interpreters.whyNone(need), ErrorKind::Unsupported);
        }
        job.interpreter = std::move(**interpreter);

        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            return failErrno("cannot step threads: socketpair", errno);
        }
        m_socket = UniqueFd(ends[0]);
        const UniqueFd theirs = aboveStdio(UniqueFd(ends[1]));
        if (!theirs) {
            return failErrno("cannot step threads: dup", errno);
        }
        ProcessSpec held;
        held.argv = pythonCommand(job);
        held.inherit = {theirs.get()};
        held.environment = lessonEnvironment(*programs);
        held.environment.push_back(std::string(kVariable) + "=" + std::to_string(theirs.get()));
        held.memoryBytes = pythonMemoryLimit(job, m_limits, 0);
#ifdef TIMESLICE_SANITIZED
        held.memoryBytes = 0; // the guard's child sets it before it becomes Python, and needs terabytes until then
#endif
        return WorkerProcess::spawnHeld(programs->guard, held, stopFd);
    }

    void give(std::size_t thread, StepOrder order) override
    {
        const std::string line = (order == StepOrder::Rewind ? "rewind " : "step ") + std::to_string(thread) + "\n";
        m_threads[thread].answered = false;
        // One order is on its way at a time, so there is room for it. That nobody is there any more is found by
        // reading.
        [[maybe_unused]] const ssize_t n =
            ::send(m_socket.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    bool waitUntilAnswered(std::size_t thread, Nanos most) override
    {
        const Nanos deadline = monotonicNow() + most;
        while (!m_threads[thread].answered && m_trouble.empty()) {
            const Nanos left = deadline - monotonicNow();
            if (left <= 0) {
                break;
            }
            pollfd ready{m_socket.get(), POLLIN, 0};
            if (::poll(&ready, 1, static_cast<int>(left / kMillisecond) + 1) == 1) {
                read();
            }
        }
        return m_threads[thread].answered && m_trouble.empty();
    }

    StepAnswer answer(std::size_t thread) const override
    {
        return m_threads[thread].answer;
    }
    Tid tid(std::size_t thread) const override
    {
        return m_threads[thread].tid;
    }
    const std::vector<StepText>& texts() const override
    {
        return m_texts;
    }
    const std::string& trouble() const override
    {
        return m_trouble;
    }

private:
    struct Thread {
        Tid tid = 0;
        bool answered = true;
        StepAnswer answer;
    };

    void read()
    {
        char bytes[4096];
        const ssize_t n = ::recv(m_socket.get(), bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        if (n <= 0) {
            m_trouble = "The script no longer listens to whose step is next.";
            return;
        }
        m_unread.append(bytes, static_cast<std::size_t>(n));
        std::size_t begin = 0;
        for (std::size_t end = m_unread.find('\n'); end != std::string::npos; end = m_unread.find('\n', begin)) {
            take(std::string_view(m_unread).substr(begin, end - begin));
            begin = end + 1;
        }
        m_unread.erase(0, begin);
        if (m_unread.size() > kLongestLine) {
            m_trouble = "The script's answers are too long.";
        }
    }

    void take(std::string_view line)
    {
        const auto read = readJson(line, JsonDialect::Python);
        const bool good = read && (m_begun ? takeAnswer(*read) : takeBeginning(*read));
        if (!good && m_trouble.empty()) {
            m_trouble = "The script's answers cannot be read: they are not those of timeslice.follow_steps().";
        }
    }

    bool takeBeginning(const nlohmann::json& said)
    {
        if (!said.is_object() || !said.contains("threads") || !said["threads"].is_array() || !said.contains("steps")
            || !said["steps"].is_array()) {
            return false;
        }
        const nlohmann::json& threads = said["threads"];
        const nlohmann::json& steps = said["steps"];
        if (threads.size() != m_threads.size() || steps.size() != m_steps) {
            m_trouble = "The script has " + std::to_string(threads.size()) + " threads of "
                + std::to_string(steps.size()) + " steps, its lesson says " + std::to_string(m_threads.size()) + " of "
                + std::to_string(m_steps) + ".";
            return false;
        }
        for (std::size_t i = 0; i < threads.size(); ++i) {
            m_threads[i].tid = threads[i].is_number_integer() ? threads[i].get<Tid>() : 0;
        }
        for (const nlohmann::json& step : steps) {
            const JsonFields fields(step);
            StepText text;
            text.instruction = shortened(fields.text("instruction"));
            text.line = fields.integer<int>("line", 0);
            text.source = shortened(fields.text("source"));
            if (!fields.trouble().empty()) {
                return false;
            }
            m_texts.push_back(std::move(text));
        }
        m_begun = true;
        return true;
    }

    bool takeAnswer(const nlohmann::json& said)
    {
        const JsonFields fields(said);
        const auto thread = fields.integer<std::size_t>("thread", 0, m_threads.size() - 1);
        const StepAnswer answer{fields.integer<std::int64_t>("register"), fields.integer<std::int64_t>("value")};
        if (!fields.trouble().empty() || m_threads[thread].answered) {
            return false; // nobody asked it
        }
        m_threads[thread].answer = answer;
        m_threads[thread].answered = true;
        return true;
    }

    std::size_t m_steps; ///< of each thread
    VariantSpec m_variant;
    Limits m_limits;
    RunOptions m_options;
    UniqueFd m_socket;
    std::string m_unread; ///< the beginning of a line
    bool m_begun = false; ///< it has said who it is
    std::vector<Thread> m_threads;
    std::vector<StepText> m_texts;
    std::string m_trouble;
};

} // namespace

std::unique_ptr<SteppedThreads> steppedScript(
    const SteppedSpec& spec, const VariantSpec& variant, const Limits& limits, const RunOptions& options)
{
    return std::make_unique<SteppedScript>(spec, variant, limits, options);
}

} // namespace timeslice
