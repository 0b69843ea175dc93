// What a script is started with.
#include "core/session/python_job.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace timeslice::python_job_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The soft limit on address space for as long as it lives.
class AddressSpaceLimit {
public:
    explicit AddressSpaceLimit(rlim_t bytes)
    {
        getrlimit(RLIMIT_AS, &m_before);
        const rlimit wanted{bytes, m_before.rlim_max};
        setrlimit(RLIMIT_AS, &wanted);
    }
    ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &m_before); }
    AddressSpaceLimit(const AddressSpaceLimit&) = delete;
    AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;

private:
    rlimit m_before{};
};

/// Pages of the channel that exist.
std::int64_t touchedBytes(const Channel& channel)
{
    struct stat status { };
    fstat(channel.fd(), &status);
    return std::int64_t{status.st_blocks} * 512;
}

TEST(PythonJob, ItsChannelHasRoomForThousandsOfThreadsAndCostsNothingUntilTheyWrite)
{
    const ChannelGeometry geometry = pythonChannelGeometry();
    EXPECT_GE(geometry.rings, 4096U);
    const Result<Channel> channel = Channel::create(geometry);
    ASSERT_TRUE(channel) << channel.error().message;
    EXPECT_LT(touchedBytes(*channel), 128 << 10);
}

TEST(PythonJob, WhereTheAddressSpaceIsLimitedTheChannelTakesASmallShareOfIt)
{
#ifdef TIMESLICE_SANITIZED
    GTEST_SKIP() << "a sanitizer needs more address space than any limit";
#endif
    const rlim_t limit = rlim_t{4} << 30;
    const AddressSpaceLimit limited(limit);
    const ChannelGeometry geometry = pythonChannelGeometry();
    const std::uint64_t aRing = std::uint64_t{geometry.ringCapacity} * sizeof(Event); // mapped for each thread alive
    EXPECT_LE(64 * aRing, limit / 16);
    EXPECT_GE(geometry.rings, 64U);
    EXPECT_TRUE(Channel::create(geometry));
}

TEST(PythonJob, HasOnlyOneLibraryPreloadedAndOnlyWhereThereIsAChannel)
{
    PythonJob job;
    Programs programs;
    programs.probe = "/lib/probe.so";
    programs.modules = "/share/python";
    unsetenv("LD_PRELOAD");
    setenv("PYTHONPATH", "/mine", 1);
    EXPECT_THAT(pythonEnvironment(job, programs, {5, -1, -1}), Contains("LD_PRELOAD=/lib/probe.so"));
    EXPECT_THAT(pythonEnvironment(job, programs, {5, -1, -1}), Contains(EndsWith("/fd/5")));
    EXPECT_THAT(pythonEnvironment(job, programs, {5, -1, -1}),
        Contains(StartsWith("TIMESLICE_RECORDING=LD_PRELOAD=/lib/probe.so\nTIMESLICE_CHANNEL=/proc/")));
    EXPECT_THAT(
        pythonEnvironment(job, programs, {5, -1, -1}), Not(Contains(StartsWith("PYTHON")))); // it is the user's own
    EXPECT_TRUE(pythonEnvironment(job, programs, {}).empty());
    job.lesson = true;
    EXPECT_THAT(pythonEnvironment(job, programs, {5, 6, -1}), Contains("PYTHONPATH=/share/python:/mine"));
    EXPECT_THAT(pythonEnvironment(job, programs, {5, 6, -1}),
        Contains(AllOf(StartsWith("TIMESLICE_RECORDING="), HasSubstr("\nTIMESLICE_RESULT=/proc/"))));
    EXPECT_THAT(pythonEnvironment(job, programs, {-1, 6, -1}), Contains(StartsWith("TIMESLICE_RESULT=/proc/")));
    unsetenv("PYTHONPATH");
    EXPECT_THAT(pythonEnvironment(job, programs, {5, 6, -1}), Contains("PYTHONPATH=/share/python"));
}

TEST(PythonJob, TheMemoryLimitLeavesRoomForTheChannelAndIsNotForJython)
{
    PythonJob job;
    Limits limits;
    limits.memoryBytes = 1000;
    EXPECT_EQ(pythonMemoryLimit(job, limits, 24), 1024);
    job.interpreter.kind = InterpreterKind::Jython;
    EXPECT_EQ(pythonMemoryLimit(job, limits, 24), 0);
    limits.memoryBytes = 0;
    EXPECT_EQ(pythonMemoryLimit(PythonJob{}, limits, 24), 0);
}

} // namespace
} // namespace timeslice::python_job_test
