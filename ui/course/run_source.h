// RunSource: what a RunController follows: a ScenarioRun, or what a test makes up.
#pragma once

#include "core/session/scenario_run.h"

#include <memory>
#include <vector>

namespace timeslice {

/// As ScenarioRun, whose comments hold for all.
class RunSource {
public:
    RunSource() = default;
    virtual ~RunSource() = default;
    RunSource(const RunSource&) = delete;
    RunSource& operator=(const RunSource&) = delete;

    virtual std::vector<RunUpdate> poll() = 0;
    virtual int updateFd() const = 0;
    virtual void stop() = 0;
    virtual void endDeadlock() { }
};

class ScenarioSource : public RunSource {
public:
    explicit ScenarioSource(std::unique_ptr<ScenarioRun> run)
        : m_run(std::move(run))
    {
    }
    std::vector<RunUpdate> poll() override { return m_run->poll(); }
    int updateFd() const override { return m_run->updateFd(); }
    void stop() override { m_run->stop(); }
    void endDeadlock() override { m_run->endDeadlock(); }

private:
    std::unique_ptr<ScenarioRun> m_run;
};

} // namespace timeslice
