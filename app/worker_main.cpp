// timeslice-worker: runs one native workload and reports what came of it. The session starts it; see
// core/workload/workload_spec.h for what it is told and core/workload/workload_result.h for what it answers.

#include "core/base/json_out.h"
#include "core/base/unique_fd.h"
#include "core/dispatch/step_page.h"
#include "core/record/channel.h"
#include "core/rtapp/rtapp_workload.h"
#include "core/workload/compute_kernel.h"
#include "core/workload/workload_runner.h"

#include <cerrno>
#include <charconv>
#include <climits>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace timeslice;

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitUnsupported = 3;

constexpr const char* kUsage = R"(usage: timeslice-worker --spec-fd N [OPTION]...
       timeslice-worker --calibrate

Runs the workload that is read as JSON from a descriptor. Started by timeslice.

  --grammar NAME         scenario: as scenarios have it (default); rt-app: as rt-app's files have it
  --spec-fd N            read the workload from descriptor N, to its end
  --channel-fd N         record events into the channel of descriptor N (-1: do not record)
  --result-fd N          write the result, one JSON object, to descriptor N (default: 1)
  --iterations-per-us X  speed of this machine as --calibrate gives it (default: calibrate first)
  --self-stamp           note context switches oneself, where the kernel's records are refused
  --step-fd N            step the workload's threads as the page of descriptor N says (see core/dispatch/step_page.h)
  --made-fd N            note directories that are made, each ended by a zero byte, in descriptor N
  --limit-threads N      threads and processes of the workload together (default: 64)
  --calibrate            print the speed of this machine as JSON and exit
  --help                 print this and exit

Exit status: 0 the workload ran, 1 something failed, 2 the command line or the workload is wrong,
3 this machine cannot do it or does not allow it.
)";

struct Options {
    int specFd = -1;
    int channelFd = -1;
    int resultFd = STDOUT_FILENO;
    int stepFd = -1; ///< -1 = not stepped from outside
    int madeFd = -1; ///< -1 = nobody wants to know
    double iterationsPerUs = 0; ///< 0 = to be calibrated
    bool rtapp = false; ///< its grammar
    bool selfStamp = false;
    int threadLimit = WorkloadOptions{}.threadLimit;
    bool calibrate = false;
    bool help = false;
};

template <class Number> std::optional<Number> parseNumber(std::string_view text)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Result<int> parseInt(const char* option, const char* text, int least)
{
    const auto number = parseNumber<int>(text);
    if (!number || *number < least) {
        return fail(std::string("--") + option + ": expected a whole number from " + std::to_string(least) + ", found '"
                + text + "'",
            ErrorKind::Usage);
    }
    return *number;
}

Result<Options> parseOptions(int argc, char** argv)
{
    enum Flag : int {
        Grammar = 256,
        SpecFd,
        ChannelFd,
        ResultFd,
        Speed,
        SelfStamp,
        StepFd,
        MadeFd,
        LimitThreads,
        Calibrate,
        Help
    };
    const option flags[] = {
        {"grammar", required_argument, nullptr, Grammar},
        {"spec-fd", required_argument, nullptr, SpecFd},
        {"channel-fd", required_argument, nullptr, ChannelFd},
        {"result-fd", required_argument, nullptr, ResultFd},
        {"iterations-per-us", required_argument, nullptr, Speed},
        {"self-stamp", no_argument, nullptr, SelfStamp},
        {"step-fd", required_argument, nullptr, StepFd},
        {"made-fd", required_argument, nullptr, MadeFd},
        {"limit-threads", required_argument, nullptr, LimitThreads},
        {"calibrate", no_argument, nullptr, Calibrate},
        {"help", no_argument, nullptr, Help},
        {nullptr, 0, nullptr, 0},
    };
    Options options;
    const auto setInt = [](int& target, const char* name, int least) -> Result<void> {
        const auto number = parseInt(name, optarg, least);
        if (!number) {
            return tl::unexpected<Error>(number.error());
        }
        target = *number;
        return {};
    };
    for (int flag = 0; (flag = getopt_long(argc, argv, "", flags, nullptr)) != -1;) {
        Result<void> read;
        switch (flag) {
        case Grammar:
            options.rtapp = std::string_view(optarg) == "rt-app";
            if (!options.rtapp && std::string_view(optarg) != "scenario") {
                return fail(
                    std::string("--grammar: expected scenario or rt-app, found '") + optarg + "'", ErrorKind::Usage);
            }
            break;
        case SpecFd:
            read = setInt(options.specFd, "spec-fd", 0);
            break;
        case ChannelFd:
            read = setInt(options.channelFd, "channel-fd", -1);
            break;
        case ResultFd:
            read = setInt(options.resultFd, "result-fd", 0);
            break;
        case Speed: {
            const auto speed = parseNumber<double>(optarg);
            if (!speed || !std::isfinite(*speed) || *speed <= 0) {
                return fail(std::string("--iterations-per-us: expected a number over 0, found '") + optarg + "'",
                    ErrorKind::Usage);
            }
            options.iterationsPerUs = *speed;
            break;
        }
        case SelfStamp:
            options.selfStamp = true;
            break;
        case StepFd:
            read = setInt(options.stepFd, "step-fd", 0);
            break;
        case MadeFd:
            read = setInt(options.madeFd, "made-fd", 0);
            break;
        case LimitThreads:
            read = setInt(options.threadLimit, "limit-threads", 1);
            break;
        case Calibrate:
            options.calibrate = true;
            break;
        case Help:
            options.help = true;
            break;
        default: // getopt has said what is wrong
            return fail("see timeslice-worker --help", ErrorKind::Usage);
        }
        if (!read) {
            return tl::unexpected<Error>(read.error());
        }
    }
    if (optind < argc) {
        return fail(std::string("unexpected argument '") + argv[optind] + "'", ErrorKind::Usage);
    }
    if (options.specFd < 0 && !options.calibrate && !options.help) {
        return fail("--spec-fd is missing; see timeslice-worker --help", ErrorKind::Usage);
    }
    return options;
}

