// How the kernel describes a tracepoint, as text put together here.
#include "core/record/tracepoint.h"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace timeslice::tracepoint_test {
namespace {

// As of Linux 6.18, but for the number.
constexpr const char* kWakeup = "name: sched_wakeup\n"
                                "ID: 77\n"
                                "format:\n"
                                "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
                                "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
                                "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
                                "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
                                "\n"
                                "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
                                "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
                                "\tfield:__data_loc char[] name;\toffset:28;\tsize:4;\tsigned:0;\n"
                                "\n"
                                "print fmt: \"comm=%s pid=%d; field:x\", REC->comm, REC->pid\n";

TEST(Tracepoint, ItsNumberAndTheFieldsOfItsRecordsAreRead)
{
    const Result<Tracepoint> tracepoint = parseTracepoint(kWakeup);
    ASSERT_TRUE(tracepoint.has_value()) << tracepoint.error().message;
    EXPECT_EQ(tracepoint->id, 77U);
    EXPECT_EQ(tracepoint->fields.size(), 7U) << "what is printed for people is none";
    EXPECT_EQ(tracepoint->offsetOf("common_type", 2), 0U);
    EXPECT_EQ(tracepoint->offsetOf("comm", 16), 8U) << "without its brackets";
    EXPECT_EQ(tracepoint->offsetOf("pid", 4), 24U);
    EXPECT_EQ(tracepoint->offsetOf("name", 4), 28U);
}

TEST(Tracepoint, AFieldOfAnotherSizeOrNameIsNotThere)
{
    const Result<Tracepoint> tracepoint = parseTracepoint(kWakeup);
    ASSERT_TRUE(tracepoint.has_value());
    EXPECT_EQ(tracepoint->offsetOf("pid", 8), std::nullopt);
    EXPECT_EQ(tracepoint->offsetOf("prio", 4), std::nullopt);
}

TEST(Tracepoint, WhatIsNoDescriptionIsRefused)
{
    EXPECT_FALSE(parseTracepoint("").has_value());
    EXPECT_FALSE(parseTracepoint("ID: 77\n").has_value()) << "no fields";
    EXPECT_FALSE(parseTracepoint("\tfield:int pid;\toffset:8;\tsize:4;\n").has_value()) << "no number";
    EXPECT_FALSE(parseTracepoint("ID: many\n\tfield:int pid;\toffset:8;\tsize:4;\n").has_value());
    EXPECT_FALSE(parseTracepoint("ID: 1\n\tfield:int pid;\toffset:-8;\tsize:4;\n").has_value());
    EXPECT_FALSE(parseTracepoint("ID: 1\n\tfield:int pid;\toffset:99999999;\tsize:4;\n").has_value());
    EXPECT_FALSE(parseTracepoint("ID: 1\n\tfield:int pid;\tsize:4;\n").has_value());
}

TEST(Tracepoint, AnyPartOfADescriptionIsReadWithoutHarm)
{
    const std::string whole = kWakeup;
    std::mt19937 random{5};
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        std::string text = whole.substr(0, length);
        if (const Result<Tracepoint> cut = parseTracepoint(text)) {
            EXPECT_EQ(cut->id, 77U);
        }
        for (int i = 0; i < 3 && !text.empty(); ++i) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        (void)parseTracepoint(text);
    }
}

} // namespace
} // namespace timeslice::tracepoint_test
