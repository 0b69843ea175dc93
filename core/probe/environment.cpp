#include "core/probe/environment.h"

#include "core/probe/recording_variable.h"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace timeslice::probe {

namespace {

using namespace recording_variable;

// "NAME=VALUE" as children get it, and the same with a NUL in the place of each separator. Written before main().
constinit char g_entry[kMostBytes] = {};
constinit char g_items[kMostBytes] = {};
constinit std::size_t g_itemsEnd = 0;
constinit const char* g_probePath = nullptr;
/// "LD_PRELOAD=/path/of/the/probe", for children that have none of their own.
constinit char g_preloadEntry[kMostBytes] = {};

/// The value if `entry` is NAME=VALUE.
const char* valueOf(const char* entry, const char* name, std::size_t length) noexcept
{
    return std::strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : nullptr;
}

template <std::size_t N> const char* valueOf(const char* entry, const char (&name)[N]) noexcept
{
    return valueOf(entry, name, N - 1);
}

/// False: there is none, or it is not as we make it.
bool keepRecording(char* const* environment) noexcept
{
    const char* found = nullptr;
    for (; *environment != nullptr && found == nullptr; ++environment) {
        found = valueOf(*environment, kName) != nullptr ? *environment : nullptr;
    }
    const std::size_t length = found != nullptr ? std::strlen(found) : sizeof g_entry;
    if (length >= sizeof g_entry) {
        return false;
    }
    std::memcpy(g_entry, found, length + 1);
    const char* items = valueOf(g_entry, kName);
    g_itemsEnd = length - static_cast<std::size_t>(items - g_entry) + 1;
    std::memcpy(g_items, items, g_itemsEnd);
    for (char* at = g_items; (at = std::strchr(at, kSeparator)) != nullptr;) {
        *at++ = '\0';
    }
    const char* path = valueOf(g_items, kPreload);
    if (path == nullptr || *path == '\0') {
        return false;
    }
    std::memcpy(g_preloadEntry, g_items, std::strlen(g_items) + 1);
    g_probePath = path;
    return true;
}

/// Whether nothing is left of it; otherwise its value is the user's own again.
bool isAllOurs(char* preloaded) noexcept
{
    const std::size_t length = std::strlen(preloaded);
    const std::size_t ours = std::strlen(g_probePath);
    if (length < ours || std::strcmp(preloaded + length - ours, g_probePath) != 0) {
        return false;
    }
    if (length == ours) {
        return true;
    }
    if (preloaded[length - ours - 1] == ':') {
        preloaded[length - ours - 1] = '\0';
    }
    return false;
}

bool isOurs(char* entry) noexcept
{
    if (valueOf(entry, kName) != nullptr) {
        return true;
    }
    const char* preloaded = valueOf(entry, kPreload);
    return preloaded != nullptr && isAllOurs(entry + (preloaded - entry));
}

void hideFrom(char** environment) noexcept
{
    constexpr std::size_t kMostHidden = 4;
    char* hidden[kMostHidden] = {};
    std::size_t count = 0;
    char** kept = environment;
    char* last = nullptr; // in memory
    for (char** entry = environment; *entry != nullptr; ++entry) {
        char* text = *entry;
        if (isOurs(text)) {
            if (count < kMostHidden) {
                hidden[count++] = text;
            }
            continue;
        }
        last = last == nullptr || text > last ? text : last;
        *kept++ = text;
    }
    for (; *kept != nullptr; ++kept) {
        *kept = nullptr;
    }
    // Readers of /proc/PID/environ take an empty string for its end, so nothing may follow what is wiped out.
    for (std::size_t i = 0; i < count; ++i) {
        if (last != nullptr && hidden[i] > last) {
            std::memset(hidden[i], 0, std::strlen(hidden[i]));
        }
    }
}

// Before every other initializer (-z initfirst), even the C library's, which may not have set `environ` yet.
[[gnu::constructor]] void hideRecording(int, char**, char** environment) noexcept
{
    if (environment == nullptr || !keepRecording(environment)) {
        return;
    }
    hideFrom(environment);
    if (environ != nullptr && environ != environment) {
        hideFrom(environ);
    }
}

} // namespace

bool recordingIsHidden() noexcept
{
    return g_probePath != nullptr;
}

const char* probePath() noexcept
{
    return g_probePath;
}

const char* hiddenVariable(const char* name) noexcept
{
    if (!recordingIsHidden()) {
        return std::getenv(name);
    }
    const std::size_t length = std::strlen(name);
    for (const char* item = g_items; item < g_items + g_itemsEnd; item += std::strlen(item) + 1) {
        if (const char* value = valueOf(item, name, length)) {
            return value;
        }
    }
    return nullptr;
}

EnvironmentSize sizeWithRecording(char* const* theirs) noexcept
{
    constexpr std::size_t kOwnEntries = 3; // two, and the end
    EnvironmentSize size;
    std::size_t texts = 0;
    if (!recordingIsHidden()) {
        return size;
    }
    for (; theirs != nullptr && theirs[size.entries] != nullptr; ++size.entries) {
        const char* entry = theirs[size.entries];
        if (valueOf(entry, kName) != nullptr) {
            return size; // that of another recording, made within this one
        }
        if (valueOf(entry, kPreload) != nullptr) {
            texts += std::strlen(entry) + std::strlen(g_probePath) + 2;
        }
    }
    size.bytes = (size.entries + kOwnEntries) * sizeof(char*) + texts;
    return size;
}

char** writeWithRecording(char* const* theirs, const EnvironmentSize& size, void* room) noexcept
{
    auto** ours = static_cast<char**>(room);
    char** to = ours;
    char* text = static_cast<char*>(room) + (size.entries + 3) * sizeof(char*);
    char* const textEnd = static_cast<char*>(room) + size.bytes;
    const std::size_t pathLength = std::strlen(g_probePath);
    bool preloads = false;
    for (std::size_t i = 0; i < size.entries && theirs[i] != nullptr; ++i) {
        char* entry = theirs[i];
        if (valueOf(entry, kPreload) != nullptr) {
            const std::size_t length = std::strlen(entry);
            if (length + pathLength + 2 <= static_cast<std::size_t>(textEnd - text)) {
                char* const begin = text;
                std::memcpy(text, entry, length);
                text[length] = ':';
                std::memcpy(text + length + 1, g_probePath, pathLength + 1);
                text += length + pathLength + 2;
                entry = begin;
            }
            preloads = true;
        }
        *to++ = entry;
    }
    if (!preloads) {
        *to++ = g_preloadEntry;
    }
    *to++ = g_entry;
    *to = nullptr;
    return ours;
}

} // namespace timeslice::probe