Result<std::string> readAll(int fd)
{
    constexpr std::size_t kMost = std::size_t{16} << 20;
    std::string text;
    char block[1 << 16];
    for (;;) {
        const ssize_t got = read(fd, block, sizeof block);
        if (got == 0) {
            return text;
        }
        if (got < 0 && errno != EINTR) {
            return failErrno("cannot read the workload from descriptor " + std::to_string(fd), errno);
        }
        text.append(block, got > 0 ? static_cast<std::size_t>(got) : 0);
        if (text.size() > kMost) {
            return fail("the workload is longer than 16 MiB", ErrorKind::Usage);
        }
    }
}

Result<void> writeAll(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return failErrno("cannot write the result to descriptor " + std::to_string(fd), errno);
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return {};
}

std::string line(const nlohmann::json& json)
{
    return jsonText(json) + "\n";
}

int complain(const Error& error)
{
    std::fprintf(stderr, "timeslice-worker: %s%s\n",
        error.kind == ErrorKind::Unsupported ? "not possible on this machine: " : "", error.message.c_str());
    return error.kind == ErrorKind::Usage      ? kExitUsage
        : error.kind == ErrorKind::Unsupported ? kExitUnsupported
                                               : kExitFailed;
}

Result<WorkloadSpec> readSpec(const std::string& text, const Options& options)
{
    const WorkloadBounds bounds{options.threadLimit, allowedCpus()};
    if (!options.rtapp) {
        return parseWorkload(text, bounds);
    }
    return readRtappWorkload(text, "workload", bounds).map([](RtappWorkload&& workload) {
        return std::move(workload.spec);
    });
}

/// As a program ends that does not catch SIGTERM, so that whoever sent it sees that it did.
[[noreturn]] void dieOfSigterm()
{
    std::signal(SIGTERM, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
    kill(getpid(), SIGTERM);
    _exit(128 + SIGTERM);
}

/// What went wrong before or at the start, in the form of a result, so that the session need not guess from stderr.
void reportFailure(const Options& options, const Error& error)
{
    WorkloadResult result;
    result.end = WorkloadResult::End::Failed;
    result.errorKind = error.kind;
    result.errors.push_back(error.message);
    (void)writeAll(options.resultFd, line(toJson(result)));
}

int runFromDescriptor(const Options& options)
{
    const auto text = readAll(options.specFd);
    if (!text) {
        return complain(text.error());
    }
    const auto spec = readSpec(*text, options);
    if (!spec) {
        reportFailure(options, spec.error());
        return complain(spec.error());
    }
    std::optional<Channel> channel;
    if (options.channelFd >= 0) {
        auto opened = Channel::open(UniqueFd(options.channelFd));
        if (!opened) {
            reportFailure(options, opened.error());
            return complain(opened.error());
        }
        channel = std::move(*opened);
    }
    std::optional<StepPage> page;
    if (options.stepFd >= 0) {
        Result<StepPage> opened = spec->stepped
            ? StepPage::open(UniqueFd(options.stepFd), spec->stepped->names.size())
            : fail("--step-fd: no thread of this workload is stepped", ErrorKind::Usage);
        if (!opened) {
            reportFailure(options, opened.error());
            return complain(opened.error());
        }
        page.emplace(std::move(*opened));
    }
    WorkloadOptions run;
    run.stepPage = page ? &*page : nullptr;
    run.channel = channel ? &*channel : nullptr;
    run.iterationsPerUs = options.iterationsPerUs > 0 ? options.iterationsPerUs : calibrateIterationsPerUs();
    run.selfStamp = options.selfStamp;
    run.threadLimit = options.threadLimit;
    run.made = options.madeFd;
    const auto result = runWorkload(*spec, run);
    if (!result) {
        reportFailure(options, result.error());
        return complain(result.error());
    }
    const auto written = writeAll(options.resultFd, line(toJson(*result)));
    for (const std::string& error : result->errors) {
        complain({error, result->errorKind});
    }
    if (!written) {
        complain(written.error());
    }
    if (result->end == WorkloadResult::End::Stopped) {
        dieOfSigterm();
    }
    const bool failed = result->end == WorkloadResult::End::Failed || !written;
    const int status = !failed                                   ? kExitDone
        : result->errorKind == ErrorKind::Unsupported && written ? kExitUnsupported
                                                                 : kExitFailed;
    if (result->abandonedThreads) {
        _exit(status);
    }
    return status;
}

} // namespace

int main(int argc, char** argv)
{
    const auto options = parseOptions(argc, argv);
    if (!options) {
        return complain(options.error());
    }
    if (options->help) {
        std::fputs(kUsage, stdout);
        return kExitDone;
    }
    if (options->calibrate) {
        const auto written =
            writeAll(STDOUT_FILENO, line(nlohmann::json{{"iterations_per_us", calibrateIterationsPerUs()}}));
        return written ? kExitDone : complain(written.error());
    }
    // A heap per thread would reserve 128 MiB of the limited address space each.
    mallopt(M_ARENA_MAX, 1);
    // A workload that crashes on purpose must not litter.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    // Descriptors that the session passed are not for what the workload starts; a result that nobody reads is no crash.
    for (const int fd : {options->specFd, options->channelFd, options->resultFd, options->stepFd, options->madeFd}) {
        if (fd > STDERR_FILENO) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    std::signal(SIGPIPE, SIG_IGN);
    return runFromDescriptor(*options);
}
