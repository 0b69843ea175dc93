// Nothing is cut off at 1280 × 720, in either theme, before and after a run.
#include "tests/ui/window_fixture.h"
#include "ui/widgets/fact_table.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QGuiApplication>
#include <QListView>
#include <QScreen>
#include <QScrollArea>
#include <gmock/gmock.h>

namespace timeslice::window_layout_test {
namespace {

class WindowLayout : public WindowTest, public testing::WithParamInterface<bool> {
protected:
    /// What is cut off now, by class and name.
    std::vector<std::string> cutOff()
    {
        std::vector<std::string> found;
        for (QWidget* widget : window().findChildren<QWidget*>()) {
            if (!widget->isVisible() || widget->parentWidget() == nullptr) {
                continue;
            }
            bool whole = true;
            if (qobject_cast<QAbstractButton*>(widget) != nullptr || qobject_cast<QComboBox*>(widget) != nullptr) {
                const QSize least = widget->minimumSizeHint();
                whole = widget->width() >= least.width() && widget->height() >= least.height();
                const bool scrolled = part<QScrollArea>("resultPanel")->isAncestorOf(widget);
                const QRect inWindow(widget->mapTo(&window(), QPoint()), widget->size());
                whole = whole && (scrolled || window().rect().contains(inWindow));
            } else if (auto* label = qobject_cast<QLabel*>(widget); label != nullptr && label->wordWrap()) {
                whole = label->height() >= label->heightForWidth(label->width());
            } else if (auto* area = qobject_cast<QScrollArea*>(widget)) {
                whole = area->widget()->width() <= area->viewport()->width();
            }
            if (!whole) {
                found.push_back(std::string(widget->metaObject()->className()) + ' '
                    + widget->objectName().toStdString() + ' ' + widget->accessibleName().toStdString() + ' '
                    + std::to_string(widget->width()) + 'x' + std::to_string(widget->height()) + " of "
                    + std::to_string(widget->minimumSizeHint().width()) + 'x'
                    + std::to_string(widget->minimumSizeHint().height()));
            }
        }
        return found;
    }

    void expectNothingCutOff(const std::string& when)
    {
        // Nested layouts settle one event after another.
        std::vector<std::string> found = cutOff();
        for (int i = 0; i < kPatience && !found.empty(); ++i) {
            QTest::qWait(10);
            found = cutOff();
        }
        EXPECT_THAT(found, testing::IsEmpty()) << when;
        EXPECT_EQ(window().size(), QSize(1280, 720)) << "the parts fit without growing the window";
        EXPECT_GE(part<QWidget>("timeline")->width(), 700);
        EXPECT_GE(part<QWidget>("timeline")->height(), 300); // below tabs and two lines of knobs
    }
};

TEST_P(WindowLayout, EverythingFitsAt1280By720)
{
    open();
    (GetParam() ? window().actions().themeDark : window().actions().themeLight)->trigger();
    for (std::size_t i = 0; i < window().lessons().size(); ++i) {
        window().selectScenario(window().lessons().at(i).scenario.id);
        QTest::qWait(30);
        expectNothingCutOff(window().lessons().at(i).scenario.id + " before");
        press(Qt::Key_1);
        click("run");
        ASSERT_TRUE(runsToItsEnd());
        QTest::qWait(30);
        expectNothingCutOff(window().lessons().at(i).scenario.id + " after");
    }
}

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
