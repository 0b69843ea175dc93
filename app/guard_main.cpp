#include "core/session/guard.h"

int main(int argc, char** argv)
{
    return timeslice::runGuard(argc, argv);
}
