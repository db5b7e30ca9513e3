#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kizu::dataset {

/// What a folder holds directly, in natural order, without hidden entries and the litter of file browsers
/// (Thumbs.db, desktop.ini, __MACOSX).
struct Folder {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> folders;  // without links that lead to the folder itself or above it
  std::vector<std::filesystem::path> others;   // pipes, sockets, broken links: never opened
};

/// Lists a folder. Throws Error naming it when it is missing or cannot be read.
Folder list(const std::filesystem::path& folder);

/// The sub-folder with this (lower-case ASCII) name in any case: "Good" for "good".
std::optional<std::filesystem::path> subfolder(const Folder& folder, const std::string& name);

}  // namespace kizu::dataset
