// Scripts run for a test: the user's own, and variants of a scenario, under this system's Python.
#pragma once

#include "core/python/interpreter.h"
#include "core/session/scenario_run.h"
#include "tests/core/session/invariants.h"
#include "tests/places/places.h"

#include <filesystem>
#include <fstream>
#include <optional>

namespace timeslice {

namespace fs = std::filesystem;

/// A library that does no harm wherever it is preloaded: this system's libc, which is loaded anyway.
inline std::string harmlessLibrary()
{
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (line.ends_with("/libm.so.6")) {
            return line.substr(line.find('/'));
        }
    }
    throw std::runtime_error("no libm is mapped");
}

/// Output as it came, and the order in which updates came.
struct ScriptRun {
    FollowedRun followed;
    std::string output;
    bool outputAfterEnd = false;
    std::optional<VariantStarted> started;

    const Exit& exit() const { return followed.exit(); }
    const RunFacts& facts() const { return followed.variant().facts; }
};

class PythonRunTest : public testing::Test {
protected:
    PythonRunTest()
    {
        std::string pattern = (fs::temp_directory_path() / "timeslice-session-XXXXXX").string();
        m_folder = fs::canonical(mkdtemp(pattern.data()));
        setenv("XDG_CACHE_HOME", (m_folder / "cache").c_str(), 1);
        setenv("TIMESLICE_RESOURCES", test::resourceFolder().c_str(), 1);
        m_python.path = "/usr/bin/python3";
    }
    ~PythonRunTest() override
    {
        for (const char* name : {"XDG_CACHE_HOME", "TIMESLICE_RESOURCES", "TIMESLICE_GIL_PROBE", "LD_PRELOAD"}) {
            unsetenv(name);
        }
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    void SetUp() override
    {
        const Result<Interpreter> python = askInterpreter("/usr/bin/python3");
        ASSERT_TRUE(python) << python.error().message;
        m_python = *python;
    }
    void TearDown() override { EXPECT_THAT(descendants(getpid()), testing::IsEmpty()); }

    fs::path folder() const { return m_folder; }
    const Interpreter& python() const { return m_python; }

    fs::path write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << text;
        return m_folder / name;
    }

    /// A script of the user's.
    PythonCommand command(const std::string& script, std::vector<std::string> arguments = {}) const
    {
        PythonCommand made;
        made.interpreter = m_python;
        made.arguments = std::move(arguments);
        made.arguments.insert(made.arguments.begin(), write("script.py", script).string());
        made.captureOutput = true;
        made.limits = Limits{0, 64, 0, 0};
        return made;
    }
    static ScriptRun run(PythonCommand command, const RunOptions& options = {})
    {
        Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(std::move(command), options);
        if (!run) {
            throw std::runtime_error(run.error().message);
        }
        return follow(**run, std::make_unique<RunModel>(std::string("script.py")));
    }
    ScriptRun run(const std::string& script, std::vector<std::string> arguments = {}) const
    {
        return run(command(script, std::move(arguments)));
    }

    /// A variant of a scenario.
    VariantSpec variant(const std::string& id, const std::string& script, std::string need = "cpython") const
    {
        VariantSpec made;
        made.id = id;
        made.title = "Variant " + id;
        made.engine = need.starts_with("cpython") ? Engine::CPython : Engine::OtherPython;
        made.python.script = write(id + ".py", script);
        made.python.interpreter = std::move(need);
        made.code = script;
        return made;
    }
    ScriptRun runScenario(const Scenario& scenario) const
    {
        RunOptions options;
        options.interpreter = m_python.path;
        Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenario, options);
        if (!run) {
            throw std::runtime_error(run.error().message);
        }
        return follow(**run, std::make_unique<RunModel>(scenario));
    }
    ScriptRun runLesson(const std::string& script, Limits limits = {}) const
    {
        return runScenario(scenarioOf(std::vector<VariantSpec>{variant("only", script)}, limits));
    }

private:
    static ScriptRun follow(ScenarioRun& run, std::unique_ptr<RunModel> model)
    {
        ScriptRun script;
        FollowedRun& followed = script.followed;
        followed.model = std::move(model);
        const Nanos deadline = monotonicNow() + kPatience;
        bool ended = false;
        while (!followed.model->finished() && monotonicNow() < deadline) {
            pollfd ready{run.updateFd(), POLLIN, 0};
            ::poll(&ready, 1, 100);
            std::vector<RunUpdate> updates = run.poll();
            for (const RunUpdate& update : updates) {
                if (const auto* output = std::get_if<VariantOutput>(&update)) {
                    script.output += output->text;
                    script.outputAfterEnd = script.outputAfterEnd || ended;
                } else if (const auto* started = std::get_if<VariantStarted>(&update)) {
                    script.started = *started;
                    ended = false;
                } else if (const auto* batches = std::get_if<VariantBatches>(&update)) {
                    for (const Batch& batch : batches->batches) {
                        followed.events.insert(followed.events.end(), batch.events.begin(), batch.events.end());
                    }
                } else if (std::holds_alternative<VariantEnded>(update)) {
                    ended = true;
                }
            }
            followed.model->apply(std::move(updates));
        }
        EXPECT_TRUE(followed.model->finished()) << "the run does not end";
        return script;
    }

    fs::path m_folder;
    Interpreter m_python;
};

} // namespace timeslice
