#include "core/session/disturbance.h"

#include "core/base/cpu_time.h"
#include "core/workload/workload_spec.h"
#include "tests/core/session/hogs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace timeslice::disturbance_test {
namespace {

/// Until this process has used that much of a core: on a busy machine it takes longer.
void burn(Nanos cpu)
{
    for (const Nanos end = processCpuTime() + cpu; processCpuTime() < end;) { }
}

TEST(Disturbance, IsAShareAndNamesTheBusiestFirst)
{
    const DisturbanceMeter meter(allowedCpus(), 0);
    burn(200 * kMillisecond);
    const Disturbance found = meter.measure(0);
    EXPECT_GE(found.others, 0);
    EXPECT_LE(found.others, 1);
    EXPECT_GE(found.stolen, 0);
    EXPECT_LE(found.stolen, 1);
    EXPECT_TRUE(std::is_sorted(found.programs.begin(), found.programs.end(),
        [](const ForeignProgram& a, const ForeignProgram& b) { return a.share > b.share; }));
    for (const ForeignProgram& program : found.programs) {
        EXPECT_FALSE(program.name.empty());
        EXPECT_LE(program.share, found.others) << "no more than all of them together";
    }
}

TEST(Disturbance, TakesOffWhatTheRunUsedItself)
{
    const DisturbanceMeter meter(allowedCpus(), 0);
    burn(300 * kMillisecond);
    const double without = meter.measure(0).others;
    const double with = meter.measure(3600 * kSecond).others; // as if all of it had been the run
    EXPECT_LE(with, without + 1e-9);
    EXPECT_EQ(with, 0);
}

TEST(Disturbance, FindsOtherProcessesThatAreBusyAndTheirName)
{
    const Hogs hogs;
    const DisturbanceMeter meter(allowedCpus(), 0);
    burn(300 * kMillisecond);
    const Disturbance found = meter.measure(0);
    EXPECT_GT(found.others, 0.2) << "twice as many as there are cores, beside one thread of ours";
    std::string name; // the hogs are copies of this process
    std::getline(std::ifstream("/proc/self/comm"), name);
    EXPECT_TRUE(std::any_of(found.programs.begin(), found.programs.end(), [&](const ForeignProgram& program) {
        return program.name == name;
    })) << name;
}

TEST(Disturbance, IsMeasuredWithoutNamesToo)
{
    const Hogs hogs;
    const DisturbanceMeter meter(allowedCpus(), 0, DisturbanceMeter::Names::Leave);
    burn(300 * kMillisecond);
    const Disturbance found = meter.measure(0);
    EXPECT_GT(found.others, 0.2) << "twice as many as there are cores, beside one thread of ours";
    EXPECT_TRUE(found.programs.empty());
}

} // namespace
} // namespace timeslice::disturbance_test
