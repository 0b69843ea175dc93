#include "tests/ui/sample_runs.h"
#include "ui/export/figure.h"
#include "ui/export/figure_layout.h"

#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QPainter>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace timeslice::figure_test {
namespace {

const QSize kSizes[] = {{320, 200}, {640, 360}, {1280, 720}, {1600, 900}, {1920, 1080}, {800, 1600}, {2400, 400}};

std::vector<std::unique_ptr<RunModel>> models()
{
    using namespace samples;
    std::vector<std::unique_ptr<RunModel>> list;
    list.push_back(modelWith("1.00×", gilVariant(100 * kMillisecond, {"Thread 1", "Thread 2"}),
        processVariant(52 * kMillisecond, 56 * kMillisecond)));
    list.push_back(modelWith("", gilVariant(30 * kMillisecond, {"Thread 1"})));
    list.push_back(modelWith("50 %", schedulingVariant(8, 4 * kMillisecond, 400 * kMillisecond)));
    list.push_back(modelWith("deadlock", deadlockVariant(60 * kMillisecond)));
    list.push_back(modelWith("33 %", raceVariant(2000)));
    list.push_back(modelWith(
        "1.0×", gilVariant(30 * kMillisecond, {"A thread with a remarkably long name that nobody reads", "worker"})));
    list.push_back(modelWith("x", schedulingVariant(60, 4 * kMillisecond, 400 * kMillisecond)));
    return list;
}

Canvas canvasOf(double unit)
{
    Canvas canvas;
    canvas.theme = &Theme::light();
    canvas.font = QGuiApplication::font();
    canvas.unit = unit;
    return canvas;
}

TEST(Figure, partsNeverOverlapAndNeverLeaveThePicture)
{
    for (const auto& model : models()) {
        const FigureTexts texts = figureTexts(*model);
        for (const QSize& size : kSizes) {
            const FigureLayout layout = layOutFigure(*model, texts, size, canvasOf(1));
            const QRect parts[] = {layout.title, layout.question, layout.timeline, layout.waits, layout.headline,
                layout.caption, layout.conclusion, layout.legend, layout.footer};
            const std::string where =
                texts.title.toStdString() + " " + std::to_string(size.width()) + "x" + std::to_string(size.height());
            for (const QRect& part : parts) {
                if (part.isValid()) {
                    EXPECT_TRUE(QRect(QPoint(), size).contains(part)) << where;
                }
                for (const QRect& other : parts) {
                    if (&part != &other && part.isValid() && other.isValid()) {
                        EXPECT_FALSE(part.intersects(other)) << where;
                    }
                }
            }
            for (const LegendItem& item : layout.items) {
                EXPECT_TRUE(layout.legend.contains(item.rect)) << where;
                for (const LegendItem& other : layout.items) {
                    EXPECT_TRUE(&item == &other || !item.rect.intersects(other.rect)) << where;
                }
            }
            EXPECT_TRUE(layout.rows.fits(layout.timeline.height())) << where;
            EXPECT_GE(layout.rows.rows.size(), 2U) << where;
        }
    }
}

TEST(Figure, aDeadlockHasWhoWaitsForWhomBesideItsRowsWhereThereIsRoom)
{
    const auto deadlock = samples::modelWith("", samples::deadlockVariant(60 * kMillisecond));
    for (const QSize& size : {QSize(1280, 720), QSize(1600, 900), QSize(1920, 1080), QSize(3840, 2160)}) {
        const FigureLayout layout = layOutFigure(*deadlock, figureTexts(*deadlock), size, canvasOf(1));
        ASSERT_TRUE(layout.waits.isValid()) << size.width();
        EXPECT_EQ(layout.deadlocked, 0U);
        EXPECT_GE(layout.rows.laneWidth(), size.width() / 2) << "the rows are still what the figure is about";
        FigureOptions options;
        options.size = size;
        const auto image = renderFigure(*deadlock, options);
        ASSERT_TRUE(image);
        int trouble = 0;
        for (int y = layout.waits.top(); y <= layout.waits.bottom(); ++y) {
            for (int x = layout.waits.left(); x <= layout.waits.right(); ++x) {
                trouble += image->pixelColor(x, y) == Theme::light().bad ? 1 : 0;
            }
        }
        EXPECT_GT(trouble, layout.waits.width()) << "the circle in its colour";
    }
    const auto live = samples::modelWith("", samples::gilVariant(60 * kMillisecond, {"Thread 1", "Thread 2"}));
    EXPECT_FALSE(layOutFigure(*live, figureTexts(*live), QSize(1600, 900), canvasOf(1)).waits.isValid());
    EXPECT_FALSE(layOutFigure(*deadlock, figureTexts(*deadlock), QSize(800, 1600), canvasOf(1)).waits.isValid());
}

TEST(Figure, atSlideSizesNothingIsLeftOutOfAnOrdinaryScenario)
{
    const auto model = std::move(models()[0]);
    for (const QSize& size : {QSize(1280, 720), QSize(1600, 900), QSize(1920, 1080), QSize(3840, 2160)}) {
        const FigureLayout layout = layOutFigure(*model, figureTexts(*model), size, canvasOf(1));
        EXPECT_TRUE(layout.title.isValid());
        EXPECT_TRUE(layout.headline.isValid());
        EXPECT_TRUE(layout.conclusion.isValid());
        EXPECT_TRUE(layout.legend.isValid());
        EXPECT_TRUE(layout.omitted.isEmpty());
        EXPECT_GE(layout.em, size.height() / 62.0); // legible on a slide
    }
}

QStringList omittedRows(const FigureLayout& layout)
{
    QStringList notes;
    for (const Row& row : layout.rows.rows) {
        if (row.content.kind == RowKind::Omitted) {
            notes << row.content.note;
        }
    }
    return notes;
}

TEST(Figure, whatIsNotShownIsSaidInItsPlace)
{
    const auto model = samples::modelWith("x", samples::schedulingVariant(60, 4 * kMillisecond, 400 * kMillisecond));
    const FigureLayout layout = layOutFigure(*model, figureTexts(*model), QSize(640, 360), canvasOf(1));
    ASSERT_EQ(omittedRows(layout).size(), 1);
    EXPECT_TRUE(omittedRows(layout).front().contains("more threads not shown; th"));
    EXPECT_TRUE(layout.rows.fits(layout.timeline.height()));
    EXPECT_EQ(layout.omitted, QString()) << "nothing else is left out";
}

TEST(Figure, ofManyThreadsShowsThoseThatDidTheWorkAndKeepsTheCores)
{
    samples::VariantMaker maker("command", "many threads", 2);
    for (int i = 0; i < 31; ++i) {
        const std::uint32_t idle = maker.thread("idle " + std::to_string(i), static_cast<std::uint8_t>(i % 8 + 1));
        maker.run(idle, i * 2 * kMillisecond, 0, (i + 1) * 2 * kMillisecond);
        maker.exit(idle, (i + 1) * 2 * kMillisecond);
    }
    for (int i = 0; i < 12; ++i) {
        const std::uint32_t busy = maker.thread("busy " + std::to_string(i), static_cast<std::uint8_t>(i % 8 + 1));
        maker.run(busy, (100 + 40 * i) * kMillisecond, 1, (140 + 40 * i) * kMillisecond);
    }
    const auto model = samples::modelWith("", maker.finish(kSecond));
    for (const QSize& size : {QSize(1280, 720), QSize(1600, 900), QSize(1920, 1080)}) {
        const FigureLayout layout = layOutFigure(*model, figureTexts(*model), size, canvasOf(1));
        std::size_t cores = 0;
        std::size_t cpu = 0;
        std::size_t busy = 0;
        std::vector<std::size_t> threads;
        for (const Row& row : layout.rows.rows) {
            cores += row.content.kind == RowKind::Core ? 1U : 0U;
            cpu += row.content.kind == RowKind::Cpu ? 1U : 0U;
            if (row.content.kind == RowKind::Thread) {
                threads.push_back(row.content.track);
                busy += row.content.label.startsWith("busy") ? 1U : 0U;
            }
        }
        EXPECT_EQ(cores, 2U);
        EXPECT_EQ(cpu, 1U);
        EXPECT_EQ(busy, std::min<std::size_t>(12, threads.size()));
        EXPECT_TRUE(std::is_sorted(threads.begin(), threads.end()));
        const QStringList left{omittedText(43 - threads.size(), "thread", threads.size())};
        EXPECT_EQ(omittedRows(layout), threads.size() < 43 ? left : QStringList());
    }
}

TEST(Figure, aSectionShowsTheThreadsAndLocksThatAreInIt)
{
    samples::VariantMaker maker("command", "many threads, many locks", 2);
    for (int i = 0; i < 60; ++i) {
        const std::string number = std::to_string(i);
        const std::uint32_t me = maker.thread("thread " + number, static_cast<std::uint8_t>(i % kColorSlots + 1));
        maker.run(me, i * 10 * kMillisecond, 0, (i + 1) * 10 * kMillisecond);
        maker.exit(me, (i + 1) * 10 * kMillisecond);
        const std::uint32_t lock = maker.lock("lock " + number, ObjectKind::Mutex);
        maker.hold(lock, i * 10 * kMillisecond, me);
        maker.free(lock, (i + 1) * 10 * kMillisecond);
    }
    const auto model = samples::modelWith("", maker.finish(600 * kMillisecond));
    const TimeRange section{405 * kMillisecond, 435 * kMillisecond};
    const FigureLayout layout = layOutFigure(*model, figureTexts(*model), QSize(1280, 720), canvasOf(1), section);
    QStringList labels;
    std::size_t shown = 0;
    for (const Row& row : layout.rows.rows) {
        labels << row.content.label;
        shown += row.content.kind == RowKind::Thread ? 1U : 0U;
    }
    for (int i = 40; i <= 43; ++i) {
        EXPECT_TRUE(labels.contains("thread " + QString::number(i))) << labels.join(", ").toStdString();
        EXPECT_TRUE(labels.contains("lock " + QString::number(i))) << labels.join(", ").toStdString();
    }
    EXPECT_TRUE(layout.rows.fits(layout.timeline.height()));
    EXPECT_EQ(omittedRows(layout),
        QStringList({omittedText(60 - shown, "thread", shown), omittedText(60 - shown, "lock", shown)}));
}

TEST(Figure, theTimelinesThatAreShownFillTheWidth)
{
    std::vector<std::unique_ptr<VariantRecording>> variants;
    for (int i = 0; i < 12; ++i) {
        variants.push_back(samples::schedulingVariant(4, 4 * kMillisecond, (i < 11 ? 100 : 400) * kMillisecond));
    }
    const auto model = samples::modelOf(std::move(variants), "1.00×");
    FigureOptions options;
    options.size = QSize(320, 200);
    const FigureLayout layout = layOutFigure(*model, figureTexts(*model), options.size, canvasOf(1));
    ASSERT_LT(layout.variants.size(), 12U);
    ASSERT_TRUE(layout.omitted.contains("more variants not shown")) << layout.omitted.toStdString();
    const auto image = renderFigure(*model, options);
    ASSERT_TRUE(image);
    const auto thread = std::find_if(layout.rows.rows.begin(), layout.rows.rows.end(),
        [](const Row& row) { return row.content.kind == RowKind::Thread; });
    ASSERT_NE(thread, layout.rows.rows.end());
    int painted = 0; // in the last tenth of the lanes
    for (int y = layout.timeline.top() + thread->top; y < layout.timeline.top() + layout.rows.contentHeight; ++y) {
        for (int x = layout.rows.laneRight - layout.rows.laneWidth() / 10; x < layout.rows.laneRight; ++x) {
            const QColor color = image->pixelColor(x, y);
            painted += color != Theme::light().lane && color != Theme::light().window ? 1 : 0;
        }
    }
    EXPECT_GT(painted, layout.rows.laneWidth() / 10);
}

TEST(Figure, theLegendNamesADropRequestsNotchWhereThereIsOne)
{
    const auto legendOf = [](const RunModel& model) {
        QStringList texts;
        for (const LegendItem& item : layOutFigure(model, figureTexts(model), QSize(1600, 900), canvasOf(1)).items) {
            texts << item.text;
        }
        return texts;
    };
    const auto asked = samples::modelWith("", samples::gilVariant(30 * kMillisecond, {"Thread 1", "Thread 2"}));
    EXPECT_TRUE(legendOf(*asked).contains("asked for the GIL (as far as there is room)"));
    const auto never = samples::modelWith("", samples::deadlockVariant(60 * kMillisecond));
    EXPECT_FALSE(legendOf(*never).contains("asked for the GIL (as far as there is room)"));
    EXPECT_TRUE(legendOf(*never).contains("waiting for a lock"));
}

TEST(Figure, theLegendGivesEachNameOneColour)
{
    const auto model = samples::modelWith("", samples::gilVariant(30 * kMillisecond, {"Thread 1", "Thread 2"}),
        samples::gilVariant(30 * kMillisecond, {"Thread 2", "Thread 1"}),
        samples::processVariant(20 * kMillisecond, 25 * kMillisecond));
    std::map<QString, std::uint8_t> colors;
    std::set<std::uint8_t> used;
    for (const LegendItem& item : layOutFigure(*model, figureTexts(*model), QSize(1600, 900), canvasOf(1)).items) {
        if (item.text.startsWith("Thread") || item.text.startsWith("Process")) {
            EXPECT_TRUE(colors.emplace(item.text, item.color).second) << item.text.toStdString() << " is there twice";
            EXPECT_TRUE(used.insert(item.color).second) << item.text.toStdString() << " shares its colour";
        }
    }
    EXPECT_EQ(colors.size(), 4U);
}

TEST(Figure, aCommandOfSeveralLinesIsATitleOfOne)
{
    const auto model =
        samples::modelWith("", samples::gilVariant(30 * kMillisecond, {"a"}, "python3 -c import\n\ttime\x1b[1m\r\n"));
    const FigureTexts texts = figureTexts(*model);
    EXPECT_EQ(texts.title, "python3 -c import time [1m");
    const FigureLayout layout = layOutFigure(*model, texts, QSize(1280, 720), canvasOf(1));
    EXPECT_EQ(layout.rows.rows.front().content.label, texts.title);
}

TEST(Figure, tellsSourceLossesMachineAndDate)
{
    auto variant = samples::gilVariant(30 * kMillisecond, {"a", "b"});
    variant->timeline.source = Source::Inferred;
    variant->timeline.lost.kernel = 12;
    const auto model = samples::modelWith("", std::move(variant));
    const FigureTexts texts = figureTexts(*model);
    EXPECT_FALSE(texts.measured);
    EXPECT_EQ(texts.lost, "12 events lost");
    EXPECT_TRUE(texts.machine.contains("2 cores"));
    EXPECT_TRUE(texts.machine.contains("Linux 6.18"));
    EXPECT_TRUE(texts.date.startsWith("2026-03-01"));
}

TEST(Figure, everySizeAndScaleGivesAPictureOfThatManyPixels)
{
    const auto model = samples::modelWith("1.00×", samples::gilVariant(100 * kMillisecond, {"a", "b"}));
    for (const ThemeKind theme : {ThemeKind::Light, ThemeKind::Dark}) {
        for (const auto& [size, scale] : std::vector<std::pair<QSize, double>>{
                 {{320, 200}, 0.5}, {{320, 200}, 8}, {{1600, 900}, 1}, {{1600, 900}, 2}, {{1001, 777}, 1.5}}) {
            FigureOptions options;
            options.size = size;
            options.scale = scale;
            options.theme = theme;
            const auto image = renderFigure(*model, options);
            ASSERT_TRUE(image) << image.error().message;
            EXPECT_EQ(image->size(),
                QSize(static_cast<int>(std::lround(size.width() * scale)),
                    static_cast<int>(std::lround(size.height() * scale))));
            EXPECT_EQ(image->pixelColor(0, 0), Theme::of(theme).window);
            const QRgb orange = Theme::of(theme).threadColor(1).rgb();
            int found = 0;
            for (int y = 0; y < image->height(); ++y) {
                for (int x = 0; x < image->width(); ++x) {
                    found += image->pixel(x, y) == orange ? 1 : 0;
                }
            }
            EXPECT_GT(found, image->width() * image->height() / 100);
        }
    }
}

TEST(Figure, refusesSizesThatMakeNoSense)
{
    const auto model = samples::modelWith("", samples::gilVariant(kMillisecond, {"a"}));
    const auto kindOf = [&](QSize size, double scale) {
        FigureOptions options;
        options.size = size;
        options.scale = scale;
        const auto image = renderFigure(*model, options);
        return image ? std::optional<ErrorKind>() : image.error().kind;
    };
    EXPECT_EQ(kindOf({319, 200}, 1), ErrorKind::Usage);
    EXPECT_EQ(kindOf({320, 199}, 1), ErrorKind::Usage);
    EXPECT_EQ(kindOf({20000, 900}, 1), ErrorKind::Usage);
    EXPECT_EQ(kindOf({1600, 900}, 0.1), ErrorKind::Usage);
    EXPECT_EQ(kindOf({1600, 900}, 9), ErrorKind::Usage);
    EXPECT_EQ(kindOf({1600, 900}, std::nan("")), ErrorKind::Usage);
    EXPECT_EQ(kindOf({16384, 16384}, 8), ErrorKind::Usage);
}

TEST(Figure, refusesARangeThatEndsBeforeItBegins)
{
    const auto model = samples::modelWith("", samples::gilVariant(kMillisecond, {"a"}));
    FigureOptions options;
    options.from = 10;
    options.to = 10;
    const auto image = renderFigure(*model, options);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().kind, ErrorKind::Usage);
}

