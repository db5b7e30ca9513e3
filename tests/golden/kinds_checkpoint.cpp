// Files of torch's two containers: the good ones hold exactly the tensors that expected.json gives, the bad
// ones are refused with a message, quickly, in little memory, and leave nothing behind.
#include <gtest/gtest.h>

#include <chrono>

#include "core/error.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "golden_case.h"
#include "weights/tensor_source.h"

namespace kizu::golden {
namespace {

namespace fs = std::filesystem;

void check_good(const fs::path& file, const nlohmann::json& expected) {
  const auto source = open_tensors(file);
  const auto& tensors = expected.at("tensors");
  EXPECT_EQ(source->tensors().size(), tensors.size()) << file;
  for (const auto& [name, entry] : tensors.items()) {
    const auto found = source->tensors().find(name);
    ASSERT_NE(found, source->tensors().end()) << file << " lacks " << name;
    EXPECT_EQ(found->second.shape, entry.at("shape").get<std::vector<std::int64_t>>()) << file << " " << name;
    EXPECT_EQ(name_of(found->second.dtype), entry.at("dtype").get<std::string>()) << file << " " << name;
    const RawTensor raw = source->read(name);
    const std::string_view bytes(reinterpret_cast<const char*>(raw.bytes.data()), raw.bytes.size());
    EXPECT_EQ(sha256(bytes), entry.at("sha256").get<std::string>()) << file << " " << name;
  }
}

/// What opening and reading every tensor of the file says against it; empty when it is accepted.
std::string refusal(const fs::path& file) {
  try {
    const auto source = open_tensors(file);
    for (const auto& [name, info] : source->tensors()) source->read(name);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void check_bad(const fs::path& file) {
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t before = peak_resident_bytes();
  const std::string message = refusal(file);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_NE(message, "") << file << " is accepted";
  EXPECT_NE(message.find(file.filename().string()), std::string::npos) << message;
  EXPECT_LT(took.count(), 5) << file;
  EXPECT_LT(peak_resident_bytes() - before, 1u << 30) << file;
  EXPECT_FALSE(fs::exists("PWNED")) << file;
  EXPECT_FALSE(fs::exists("/tmp/PWNED_abs")) << file;
  std::printf("[ refused  ] %s\n", message.c_str());
}

void run_checkpoint(Case& c) {
  std::size_t good = 0, bad = 0;
  const Json good_files = read_json(c.folder() / "good" / "expected.json");
  const Json bad_files = read_json(c.folder() / "bad" / "expected.json");
  for (const auto& [name, expected] : good_files.items()) {
    check_good(c.folder() / "good" / name, expected);
    good++;
  }
  for (const auto& [name, expected] : bad_files.items()) {
    check_bad(c.folder() / "bad" / name);
    bad++;
  }
  EXPECT_GT(good, 0u);
  EXPECT_GT(bad, 0u);
}

KIZU_GOLDEN_KIND("checkpoint", run_checkpoint);

}  // namespace
}  // namespace kizu::golden
