#include "core/base/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace timeslice {

void openStandardDescriptors()
{
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        ::close(fd);
    }
}

} // namespace timeslice
