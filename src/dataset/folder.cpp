#include "dataset/folder.h"

#include <algorithm>

#include "core/error.h"
#include "dataset/names.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

bool is_litter(const std::string& name) {
  const std::string low = lower_ascii(name);
  return name[0] == '.' || low == "thumbs.db" || low == "desktop.ini" || low == "__macosx";
}

/// A link to the folder that holds it, or to one above, would make a folder contain itself.
bool leads_upwards(const fs::path& link, const fs::path& holder) {
  std::error_code error;
  const fs::path target = fs::canonical(link, error);
  const fs::path here = fs::canonical(holder, error);
  if (error) return true;
  return std::mismatch(target.begin(), target.end(), here.begin(), here.end()).first == target.end();
}

void sort_naturally(std::vector<fs::path>& paths) {
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    return natural_less(a.filename().string(), b.filename().string());
  });
}

void sort_in(const fs::directory_entry& entry, const fs::path& folder, Folder& out) {
  std::error_code error;
  if (entry.is_directory(error)) {
    if (!entry.is_symlink(error) || !leads_upwards(entry.path(), folder)) out.folders.push_back(entry.path());
  } else if (entry.is_regular_file(error)) {
    out.files.push_back(entry.path());
  } else {
    out.others.push_back(entry.path());
  }
}

}  // namespace

Folder list(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) && !error) {
    throw Error(folder.string() + ": there is no such folder; check the path");
  }
  fs::directory_iterator it(folder, error);
  Folder out;
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    if (!is_litter(it->path().filename().string())) sort_in(*it, folder, out);
  }
  if (error) {
    throw Error(folder.string() + ": cannot be read (" + error.message() +
                "); check that it is a folder and that you may open it");
  }
  sort_naturally(out.files);
  sort_naturally(out.folders);
  sort_naturally(out.others);
  return out;
}

std::optional<fs::path> subfolder(const Folder& folder, const std::string& name) {
  for (const fs::path& path : folder.folders) {
    if (lower_ascii(path.filename().string()) == name) return path;
  }
  return std::nullopt;
}

}  // namespace kizu::dataset
