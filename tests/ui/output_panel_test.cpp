#include "ui/script/output_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

namespace timeslice::output_panel_test {
namespace {

class Output : public testing::Test {
protected:
    Output()
    {
        Scenario scenario;
        for (const char* id : {"one", "two"}) {
            scenario.variants.push_back({});
            scenario.variants.back().id = id;
            scenario.variants.back().title = id;
        }
        m_model = std::make_unique<RunModel>(scenario);
        start(0);
        m_panel.resize(600, 160);
        m_panel.showModel(m_model.get(), true);
    }
    void apply(RunUpdate update)
    {
        std::vector<RunUpdate> updates;
        updates.push_back(std::move(update));
        m_model->apply(std::move(updates));
    }
    void start(std::size_t variant) { apply(VariantStarted{variant, {{0}, 100, false}, {}}); }
    void print(std::size_t variant, const std::string& bytes)
    {
        apply(VariantOutput{variant, bytes});
        m_panel.append(variant, bytes);
    }
    void end(std::size_t variant, int status)
    {
        VariantEnded ended;
        ended.variant = variant;
        ended.facts.exit.code = status;
        ended.facts.exit.text = status == 0 ? "finished" : "exit status";
        apply(std::move(ended));
        m_panel.refresh();
    }
    QScrollBar* bar() { return m_panel.findChild<QPlainTextEdit*>()->verticalScrollBar(); }

