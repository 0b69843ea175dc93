#include "ui/script/terminal_text.h"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace timeslice::terminal_text_test {
namespace {

/// All lines that a terminal would show.
QString shown(TerminalText& terminal)
{
    QStringList lines = terminal.takeLines();
    lines << terminal.current();
    return lines.join('|');
}

QString shown(std::string_view bytes)
{
    TerminalText terminal;
    terminal.feed(bytes);
    return shown(terminal);
}

TEST(TerminalText, splitsLinesAndKeepsTheUnfinishedOneApart)
{
    TerminalText terminal;
    terminal.feed("one\ntwo\nthr");
    EXPECT_EQ(terminal.takeLines(), (QStringList{"one", "two"}));
    EXPECT_EQ(terminal.current(), "thr");
    terminal.feed("ee\n");
    EXPECT_EQ(terminal.takeLines(), (QStringList{"three"}));
    EXPECT_EQ(terminal.current(), "");
}

TEST(TerminalText, putsTogetherCharactersThatWereCutAnywhere)
{
    const std::string text = "Grüße, 日本, 🐍!\nfin";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        TerminalText terminal;
        terminal.feed(std::string_view(text).substr(0, cut));
        terminal.feed(std::string_view(text).substr(cut));
        EXPECT_EQ(shown(terminal), QString::fromUtf8("Grüße, 日本, 🐍!|fin")) << cut;
    }
}

TEST(TerminalText, showsBytesThatAreNoTextAsSuchAndGoesOn)
{
    EXPECT_EQ(shown("a\xff\xfe"
                    "b\n"),
        QString("a\uFFFD\uFFFDb|"));
}

TEST(TerminalText, writesOverTheLineAfterACarriageReturn)
{
    EXPECT_EQ(shown("10 %\r20 %\r100 %"), "100 %");
    EXPECT_EQ(shown("a long line\rshort"), "shortg line") << "what is not written over stays, as on a terminal";
    EXPECT_EQ(shown("a long line\r\x1b[Kshort"), "short");
    EXPECT_EQ(shown("dos\r\nlines\r\n"), "dos|lines|");
    EXPECT_EQ(shown("abc\b\bX"), "aXc");
}

TEST(TerminalText, takesOutColoursTitlesAndCursorMoves)
{
    EXPECT_EQ(shown("\x1b[1;31mred\x1b[0m plain"), "red plain");
    EXPECT_EQ(shown("\x1b]0;a title\x07text"), "text");
    EXPECT_EQ(shown("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
    EXPECT_EQ(shown("\x1b(Bascii \x1b[?25l\x1b[2Jhidden"), "ascii hidden");
    EXPECT_EQ(shown("bell\x07 and\x00 nul"), "bell and");
}

TEST(TerminalText, takesThemOutWhereverTheyAreCut)
{
    const std::string text = "a\x1b[38;5;208mb\x1b]2;t\x1b\\c\x1b[0md";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        TerminalText terminal;
        terminal.feed(std::string_view(text).substr(0, cut));
        terminal.feed(std::string_view(text).substr(cut));
        EXPECT_EQ(shown(terminal), "abcd") << cut;
    }
}

TEST(TerminalText, isNotSwallowedByASequenceThatNeverEnds)
{
    EXPECT_TRUE(shown("\x1b]0;never ended\nnext line").endsWith("next line"));
    EXPECT_TRUE(shown("\x1b[" + std::string(500, '1') + "\nnext line").endsWith("next line"));
}

TEST(TerminalText, expandsTabsToStopsOfEight)
{
    EXPECT_EQ(shown("a\tb"), "a       b");
    EXPECT_EQ(shown("12345678\tb"), "12345678        b");
}

TEST(TerminalText, breaksALineWithoutEndSoThatItStaysBounded)
{
    TerminalText terminal;
    terminal.feed(std::string(5000, 'x'));
    const QStringList lines = terminal.takeLines();
    EXPECT_EQ(lines.size(), 4);
    for (const QString& line : lines) {
        EXPECT_EQ(line.size(), TerminalText::kMostColumns);
    }
}

TEST(TerminalText, neverDependsOnHowTheBytesArrive)
{
    std::mt19937 random(11);
    const std::string_view alphabet[] = {
        "a", "é", "🐍", "\r", "\n", "\t", "\b", "\x1b[K", "\x1b[31m", "\x1b]0;t\x07", "\xc3"};
    for (int round = 0; round < 50; ++round) {
        std::string text;
        for (int i = 0; i < 60; ++i) {
            text += alphabet[random() % std::size(alphabet)];
        }
        TerminalText whole;
        whole.feed(text);
        TerminalText pieces;
        for (const char byte : text) {
            pieces.feed({&byte, 1});
        }
        EXPECT_EQ(shown(whole), shown(pieces)) << round;
    }
}

} // namespace
} // namespace timeslice::terminal_text_test
