#include "core/base/atomic_file.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice::atomic_file_test {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "timeslice-test-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        m_folder = name;
    }
    void TearDown() override { fs::remove_all(m_folder); }

    fs::path path(const std::string& name) const { return m_folder / name; }
    static void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
    static std::string contents(const fs::path& path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(m_folder), fs::directory_iterator()); }

    fs::path m_folder;
};

TEST_F(AtomicFileTest, ShowsNothingUntilCommitted)
{
    put(path("f"), "old");
    Result<AtomicFile> file = AtomicFile::create(path("f"));
    ASSERT_TRUE(file.has_value());
    file->stream() << "new " << 42;
    ASSERT_TRUE(file->write(std::string_view("!")).has_value());
    EXPECT_EQ(contents(path("f")), "old");
    ASSERT_TRUE(file->commit().has_value());
    EXPECT_EQ(contents(path("f")), "new 42!");
    EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, LeavesNothingBehindWhenNotCommitted)
{
    {
        Result<AtomicFile> file = AtomicFile::create(path("f"));
        ASSERT_TRUE(file.has_value());
        file->stream() << "half of it";
        EXPECT_EQ(files(), 1) << "the temporary file lies beside the target";
        AtomicFile moved = std::move(*file);
    }
    EXPECT_EQ(files(), 0);
}

TEST_F(AtomicFileTest, WritesWhatIsLongerThanItsBuffer)
{
    std::string text;
    for (int i = 0; i < 60'000; ++i) {
        text += std::to_string(i);
    }
    Result<AtomicFile> file = AtomicFile::create(path("f"));
    ASSERT_TRUE(file.has_value());
    file->stream() << "start" << text;
    for (const char c : text) {
        file->stream().put(c);
    }
    ASSERT_TRUE(file->commit().has_value());
    EXPECT_EQ(contents(path("f")), "start" + text + text);
}

TEST_F(AtomicFileTest, GivesANewFileThePermissionsOfTheUmaskAndKeepsThoseOfAnOldOne)
{
    const auto modeOf = [](const fs::path& path) {
        struct stat status { };
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 0777;
    };
    const mode_t old = ::umask(027);
    EXPECT_TRUE(AtomicFile::create(path("f"))->commit().has_value());
    ::umask(old);
    EXPECT_EQ(modeOf(path("f")), 0640U);
    fs::permissions(path("f"), fs::perms(0604));
    EXPECT_TRUE(AtomicFile::create(path("f"))->commit().has_value());
    EXPECT_EQ(modeOf(path("f")), 0604U);
}

TEST_F(AtomicFileTest, ReplacesTheFileThatALinkNames)
{
    fs::create_directory(path("real"));
    put(path("real") / "f", "old");
    fs::create_symlink("real/f", path("link"));
    Result<AtomicFile> file = AtomicFile::create(path("link"));
    ASSERT_TRUE(file.has_value());
    file->stream() << "new";
    ASSERT_TRUE(file->commit().has_value());
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(contents(path("real") / "f"), "new");
}

TEST_F(AtomicFileTest, WritesToADeviceInPlace)
{
    Result<AtomicFile> file = AtomicFile::create("/dev/null");
    ASSERT_TRUE(file.has_value()) << file.error().message;
    file->stream() << "gone";
    EXPECT_TRUE(file->commit().has_value());
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(AtomicFileTest, SaysWhyItCannotBeCreated)
{
    const Result<AtomicFile> noFolder = AtomicFile::create(path("no/such/f"));
    ASSERT_FALSE(noFolder.has_value());
    EXPECT_NE(noFolder.error().message.find("no/such/f': No such file or directory"), std::string::npos);
    const Result<AtomicFile> folder = AtomicFile::create(m_folder);
    ASSERT_FALSE(folder.has_value());
    EXPECT_NE(folder.error().message.find("Is a directory"), std::string::npos);
    EXPECT_FALSE(AtomicFile::create("").has_value());
}

TEST_F(AtomicFileTest, KeepsTheOldFileWhenThereIsNoSpace)
{
    put(path("f"), "old");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        Result<AtomicFile> file = AtomicFile::create(path("f"));
        file->stream() << std::string(2'000'000, 'x');
        const bool streamBad = !file->stream();
        const Result<void> committed = file->commit();
        const bool said = !committed && committed.error().message.find("File too large") != std::string::npos;
        file = tl::unexpected<Error>(Error{}); // destroyed, as when its owner returns
        ::_exit(streamBad && said ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(contents(path("f")), "old");
    EXPECT_EQ(files(), 1);
}

} // namespace
} // namespace timeslice::atomic_file_test