    std::unique_ptr<RunModel> m_model;
    OutputPanel m_panel;
};

TEST_F(Output, ofALessonIsNotThereUntilSomethingIsPrinted)
{
    m_panel.showModel(m_model.get(), false);
    EXPECT_TRUE(m_panel.isHidden());
    print(0, "hello\n");
    EXPECT_FALSE(m_panel.isHidden());
    EXPECT_FALSE(m_panel.isOpen());
    m_panel.showModel(nullptr, true);
    EXPECT_TRUE(m_panel.isHidden());
}

TEST_F(Output, ofTheViewersOwnProgramIsThereFromTheStart)
{
    EXPECT_FALSE(m_panel.isHidden());
    EXPECT_TRUE(m_panel.isOpen());
    EXPECT_EQ(m_panel.text(), "");
    end(0, 0);
    EXPECT_EQ(m_panel.text(), "exit status 0");
    EXPECT_FALSE(m_panel.isOpen()) << "it has nothing more to show";
    EXPECT_FALSE(m_panel.isHidden());
    m_panel.showModel(m_model.get(), true);
    EXPECT_FALSE(m_panel.isOpen());
}

TEST_F(Output, ofTheViewersOwnProgramThatFailsWithoutAWordStaysOpen)
{
    end(0, 3);
    EXPECT_EQ(m_panel.text(), "exit status 3");
    EXPECT_TRUE(m_panel.isOpen());
}

TEST_F(Output, takesLinesForTheProgramWhileItReads)
{
    using Input = RunController::Input;
    auto* row = m_panel.findChild<QWidget*>("inputRow");
    auto* line = m_panel.findChild<QLineEdit*>("programInput");
    QStringList typed;
    int ends = 0;
    QObject::connect(&m_panel, &OutputPanel::typed, [&](const QString& text) { typed << text; });
    QObject::connect(&m_panel, &OutputPanel::inputEnded, [&] { ++ends; });
    EXPECT_TRUE(row->isHidden());

    m_panel.setInput(Input::Open);
    EXPECT_FALSE(row->isHidden());
    QTest::keyClicks(line, "Ada L.");
    QTest::keyClick(line, Qt::Key_D, Qt::ControlModifier);
    EXPECT_EQ(ends, 0) << "not after a part of a line";
    QTest::keyClick(line, Qt::Key_Return);
    QTest::keyClick(line, Qt::Key_Return);
    EXPECT_EQ(typed, (QStringList{"Ada L.", ""}));
    EXPECT_EQ(line->text(), "");
    QTest::keyClick(line, Qt::Key_D, Qt::ControlModifier);
    EXPECT_EQ(ends, 1);
    m_panel.findChild<QToolButton*>("endInput")->click();
    EXPECT_EQ(ends, 2);

    m_panel.findChild<QToolButton*>("outputToggle")->click();
    EXPECT_TRUE(row->isHidden()) << "with the lines";
    m_panel.findChild<QToolButton*>("outputToggle")->click();
    m_panel.setInput(Input::Ended);
    EXPECT_FALSE(row->isHidden());
    EXPECT_FALSE(line->isEnabled());
    m_panel.setInput(Input::None);
    EXPECT_TRUE(row->isHidden());
}

TEST_F(Output, thatAsksTakesTheKeyboardToItsAnswer)
{
    auto* line = m_panel.findChild<QLineEdit*>("programInput");
    print(0, "Name? ");
    EXPECT_NE(m_panel.focusWidget(), line) << "nobody reads the answer";
    m_panel.setInput(RunController::Input::Open);
    print(0, "\n");
    print(0, "\r10 % ");
    EXPECT_NE(m_panel.focusWidget(), line) << "a progress bar asks nothing";
    print(0, "\nno question");
    EXPECT_NE(m_panel.focusWidget(), line);
    print(0, "\nYour name: ");
    EXPECT_EQ(m_panel.focusWidget(), line);
}

TEST_F(Output, growsWithWhatIsPrintedAndEndsWithTheExitStatus)
{
    print(0, "one\ntw");
    print(0, "o\n");
    print(0, "10 %\r");
    print(0, "20 %");
    EXPECT_EQ(m_panel.text(), "one\ntwo\n20 %");
    end(0, 3);
    EXPECT_EQ(m_panel.text(), "one\ntwo\n20 %\nexit status 3");
    m_panel.refresh();
    EXPECT_EQ(m_panel.text(), "one\ntwo\n20 %\nexit status 3") << "said once";
}

TEST_F(Output, showsTheSameWhenTheRunIsLookedAtLater)
{
    print(0, "caf\xc3");
    print(0, "\xa9\n\x1b[31mred\x1b[0m\n");
    end(0, 0);
    const QString live = m_panel.text();
    OutputPanel later;
    later.showModel(m_model.get(), false);
    EXPECT_EQ(later.text(), live);
    EXPECT_FALSE(later.isOpen());
    EXPECT_FALSE(later.isHidden());
}

TEST_F(Output, staysWithTheViewerWhoScrolledUpAndFollowsOneWhoDidNot)
{
    m_panel.show();
    std::string many;
    for (int i = 0; i < 200; ++i) {
        many += "line " + std::to_string(i) + '\n';
    }
    print(0, many);
    QApplication::processEvents();
    EXPECT_EQ(bar()->value(), bar()->maximum());
    print(0, many);
    QApplication::processEvents();
    EXPECT_EQ(bar()->value(), bar()->maximum());
    bar()->setValue(20);
    print(0, many);
    QApplication::processEvents();
    EXPECT_EQ(bar()->value(), 20);
    EXPECT_GT(bar()->maximum(), 300);
}

TEST_F(Output, keepsTheLastLinesOfAFlood)
{
    std::string flood;
    for (int i = 0; i < 3 * kOutputLines; ++i) {
        flood += std::to_string(i) + '\n';
    }
    print(0, flood);
    print(0, "last");
    const QStringList lines = m_panel.text().split('\n');
    EXPECT_LE(lines.size(), kOutputLines);
    EXPECT_EQ(lines.last(), "last");
    EXPECT_EQ(lines[lines.size() - 2], QString::number(3 * kOutputLines - 1));
}

TEST_F(Output, followsTheVariantThatRunsAndLetsTheViewerGoBack)
{
    print(0, "first\n");
    end(0, 0);
    start(1);
    print(1, "second\n");
    EXPECT_EQ(m_panel.text(), "second\n");
    auto* choice = m_panel.findChild<QComboBox*>("outputVariant");
    ASSERT_EQ(choice->count(), 2);
    choice->setCurrentIndex(0);
    emit choice->activated(0);
    EXPECT_EQ(m_panel.text(), "first\nexit status 0");
    print(1, "more\n");
    EXPECT_EQ(m_panel.text(), "first\nexit status 0") << "the viewer looks at this one";
}

TEST_F(Output, canBeSelectedAndCopied)
{
    print(0, "copy me\n");
    auto* lines = m_panel.findChild<QPlainTextEdit*>();
    lines->selectAll();
    lines->copy();
    EXPECT_EQ(QApplication::clipboard()->text().trimmed(), "copy me");
}

} // namespace
} // namespace timeslice::output_panel_test
