#include "ui/export/figure.h"

#include "core/base/atomic_file.h"
#include "ui/chart/paint_chart.h"
#include "ui/export/figure_layout.h"
#include "ui/export/svg_text.h"
#include "ui/graph/wait_painter.h"
#include "ui/plot/format_time.h"
#include "ui/plot/track_painter.h"
#include "ui/result/picture_of.h"

#include <QBuffer>
#include <QFontInfo>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QImageWriter>
#include <QSvgGenerator>
#include <cmath>

namespace timeslice {

namespace {

constexpr int kLeastWidth = 320;
constexpr int kLeastHeight = 200;
constexpr int kMostSide = 16384;
constexpr double kLeastScale = 0.5;
constexpr double kMostScale = 8;
constexpr double kEmPerLine = 18; // em at which a line is one pixel wide
constexpr qint64 kMostPixels = qint64{1} << 28; // of the picture as it is written: 1 GiB of memory

Result<void> check(const FigureOptions& options)
{
    const QSize size = options.size;
    if (size.width() < kLeastWidth || size.height() < kLeastHeight || size.width() > kMostSide
        || size.height() > kMostSide) {
        return fail("a picture of " + std::to_string(size.width()) + "x" + std::to_string(size.height())
                + " is not possible: choose a size from 320x200 to 16384x16384",
            ErrorKind::Usage);
    }
    if (!(options.scale >= kLeastScale && options.scale <= kMostScale)) {
        return fail("the scale must lie between 0.5 and 8", ErrorKind::Usage);
    }
    const double width = size.width() * options.scale;
    const double height = size.height() * options.scale;
    if (width > 2 * kMostSide || height > 2 * kMostSide || width * height > static_cast<double>(kMostPixels)) {
        return fail("size times scale gives a picture of " + std::to_string(std::lround(width)) + "x"
                + std::to_string(std::lround(height)) + " pixels, which is too large: lower the scale",
            ErrorKind::Usage);
    }
    if (options.from && options.to && *options.to <= *options.from) {
        return fail("the picture would end before it begins: --to must be later than --from", ErrorKind::Usage);
    }
    return {};
}

QSize deviceSize(const FigureOptions& options)
{
    return {static_cast<int>(std::lround(options.size.width() * options.scale)),
        static_cast<int>(std::lround(options.size.height() * options.scale))};
}

/// What --from and --to choose; nullopt: the whole run.
std::optional<TimeRange> sectionOf(const RunPicture& run, const FigureOptions& options)
{
    if (!options.from && !options.to) {
        return std::nullopt;
    }
    return TimeRange{options.from.value_or(0), options.to.value_or(fullLength(run.variants))};
}

TimeScale timeScale(const FigureLayout& layout)
{
    TimeScale scale;
    scale.left = layout.rows.laneLeft;
    scale.right = layout.rows.laneRight;
    scale.begin = static_cast<double>(layout.range.begin);
    scale.end = static_cast<double>(layout.range.end);
    if (scale.end < scale.begin + kMinVisible) {
        scale.end = scale.begin + kMinVisible;
    }
    return scale;
}

class FigurePainter {
public:
    FigurePainter(const Canvas& canvas, const RunModel& model, const FigureOptions& options, const QSize& size)
        : m_canvas(canvas)
        , m_run(pictureOf(model, options.loss))
        , m_texts(figureTexts(model))
        , m_layout(
              layOutFigure(model, m_texts, size, canvas, sectionOf(m_run, options), options.foldStartUp, options.loss))
    {
        m_canvas.em = m_layout.em;
        m_canvas.unit = std::max(canvas.unit, m_layout.em / kEmPerLine); // lines grow with the text
        m_canvas.font.setPixelSize(std::max(1, m_canvas.px(1)));
    }

