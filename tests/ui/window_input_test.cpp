// What is typed in the window as a program's standard input, and signals as a wish to close it.
#include "ui/course/program_input.h"
#include "ui/window/quit_signals.h"

#include <QTest>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace timeslice::window_input_test {
namespace {

class Input : public testing::Test {
protected:
    void SetUp() override
    {
        auto opened = ProgramInput::open();
        ASSERT_TRUE(opened) << opened.error().message;
        m_input = std::move(*opened);
        fcntl(m_input->readFd(), F_SETFL, O_NONBLOCK);
    }
    /// What a program would read now; nullopt: the end.
    std::optional<QByteArray> read()
    {
        QByteArray all;
        char buffer[4096];
        ssize_t n = 0;
        while ((n = ::read(m_input->readFd(), buffer, sizeof buffer)) > 0) {
            all.append(buffer, n);
        }
        return n == 0 && all.isEmpty() ? std::nullopt : std::optional(all);
    }
    std::unique_ptr<ProgramInput> m_input;
};

TEST_F(Input, comesInOrderAndEndsWhenItIsEnded)
{
    EXPECT_GT(m_input->readFd(), STDERR_FILENO);
    m_input->send("one\n");
    m_input->send("two\n");
    EXPECT_EQ(read(), "one\ntwo\n");
    EXPECT_EQ(read(), "") << "more may come";
    m_input->send("three\n");
    m_input->end();
    EXPECT_TRUE(m_input->ended());
    m_input->send("too late\n");
    EXPECT_EQ(read(), "three\n");
    EXPECT_EQ(read(), std::nullopt);
}

TEST_F(Input, ofWhichAPipeHoldsOnlyAPartComesWholeBeforeItsEnd)
{
    QByteArray much;
    while (much.size() < 1'000'000) {
        much += QByteArray::number(much.size()) + '\n';
    }
    m_input->send(much);
    m_input->end();
    QByteArray all;
    while (const auto part = read()) {
        all += *part;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 10);
    }
    EXPECT_EQ(all, much);
}

class Quit : public testing::Test {
protected:
    static bool caught(int signal)
    {
        QuitSignals quit;
        int arrivals = 0;
        QObject::connect(&quit, &QuitSignals::arrived, [&] { ++arrivals; });
        std::raise(signal);
        while (arrivals == 0) {
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 10);
        }
        return arrivals == 1 && QuitSignals::arrivedSignal() == signal;
    }
    static bool hasDefault(int signal)
    {
        struct sigaction now { };
        sigaction(signal, nullptr, &now);
        return now.sa_handler == SIG_DFL;
    }
};

TEST_F(Quit, signalsAreHeardOfInsteadOfEndingTheProgram)
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        ASSERT_TRUE(hasDefault(signal)) << signal;
        EXPECT_TRUE(caught(signal)) << signal;
        EXPECT_TRUE(hasDefault(signal)) << signal << ": the next one ends it";
    }
}

TEST_F(Quit, signalsThatAreIgnoredStayIgnored)
{
    std::signal(SIGHUP, SIG_IGN);
    {
        const QuitSignals quit;
        struct sigaction now { };
        sigaction(SIGHUP, nullptr, &now);
        EXPECT_EQ(now.sa_handler, SIG_IGN) << "as nohup wants it";
    }
    struct sigaction after { };
    sigaction(SIGHUP, nullptr, &after);
    EXPECT_EQ(after.sa_handler, SIG_IGN);
    std::signal(SIGHUP, SIG_DFL);
}

TEST_F(Quit, theProgramEndsByTheSignalItself)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(endBySignal(SIGTERM), testing::KilledBySignal(SIGTERM), "");
    EXPECT_EXIT(endBySignal(SIGHUP), testing::KilledBySignal(SIGHUP), "");
}

} // namespace
} // namespace timeslice::window_input_test
