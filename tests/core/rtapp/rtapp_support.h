// Reads and runs workloads in rt-app's grammar: those of tests/data/rtapp, and a few lines of text.
#pragma once

#include "core/rtapp/rtapp_workload.h"
#include "tests/core/workload/workload_support.h"
#include "tests/places/places.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace timeslice::rtapp_test {

using workload_test::Recorded;

/// The machine that the reader is told of.
inline WorkloadBounds twoCores()
{
    return {kMostRtappThreads, {0, 1}};
}

inline RtappWorkload accept(const std::string& text, const WorkloadBounds& bounds = twoCores())
{
    auto workload = readRtappWorkload(text, "file.json", bounds);
    EXPECT_TRUE(workload) << workload.error().message;
    return workload ? *std::move(workload) : RtappWorkload{};
}

inline std::string dataText(const std::string& name)
{
    const std::ifstream file(test::testDataFolder() / "rtapp" / (name + ".json"), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return std::move(text).str();
}

inline Recorded record(const WorkloadSpec& spec)
{
    const Channel channel = workload_test::makeChannel();
    Recorded recorded;
    auto result = runWorkload(spec, workload_test::options(&channel));
    if (!result) {
        ADD_FAILURE() << result.error().message;
        return recorded;
    }
    recorded.result = *std::move(result);
    ChannelReader(channel, SchedulingSource::Kernel).drain(recorded.batch);
    std::stable_sort(recorded.batch.events.begin(), recorded.batch.events.end(),
        [](const Event& a, const Event& b) { return a.time < b.time; });
    EXPECT_EQ(recorded.batch.lost.total(), 0U);
    return recorded;
}

/// Reads the file for this machine, and runs it.
inline Recorded recordText(const std::string& text)
{
    return record(accept(text, {kMostRtappThreads, allowedCpus()}).spec);
}
inline Recorded recordFile(const std::string& name)
{
    return recordText(dataText(name));
}

} // namespace timeslice::rtapp_test
