// The page through which threads are stepped, with a thread, with a forked process that is killed, and with pages that
// are none.
#include "core/dispatch/step_page.h"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace timeslice::step_page_test {
namespace {

constexpr Nanos kPatience = 60 * kSecond;

/// What sits in a seat here: counts its steps.
void serve(StepSeat& seat)
{
    seat.sit(gettid());
    StepAnswer answer;
    for (;;) {
        const std::optional<StepOrder> order = seat.nextOrder();
        if (!order) {
            continue;
        }
        answer.registerValue = *order == StepOrder::Step ? answer.registerValue + 1 : 0;
        answer.value = 10 * answer.registerValue;
        seat.answer(answer);
        if (*order == StepOrder::Leave) {
            return;
        }
    }
}

UniqueFd copyOf(const StepPage& page)
{
    return UniqueFd(fcntl(page.fd(), F_DUPFD_CLOEXEC, 3));
}

TEST(StepSeat, TakesOneStepForEachOrderAndNoneByItself)
{
    auto page = StepPage::create(1);
    ASSERT_TRUE(page) << page.error().message;
    auto theirs = StepPage::open(copyOf(*page), 1);
    ASSERT_TRUE(theirs) << theirs.error().message;
    StepSeat& seat = page->seat(0);
    EXPECT_TRUE(seat.answered()) << "nothing was ordered";
    EXPECT_EQ(seat.tid(), 0);
    std::thread thread([&] { serve(theirs->seat(0)); });
    for (std::int64_t step = 1; step <= 1000; ++step) {
        seat.give(StepOrder::Step);
        ASSERT_TRUE(seat.waitUntilAnswered(kPatience));
        ASSERT_EQ(seat.answer(), (StepAnswer{step, 10 * step}));
    }
    seat.give(StepOrder::Rewind);
    ASSERT_TRUE(seat.waitUntilAnswered(kPatience));
    EXPECT_EQ(seat.answer(), StepAnswer{});
    EXPECT_NE(seat.tid(), 0);
    seat.give(StepOrder::Leave);
    EXPECT_TRUE(seat.waitUntilAnswered(kPatience));
    thread.join();
}

TEST(StepSeat, OfAProcessThatWasKilledIsNotAnsweredAndHoldsNobodyUp)
{
    auto page = StepPage::create(2);
    ASSERT_TRUE(page);
    const pid_t child = fork();
    if (child == 0) {
        serve(page->seat(0));
        _exit(0);
    }
    page->seat(0).give(StepOrder::Step);
    ASSERT_TRUE(page->seat(0).waitUntilAnswered(kPatience));
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    page->seat(0).give(StepOrder::Step);
    EXPECT_FALSE(page->seat(0).waitUntilAnswered(5 * kMillisecond));
    EXPECT_EQ(page->seat(0).answer(), (StepAnswer{1, 10})) << "what it said before";
    EXPECT_TRUE(page->seat(1).answered()) << "the others' seats are as they were";
}

TEST(StepSeat, LetsTheThreadLookWhetherToGoOnWhenASignalComes)
{
    struct sigaction nothing { };
    struct sigaction before { };
    nothing.sa_handler = [](int) {};
    sigaction(SIGUSR1, &nothing, &before);
    auto page = StepPage::create(1);
    ASSERT_TRUE(page);
    std::atomic<bool> stop = false;
    std::atomic<bool> gone = false;
    std::thread thread([&] {
        page->seat(0).sit(gettid());
        while (!stop) {
            EXPECT_EQ(page->seat(0).nextOrder(), std::nullopt);
        }
        gone = true;
    });
    stop = true;
    while (!gone) { // it may have looked at `stop` just before, and begin to wait just after
        pthread_kill(thread.native_handle(), SIGUSR1);
        std::this_thread::yield();
    }
    thread.join();
    sigaction(SIGUSR1, &before, nullptr);
}

TEST(StepPage, IsRefusedWhereItIsNone)
{
    const auto message = [](UniqueFd fd, std::size_t seats) {
        const auto page = StepPage::open(std::move(fd), seats);
        return page ? std::string("taken") : page.error().message;
    };
    auto page = StepPage::create(2);
    ASSERT_TRUE(page);
    EXPECT_EQ(message(copyOf(*page), 2), "taken");
    EXPECT_THAT(message(copyOf(*page), 3), testing::HasSubstr("is for 2 threads, the workload has 3"));
    EXPECT_THAT(message(UniqueFd(), 2), testing::HasSubstr("not a page"));
    EXPECT_THAT(message(UniqueFd(memfd_create("empty", MFD_CLOEXEC)), 2), testing::HasSubstr("not a page"));

    std::string bytes(static_cast<std::size_t>(lseek(page->fd(), 0, SEEK_END)), '\0');
    ASSERT_EQ(pread(page->fd(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    const auto fileOf = [](const std::string& text) {
        UniqueFd fd(memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        EXPECT_EQ(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
        return fd;
    };
    EXPECT_THAT(message(fileOf(bytes), 2), testing::HasSubstr("not sealed"));
    EXPECT_THAT(message(fileOf(bytes.substr(0, 100)), 2), testing::HasSubstr("is for 2 threads"));
    std::string later = bytes;
    later[8] = 9;
    EXPECT_THAT(message(fileOf(later), 2), testing::HasSubstr("has version 9, this program knows version 1"));
    std::string other = bytes;
    other[0] = 'X';
    EXPECT_THAT(message(fileOf(other), 2), testing::HasSubstr("not a page"));
}

TEST(StepPage, CannotBeCutShortByItsOtherEnd)
{
    auto page = StepPage::create(1);
    ASSERT_TRUE(page);
    EXPECT_NE(ftruncate(page->fd(), 0), 0);
}

TEST(StepPage, TakesWhatCannotBeAnOrderForLeave)
{
    auto page = StepPage::create(1);
    ASSERT_TRUE(page);
    page->seat(0).give(static_cast<StepOrder>(4)); // count and kind as a mad dispatcher may write them
    EXPECT_EQ(page->seat(0).nextOrder(), StepOrder::Leave);
}

} // namespace
} // namespace timeslice::step_page_test
