// The window's entry point, so that the command line need not know a widget.
#pragma once

#include <optional>
#include <string>

namespace timeslice {

struct WindowRequest {
    std::optional<std::string> scenario; ///< id to open
    std::optional<std::string> recording; ///< .timeslice file to open
    std::string scenarios; ///< a folder of scenarios of the viewer's own; empty: none but the usual
    std::optional<std::string> theme; ///< "light" or "dark"; else as last time
    bool forceInferred = false;
};

/// Opens the window and returns its exit status when it is closed. Creates the QApplication from argc and argv. SIGINT,
/// SIGTERM and SIGHUP close the window, end what runs, and then the program.
int runWindow(int& argc, char** argv, const WindowRequest& request);

} // namespace timeslice
