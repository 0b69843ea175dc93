#include "ui/export/svg_text.h"

#include <QRegularExpression>

namespace timeslice {

QByteArray portableSvg(const QByteArray& generated, const QSize& size, const QString& family, const QString& families)
{
    QString text = QString::fromUtf8(generated);
    static const QRegularExpression kSize(
        QStringLiteral(R"(<svg width="[0-9.]+mm" height="[0-9.]+mm")"), QRegularExpression::CaseInsensitiveOption);
    const auto found = kSize.match(text);
    if (found.hasMatch()) {
        text.replace(found.capturedStart(), found.capturedLength(),
            QStringLiteral("<svg width=\"%1\" height=\"%2\"").arg(size.width()).arg(size.height()));
    }
    // A group's font stands on a line of its own; its texts have theirs beside their place.
    static const QRegularExpression kGroupFont(QStringLiteral(
        "\nfont-family=\"[^\"]*\" font-size=\"[^\"]*\" font-weight=\"[^\"]*\" font-style=\"[^\"]*\"\\s*>"));
    text.replace(kGroupFont, QStringLiteral(">"));
    text.remove(QStringLiteral(" transform=\"matrix(1,0,0,1,0,0)\""));
    static const QRegularExpression kEmptyGroup(QStringLiteral("<g [^>]*>\\s*</g>\\s*"));
    text.remove(kEmptyGroup);
    text.replace(QStringLiteral("font-family=\"%1\"").arg(family.toHtmlEscaped()),
        QStringLiteral("font-family=\"%1\"").arg(families.toHtmlEscaped()));
    return text.toUtf8();
}

} // namespace timeslice
