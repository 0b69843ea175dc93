#include "ui/window/window_size.h"

#include <QMainWindow>
#include <QScreen>

namespace timeslice {

namespace {

constexpr QSize kPreferred(1440, 860);
constexpr QSize kFilled(1920, 1080);
/// What a desktop puts around a window; known only once the window is there, and this is enough on the usual ones.
constexpr QSize kFrame(4, 40);

} // namespace

void openAtSize(QMainWindow& window, const QByteArray& geometry, bool fillSmallScreens)
{
    const QSize screen = window.screen()->size();
    const bool small = screen.width() <= kFilled.width() && screen.height() <= kFilled.height();
    if (!window.restoreGeometry(geometry)) {
        window.resize(kPreferred);
        if (small && fillSmallScreens) {
            window.setWindowState(window.windowState() | Qt::WindowMaximized);
        }
    }
    if (!window.isFullScreen()) { // also what a maximised window goes back to
        const QSize room = window.screen()->availableSize() - kFrame;
        window.resize(window.size().boundedTo(room).expandedTo(QSize(kLeastWindowWidth, kLeastWindowHeight)));
    }
}

} // namespace timeslice
