#include "ui/widgets/code_view.h"

#include <QScrollBar>
#include <QTest>
#include <QVBoxLayout>
#include <Qsci/qscilexerpython.h>
#include <Qsci/qsciscintilla.h>
#include <gtest/gtest.h>

namespace timeslice::code_view_test {
namespace {

class Code : public testing::Test {
protected:
    static constexpr int kPatienceMs = 60'000; ///< for what must come, on a machine however loaded

    Code()
    {
        auto* layout = new QVBoxLayout(&m_parent);
        layout->addWidget(m_view);
        layout->addStretch(1);
        m_parent.resize(420, 700);
        m_view->setTheme(Theme::dark());
    }
    void show()
    {
        m_parent.show();
        ASSERT_TRUE(QTest::qWaitFor([this] { return m_view->findChild<QsciScintilla*>() != nullptr; }, kPatienceMs));
        QTest::qWait(30);
    }
    static QString lines(int count)
    {
        QStringList all;
        for (int i = 0; i < count; ++i) {
            all << QString("x = %1").arg(i);
        }
        return all.join('\n');
    }
    int styleAt(int position)
    {
        return static_cast<int>(
            m_view->editor().SendScintilla(QsciScintilla::SCI_GETSTYLEAT, static_cast<unsigned long>(position)));
    }

    QWidget m_parent;
    CodeView* m_view = new CodeView(&m_parent);
};

TEST_F(Code, waitsWithItsEditorUntilItIsOnTheScreen)
{
    m_view->setCode("def f():\n    return 1");
    EXPECT_EQ(m_view->findChild<QsciScintilla*>(), nullptr);
    m_parent.layout()->activate();
    m_view->setTypePixels(m_view->fittingPixels());
    const int before = m_view->height();
    show();
    EXPECT_NEAR(m_view->height(), before, 4) << "nothing jumps when it comes";
    EXPECT_EQ(m_view->editor().text(), "def f():\n    return 1");
}

TEST_F(Code, coloursPythonInThePaletteOfTheTheme)
{
    m_view->setCode("def f():\n    return 'x'  # why");
    show();
    m_view->editor().recolor();
    EXPECT_EQ(styleAt(0), QsciLexerPython::Keyword);
    EXPECT_EQ(styleAt(4), QsciLexerPython::FunctionMethodName);
    auto* lexer = m_view->editor().lexer();
    for (const ThemeKind kind : {ThemeKind::Light, ThemeKind::Dark}) {
        const Theme& theme = Theme::of(kind);
        m_view->setTheme(theme);
        EXPECT_EQ(lexer->color(QsciLexerPython::Keyword), theme.accent);
        for (int style = 0; style <= QsciLexerPython::TripleDoubleQuotedFString; ++style) {
            EXPECT_EQ(lexer->paper(style), theme.card) << style;
            EXPECT_GE(contrastRatio(lexer->color(style), theme.card), 4.5) << style;
        }
    }
}

TEST_F(Code, isAsTallAsItsLinesUpToALimitAndThenScrolls)
{
    m_view->setCode(lines(3));
    show();
    const int three = m_view->height();
    m_view->setCode(lines(10));
    EXPECT_TRUE(QTest::qWaitFor([&] { return m_view->height() > 2 * three; }, kPatienceMs));
    QTest::qWait(30);
    const int ten = m_view->height();
    EXPECT_EQ(m_view->editor().verticalScrollBar()->maximum(), m_view->editor().verticalScrollBar()->minimum())
        << "all of it is seen";
    m_view->setCode(lines(400));
    EXPECT_TRUE(QTest::qWaitFor([this] { return m_view->editor().verticalScrollBar()->maximum() > 0; }, kPatienceMs));
    QTest::qWait(30);
    EXPECT_LT(m_view->height(), 4 * ten);
}

TEST_F(Code, cannotBeWrittenTo)
{
    m_view->setCode("x = 1");
    show();
    m_view->editor().setFocus();
    QTest::keyClicks(&m_view->editor(), "abc");
    QTest::keyClick(&m_view->editor(), Qt::Key_Delete);
    EXPECT_EQ(m_view->editor().text(), "x = 1");
    m_view->setCode("y = 2");
    EXPECT_EQ(m_view->editor().text(), "y = 2");
}

} // namespace
} // namespace timeslice::code_view_test
