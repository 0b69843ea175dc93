// Events of the Trace Event Format, written one by one.
#pragma once

#include "core/base/time.h"
#include "core/recording/trace_layout.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace timeslice {

/// Each add...() continues the event that begin() started. No time is before `zero`: what is said to be, in a file that
/// was made up, is moved there, since Perfetto refuses times below 0.
class TraceEventStream {
public:
    TraceEventStream(std::ostream& out, Nanos zero)
        : m_out(out)
        , m_zero(zero)
    {
    }

    bool good() const { return m_out.good(); }
    std::size_t nextProcess() { return m_processes++; } ///< position of a process among all of the file
    std::size_t nextArrow() { return m_arrows++; } ///< number of a pair of flow events

    /// `name` is JSON already.
    TraceEventStream& begin(char phase, std::string_view name, TracePlace place)
    {
        m_event = m_first ? "\n{\"ph\":\"" : ",\n{\"ph\":\"";
        m_first = false;
        m_event.append(1, phase).append("\",\"name\":").append(name);
        m_event.append(",\"pid\":").append(std::to_string(place.pid));
        m_event.append(",\"tid\":").append(std::to_string(place.tid));
        return *this;
    }
    TraceEventStream& addTime(Nanos t) { return addMicros("ts", std::max(t, m_zero) - m_zero); }
    TraceEventStream& addSpan(Nanos from, Nanos to)
    {
        addTime(from);
        return addMicros("dur", std::max<Nanos>(0, to - std::max(from, m_zero)));
    }
    TraceEventStream& add(std::string_view key, std::string_view json)
    {
        m_event.append(",\"").append(key).append("\":").append(json);
        return *this;
    }
    void end()
    {
        m_event += '}';
        m_out.write(m_event.data(), static_cast<std::streamsize>(m_event.size()));
    }

private:
    TraceEventStream& addMicros(std::string_view key, Nanos nanos)
    {
        // Not as a double: after a month of uptime it would no longer hold single nanoseconds.
        const std::string fraction = std::to_string(1000 + nanos % 1000);
        m_event.append(",\"").append(key).append("\":");
        m_event.append(std::to_string(nanos / 1000)).append(".").append(fraction, 1, 3);
        return *this;
    }

    std::ostream& m_out;
    Nanos m_zero;
    std::string m_event;
    std::size_t m_processes = 0;
    std::size_t m_arrows = 0;
    bool m_first = true;
};

} // namespace timeslice
