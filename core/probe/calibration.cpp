#include "core/probe/calibration.h"

#include <cerrno>
#include <dlfcn.h>

namespace timeslice::probe {

namespace {

// All of the stable ABI, or there since CPython 3.2, except as said. PyThreadState* is void* here.
struct Interpreter {
    void* (*saveThread)() = nullptr;
    void (*restoreThread)(void*) = nullptr;
    int (*holdsGil)() = nullptr;
    void* (*ownThreadState)() = nullptr;
    void* (*currentThreadState)() = nullptr;
    int (*finalizing)() = nullptr;
};

template <class Function> bool find(Function& function, const char* name, const char* formerName = nullptr) noexcept
{
    void* found = dlsym(RTLD_DEFAULT, name);
    if (found == nullptr && formerName != nullptr) {
        found = dlsym(RTLD_DEFAULT, formerName);
    }
    function = reinterpret_cast<Function>(found);
    return found != nullptr;
}

bool findInterpreter(Interpreter& python) noexcept
{
    const bool found = find(python.holdsGil, "PyGILState_Check") // 3.4
        && find(python.saveThread, "PyEval_SaveThread") && find(python.restoreThread, "PyEval_RestoreThread")
        && find(python.ownThreadState, "PyGILState_GetThisThreadState")
        && find(python.currentThreadState, "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet") // 3.13, 3.6
        && find(python.finalizing, "Py_IsFinalizing", "_Py_IsFinalizing"); // 3.13, 3.7
    if (!found) {
        dlerror(); // gives back what the failed search has allocated
    }
    return found;
}

} // namespace

void calibrate(ThreadRecord& thread) noexcept
{
    const int savedErrno = errno;
    Interpreter python;
    // PyGILState_Check() says yes whenever there are sub-interpreters; the two thread states tell. Past the beginning
    // of finalization, taking the GIL again may end the thread.
    if (findInterpreter(python) && python.finalizing() == 0 && python.holdsGil() != 0) {
        void* own = python.ownThreadState();
        if (own != nullptr && own == python.currentThreadState()) {
            thread.recognizer.beginHandOver();
            python.restoreThread(python.saveThread());
            thread.recognizer.endHandOver();
        }
    }
    errno = savedErrno;
}

} // namespace timeslice::probe
