// Nothing is cut off at 1280 × 720, in either theme, before and after a run.
#include "tests/ui/window_fixture.h"
#include "ui/window/fact_table.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QScrollArea>

namespace timeslice {
namespace {

class WindowLayout : public WindowTest, public testing::WithParamInterface<bool> {
protected:
    void expectNothingCutOff(const std::string& when)
    {
        for (QWidget* widget : window().findChildren<QWidget*>()) {
            if (!widget->isVisible() || widget->parentWidget() == nullptr) {
                continue;
            }
            const std::string name =
                when + ": " + widget->metaObject()->className() + ' ' + widget->objectName().toStdString();
            if (qobject_cast<QAbstractButton*>(widget) != nullptr || qobject_cast<QComboBox*>(widget) != nullptr) {
                EXPECT_GE(widget->width(), widget->minimumSizeHint().width()) << name;
                EXPECT_GE(widget->height(), widget->minimumSizeHint().height()) << name;
                const QRect inWindow(widget->mapTo(&window(), QPoint()), widget->size());
                EXPECT_TRUE(window().rect().contains(inWindow)) << name;
            } else if (auto* label = qobject_cast<QLabel*>(widget); label != nullptr && label->wordWrap()) {
                EXPECT_GE(label->height(), label->heightForWidth(label->width()))
                    << name << ' ' << label->text().toStdString();
            } else if (auto* area = qobject_cast<QScrollArea*>(widget)) {
                EXPECT_LE(area->widget()->width(), area->viewport()->width()) << name;
            }
        }
        EXPECT_EQ(window().size(), QSize(1280, 720)) << "the parts fit without growing the window";
        EXPECT_GE(part<QWidget>("timeline")->width(), 700);
        EXPECT_GE(part<QWidget>("timeline")->height(), 380);
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
} // namespace timeslice