    void paint()
    {
        const Theme& theme = *m_canvas.theme;
        text(m_layout.title, m_texts.title, 1.9, true, theme.text);
        if (m_layout.question.isValid()) {
            m_canvas.painter->setFont(scaledFont(m_canvas, 1.15));
            m_canvas.painter->setPen(theme.mutedText);
            m_canvas.painter->drawText(
                m_layout.question, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, m_layout.questionText);
        }

        TimelineScene scene;
        scene.variants = m_run.variants;
        scene.layout = &m_layout.rows;
        scene.notes = m_texts.runs;
        scene.scale = timeScale(m_layout);
        scene.axisBreak = m_layout.axisBreak;
        scene.origin = m_layout.timeline.topLeft();
        scene.height = m_layout.timeline.height();
        paintTimeline(m_canvas, scene);
        if (m_layout.enlarged) {
            paintLens();
        }
        if (m_layout.waits.isValid()) {
            paintWaits();
        }
        if (m_layout.chart.isValid()) {
            paintChart(m_canvas, m_layout.chart, m_layout.numbers);
        }
        if (m_layout.distribution.isValid()) {
            paintDistribution(m_canvas, m_layout.distribution, m_layout.counted);
        }

        text(m_layout.headline, m_texts.headline, m_layout.headlineEms, true,
            m_texts.visible ? theme.text : theme.mutedText);
        text(m_layout.caption, m_texts.caption, 1.25, true, theme.text);
        if (m_layout.conclusion.isValid()) {
            m_canvas.painter->setFont(scaledFont(m_canvas, 1));
            m_canvas.painter->setPen(m_texts.visible ? theme.mutedText : theme.warning);
            m_canvas.painter->drawText(
                m_layout.conclusion, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, m_texts.conclusion);
        }
        for (const LegendItem& item : m_layout.items) {
            paintLegendItem(m_canvas, item);
        }
        paintFooter();
    }

private:
    void text(const QRect& rect, const QString& words, double ems, bool bold, const QColor& color)
    {
        if (rect.isValid()) {
            paintText(m_canvas, rect, Qt::AlignLeft | Qt::AlignVCenter, words, scaledFont(m_canvas, ems, bold), color);
        }
    }

    void paintWaits()
    {
        constexpr double kKeyEm = 0.9;
        const Timeline& timeline = m_run.variants[m_layout.deadlocked].recording->timeline;
        WaitPicture picture(WaitPicture::By::Ring);
        picture.update(timeline);
        const WaitGraph graph = picture.at(timeline, timeline.end);
        const int key = QFontMetrics(scaledFont(m_canvas, kKeyEm)).height();
        const QRect room = m_layout.waits.adjusted(0, 0, 0, -key - m_canvas.px(0.3));
        const std::vector<WaitBox> boxes = planWaitBoxes(m_canvas, picture, timeline, room);
        const ThreadColors colors = threadColors(m_run.variants)[m_layout.deadlocked];
        paintWaitGraph(m_canvas, {boxes, graph, timeline, colors, std::nullopt});
        paintWaitKey(m_canvas, QRect(room.left(), m_layout.waits.bottom() + 1 - key, room.width(), key), kKeyEm);
    }

    void paintLens()
    {
        const Lens& lens = *m_layout.enlarged;
        TimelineScene scene;
        scene.variants = m_run.variants;
        scene.layout = &m_layout.lensRows;
        scene.scale.left = m_layout.lensRows.laneLeft;
        scene.scale.right = m_layout.lensRows.laneRight;
        scene.scale.begin = static_cast<double>(lens.range.begin);
        scene.scale.end = static_cast<double>(lens.range.end);
        scene.origin = m_layout.lens.topLeft();
        scene.height = m_layout.lens.height();
        scene.excerpt = lens.what;
        paintTimeline(m_canvas, scene);
    }