TEST(Figure, pngAndSvgAreWrittenAndCanBeReadBack)
{
    QTemporaryDir folder;
    const auto path = [&](const char* name) {
        return std::filesystem::path(folder.filePath(QString::fromLatin1(name)).toStdString());
    };
    const auto model = std::move(models()[0]);
    FigureOptions options;
    ASSERT_TRUE(exportPng(*model, options, path("a.png")));
    const QImage image(folder.filePath("a.png"));
    EXPECT_EQ(image.size(), options.size);
    EXPECT_EQ(image, *renderFigure(*model, options));

    ASSERT_TRUE(exportSvg(*model, options, path("a.svg")));
    QSvgRenderer svg(folder.filePath("a.svg"));
    ASSERT_TRUE(svg.isValid());
    QImage drawn(svg.viewBox().size() / 2, QImage::Format_RGB32);
    QPainter painter(&drawn);
    svg.render(&painter);
    painter.end();
    EXPECT_EQ(drawn.size(), options.size);
    QFile file(folder.filePath("a.svg"));
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();
    for (const char* words :
        {"Two threads", "Two processes", "waiting for the GIL", "measured", "Linux 6.18", ">ms<"}) {
        EXPECT_TRUE(text.contains(words)) << words;
    }
    EXPECT_EQ(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 2); // nothing is left beside
}

