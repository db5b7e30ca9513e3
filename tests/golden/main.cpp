// Walks the golden folder and makes a test of every case. New cases of a known kind need no new code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "golden_case.h"

namespace fs = std::filesystem;
namespace kizu::golden {
namespace {

int cases_run = 0;

class CaseTest : public testing::Test {
 public:
  CaseTest(std::string name, fs::path folder) : name_(std::move(name)), folder_(std::move(folder)) {}

  void TestBody() override {
    std::ifstream in(folder_ / "case.json");
    Case the_case(name_, folder_, nlohmann::json::parse(in));
    const auto runner = runners().find(the_case.kind());
    // A case that nothing runs proves nothing: that may not look like a pass.
    if (runner == runners().end()) FAIL() << name_ << ": nothing runs the kind " << the_case.kind();
    ++cases_run;
    runner->second(the_case);
    the_case.report_run();
    for (const auto& output : the_case.unchecked())
      ADD_FAILURE() << name_ << ": output " << output << " is not checked";
  }

 private:
  std::string name_;
  fs::path folder_;
};

class NoCases : public testing::Test {
  void TestBody() override {
    GTEST_SKIP()
        << "no golden data: set KIZU_GOLDEN to the folder of the cases, or put it at ../shared/golden";
  }
};

template <class MakeTest>
void add_test(const std::string& name, MakeTest make) {
  testing::RegisterTest("golden", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        [make]() -> testing::Test* { return make(); });
}

void add_cases(const fs::path& root) {
  std::vector<fs::path> folders;
  if (fs::is_directory(root))
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.path().filename() == "case.json") folders.push_back(entry.path().parent_path());
  std::sort(folders.begin(), folders.end());
  for (const auto& folder : folders) {
    const auto name = fs::relative(folder, root).generic_string();
    add_test(name, [=] { return new CaseTest(name, folder); });
  }
  if (folders.empty()) add_test("no_cases", [] { return new NoCases; });
}

}  // namespace
}  // namespace kizu::golden

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const char* given = std::getenv("KIZU_GOLDEN");
  kizu::golden::add_cases(kizu::golden::golden_folder());
  const int result = RUN_ALL_TESTS();
  if (given && !testing::GTEST_FLAG(list_tests) && kizu::golden::cases_run == 0) {
    std::fprintf(stderr, "KIZU_GOLDEN is set to %s, but not one case ran\n", given);
    return 1;
  }
  return result;
}
