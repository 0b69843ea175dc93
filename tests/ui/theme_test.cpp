#include "ui/theme/theme.h"

#include <QApplication>
#include <QLineEdit>
#include <QRegularExpression>
#include <gtest/gtest.h>

namespace timeslice::theme_test {
namespace {

class EachTheme : public ::testing::TestWithParam<ThemeKind> {
protected:
    const Theme& theme() const { return Theme::of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Themes, EachTheme, ::testing::Values(ThemeKind::Light, ThemeKind::Dark));

TEST(ContrastRatio, agreesWithTheDefinitionAtItsEnds)
{
    EXPECT_NEAR(contrastRatio(Qt::black, Qt::white), 21.0, 1e-9);
    EXPECT_NEAR(contrastRatio(Qt::white, Qt::black), 21.0, 1e-9);
    EXPECT_NEAR(contrastRatio(QColor(0x777777), Qt::white), 4.48, 0.01); // the well-known grey just below 4.5
}

TEST_P(EachTheme, textIsReadableWhereItStands)
{
    const Theme& t = theme();
    for (const QColor& ground : {t.window, t.sidebar, t.card, t.lane}) {
        for (const QColor& text : {t.text, t.mutedText, t.good, t.warning, t.bad}) {
            EXPECT_GE(contrastRatio(text, ground), 4.5)
                << text.name().toStdString() << " on " << ground.name().toStdString();
        }
    }
    EXPECT_GE(contrastRatio(t.accentText, t.accent), 4.5);
    EXPECT_GE(contrastRatio(t.accent, t.card), 4.5); // the chosen prediction
}

TEST_P(EachTheme, whatIsLockedWhileARunGoesOnCanStillBeRead)
{
    const QColor text = theme().palette().color(QPalette::Disabled, QPalette::Text);
    for (const QColor& ground : {theme().window, theme().sidebar, theme().card}) {
        EXPECT_GE(contrastRatio(text, ground), 3.0) << ground.name().toStdString();
    }
    EXPECT_TRUE(theme().styleSheet().contains(text.name()));
}

TEST_P(EachTheme, aScrollBarStandsOutFromWhereverItIs)
{
    const QRegularExpression handle(R"(QScrollBar::handle \{ background: (#[0-9a-f]{6}))");
    const QColor color(handle.match(theme().styleSheet()).captured(1));
    ASSERT_TRUE(color.isValid());
    for (const QColor& ground : {theme().window, theme().sidebar, theme().card}) {
        EXPECT_GE(contrastRatio(color, ground), 3.0) << ground.name().toStdString();
    }
}

TEST_P(EachTheme, anEmptyFieldsHintIsReadable)
{
    const QPalette before = QApplication::palette();
    QApplication::setPalette(theme().palette());
    QLineEdit field;
    field.setStyleSheet(theme().styleSheet());
    field.ensurePolished();
    const QColor hint = field.palette().color(QPalette::PlaceholderText);
    EXPECT_GE(contrastRatio(mix(theme().card, hint, hint.alphaF()), theme().card), 4.5);
    EXPECT_EQ(field.palette().color(QPalette::Text), theme().text);
    QApplication::setPalette(before);
}

TEST_P(EachTheme, barsStandOutFromTheirLane)
{
    for (std::uint8_t slot = 1; slot <= kOtherSlot; ++slot) {
        EXPECT_GE(contrastRatio(theme().threadOutline(slot), theme().lane), 3.0) << int(slot);
    }
    EXPECT_GE(contrastRatio(theme().hatch, theme().lane), 3.0);
    EXPECT_GE(contrastRatio(theme().falseAlarm, theme().lane), 3.0);
}

TEST_P(EachTheme, labelsInBarsAreReadable)
{
    for (std::uint8_t slot = 1; slot <= kOtherSlot; ++slot) {
        const QColor fill = theme().threadColor(slot);
        EXPECT_GE(contrastRatio(theme().threadText(slot), fill), 4.5) << int(slot);
    }
}

TEST(MixPixels, isWhatMixingColoursGives)
{
    const QColor under(0x1A1D21);
    const QColor over(0x56B4E9);
    EXPECT_EQ(mixPixels(under.rgb(), over.rgb(), 0), under.rgb());
    EXPECT_EQ(mixPixels(under.rgb(), over.rgb(), 1), over.rgb());
    for (double share = 0; share <= 1; share += 1.0 / 64) {
        EXPECT_EQ(QColor::fromRgb(mixPixels(under.rgb(), over.rgb(), share)), mix(under, over, share)) << share;
    }
}

TEST_P(EachTheme, threadsThatShareAHueDifferInLightness)
{
    for (std::uint8_t slot = 1; slot <= 7; ++slot) {
        const auto later = static_cast<std::uint8_t>(slot + 7);
        EXPECT_GE(contrastRatio(theme().threadColor(slot), theme().threadColor(later)), 1.4) << int(slot);
    }
}

TEST_P(EachTheme, theStyleSheetNamesOnlyColoursThatExist)
{
    const QString sheet = theme().styleSheet();
    EXPECT_FALSE(sheet.contains(QLatin1Char('@')));
    EXPECT_FALSE(sheet.contains(QStringLiteral("#000000"))); // what an unknown name would become
    EXPECT_TRUE(sheet.contains(theme().accent.name()));
    EXPECT_EQ(sheet.count(QLatin1Char('{')), sheet.count(QLatin1Char('}')));
}

TEST(Theme, theFirstSevenThreadsHaveTheColoursOfOkabeAndIto)
{
    const QRgb expected[] = {0xFFE69F00, 0xFF56B4E9, 0xFF009E73, 0xFFCC79A7, 0xFFD55E00, 0xFF0072B2, 0xFFF0E442};
    for (std::uint8_t slot = 1; slot <= 7; ++slot) {
        EXPECT_EQ(Theme::light().threadColor(slot).rgb(), expected[slot - 1]);
        EXPECT_EQ(Theme::dark().threadColor(slot).rgb(), expected[slot - 1]);
    }
}

} // namespace
} // namespace timeslice::theme_test
