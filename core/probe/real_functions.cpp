#include "core/probe/real_functions.h"

#include <dlfcn.h>

namespace timeslice::probe {

constinit RealFunctions g_real;

void* nextDefinition(const char* name, const char* version) noexcept
{
    const int savedErrno = errno;
    void* found = version != nullptr ? dlvsym(RTLD_NEXT, name, version) : nullptr;
    if (found == nullptr) {
        found = dlsym(RTLD_NEXT, name); // picks the default version
    }
    errno = savedErrno;
    return found;
}

} // namespace timeslice::probe
