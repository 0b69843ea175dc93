// What the panel tells of locks: from reports, without a window but for the last ones.
#include "tests/ui/sample_runs.h"
#include "ui/chart/chart_picture.h"
#include "ui/result/lock_facts.h"
#include "ui/result/result_panel.h"
#include "ui/widgets/panel_section.h"

#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace timeslice::lock_facts_test {
namespace {

LockReport lockOf(const std::string& name, std::uint64_t holds, std::uint64_t waits)
{
    LockReport lock;
    lock.name = name;
    lock.kind = "mutex";
    lock.holds = holds;
    lock.waits = waits;
    lock.wait = static_cast<Nanos>(waits) * kMillisecond;
    lock.longestWait = waits > 0 ? 2 * kMillisecond : 0;
    lock.maxConcurrentHolders = 1;
    lock.handoffsVoluntary = waits;
    for (std::uint64_t i = 0; i < holds; ++i) {
        lock.holdTimes.add(20 * kMicrosecond);
    }
    for (std::uint64_t i = 0; i < waits; ++i) {
        lock.waitTimes.add(kMillisecond);
    }
    lock.holdMillis = {0.02, 0.02, 0.02, holds};
    lock.waitMillis = {1, 1, 2, waits};
    return lock;
}

std::unique_ptr<RunModel> modelWithLocks(const std::vector<std::vector<LockReport>>& variants)
{
    Recording recording;
    RunReport report;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        auto made = samples::deadlockVariant(20 * kMillisecond);
        made->id = "v" + std::to_string(i);
        made->title = "Variant " + std::to_string(i);
        VariantReport& entry = report.variants.emplace_back();
        entry.id = made->id;
        entry.name = made->title;
        entry.locks = variants[i];
        recording.variants.push_back(std::move(made));
    }
    recording.reportJson = toJson(report).dump();
    auto model = RunModel::fromRecording(std::move(recording));
    return model ? std::move(*model) : nullptr;
}

QStringList valuesOf(const LockTable& table, const QString& label)
{
    for (const FactRow& row : table.rows) {
        if (row.label == label) {
            return row.values;
        }
    }
    return {};
}

QString plain(QString text)
{
    return text.replace(QChar(0x202F), ' ').replace(QChar(0xA0), ' ');
}

TEST(LockTables, TellASingleLockInFull)
{
    const auto model = modelWithLocks({{lockOf("A", 10, 4)}});
    const std::vector<LockTable> tables = lockTables(*model);
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].title, "LOCK A");
    EXPECT_EQ(tables[0].rows.size(), tables[0].locks.size());
    EXPECT_EQ(plain(valuesOf(tables[0], "had to wait").value(0)), "4 (40.0 %)");
    EXPECT_EQ(valuesOf(tables[0], "handed over"), QStringList("4×"));
    EXPECT_EQ(tables[0].locks.front(), (LockRef{0, 0}));
}

TEST(LockTables, PutTheMostContendedOfManyFirstAndSayHowManyAreLeft)
{
    std::vector<LockReport> locks;
    for (std::uint64_t i = 0; i < 100; ++i) {
        locks.push_back(lockOf("Item " + std::to_string(i), 200, i));
    }
    locks.push_back(lockOf("Never touched", 0, 0));
    const auto model = modelWithLocks({locks});
    const std::vector<LockTable> tables = lockTables(*model, LockRef{0, 98});
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].title, "100 LOCKS");
    ASSERT_EQ(tables[0].rows.size(), 1 + kMostLocks + 1);
    EXPECT_EQ(tables[0].rows[1].label, "Item 99");
    EXPECT_EQ(tables[0].rows[2].label, "Item 98");
    EXPECT_TRUE(tables[0].rows[2].chosen);
    EXPECT_FALSE(tables[0].rows[1].chosen);
    EXPECT_EQ(tables[0].locks[2], (LockRef{0, 98}));
    EXPECT_EQ(tables[0].rows.back().label, "and 92 more");
    EXPECT_FALSE(tables[0].locks.back().has_value());
    EXPECT_EQ(mostWaitedFor(*model), (LockRef{0, 99}));
}

TEST(LockTables, AreNamedByVariantWhereSeveralHaveLocks)
{
    const auto model = modelWithLocks({{lockOf("Table", 10, 4)}, {lockOf("Odd", 5, 1), lockOf("Even", 5, 2)}, {}});
    const std::vector<LockTable> tables = lockTables(*model);
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables[0].title, "TABLE · VARIANT 0");
    EXPECT_EQ(tables[1].title, "2 LOCKS · VARIANT 1");
    EXPECT_EQ(tables[1].rows[1].label, "Even");
}

TEST(LockTables, SayNothingOfWaitsThatAReportOfBeforeDidNotCount)
{
    LockReport old = lockOf("A", 10, 4);
    old.waits.reset();
    const auto model = modelWithLocks({{old, lockOf("B", 1, 0)}});
    const std::vector<LockTable> tables = lockTables(*model);
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(valuesOf(tables[0], "A").value(1), "–");
    EXPECT_FALSE(lockTimes(*model, {0, 0}).has_value());
}

TEST(LockTables, SayHowManyFalseAlarmsAGilHad)
{
    LockReport gil = lockOf("GIL", 10, 4);
    gil.kind = "gil";
    const auto before = modelWithLocks({{gil}});
    EXPECT_TRUE(valuesOf(lockTables(*before)[0], "false alarms").isEmpty()) << "not counted is not none";
    gil.falseAlarms = 1234;
    const auto model = modelWithLocks({{gil}});
    EXPECT_EQ(plain(valuesOf(lockTables(*model)[0], "false alarms").value(0)), "1,234");
}

