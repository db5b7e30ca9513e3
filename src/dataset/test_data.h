#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "image/codec.h"

namespace kizu::dataset {

/// Numbers that are the same everywhere (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }

 private:
  std::uint64_t state_;
};

/// A folder of its own for each test, removed at the end, to be filled with small pictures.
class DataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = std::filesystem::path(::testing::TempDir()) /
            (std::string("kizu ü 傷 ") + test->test_suite_name() + " " + test->name());
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::filesystem::path at(const std::string& relative) const {
    std::filesystem::create_directories((root_ / relative).parent_path());
    return root_ / relative;
  }
  /// A photo of random grey values; each seed gives another one.
  void photo(const std::string& relative, std::uint64_t seed, int width = 20, int height = 18,
             int channels = 1, int depth = 8) const {
    Image image = Image::blank(width, height, channels, depth);
    Dice dice(seed);
    for (auto& value : image.values) value = static_cast<std::uint16_t>(dice.below(image.max_value() + 1));
    text(relative, encode_png(image));
  }
  /// A mask with `count` pixels set, from the left upper corner.
  void mask(const std::string& relative, int count = 7, int width = 20, int height = 18) const {
    Image image = Image::blank(width, height, 1);
    for (int i = 0; i < count; ++i) image.values[i] = 255;
    text(relative, encode_png(image));
  }
  void text(const std::string& relative, const std::string& content) const {
    std::ofstream(at(relative), std::ios::binary) << content;
  }
  /// Plain layout: `good` good photos and `bad` photos of each of the types, named 1.png, 2.png, ...
  void plain(int good, int bad, const std::vector<std::string>& types) const {
    std::uint64_t seed = 1;
    for (int i = 1; i <= good; ++i) photo("good/" + std::to_string(i) + ".png", seed++);
    for (const std::string& type : types) {
      for (int i = 1; i <= bad; ++i) {
        photo(type + "/" + std::to_string(i) + ".png", seed++);
        mask(type + "/" + std::to_string(i) + "_mask.png");
      }
    }
  }

  std::filesystem::path root_;
};

/// The message of the Error that `action` throws; fails the test when it throws none.
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no kizu::Error was thrown";
  return "";
}

}  // namespace kizu::dataset
