#include "app/cli/command_line.h"

int main(int argc, char** argv)
{
    return timeslice::runCommandLine(argc, argv);
}