    /// From left to right what must not be missing, then what there is room for.
    void paintFooter()
    {
        const Theme& theme = *m_canvas.theme;
        const QRect footer = m_layout.footer;
        const QFont bold = scaledFont(m_canvas, 0.9, true);
        const QFont regular = scaledFont(m_canvas, 0.9);
        const QFontMetrics metrics(regular);
        const int gap = m_canvas.px(1);
        const QColor sourceColor = m_texts.measured ? theme.good : theme.warning;

        QPainter& painter = *m_canvas.painter;
        const int dot = m_canvas.px(0.65);
        painter.setRenderHint(QPainter::Antialiasing, true);
        painter.setPen(Qt::NoPen);
        painter.setBrush(sourceColor);
        painter.drawEllipse(QRect(footer.left(), footer.center().y() - dot / 2 + 1, dot, dot));
        painter.setRenderHint(QPainter::Antialiasing, false);

        int x = footer.left() + dot + m_canvas.px(0.4);
        int right = footer.right() + 1;
        const auto put = [&](const QString& words, const QFont& font, const QColor& color) {
            const int room = right - x;
            if (words.isEmpty() || room < m_canvas.px(2)) {
                return;
            }
            x += paintText(m_canvas, QRect(x, footer.top(), room, footer.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     words, font, color)
                + gap;
        };
        put(m_texts.calculated     ? QStringLiteral("calculated")
                : m_texts.measured ? QStringLiteral("measured")
                                   : QStringLiteral("inferred"),
            bold, sourceColor);
        put(m_texts.exception, bold, theme.text);
        put(m_texts.lost, bold, theme.warning);
        put(m_texts.unobserved, bold, theme.warning);
        put(m_layout.omitted, bold, theme.warning);
        // Half a date would be another date: where both do not fit it is the machine that is cut short.
        const int dateWidth = metrics.horizontalAdvance(m_texts.date) + 1;
        if (!m_texts.date.isEmpty() && right - x >= dateWidth) {
            right -= dateWidth;
            paintText(m_canvas, QRect(right, footer.top(), dateWidth, footer.height()),
                Qt::AlignLeft | Qt::AlignVCenter, m_texts.date, regular, theme.mutedText);
            right -= gap;
        }
        put(m_texts.machine, regular, theme.mutedText);
    }

    Canvas m_canvas;
    RunPicture m_run;
    FigureTexts m_texts;
    FigureLayout m_layout;
};

Canvas figureCanvas(QPainter& painter, const FigureOptions& options, double unit, bool vector)
{
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = &Theme::of(options.theme);
    canvas.font = QGuiApplication::font();
    canvas.unit = unit;
    canvas.vector = vector;
    return canvas;
}

Result<void> writeFile(const std::filesystem::path& path, const QByteArray& bytes)
{
    auto file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    if (auto written = file->write(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        !written) {
        return written;
    }
    return file->commit();
}

} // namespace

Result<void> checkFigure(const FigureOptions& options)
{
    return check(options);
}

Result<QImage> renderFigure(const RunModel& model, const FigureOptions& options)
{
    if (auto checked = check(options); !checked) {
        return tl::unexpected(checked.error());
    }
    const QSize size = deviceSize(options);
    QImage image(size, QImage::Format_RGB32);
    if (image.isNull()) {
        return fail("not enough memory for a picture of " + std::to_string(size.width()) + "x"
            + std::to_string(size.height()) + " pixels");
    }
    image.fill(Theme::of(options.theme).window);
    QPainter painter(&image);
    FigurePainter(figureCanvas(painter, options, options.scale, false), model, options, size).paint();
    painter.end();
    image.setText(QStringLiteral("Title"), figureTexts(model).title);
    image.setText(QStringLiteral("Software"), QStringLiteral("Timeslice"));
    return image;
}

Result<void> exportPng(const RunModel& model, const FigureOptions& options, const std::filesystem::path& path)
{
    auto image = renderFigure(model, options);
    if (!image) {
        return tl::unexpected(image.error());
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QImageWriter writer(&buffer, "png");
    // Large flat areas: a low level compresses them nearly as well as the default, several times as fast.
    writer.setCompression(20);
    if (!writer.write(*image)) {
        return fail("the picture could not be written as PNG: " + writer.errorString().toStdString());
    }
    return writeFile(path, bytes);
}

Result<void> exportSvg(const RunModel& model, const FigureOptions& options, const std::filesystem::path& path)
{
    if (auto checked = check(options); !checked) {
        return checked;
    }
    // Coordinates are finer than the nominal size, so that bars and dense tracks keep their detail when enlarged.
    FigureOptions fine = options;
    fine.scale = std::max(options.scale, 2.0);
    if (!check(fine)) {
        fine.scale = options.scale;
    }
    const QSize size = deviceSize(fine);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(96);
    generator.setSize(options.size);
    generator.setViewBox(QRect(QPoint(), size));
    generator.setTitle(figureTexts(model).title);
    generator.setDescription(QStringLiteral("Made by Timeslice"));
    QPainter painter;
    if (!painter.begin(&generator)) {
        return fail("the picture could not be written as SVG");
    }
    painter.fillRect(QRect(QPoint(), size), Theme::of(options.theme).window);
    FigurePainter(figureCanvas(painter, fine, fine.scale, true), model, fine, size).paint();
    painter.end();
    const QFont font = QGuiApplication::font();
    // Verdana is as wide as the usual font of a Linux desktop, and there is one on most other desktops.
    const QString families = QFontInfo(font).family() + QStringLiteral(", Verdana, sans-serif");
    return writeFile(path, portableSvg(bytes, options.size, font.family(), families));
}

} // namespace timeslice
