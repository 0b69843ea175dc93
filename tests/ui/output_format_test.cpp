// The list of output formats, each written and read by what it is for.
#include "ui/export/output_format.h"

#include "core/base/json_in.h"
#include "core/recording/recording.h"
#include "tests/ui/sample_runs.h"

#include <QImage>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace timeslice::output_format_test {
namespace {

std::string contentOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether the file is what its format promises.
bool isGood(OutputFormat format, const std::filesystem::path& path)
{
    const std::string content = contentOf(path);
    switch (format) {
    case OutputFormat::Recording: {
        const auto loaded = loadRecording(path);
        return loaded && loaded->warning.empty() && loaded->recording.variants.size() == 2;
    }
    case OutputFormat::Png:
        return QImage(QString::fromStdString(path.string()), "PNG").size() == QSize(1200, 700);
    case OutputFormat::Svg: {
        QXmlStreamReader reader(QByteArray::fromStdString(content));
        const bool svg = reader.readNextStartElement() && reader.name() == QLatin1String("svg");
        while (!reader.atEnd()) {
            reader.readNext();
        }
        return svg && !reader.hasError();
    }
    case OutputFormat::Csv: {
        const auto columns = std::count(content.begin(), content.begin() + content.find('\n'), ',');
        return columns > 3 && std::count(content.begin(), content.end(), '\n') > 4;
    }
    case OutputFormat::Trace: {
        const auto trace = parseJson(content);
        return trace && trace->at("traceEvents").size() > 4;
    }
    case OutputFormat::Report: {
        const auto report = parseJson(content);
        return report && report->at("schema") == "timeslice.report/1" && report->at("variants").size() == 2;
    }
    }
    return false;
}

TEST(OutputFormats, EachIsWrittenAsWhatItPromises)
{
    const QTemporaryDir folder;
    const auto model = samples::modelWith("1.00×", samples::gilVariant(100 * kMillisecond, {"Thread 1", "Thread 2"}),
        samples::processVariant(52 * kMillisecond, 56 * kMillisecond));
    FigureOptions figure;
    figure.size = {1200, 700};
    std::set<std::string> options;
    std::set<std::string> suffixes;
    for (const OutputFormatInfo& info : outputFormats()) {
        SCOPED_TRACE(info.option);
        EXPECT_EQ(&infoOf(info.format), &info);
        options.insert(info.option);
        suffixes.insert(info.suffix);
        const std::filesystem::path path = folder.filePath(QStringLiteral("run.") + info.suffix).toStdString();
        const auto written = writeOutput(*model, info.format, figure, path);
        ASSERT_TRUE(written) << written.error().message;
        EXPECT_TRUE(isGood(info.format, path));
        if (info.text) {
            std::ostringstream stream;
            ASSERT_TRUE(writeOutput(*model, info.format, stream));
            EXPECT_EQ(stream.str(), contentOf(path));
        }
        const auto refused = writeOutput(*model, info.format, figure, "/nowhere/at/all");
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message.find("/nowhere/at/all"), std::string::npos) << refused.error().message;
    }
    EXPECT_EQ(options.size(), kOutputFormats);
    EXPECT_EQ(suffixes.size(), kOutputFormats);
}

} // namespace
} // namespace timeslice::output_format_test
