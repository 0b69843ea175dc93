#include "ui/script/terminal_text.h"

#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

constexpr QChar kEscape{0x1B};
constexpr QChar kBell{0x07};
constexpr int kTabWidth = 8;
constexpr qsizetype kMostParameters = 64; ///< of a sequence; more is no sequence that anybody writes

/// How many bytes at the end begin a character of UTF-8 that is not all there.
qsizetype unfinished(const QByteArray& bytes)
{
    for (qsizetype back = 1; back <= std::min<qsizetype>(3, bytes.size()); ++back) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
        if (byte < 0x80) {
            return 0;
        }
        if (byte >= 0xC0) {
            const qsizetype length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return length > back && byte < 0xF8 ? back : 0;
        }
    }
    return 0;
}

} // namespace

void TerminalText::feed(std::string_view bytes)
{
    // Not QStringDecoder: Qt 6.4's loses the character after a sequence that broke off at the end of a piece.
    const QByteArray all = m_held + QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()));
    const qsizetype whole = all.size() - unfinished(all);
    m_held = all.mid(whole);
    const QString text = QString::fromUtf8(all.constData(), whole);
    for (const QChar c : text) {
        switch (m_state) {
        case State::Text:
            put(c);
            break;
        case State::Escape:
            m_state = c == u'['                                                 ? State::Sequence
                : c == u']' || c == u'P' || c == u'X' || c == u'^' || c == u'_' ? State::String
                : c >= u' ' && c <= u'/'                                        ? State::Charset
                                                                                : State::Text;
            m_parameters.clear();
            break;
        case State::Sequence:
            if (c >= u'@' && c <= u'~') {
                endSequence(c);
            } else if (c < u' ' || c > u'~' || m_parameters.size() >= kMostParameters) {
                m_state = State::Text; // it was none
                put(c);
            } else {
                m_parameters += c;
            }
            break;
        case State::String:
            m_state = c == kBell ? State::Text
                : c == kEscape   ? State::StringEscape
                : c == u'\n'     ? State::Text
                                 : m_state;
            if (c == u'\n') { // never ended: a line is worth more than a title
                put(c);
            }
            break;
        case State::StringEscape:
            m_state = c == u'\\' ? State::Text : State::String;
            break;
        case State::Charset:
            m_state = State::Text;
            break;
        }
    }
}

void TerminalText::put(QChar c)
{
    if (c < u' ' || c == QChar(0x7F)) {
        control(c);
        return;
    }
    if (m_column >= kMostColumns && !c.isLowSurrogate()) {
        endLine();
    }
    if (m_column < m_line.size()) {
        m_line[m_column] = c;
    } else {
        m_line += c;
    }
    ++m_column;
}

void TerminalText::control(QChar c)
{
    switch (c.unicode()) {
    case '\n':
        endLine();
        break;
    case '\r':
        m_column = 0;
        break;
    case '\b':
        m_column = std::max<qsizetype>(0, m_column - 1);
        break;
    case '\t': {
        const qsizetype stop = (m_column / kTabWidth + 1) * kTabWidth;
        m_line += QString(std::max<qsizetype>(0, stop - m_line.size()), u' ');
        m_column = stop;
        break;
    }
    case 0x1B:
        m_state = State::Escape;
        break;
    default:
        break; // bells and the like have no look
    }
}

void TerminalText::endSequence(QChar final)
{
    m_state = State::Text;
    if (final != u'K') {
        return;
    }
    if (m_parameters.isEmpty() || m_parameters == u"0") {
        m_line.truncate(m_column);
    } else if (m_parameters == u"2") {
        m_line = QString(m_column, u' ');
    } else if (m_parameters == u"1") {
        std::fill_n(m_line.begin(), std::min(m_column, m_line.size()), QChar(u' '));
    }
}

void TerminalText::endLine()
{
    m_ended << m_line;
    m_line.clear();
    m_column = 0;
}

QStringList TerminalText::takeLines()
{
    return std::exchange(m_ended, {});
}

} // namespace timeslice
