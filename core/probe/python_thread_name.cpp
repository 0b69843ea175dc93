#include "core/probe/python_thread_name.h"

#include "core/probe/calibration.h"
#include "core/probe/thread_record.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Weak, as in calibration.cpp, and of the stable ABI or there in all of CPython 3.9 to 3.13 except as said.
// PyObject*, PyFrameObject* and PyCodeObject* are void*, Py_ssize_t is ptrdiff_t.
extern "C" {
#define TIMESLICE_OF_PYTHON [[gnu::weak, gnu::visibility("default")]]
TIMESLICE_OF_PYTHON extern const unsigned long Py_Version; // 3.11
TIMESLICE_OF_PYTHON void* PyEval_GetFrame(void); // borrowed
TIMESLICE_OF_PYTHON void* PyFrame_GetCode(void*); // 3.9
TIMESLICE_OF_PYTHON void* PyFrame_GetVarString(void*, const char*); // 3.12, formerly:
TIMESLICE_OF_PYTHON void* PyEval_GetLocals(void); // borrowed
TIMESLICE_OF_PYTHON void* PyDict_GetItemString(void*, const char*); // borrowed
TIMESLICE_OF_PYTHON void* PyObject_GenericGetDict(void*, void*);
TIMESLICE_OF_PYTHON void* PyObject_GetAttrString(void*, const char*);
TIMESLICE_OF_PYTHON const char* PyUnicode_AsUTF8AndSize(void*, std::ptrdiff_t*);
TIMESLICE_OF_PYTHON void Py_IncRef(void*);
TIMESLICE_OF_PYTHON void Py_DecRef(void*);
TIMESLICE_OF_PYTHON void PyErr_Fetch(void**, void**, void**);
TIMESLICE_OF_PYTHON void PyErr_Restore(void*, void*, void*);
TIMESLICE_OF_PYTHON void PyErr_Clear(void);
TIMESLICE_OF_PYTHON int PyGC_Enable(void); // 3.10
TIMESLICE_OF_PYTHON int PyGC_Disable(void); // 3.10
}

