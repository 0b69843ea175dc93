// How large the window is when it opens.
#pragma once

#include <QByteArray>

class QMainWindow;

namespace timeslice {

inline constexpr int kLeastWindowWidth = 960;
inline constexpr int kLeastWindowHeight = 560;

/// As it was left; at first it fills a screen of up to 1920 × 1080, as there every row counts, and has a size of its
/// own on a larger one. Never larger than the screen.
void openAtSize(QMainWindow& window, const QByteArray& geometry, bool fillSmallScreens);

} // namespace timeslice
