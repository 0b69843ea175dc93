// pyenv: where its interpreters are, and what one of its shims stands for.
//
// A shim is a shell script that picks a version by $PYENV_VERSION, by the nearest .python-version file, or by pyenv's
// own setting, and becomes that version's program (github.com/pyenv/pyenv, "Understanding Python version selection").
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

/// The bin folders of the versions that pyenv has, in $PYENV_ROOT or ~/.pyenv.
std::vector<std::filesystem::path> pyenvFolders();

bool isPyenvShim(const std::filesystem::path& program);
bool isPyenvShimFolder(const std::filesystem::path& folder);

/// Everything that the choice of a shim depends on, as text: where it is unchanged, so is the choice.
std::string pyenvSurroundings(const std::filesystem::path& shim);

} // namespace timeslice