namespace timeslice::probe {

namespace {

constexpr unsigned long kTellsTheSystem = 0x030E0000; // 3.14
constexpr std::size_t kNameBytes = channel::kNameBytes + 4; ///< with a character that is cut off, and NUL

/// Between Thread.start() and the new thread. Not allocated: the interpreter waits until the new thread runs, so few
/// are in use at a time; where more are needed, the name is not told.
struct NamedStart {
    std::atomic<bool> taken{false};
    ThreadStart start{nullptr, nullptr};
    char name[kNameBytes]{};
};
constinit NamedStart g_starts[64];

/// A reference of our own, given back at the end of the scope.
class Owned {
public:
    explicit Owned(void* object) noexcept
        : m_object(object)
    {
    }
    ~Owned()
    {
        if (m_object != nullptr) {
            Py_DecRef(m_object); // never the last one: each object is also held by the interpreter
        }
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;

    explicit operator bool() const noexcept { return m_object != nullptr; }
    void* get() const noexcept { return m_object; }

private:
    void* m_object;
};

/// While it lives the error indicator is ours, and no garbage collection runs Python code because of what we allocate
/// (3.9 knows no way to forbid that; there it may, as at any allocation).
class UndisturbedInterpreter {
public:
    UndisturbedInterpreter() noexcept
        : m_collects(&PyGC_Disable != nullptr && PyGC_Disable() != 0)
    {
        PyErr_Fetch(&m_error[0], &m_error[1], &m_error[2]);
    }
    ~UndisturbedInterpreter()
    {
        PyErr_Clear();
        PyErr_Restore(m_error[0], m_error[1], m_error[2]);
        if (m_collects) {
            PyGC_Enable();
        }
    }
    UndisturbedInterpreter(const UndisturbedInterpreter&) = delete;
    UndisturbedInterpreter& operator=(const UndisturbedInterpreter&) = delete;

private:
    void* m_error[3]{};
    bool m_collects;
};

bool canAsk() noexcept
{
    const bool tells = &Py_Version != nullptr && Py_Version >= kTellsTheSystem;
    return !tells && &PyEval_GetFrame != nullptr && &PyFrame_GetCode != nullptr && &PyEval_GetLocals != nullptr
        && &PyDict_GetItemString != nullptr && &PyObject_GenericGetDict != nullptr && &PyObject_GetAttrString != nullptr
        && &PyUnicode_AsUTF8AndSize != nullptr && &Py_IncRef != nullptr && &Py_DecRef != nullptr
        && &PyErr_Fetch != nullptr && &PyErr_Restore != nullptr && &PyErr_Clear != nullptr
        && (&PyGC_Disable == nullptr) == (&PyGC_Enable == nullptr);
}

/// Empty where it is no text, or one that UTF-8 cannot write.
std::string_view textOf(void* object) noexcept
{
    std::ptrdiff_t size = 0;
    const char* text = object != nullptr ? PyUnicode_AsUTF8AndSize(object, &size) : nullptr;
    return text != nullptr ? std::string_view(text, static_cast<std::size_t>(size)) : std::string_view();
}

/// Whether it is a frame of threading.Thread.start(). The attributes are members of the code object: no code runs.
bool isThreadStart(void* frame) noexcept
{
    const Owned code(PyFrame_GetCode(frame));
    const Owned function(PyObject_GetAttrString(code.get(), "co_name"));
    if (textOf(function.get()) != "start") {
        return false;
    }
    const Owned file(PyObject_GetAttrString(code.get(), "co_filename"));
    return textOf(file.get()).ends_with("threading.py");
}

void* selfOf(void* frame) noexcept
{
    if (&PyFrame_GetVarString != nullptr) {
        return PyFrame_GetVarString(frame, "self");
    }
    void* locals = PyEval_GetLocals(); // of the same frame
    void* self = locals != nullptr ? PyDict_GetItemString(locals, "self") : nullptr;
    if (self != nullptr) {
        Py_IncRef(self);
    }
    return self;
}

/// The name of the thread that Thread.start() is about to make; false where that is not what happens.
bool learnName(char (&name)[kNameBytes]) noexcept
{
    const UndisturbedInterpreter undisturbed;
    void* frame = PyEval_GetFrame();
    if (frame == nullptr || !isThreadStart(frame)) {
        return false;
    }
    const Owned self(selfOf(frame));
    // Its dictionary and not its attribute, which a subclass may have made a property.
    const Owned fields(self ? PyObject_GenericGetDict(self.get(), nullptr) : nullptr);
    const std::string_view text = textOf(fields ? PyDict_GetItemString(fields.get(), "_name") : nullptr);
    const std::size_t size = text.size() < kNameBytes ? text.size() : kNameBytes - 1;
    std::memcpy(name, text.data(), size);
    name[size] = '\0'; // what is cut in the middle of a character is cut before it by RingWriter::setName()
    return size > 0 && std::memchr(name, '\0', size) == nullptr;
}

NamedStart* freeStart() noexcept
{
    for (NamedStart& start : g_starts) {
        if (!start.taken.load(std::memory_order_relaxed) && !start.taken.exchange(true, std::memory_order_acquire)) {
            return &start;
        }
    }
    return nullptr;
}

void nameTrack(const char* name) noexcept
{
    ThreadRecord& thread = t_thread;
    const AtWork atWork{thread};
    if (readyToRecord(thread)) {
        thread.ring.setName(name);
    }
}

// Nothing is to be cleaned up in this frame while the routine runs: pthread_exit() unwinds through it.
void* startNamed(void* given)
{
    auto& named = *static_cast<NamedStart*>(given);
    const ThreadStart start = named.start;
    nameTrack(named.name);
    named.taken.store(false, std::memory_order_release);
    return start.routine(start.argument);
}

} // namespace

ThreadStart withPythonName(ThreadStart start) noexcept
{
    if (!canAsk()) {
        return start;
    }
    const int savedErrno = errno;
    if (holdsGil()) {
        if (NamedStart* named = freeStart()) {
            if (learnName(named->name)) {
                named->start = start;
                start = {&startNamed, named};
            } else {
                named->taken.store(false, std::memory_order_release);
            }
        }
    }
    errno = savedErrno;
    return start;
}

void notStarted(const ThreadStart& start) noexcept
{
    if (start.routine == &startNamed) {
        static_cast<NamedStart*>(start.argument)->taken.store(false, std::memory_order_release);
    }
}

} // namespace timeslice::probe
