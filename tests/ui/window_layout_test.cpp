// The window on small screens and with long words, in either theme.
#include "tests/ui/window_fixture.h"

#include <QGuiApplication>
#include <QListView>
#include <QScreen>

namespace timeslice::window_layout_test {
namespace {

class WindowLayout : public WindowTest, public testing::WithParamInterface<bool> { };

TEST_P(WindowLayout, OpensNoLargerThanTheScreenWithAFrame)
{
    const QSize room = QGuiApplication::primaryScreen()->availableSize();
    {
        // Neither by itself, nor as it was left on a larger screen.
        MainWindow fresh(options(course()));
        EXPECT_LE(fresh.width(), std::max(room.width(), fresh.minimumWidth()));
        EXPECT_LT(fresh.height(), std::max(room.height(), fresh.minimumHeight() + 1));
        fresh.resize(room.expandedTo(fresh.minimumSize()) + QSize(300, 300));
        fresh.show();
        fresh.close();
    }
    const MainWindow restored(options(course()));
    EXPECT_LE(restored.width(), std::max(room.width(), restored.minimumWidth()));
    EXPECT_LT(restored.height(), std::max(room.height(), restored.minimumHeight() + 1));
}

TEST_P(WindowLayout, LeavesRoomForAFrameOnASmallScreen)
{
    open();
    EXPECT_LE(window().minimumWidth(), 1024);
    EXPECT_LE(window().minimumHeight(), 640);
}

TEST_P(WindowLayout, TheCurrentScenarioStaysInSightInALowerWindow)
{
    open();
    window().selectScenario(window().lessons().at(window().lessons().size() - 1).scenario.id);
    window().resize(1280, window().minimumHeight());
    const auto* list = part<QListView>("scenarios");
    const auto inSight = [&] { return list->viewport()->rect().contains(list->visualRect(list->currentIndex())); };
    for (int i = 0; i < kPatience && !(window().height() < 700 && inSight()); ++i) {
        QTest::qWait(10);
    }
    EXPECT_LT(window().height(), 700);
    EXPECT_TRUE(list->currentIndex().isValid());
    EXPECT_TRUE(inSight());
}

TEST_P(WindowLayout, LongWordsGiveWayInsteadOfPushing)
{
    Catalogue catalogue = course();
    Scenario& scenario = catalogue.scenarios.at(0);
    const std::string word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    scenario.title = word + ' ' + word + ' ' + word;
    for (Prediction& prediction : scenario.predictions) {
        prediction.text = word;
    }
    for (VariantSpec& variant : scenario.variants) {
        variant.title = word;
        variant.note = word;
    }
    open(std::move(catalogue));
    (GetParam() ? window().actions().themeDark : window().actions().themeLight)->trigger();
    window().selectScenario(window().lessons().at(0).scenario.id);
    QTest::qWait(30);
    EXPECT_EQ(window().size(), QSize(1280, 720));
    EXPECT_GE(part<QWidget>("timeline")->width(), 700);
}

INSTANTIATE_TEST_SUITE_P(Themes, WindowLayout, testing::Bool(),
    [](const auto& theme) { return theme.param ? std::string("dark") : std::string("light"); });

} // namespace
} // namespace timeslice::window_layout_test
