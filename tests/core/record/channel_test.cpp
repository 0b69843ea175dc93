#include "core/record/channel.h"

#include <cstdlib>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace timeslice::channel_test {
namespace {

using testing::HasSubstr;

constexpr ChannelGeometry kSmall{.rings = 2, .ringCapacity = 256, .objects = 4};

Channel make(ChannelGeometry geometry = kSmall)
{
    Result<Channel> channel = Channel::create(geometry);
    EXPECT_TRUE(channel) << channel.error().message;
    return std::move(*channel);
}

UniqueFd duplicate(const Channel& channel)
{
    return UniqueFd{fcntl(channel.fd(), F_DUPFD_CLOEXEC, 0)};
}

// A sealed file like a channel, with `change` applied to its bytes.
template <class Change> Result<Channel> openChanged(Change change, bool sealed = true)
{
    const Channel original = make();
    std::vector<char> bytes(original.layout().totalBytes());
    EXPECT_EQ(pread(original.fd(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    change(bytes);
    UniqueFd fd{memfd_create("changed", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    EXPECT_EQ(write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    if (sealed) {
        EXPECT_EQ(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
    }
    return Channel::open(std::move(fd));
}

template <class T> void put(std::vector<char>& bytes, std::size_t offset, T value)
{
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

TEST(Channel, RoundsTheRingCapacityUpToAPowerOfTwo)
{
    EXPECT_EQ(make({.rings = 1, .ringCapacity = 1000, .objects = 1}).geometry().ringCapacity, 1024U);
    EXPECT_EQ(make({.rings = 1, .ringCapacity = 1024, .objects = 1}).geometry().ringCapacity, 1024U);
    EXPECT_EQ(make({.rings = 1, .ringCapacity = 0, .objects = 1}).geometry().ringCapacity, 1U);
}

TEST(Channel, RefusesGeometriesThatAreEmptyOrOverflow)
{
    constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
    for (const ChannelGeometry& geometry : {ChannelGeometry{0, 8, 4}, ChannelGeometry{2, 8, 0},
             ChannelGeometry{kMost, kMost, kMost}, ChannelGeometry{2, kMost, 4}, ChannelGeometry{2, 1U << 31, 4},
             ChannelGeometry{kMost, 8, 4}, ChannelGeometry{2, 8, kMost}}) {
        EXPECT_FALSE(Channel::create(geometry));
    }
}

TEST(Channel, IsClosedOnExecAndCannotBeResized)
{
    const Channel channel = make();
    EXPECT_NE(fcntl(channel.fd(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(ftruncate(channel.fd(), 0), 0);
    EXPECT_NE(ftruncate(channel.fd(), 1 << 20), 0);
}

TEST(Channel, SharesItsMemoryWithWhoeverOpensIt)
{
    const Channel creator = make();
    const Result<Channel> opened = Channel::open(duplicate(creator));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->geometry().rings, 2U);
    EXPECT_EQ(opened->geometry().ringCapacity, 256U);
    EXPECT_EQ(opened->geometry().objects, 4U);
    EXPECT_EQ(opened->addObject(ObjectKind::Mutex, "seen by both", 1), 1U);
    EXPECT_STREQ(creator.object(1).name, "seen by both");
}

TEST(Channel, IsFoundThroughTheEnvironment)
{
    const Channel creator = make();
    setenv(channel::kEnvironmentPath, ("/proc/self/fd/" + std::to_string(creator.fd())).c_str(), 1);
    EXPECT_TRUE(Channel::openFromEnvironment());
    setenv(channel::kEnvironmentPath, "/nonexistent/channel", 1);
    const Result<Channel> missing = Channel::openFromEnvironment();
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("/nonexistent/channel"));
    unsetenv(channel::kEnvironmentPath);
    const Result<Channel> unset = Channel::openFromEnvironment();
    ASSERT_FALSE(unset);
    EXPECT_THAT(unset.error().message, HasSubstr(channel::kEnvironmentPath));
}

TEST(Channel, OpensAnUnchangedCopy)
{
    EXPECT_TRUE(openChanged([](auto&) {}));
}

TEST(Channel, RefusesAFileThatIsNoChannel)
{
    const auto refused = openChanged([](auto& bytes) { bytes[0] ^= 1; });
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("not an event channel"));
    EXPECT_FALSE(openChanged([](auto& bytes) { bytes.clear(); }));
    EXPECT_FALSE(openChanged([](auto& bytes) { bytes.resize(20); }));
    EXPECT_FALSE(Channel::open(UniqueFd{}));
    EXPECT_FALSE(Channel::open(UniqueFd{::open("/", O_RDONLY | O_CLOEXEC)}));
}

TEST(Channel, RefusesAnotherVersionAndNamesBoth)
{
    const auto refused =
        openChanged([](auto& bytes) { put(bytes, offsetof(channel::FixedHeader, version), std::uint32_t{7}); });
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("version 7"));
    EXPECT_THAT(refused.error().message, HasSubstr("version 2"));
}

TEST(Channel, RefusesATruncatedFile)
{
    const auto refused = openChanged([](auto& bytes) { bytes.resize(bytes.size() - 1); });
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("truncated"));
}

TEST(Channel, RefusesAFileThatCouldBeCutShortWhileMapped)
{
    const auto refused = openChanged([](auto&) {}, false);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("sealed"));
}

TEST(Channel, RefusesSizesThatDoNotFitTogether)
{
    using Header = channel::FixedHeader;
    const auto refuses = [](std::size_t offset, auto value) {
        const auto result = openChanged([&](auto& bytes) { put(bytes, offset, value); });
        return !result && !result.error().message.empty();
    };
    for (const std::uint32_t lie : {0U, 1U, 3U, 7U, 9U, 1U << 30, 0xFFFFFFFFU}) {
        EXPECT_TRUE(refuses(offsetof(Header, ringCount), lie)) << lie;
        EXPECT_TRUE(refuses(offsetof(Header, ringCapacity), lie)) << lie;
        EXPECT_TRUE(refuses(offsetof(Header, headerBytes), lie)) << lie;
        EXPECT_TRUE(refuses(offsetof(Header, freeRings), lie)) << lie;
    }
    for (const std::uint64_t lie : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        EXPECT_TRUE(refuses(offsetof(Header, totalBytes), lie)) << lie;
        EXPECT_TRUE(refuses(offsetof(Header, objectsOffset), lie)) << lie;
        EXPECT_TRUE(refuses(offsetof(Header, ringsOffset), lie)) << lie;
        EXPECT_TRUE(refuses(offsetof(Header, ringBytes), lie)) << lie;
    }
    EXPECT_TRUE(refuses(offsetof(Header, objectCount), std::uint32_t{1} << 30));
}

TEST(Channel, HandsOutObjectsUntilTheTableIsFull)
{
    const Channel channel = make();
    EXPECT_EQ(channel.addObject(ObjectKind::Mutex, "a", 1), 1U);
    EXPECT_EQ(channel.addObject(ObjectKind::Gil, "b", 1), 2U);
    EXPECT_EQ(channel.addObject(ObjectKind::Counter, "c", 1), 3U);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(channel.addObject(ObjectKind::Counter, "too many", 1), 0U);
    }
    EXPECT_LE(channel.header().nextObject.load(), 4U);
}

TEST(Channel, IsAFileOfHolesWhateverItsSize)
{
    const Channel channel = make({.rings = 1U << 20, .ringCapacity = 1U << 14, .objects = 1U << 16});
    struct stat status { };
    ASSERT_EQ(fstat(channel.fd(), &status), 0);
    EXPECT_GT(status.st_size, std::int64_t{1} << 39);
    EXPECT_LT(status.st_blocks * 512, static_cast<std::int64_t>(channel::kIndexBytes) + (16 << 10));
}

TEST(Channel, MovesItsMapping)
{
    Channel first = make();
    first.addObject(ObjectKind::Mutex, "kept", 0);
    Channel second = std::move(first);
    EXPECT_STREQ(second.object(1).name, "kept");
    first = make({.rings = 1, .ringCapacity = 4, .objects = 2});
    second = std::move(first);
    EXPECT_EQ(second.geometry().rings, 1U);
    EXPECT_EQ(second.header().nextObject.load(), 1U);
}

} // namespace
} // namespace timeslice::channel_test
