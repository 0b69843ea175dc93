// What the window costs while it shows a run: the program itself, in a window of 1920x1080 on an X server of its own.
// Budget: 3 % of a core, all its threads and the X server together, from the key that starts the run until the window
// says it is done. Of a run of three short variants most is what a run costs however long it is: three starts, and the
// picture in three stages. So a longer one is measured beside it.
//
// The offscreen platform puts nothing on a screen and hands no picture over: what it reports is a part of this. The
// clocks are the kernel's of the processes, in nanoseconds, with the threads in them that have ended; of the window's
// the main thread, which applies and draws, has one of its own, and the rest are those that record and what Qt starts.
// A server that draws into memory, as this one, does all of its work on the CPU.
#include "core/base/time.h"
#include "tests/benchmarks/budget.h"
#include "tests/benchmarks/course.h"
#include "tests/benchmarks/median.h"

#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace timeslice {
namespace {

constexpr const char* kShort = "gil-two-threads"; ///< 0.65 s
constexpr const char* kLong = "gil-hog"; ///< 4 s
constexpr const char* kScreen = "1920x1080x24";
constexpr Nanos kPatience = 30 * kSecond;
constexpr Nanos kStill =
    500 * kMillisecond; ///< nobody does anything before the run, and the last picture is drawn after

/// A process of ours, ended with this. What it writes to the descriptor `said` of its own is read line by line.
class Program {
public:
    Program(std::vector<std::string> arguments, int said)
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            giveUp("no pipe");
        }
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, ends[1], said);
        std::vector<char*> words;
        for (std::string& argument : arguments) {
            words.push_back(argument.data());
        }
        words.push_back(nullptr);
        if (::posix_spawnp(&m_pid, words[0], &actions, nullptr, words.data(), environ) != 0) {
            giveUp("cannot start " + arguments[0] + ": ./dev setup build test shots");
        }
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        m_said = ends[0];
    }
    ~Program()
    {
        ::kill(m_pid, SIGTERM);
        ::waitpid(m_pid, nullptr, 0);
        ::close(m_said);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    pid_t pid() const { return m_pid; }

    /// The next line; empty at the end or when none comes in time.
    std::string line()
    {
        const Nanos until = monotonicNow() + kPatience;
        for (;;) {
            if (const auto end = m_read.find('\n'); end != std::string::npos) {
                std::string line = m_read.substr(0, end);
                m_read.erase(0, end + 1);
                return line;
            }
            pollfd ready{m_said, POLLIN, 0};
            std::array<char, 512> bytes{};
            if (monotonicNow() >= until || ::poll(&ready, 1, 100) < 0) {
                return {};
            }
            if (ready.revents == 0) {
                continue;
            }
            const ssize_t n = ::read(m_said, bytes.data(), bytes.size());
            if (n <= 0) {
                return {};
            }
            m_read.append(bytes.data(), static_cast<std::size_t>(n));
        }
    }

    /// All its threads', those that have ended too.
    Nanos cpuTime() const
    {
        clockid_t clock{};
        timespec time{};
        if (::clock_getcpuclockid(m_pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
            giveUp("a process has gone");
        }
        return time.tv_sec * kSecond + time.tv_nsec;
    }

    Nanos mainThreadCpuTime() const
    {
        std::ifstream file("/proc/" + std::to_string(m_pid) + "/task/" + std::to_string(m_pid) + "/schedstat");
        Nanos ran = 0;
        if (!(file >> ran)) {
            giveUp("a process has gone");
        }
        return ran;
    }

private:
    pid_t m_pid = 0;
    int m_said = -1;
    std::string m_read;
};

void pause(Nanos time)
{
    std::this_thread::sleep_for(std::chrono::nanoseconds(time));
}

/// What a short program says first.
std::string answer(std::vector<std::string> arguments)
{
    return Program(std::move(arguments), 1).line();
}

template <class Condition> void waitFor(const char* what, Condition condition)
{
    for (const Nanos until = monotonicNow() + kPatience; !condition(); pause(50 * kMillisecond)) {
        if (monotonicNow() > until) {
            giveUp(std::string(what) + " did not come");
        }
    }
}

/// An X server, and a window manager that lets windows fill its screen.
class Screen {
public:
    explicit Screen(const std::filesystem::path& folder)
        : m_server({"Xvfb", "-displayfd", "3", "-screen", "0", kScreen, "-nolisten", "tcp"}, 3)
    {
        const std::string display = m_server.line();
        if (display.empty()) {
            giveUp("the X server did not start");
        }
        ::setenv("DISPLAY", (":" + display).c_str(), 1);
        const std::string settings = folder / "openbox.xml";
        std::ofstream(settings) << "<openbox_config xmlns=\"http://openbox.org/3.4/rc\"><applications>"
                                   "<application type=\"normal\"><decor>no</decor><maximized>yes</maximized>"
                                   "</application></applications></openbox_config>\n";
        m_manager = std::make_unique<Program>(
            std::vector<std::string>{"openbox", "--sm-disable", "--config-file", settings}, 1);
        waitFor("a window manager", [] {
            return answer({"xprop", "-root", "_NET_SUPPORTING_WM_CHECK"}).find("window id") != std::string::npos;
        });
        answer({"xdotool", "mousemove", "1919", "1079"}); // over nothing
    }
    const Program& server() const { return m_server; }

private:
    Program m_server;
    std::unique_ptr<Program> m_manager;
};

struct Cost {
    double window = 0; ///< % of a core
    double mainThread = 0; ///< of it
    double server = 0;
    double afterwards = 0; ///< ms of the window's, for what it draws when the run is over
    double seconds = 0;
};

/// The program's window with the scenario in it.
class Window {
public:
    Window(const Screen& screen, const char* scenario)
        : m_screen(screen)
        , m_program({(std::filesystem::read_symlink("/proc/self/exe").parent_path() / "timeslice").string(),
                        "--scenario", scenario},
              1)
    {
        waitFor("the window", [this] {
            m_id = answer({"xdotool", "search", "--onlyvisible", "--pid", std::to_string(m_program.pid()), "--name",
                "^Timeslice"});
            return !m_id.empty();
        });
        waitFor("the window's keyboard", [this] { return answer({"xdotool", "getactivewindow"}) == m_id; });
        // It tells of every new title without being asked: to ask would cost the server time.
        m_titles = std::make_unique<Program>(
            std::vector<std::string>{"stdbuf", "-oL", "xprop", "-spy", "-id", m_id, "_NET_WM_NAME"}, 1);
        m_titles->line();
    }

    Cost run()
    {
        pause(kStill);
        const Nanos window = m_program.cpuTime();
        const Nanos mainThread = m_program.mainThreadCpuTime();
        const Nanos server = m_screen.server().cpuTime();
        const Nanos begin = monotonicNow();
        answer({"xdotool", "key", "--clearmodifiers", "space"});
        for (std::string title; title.find("done\"") == std::string::npos;) {
            title = m_titles->line();
            if (title.empty() || title.find("failed\"") != std::string::npos) {
                giveUp("the run does not end well");
            }
        }
        const Nanos wall = monotonicNow() - begin;
        const Nanos ended = m_program.cpuTime();
        const auto share = [wall](Nanos cpu) { return 100 * static_cast<double>(cpu) / static_cast<double>(wall); };
        Cost cost;
        cost.window = share(ended - window);
        cost.mainThread = share(m_program.mainThreadCpuTime() - mainThread);
        cost.server = share(m_screen.server().cpuTime() - server);
        cost.seconds = toSeconds(wall);
        pause(kStill);
        cost.afterwards = toMillis(m_program.cpuTime() - ended);
        return cost;
    }

private:
    const Screen& m_screen;
    Program m_program;
    std::string m_id;
    std::unique_ptr<Program> m_titles;
};

/// An empty folder, until the end.
class Folder {
public:
    Folder()
    {
        std::string path = std::filesystem::temp_directory_path() / "timeslice-bench-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) {
            giveUp("no temporary folder");
        }
        m_path = path;
    }
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

void aRunInItsWindow(benchmark::State& state, const char* scenario)
{
    const Folder folder;
    ::setenv("QT_QPA_PLATFORM", "xcb", 1);
    ::setenv("XDG_CONFIG_HOME", folder.path().c_str(), 1); // the viewer's own would be another window
    ::unsetenv("WAYLAND_DISPLAY");
    const Screen screen(folder.path());
    Window window(screen, scenario);
    window.run(); // reads the files that a run needs
    std::vector<double> shares;
    std::vector<double> mainThreads;
    std::vector<double> servers;
    std::vector<double> all;
    std::vector<double> afterwards;
    std::vector<double> seconds;
    for (auto _ : state) {
        const Cost cost = window.run();
        shares.push_back(cost.window);
        mainThreads.push_back(cost.mainThread);
        servers.push_back(cost.server);
        all.push_back(cost.window + cost.server);
        afterwards.push_back(cost.afterwards);
        seconds.push_back(cost.seconds);
    }
    state.counters["window_percent"] = medianOf(shares).value;
    state.counters["main_thread_percent"] = medianOf(mainThreads).value;
    state.counters["x_server_percent"] = medianOf(servers).value;
    state.counters["last_picture_ms"] = medianOf(afterwards).value;
    state.counters["run_s"] = medianOf(seconds).value;
    Budgets()
        .atMost("the window and its X server while a run goes on", medianOf(all).value, 3, " % of a core")
        .say(state);
}
BENCHMARK_CAPTURE(aRunInItsWindow, short, kShort)->Iterations(7)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(aRunInItsWindow, long, kLong)->Iterations(3)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
} // namespace timeslice

BENCHMARK_MAIN();
