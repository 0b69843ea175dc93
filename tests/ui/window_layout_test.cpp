// The window on small screens and with long words, in either theme.
#include "tests/ui/window_fixture.h"

#include <QComboBox>
#include <QGuiApplication>
#include <QListView>
#include <QScreen>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>

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

class WindowTextSizes : public WindowTest {
protected:
    /// The visible parts that have less room than they need, save where they can be scrolled to: class, name, sizes.
    QStringList cut()
    {
        QStringList found;
        for (const QWidget* widget : window().findChildren<QWidget*>()) {
            const auto* label = qobject_cast<const QLabel*>(widget);
            const bool wrapped = label != nullptr && label->wordWrap();
            const bool counts = label != nullptr || qobject_cast<const QAbstractButton*>(widget) != nullptr
                || qobject_cast<const QComboBox*>(widget) != nullptr
                || qobject_cast<const QSpinBox*>(widget) != nullptr;
            if (!counts || !widget->isVisible() || widget->objectName() == "predictionHint") { // which gives way
                continue;
            }
            const QSize least = wrapped ? QSize(0, label->heightForWidth(label->width())) : widget->minimumSizeHint();
            const bool small = widget->width() < least.width() || widget->height() < least.height();
            if (small || !inReach(*widget)) {
                found << QStringLiteral("%1 %2 “%3”: %4 x %5 of %6 x %7")
                             .arg(widget->metaObject()->className(), widget->objectName(), widget->accessibleName())
                             .arg(widget->width())
                             .arg(widget->height())
                             .arg(least.width())
                             .arg(least.height());
            }
        }
        return found;
    }

private:
    /// Whether it lies within all that is around it, or within what can be scrolled.
    bool inReach(const QWidget& widget)
    {
        QRect place(widget.mapTo(&window(), QPoint()), widget.size());
        for (const QWidget* around = widget.parentWidget(); around != &window(); around = around->parentWidget()) {
            const QRect room(around->mapTo(&window(), QPoint()), around->size());
            const auto* area = around->parentWidget() != nullptr
                ? qobject_cast<const QScrollArea*>(around->parentWidget()->parentWidget())
                : nullptr;
            if (!room.contains(place)) {
                return false;
            }
            if (area != nullptr && area->widget() == around) {
                place = QRect(area->mapTo(&window(), QPoint()), area->size()); // the rest is scrolled to
                const bool wide = around->width() <= area->viewport()->width();
                const bool high =
                    around->height() <= area->viewport()->height() || area->verticalScrollBar()->isVisibleTo(area);
                if (!wide || !high) {
                    return false;
                }
                around = area;
            }
        }
        return window().rect().contains(place);
    }
};

TEST_F(WindowTextSizes, CutNothingOnASmallScreen)
{
    open();
    for (const QSize size : {QSize(1280, 720), QSize(1024, 600)}) {
        window().resize(size);
        for (const char* id : {"gil-two-threads", "native-counter", "textbook", "message-or-reference", "crash"}) {
            ASSERT_TRUE(window().selectScenario(id));
            window().actions().textUsual->trigger();
            for (const bool larger : {true, false}) {
                double points = 0;
                while (points != window().font().pointSizeF()) { // to the end of what is offered
                    points = window().font().pointSizeF();
                    QStringList found;
                    for (int i = 0; i < 200 && (i == 0 || !found.isEmpty()); ++i) { // the layout comes later
                        QTest::qWait(10);
                        found = cut();
                    }
                    ASSERT_EQ(found.join('\n').toStdString(), "")
                        << id << ", " << size.width() << " x " << size.height() << ", " << points << " pt";
                    ASSERT_EQ(window().size(), size) << id << ", " << points << " pt";
                    EXPECT_GE(part<QWidget>("timeline")->height(), 100) << id << ", " << points << " pt";
                    (larger ? window().actions().textLarger : window().actions().textSmaller)->trigger();
                }
            }
        }
    }
    window().actions().textUsual->trigger(); // of the program's
}

INSTANTIATE_TEST_SUITE_P(Themes, WindowLayout, testing::Bool(),
    [](const auto& theme) { return theme.param ? std::string("dark") : std::string("light"); });

} // namespace
} // namespace timeslice::window_layout_test
