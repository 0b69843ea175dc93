// What QSvgGenerator writes, made fit for other programs.
#pragma once

#include <QByteArray>
#include <QSize>
#include <QString>

namespace timeslice {

/// - The size is in pixels: generated in millimetres, it comes out a pixel too wide in some programs.
/// - Texts name `families` (as CSS does, the first that is there) in place of `family`: the desktop's names for its
///   fonts, such as "Sans Serif", mean nothing to a browser, which then takes one with serifs.
/// - Groups without contents, and what groups repeat for the texts in them, are left out.
QByteArray portableSvg(const QByteArray& generated, const QSize& size, const QString& family, const QString& families);

} // namespace timeslice