TEST(Figure, anSvgMeansTheSameToOtherPrograms)
{
    QTemporaryDir folder;
    const auto model = std::move(models()[0]);
    const QString path = folder.filePath("a.svg");
    ASSERT_TRUE(exportSvg(*model, {}, path.toStdString()));
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(file.readAll());
    EXPECT_TRUE(text.contains("<svg width=\"1600\" height=\"900\""));
    EXPECT_FALSE(text.contains("mm\""));
    const QStringList families = text.split("font-family=\"");
    ASSERT_GT(families.size(), 10);
    for (int i = 1; i < families.size(); ++i) {
        EXPECT_TRUE(families[i].section('"', 0, 0).endsWith(", sans-serif")) << families[i].left(60).toStdString();
    }
    const QRegularExpression empty("<g [^>]*>\\s*</g>");
    EXPECT_FALSE(empty.match(text).hasMatch());
    EXPECT_EQ(text.count("<g "), text.count("</g>"));
}

TEST(Figure, anSvgOfManySlicesStaysSmall)
{
    QTemporaryDir folder;
    const auto model = samples::modelWith("", samples::denseVariant(200'000, 2, kSecond));
    const QString path = folder.filePath("dense.svg");
    ASSERT_TRUE(exportSvg(*model, {}, path.toStdString()));
    EXPECT_LT(QFile(path).size(), 1'000'000);
}

TEST(Figure, aPathThatCannotBeWrittenIsNamed)
{
    const auto model = samples::modelWith("", samples::gilVariant(kMillisecond, {"a"}));
    const auto written = exportPng(*model, {}, "/nonexistent-folder/a.png");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("/nonexistent-folder/a.png"), std::string::npos);
}

} // namespace
} // namespace timeslice::figure_test
