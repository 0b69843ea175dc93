#include "app/cli/command_line.h"

#include <csignal>

int main(int argc, char** argv)
{
    // A limit of the size of files (ulimit -f) is then an error to tell of, not the end. What we start does not
    // inherit it: the guard unblocks everything.
    sigset_t fileSize;
    sigemptyset(&fileSize);
    sigaddset(&fileSize, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &fileSize, nullptr);
    return timeslice::runCommandLine(argc, argv);
}
