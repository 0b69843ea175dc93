// TerminalText: the bytes that a program writes to a terminal, as the lines that a terminal would show.
//
// UTF-8 that is cut anywhere is put together again; bytes that are none become U+FFFD. A carriage return writes over
// the line, backspace goes back, "erase to the end of the line" erases; all other escape sequences of ECMA-48 (colours,
// titles, cursor moves) are taken out. Only the last line can change once it is shown.
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <string_view>

namespace timeslice {

/// Takes bytes in pieces of any size. Not thread-safe.
class TerminalText {
public:
    /// A line longer than this goes on in the next, as on a very wide terminal; so memory and drawing stay bounded.
    static constexpr int kMostColumns = 1000;

    void feed(std::string_view bytes);
    /// The lines that were ended since the last call.
    QStringList takeLines();
    /// The line that may still change.
    const QString& current() const noexcept { return m_line; }

private:
    enum class State : unsigned char {
        Text,
        Escape, ///< after ESC
        Sequence, ///< CSI: parameters until a byte from @ to ~
        String, ///< OSC and the like: until BEL or ST
        StringEscape, ///< ... an ESC in it, which may begin ST
        Charset, ///< ESC ( and the like: one more byte
    };
    void put(QChar c);
    void control(QChar c);
    void endSequence(QChar final);
    void endLine();

    QByteArray m_held; ///< the beginning of a character whose rest is still to come
    State m_state = State::Text;
    QString m_parameters;
    QStringList m_ended;
    QString m_line;
    qsizetype m_column = 0;
};

} // namespace timeslice
