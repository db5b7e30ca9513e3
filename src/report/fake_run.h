#pragma once
#include <filesystem>
#include <string>

#include "core/json.h"

namespace kizu::report {

/// A small run folder with its data set in a temporary folder, for the tests of the report: one or more
/// defect types, pictures of 48 x 64 px, JSON as the steps write it.
class FakeRun {
 public:
  struct Wishes {
    std::string type = "crack";
    int test_photos = 12;  // with a defect
    double before = 0.4;   // pixel AP of every photo and of all
    double after = 0.6;
    double image_after = 0.9;  // image AUROC after; before it is 0.85
    std::string group;         // of every test photo, "" = none
  };
  explicit FakeRun(const Wishes& wishes);
  ~FakeRun();
  FakeRun(const FakeRun&) = delete;
  FakeRun& operator=(const FakeRun&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path report() const { return folder_ / "report.html"; }
  void remove(const std::string& name) const { std::filesystem::remove_all(folder_ / name); }

 private:
  void make_data();
  void make_split() const;
  void make_pairs() const;
  void make_arm(const std::string& arm, double ap, double image_auroc) const;
  void make_step(const std::string& name, const std::string& verb) const;

  Wishes wishes_;
  std::filesystem::path root_, data_, folder_;
};

/// write_report, and what it wrote.
std::string report_of(const FakeRun& run);

}  // namespace kizu::report
