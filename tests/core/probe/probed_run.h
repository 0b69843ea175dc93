// Runs a program as a session does: with the probe preloaded and an event channel, drained while it runs.
#pragma once

#include "core/probe/recording_variable.h"
#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/record/channel_request.h"
#include "core/record/channel_server.h"
#include "core/record/refused_programs.h"
#include "tests/places/places.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <memory>
#include <poll.h>
#include <set>
#include <signal.h>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace timeslice::test {

inline std::filesystem::path probeLibrary()
{
    return test::programFolder() / "libtimeslice-gil-probe.so";
}

struct ProbedRun {
    std::string error; ///< the test's own trouble
    int status = 0; ///< as waitpid() gives it
    std::string out;
    std::string err;
    Pid pid = 0;
    std::vector<Event> events; ///< in order within each thread
    std::vector<ObjectBirth> objects;
    std::map<Tid, std::string> names; ///< the last of each thread
    LossCounts lost;

    std::vector<ObjectBirth> gils() const
    {
        std::vector<ObjectBirth> found;
        std::copy_if(objects.begin(), objects.end(), std::back_inserter(found),
            [](const ObjectBirth& object) { return object.kind == ObjectKind::Gil; });
        return found;
    }
    /// Events of this lock by this thread (0: by all), in order within each thread.
    std::vector<Event> eventsOf(ObjectId object, Tid tid = 0) const
    {
        std::vector<Event> found;
        std::copy_if(events.begin(), events.end(), std::back_inserter(found),
            [&](const Event& event) { return event.object == object && (tid == 0 || event.tid == tid); });
        return found;
    }
    std::set<Tid> threadsOf(ObjectId object) const
    {
        std::set<Tid> found;
        for (const Event& event : events) {
            if (event.object == object) {
                found.insert(event.tid);
            }
        }
        return found;
    }
};

struct ProbedOptions {
    bool probe = true;
    std::string channelPath = {}; ///< instead of a real channel
    bool offerChannel = false; ///< by a socket, too
    std::string serverAddress = {}; ///< of that socket, instead of a real one
    std::map<std::string, std::string> environment = {};
    ChannelGeometry geometry = {
        .rings = 512, .ringCapacity = 1U << 16, .objects = 1024}; ///< a slow reader loses nothing
    std::string input = {};
    Nanos patience = 600 * kSecond; ///< against hanging, on a machine however loaded
    std::string folder = {}; ///< to run it in; "": this one
};

inline std::string contentsOf(int fd)
{
    std::string text;
    char buffer[65536];
    ssize_t got = 0;
    for (off_t at = 0; (got = pread(fd, buffer, sizeof buffer, at)) > 0; at += got) {
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

/// As core/session/recording_environment.h: behind the program's own LD_PRELOAD, and all in one variable.
inline void addRecording(
    std::map<std::string, std::string>& environment, const std::string& channelPath, const std::string& server)
{
    using namespace recording_variable;
    const std::string probe = probeLibrary().string();
    environment.emplace(kName,
        std::string(kPreload) + "=" + probe + kSeparator + channel::kEnvironmentPath + "=" + channelPath
            + (server.empty() ? "" : std::string(1, kSeparator) + channel::kEnvironmentServer + "=" + server));
    const char* inherited = std::getenv(kPreload);
    const auto own = environment.find(kPreload);
    if (own != environment.end()) {
        own->second += ":" + probe;
    } else {
        environment.emplace(kPreload, inherited != nullptr ? std::string(inherited) + ":" + probe : probe);
    }
}

inline ProbedRun runProbed(const std::vector<std::string>& command, const ProbedOptions& options = {})
{
    ProbedRun run;
    Result<Channel> channel = Channel::create(options.geometry);
    const UniqueFd in{memfd_create("stdin", MFD_CLOEXEC)};
    const UniqueFd out{memfd_create("stdout", MFD_CLOEXEC)};
    const UniqueFd err{memfd_create("stderr", MFD_CLOEXEC)};
    if (!channel || !in || !out || !err) {
        run.error = channel ? "no memfd" : channel.error().message;
        return run;
    }
    if (pwrite(in.get(), options.input.data(), options.input.size(), 0) < 0) {
        run.error = "cannot write the input";
        return run;
    }
    std::map<std::string, std::string> added = options.environment;
    added.emplace("PYTHONHASHSEED", "0");
    RefusedPrograms refused;
    std::unique_ptr<ChannelServer> server;
    if (options.probe) {
        const std::string channelPath = !options.channelPath.empty()
            ? options.channelPath
            : "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(channel->fd());
        std::string address = options.serverAddress;
        if (options.offerChannel) {
            Result<std::unique_ptr<ChannelServer>> started = ChannelServer::start(channel->fd(), refused);
            if (!started) {
                run.error = started.error().message;
                return run;
            }
            server = std::move(*started);
            address = server->address();
        }
        addRecording(added, channelPath, address);
    }
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (added.count(text.substr(0, text.find('='))) == 0) {
            environment.push_back(text);
        }
    }
    for (const auto& [name, value] : added) {
        environment.push_back(name + '=' + value);
    }
    const auto pointers = [](const std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (const std::string& text : texts) {
            all.push_back(const_cast<char*>(text.c_str()));
        }
        all.push_back(nullptr);
        return all;
    };
    const std::vector<char*> argv = pointers(command);
    const std::vector<char*> envp = pointers(environment);
    run.pid = fork();
    if (run.pid == 0) {
        setpgid(0, 0);
        signal(SIGINT, SIG_DFL); // ignored where the tests run in the background
        dup2(in.get(), 0);
        dup2(out.get(), 1);
        dup2(err.get(), 2);
        if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) {
            _exit(126);
        }
        execvpe(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    ChannelReader reader{*channel};
    const Nanos deadline = monotonicNow() + options.patience;
    bool ended = false;
    while (!ended) {
        ended = waitpid(run.pid, &run.status, WNOHANG) != 0;
        if (!ended && monotonicNow() > deadline) {
            run.error = "still running";
            kill(-run.pid, SIGKILL);
        }
        Batch batch;
        reader.drain(batch);
        run.events.insert(run.events.end(), batch.events.begin(), batch.events.end());
        run.objects.insert(run.objects.end(), batch.objects.begin(), batch.objects.end());
        for (const ThreadNaming& naming : batch.names) {
            run.names[naming.tid] = naming.name;
        }
        run.lost = batch.lost;
        if (!ended) {
            poll(nullptr, 0, 2);
        }
    }
    run.out = contentsOf(out.get());
    run.err = contentsOf(err.get());
    return run;
}

} // namespace timeslice::test
