#include "core/probe/gil_recognizer.h"

namespace timeslice::probe {

void GilRecognizer::made(const void* object, bool isMutex) noexcept
{
    if (watching() && !m_birth) {
        return; // a hand-over makes nothing
    }
    m_stage = Stage::Idle;
    for (std::size_t i = 0; i + 1 < m_made.size(); ++i) {
        m_made[i] = m_made[i + 1];
    }
    m_made.back() = {object, isMutex};
    std::size_t mutexes = 0;
    for (std::size_t i = 0; i < m_made.size(); ++i) {
        mutexes += m_made[i].isMutex ? 1 : 0;
        if (m_made[i].object == nullptr) {
            return;
        }
        for (std::size_t k = 0; k < i; ++k) {
            if (m_made[k].object == m_made[i].object) {
                return;
            }
        }
    }
    if (mutexes == 2) {
        m_birth = true;
        m_patience = kPatience;
        m_parts = {};
        m_stage = Stage::TakeLock;
    }
}

void GilRecognizer::beginHandOver() noexcept
{
    m_birth = false;
    m_patience = kPatience;
    m_parts = {};
    m_stage = Stage::DropLock;
}

bool GilRecognizer::isMade(const void* object, bool isMutex) const noexcept
{
    for (const Made& made : m_made) {
        if (made.object == object && made.isMutex == isMutex) {
            return true;
        }
    }
    return false;
}

bool GilRecognizer::isPart(const void* object) const noexcept
{
    if (m_birth) {
        return isMade(object, true) || isMade(object, false);
    }
    return object == m_parts.mutex || object == m_parts.switchMutex || object == m_parts.released;
}

// Something else was done with the parts: they are no GIL, or this was not yet the call that we wait for.
void GilRecognizer::startOver() noexcept
{
    if (m_birth) {
        m_stage = Stage::Idle;
        return;
    }
    const std::uint16_t patience = m_patience;
    beginHandOver();
    m_patience = patience;
}

bool GilRecognizer::stepDrop(Call call, const void* object) noexcept
{
    if (call == Call::Lock) {
        m_parts.mutex = object; // the mutex locked last before the signal
        m_stage = Stage::DropSignal;
    } else if (m_stage == Stage::DropSignal && call == Call::Signal) {
        m_parts.released = object;
        m_stage = Stage::DropUnlock;
    } else if (m_stage == Stage::DropUnlock && call == Call::Unlock && object == m_parts.mutex) {
        m_stage = Stage::TakeLock;
    }
    return false;
}

bool GilRecognizer::step(Call call, const void* object) noexcept
{
    if (m_stage == Stage::Idle) {
        return false;
    }
    if (m_patience-- == 0) {
        m_stage = Stage::Idle;
        return false;
    }
    switch (m_stage) {
    case Stage::Idle:
        return false;
    case Stage::DropLock:
    case Stage::DropSignal:
    case Stage::DropUnlock:
        return stepDrop(call, object);
    case Stage::TakeLock:
        if (call == Call::Lock && (m_birth ? isMade(object, true) : object == m_parts.mutex)) {
            m_parts.mutex = object;
            m_stage = Stage::TakeSwitchLock;
        } else if (m_birth && isPart(object)) {
            startOver();
        }
        return false; // in a hand-over: the forced wait for the switch
    case Stage::TakeSwitchLock:
        if (call == Call::Lock && object != m_parts.mutex && (!m_birth || isMade(object, true))) {
            m_parts.switchMutex = object;
            m_stage = Stage::TakeSignal;
        } else if (isPart(object) && (m_birth || call != Call::Wait)) {
            startOver();
        }
        return false;
    case Stage::TakeSignal:
        if (call == Call::Signal && object != m_parts.released && (!m_birth || isMade(object, false))) {
            m_parts.switched = object;
            m_parts.taken = monotonicNow();
            m_stage = Stage::TakeSwitchUnlock;
        } else if (isPart(object)) {
            startOver();
        }
        return false;
    case Stage::TakeSwitchUnlock:
        if (call == Call::Unlock && object == m_parts.switchMutex) {
            m_stage = Stage::TakeUnlock;
        } else if (isPart(object)) {
            startOver();
        }
        return false;
    case Stage::TakeUnlock:
        break;
    }
    if (call != Call::Unlock || object != m_parts.mutex) {
        if (isPart(object)) {
            startOver();
        }
        return false;
    }
    if (m_birth) {
        for (const Made& made : m_made) {
            if (!made.isMutex && made.object != m_parts.switched) {
                m_parts.released = made.object;
            }
        }
    }
    m_stage = Stage::Idle;
    m_made = {};
    return true;
}

} // namespace timeslice::probe
