#include "ui/theme/theme.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace timeslice {

namespace {

/// A channel's value as an amount of light. Of 256 values each is computed once.
double linear(int channel)
{
    static const std::array<double, 256> amounts = [] {
        std::array<double, 256> made{};
        for (std::size_t i = 0; i < made.size(); ++i) {
            const double value = static_cast<double>(i) / 255;
            made[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
        }
        return made;
    }();
    return amounts[static_cast<std::size_t>(channel)];
}

double luminance(const QColor& color)
{
    return 0.2126 * linear(color.red()) + 0.7152 * linear(color.green()) + 0.0722 * linear(color.blue());
}

constexpr QRgb kOkabeIto[] = {
    0xFFE69F00, // orange
    0xFF56B4E9, // sky blue
    0xFF009E73, // bluish green
    0xFFCC79A7, // reddish purple
    0xFFD55E00, // vermillion
    0xFF0072B2, // blue
    0xFFF0E442, // yellow
    // Darker, apart from the first seven by lightness. None is paler: pale is what lies beyond the work.
    0xFF8F6300, // dark orange
    0xFF5B4B9A, // violet
    0xFF00604A, // dark green
    0xFF8E2F68, // dark purple
    0xFF8A3D00, // dark vermillion
    0xFF004B75, // dark blue
    0xFF9C9400, // dark yellow
};
static_assert(std::size(kOkabeIto) == kColorSlots);

constexpr double kGraphicContrast = 3.0; // WCAG 2.1, 1.4.11

QColor outlineAgainst(const QColor& fill, const QColor& lane)
{
    const QColor target = luminance(lane) > 0.18 ? QColor(Qt::black) : QColor(Qt::white);
    QColor edge = fill;
    for (double share = 0.05; contrastRatio(edge, lane) < kGraphicContrast && share <= 1; share += 0.05) {
        edge = mix(fill, target, share);
    }
    return edge;
}

/// The colours of threads, and what follows from them on this theme's lanes.
void addThreadColors(Theme& theme, const QColor& other)
{
    for (std::size_t slot = 0; slot < theme.threads.size(); ++slot) {
        ThreadTone& tone = theme.threads[slot];
        tone.fill = slot == 0 ? other : QColor::fromRgb(kOkabeIto[slot - 1]);
        tone.edge = outlineAgainst(tone.fill, theme.lane);
        const QColor opposite(0xFFFFFF);
        tone.text =
            contrastRatio(tone.fill, theme.barText) >= contrastRatio(tone.fill, opposite) ? theme.barText : opposite;
    }
}

Theme makeLight()
{
    Theme t;
    t.kind = ThemeKind::Light;
    t.window = QColor(0xFFFFFF);
    t.sidebar = QColor(0xF6F7F9);
    t.card = QColor(0xFFFFFF);
    t.border = QColor(0xE3E6EA);
    t.text = QColor(0x15181C);
    t.mutedText = QColor(0x5B6570);
    t.accent = QColor(0x0072B2);
    t.accentText = QColor(0xFFFFFF);
    t.good = QColor(0x007A57);
    t.warning = QColor(0x8F5600);
    t.bad = QColor(0xB3261E);
    t.lane = QColor(0xF6F7F9);
    t.barOutline = QColor(0x7C8694);
    t.barText = QColor(0x15181C);
    t.hatch = QColor(0x7C8694);
    t.falseAlarm = QColor(0xA8008A);
    t.grid = QColor(0xC1C7D0);
    addThreadColors(t, QColor(0x7F8894));
    return t;
}

Theme makeDark()
{
    Theme t;
    t.kind = ThemeKind::Dark;
    t.window = QColor(0x121417);
    t.sidebar = QColor(0x1A1D21);
    t.card = QColor(0x20242A);
    t.border = QColor(0x2B3037);
    t.text = QColor(0xF2F4F7);
    t.mutedText = QColor(0x9AA3AE);
    t.accent = QColor(0x56B4E9);
    t.accentText = QColor(0x121417);
    t.good = QColor(0x2BC48A);
    t.warning = QColor(0xF0B440);
    t.bad = QColor(0xFF7A70);
    t.lane = QColor(0x1A1D21);
    t.barOutline = QColor(0x6C7682);
    t.barText = QColor(0x15181C);
    t.hatch = QColor(0x6C7682);
    t.falseAlarm = QColor(0xFF6FE0);
    t.grid = QColor(0x4D5660);
    addThreadColors(t, QColor(0x848E9A));
    return t;
}

} // namespace

double contrastRatio(const QColor& a, const QColor& b)
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor mix(const QColor& under, const QColor& over, double share)
{
    const auto blend = [share](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * share)); };
    return {blend(under.red(), over.red()), blend(under.green(), over.green()), blend(under.blue(), over.blue())};
}

QRgb mixPixels(QRgb under, QRgb over, double share)
{
    const int weight = static_cast<int>(share * 256 + 0.5);
    const auto blend = [weight](int from, int to) { return (from * (256 - weight) + to * weight + 128) >> 8; };
    return qRgb(blend(qRed(under), qRed(over)), blend(qGreen(under), qGreen(over)), blend(qBlue(under), qBlue(over)));
}

const Theme& Theme::light()
{
    static const Theme theme = makeLight();
    return theme;
}

const Theme& Theme::dark()
{
    static const Theme theme = makeDark();
    return theme;
}

QPalette Theme::palette() const
{
    QPalette p;
    p.setColor(QPalette::Window, window);
    p.setColor(QPalette::WindowText, text);
    p.setColor(QPalette::Base, card);
    p.setColor(QPalette::AlternateBase, sidebar);
    p.setColor(QPalette::Text, text);
    p.setColor(QPalette::PlaceholderText, mutedText);
    p.setColor(QPalette::Button, card);
    p.setColor(QPalette::ButtonText, text);
    p.setColor(QPalette::BrightText, bad);
    p.setColor(QPalette::Highlight, accent);
    p.setColor(QPalette::HighlightedText, accentText);
    p.setColor(QPalette::ToolTipBase, card);
    p.setColor(QPalette::ToolTipText, text);
    p.setColor(QPalette::Link, accent);
    p.setColor(QPalette::Mid, border);
    p.setColor(QPalette::Dark, grid);
    p.setColor(QPalette::Light, card);
    p.setColor(QPalette::Midlight, border);
    p.setColor(QPalette::Shadow, border);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        p.setColor(QPalette::Disabled, role, mix(window, mutedText, 0.75)); // a locked knob's value is still read
    }
    return p;
}

} // namespace timeslice