TEST(LockTimes, HaveHoldsAndWaitsOnOneAxisOfWholePowersOfTen)
{
    const auto model = modelWithLocks({{lockOf("A", 10, 4), lockOf("B", 3, 0)}});
    const auto times = lockTimes(*model, {0, 0});
    ASSERT_TRUE(times && times->chart);
    EXPECT_EQ(times->title, "TIMES OF LOCK A");
    const Chart& chart = *times->chart;
    EXPECT_EQ(chart.names, (std::vector<std::string>{"holds", "waits"}));
    EXPECT_EQ(chart.runs, 14U);
    EXPECT_TRUE(chart.durations && chart.logarithmic);
    EXPECT_DOUBLE_EQ(chart.bins.front().low, 0.01);
    EXPECT_DOUBLE_EQ(chart.bins.back().high, 10);
    std::vector<std::uint64_t> sums(2);
    for (const ChartBin& bin : chart.bins) {
        ASSERT_EQ(bin.counts.size(), 2U);
        sums[0] += bin.counts[0];
        sums[1] += bin.counts[1];
        EXPECT_TRUE(bin.counts[0] == 0 || (bin.low <= 0.02 && 0.02 < bin.high));
    }
    EXPECT_EQ(sums, (std::vector<std::uint64_t>{10, 4}));

    const auto uncontended = lockTimes(*model, {0, 1});
    ASSERT_TRUE(uncontended && uncontended->chart);
    EXPECT_EQ(uncontended->chart->names, (std::vector<std::string>{"holds"}));
    EXPECT_EQ(uncontended->rows.back().values, (QStringList{"20 µs", "–"}));
    EXPECT_FALSE(lockTimes(*model, {0, 2}).has_value());
    EXPECT_FALSE(lockTimes(*model, {1, 0}).has_value());
}

TEST(LockTimes, LoseNoneWhereTwoBinsAreOne)
{
    LockReport lock = lockOf("A", 10, 4);
    lock.waitTimes.add(300 * kSecond);
    lock.holdTimes.add(70);
    const auto times = lockTimes(*modelWithLocks({{lock}}), {0, 0});
    ASSERT_TRUE(times && times->chart);
    std::uint64_t sum = 0;
    for (const ChartBin& bin : times->chart->bins) {
        sum += bin.counts[0] + bin.counts[1];
    }
    EXPECT_EQ(sum, 16U);
    EXPECT_EQ(sum, times->chart->runs);
    EXPECT_LE(times->chart->bins.size(), 60U);
}

/// The place of a row in a table whose rows are all of one height.
QPoint middleOf(const FactTable& table, std::size_t row)
{
    const int height = table.height() / static_cast<int>(table.rows().size());
    return {table.width() / 2, static_cast<int>(row) * height + height / 2};
}

TEST(ResultPanelLocks, ShowTheTimesOfTheLockThatIsClicked)
{
    const auto model = modelWithLocks({{lockOf("A", 10, 4), lockOf("B", 30, 2), lockOf("C", 5, 0)}});
    ResultPanel panel;
    panel.resize(320, 900);
    panel.showRun(model.get(), std::nullopt);
    panel.show();
    const auto* section = panel.findChild<PanelSection*>("lockTimes");
    ASSERT_NE(section, nullptr);
    EXPECT_EQ(section->title(), "TIMES OF LOCK A") << "the one that was waited for longest";
    auto* table = panel.findChild<PanelSection*>("lock1")->findChild<FactTable*>();
    ASSERT_NE(table, nullptr);
    EXPECT_TRUE(table->rows()[1].chosen);
    QTest::mouseClick(table, Qt::LeftButton, {}, middleOf(*table, 2));
    EXPECT_EQ(section->title(), "TIMES OF LOCK B");
    EXPECT_TRUE(table->rows()[2].chosen);
    EXPECT_EQ(panel.findChild<ChartPicture*>("lockChart")->chart()->runs, 32U);
    QTest::mouseClick(table, Qt::LeftButton, {}, middleOf(*table, 0));
    EXPECT_EQ(section->title(), "TIMES OF LOCK B") << "the heading is no lock";
    QTest::keyClick(table, Qt::Key_Down);
    EXPECT_EQ(section->title(), "TIMES OF LOCK C");
    panel.showRun(model.get(), std::nullopt);
    EXPECT_EQ(section->title(), "TIMES OF LOCK C") << "new figures change no choice";
    panel.showRun(nullptr, std::nullopt);
    EXPECT_FALSE(section->isVisible());
}

TEST(ResultPanelLocks, ShowTheTimesOfTheLockWhoseRowIsClicked)
{
    const auto model = modelWithLocks({{lockOf("A", 10, 4), lockOf("B", 30, 2)}});
    ResultPanel panel;
    panel.showRun(model.get(), std::nullopt);
    const Timeline& timeline = model->variants()[0].recording->timeline;
    panel.showSelection(model.get(), SliceRef{0, SliceRef::Row::Lock, 1, timeline.locks[1].track.slice(1)});
    EXPECT_EQ(panel.findChild<PanelSection*>("lockTimes")->title(), "TIMES OF LOCK B");
}

} // namespace
} // namespace timeslice::lock_facts_test
