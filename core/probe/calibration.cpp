#include "core/probe/calibration.h"

#include <cerrno>

// Weak: null where no interpreter was loaded at the program's start. So a program without one pays nothing, not even a
// search by name (which would also disturb what dlerror() tells). One that is loaded later is recognized by its GIL's
// birth all the same. All are of the stable ABI, or there since CPython 3.2, except as said; PyThreadState* is void*.
extern "C" {
#define TIMESLICE_OF_PYTHON [[gnu::weak, gnu::visibility("default")]]
TIMESLICE_OF_PYTHON void* PyEval_SaveThread(void);
TIMESLICE_OF_PYTHON void PyEval_RestoreThread(void*);
TIMESLICE_OF_PYTHON int PyGILState_Check(void); // 3.4
TIMESLICE_OF_PYTHON void* PyGILState_GetThisThreadState(void);
TIMESLICE_OF_PYTHON void* PyThreadState_GetUnchecked(void); // 3.13, formerly:
TIMESLICE_OF_PYTHON void* _PyThreadState_UncheckedGet(void); // 3.6
TIMESLICE_OF_PYTHON int Py_IsFinalizing(void); // 3.13, formerly:
TIMESLICE_OF_PYTHON int _Py_IsFinalizing(void); // 3.7
}

namespace timeslice::probe {

// PyGILState_Check() says yes whenever there are sub-interpreters, hence the two thread states. Once finalization has
// begun, taking the GIL again may end the thread.
bool holdsGil() noexcept
{
    void* (*const current)() =
        &PyThreadState_GetUnchecked != nullptr ? &PyThreadState_GetUnchecked : &_PyThreadState_UncheckedGet;
    int (*const finalizing)() = &Py_IsFinalizing != nullptr ? &Py_IsFinalizing : &_Py_IsFinalizing;
    if (&PyEval_SaveThread == nullptr || &PyEval_RestoreThread == nullptr || &PyGILState_Check == nullptr
        || &PyGILState_GetThisThreadState == nullptr || current == nullptr || finalizing == nullptr) {
        return false;
    }
    if (finalizing() != 0 || PyGILState_Check() == 0) {
        return false;
    }
    const void* own = PyGILState_GetThisThreadState();
    return own != nullptr && own == current();
}

void calibrate(ThreadRecord& thread) noexcept
{
    const int savedErrno = errno;
    if (holdsGil()) {
        thread.recognizer.beginHandOver();
        PyEval_RestoreThread(PyEval_SaveThread());
        thread.recognizer.endHandOver();
    }
    errno = savedErrno;
}

} // namespace timeslice::probe
