// Holds every include in src/ against the table of modules in the top CMakeLists.txt.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using Table = std::map<std::string, std::set<std::string>>;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// kizu_module(name KNOWS a b TORCH): what each module may include, itself and "torch" among it. A module
// stands below those it knows, so what they know is known already when it comes.
Table read_table() {
  Table table;
  const auto text = text_of(fs::path(KIZU_SOURCE_DIR) / "CMakeLists.txt");
  const std::regex line(R"(kizu_module\((\w+)([^)]*)\))");
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
    auto& known = table[(*it)[1]];
    known.insert((*it)[1]);
    std::istringstream words((*it)[2]);
    std::string word;
    bool knows = false;
    while (words >> word) {
      if (word == "KNOWS" || word == "LINKS") {
        knows = word == "KNOWS";
      } else if (word == "TORCH") {
        known.insert("torch");
      } else if (knows) {
        known.insert(table.at(word).begin(), table.at(word).end());
      }
    }
  }
  return table;
}

std::vector<std::string> violations(const Table& table) {
  std::vector<std::string> found;
  const std::regex include(R"(#include ["<]([a-zA-Z0-9_]+)/)");
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(KIZU_SOURCE_DIR) / "src")) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    const auto module = entry.path().parent_path().filename().string();
    const auto text = text_of(entry.path());
    for (std::sregex_iterator it(text.begin(), text.end(), include), end; it != end; ++it) {
      std::string target = (*it)[1];
      if (target == "ATen" || target == "c10") target = "torch";
      const bool guarded = table.count(target) != 0 || target == "torch" || target == "opencv2";
      const bool allowed = target == "opencv2" ? module == "image" : table.at(module).count(target) != 0;
      if (guarded && !allowed)
        found.push_back(entry.path().filename().string() + " (" + module + ") includes " + target);
    }
  }
  return found;
}

TEST(Layers, EveryIncludeIsAllowedByTheTable) {
  const auto table = read_table();
  ASSERT_GE(table.size(), 12U);
  for (const auto& each : violations(table)) ADD_FAILURE() << each;
}

TEST(Layers, AnIncludeUpwardsIsFound) {
  auto table = read_table();
  table.at("image").erase("core");
  EXPECT_FALSE(violations(table).empty());
}

}  // namespace
