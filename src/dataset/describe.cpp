#include <algorithm>

#include "dataset/examine.h"

namespace kizu::dataset {
namespace {

std::string range(int low, int high) {
  return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

std::string pictures(const Examination& e) {
  if (e.grey + e.colour == 0) return "  no photo could be read\n";
  std::string kinds;
  if (e.grey > 0) kinds += std::to_string(e.grey) + " grey";
  if (e.colour > 0) kinds += (kinds.empty() ? "" : ", ") + std::to_string(e.colour) + " colour";
  if (e.deep > 0) kinds += ", " + std::to_string(e.deep) + " of them with 16 bits";
  return "  photos are " + range(e.min_width, e.max_width) + " px wide and " +
         range(e.min_height, e.max_height) + " px high: " + kinds + "\n";
}

std::string counts(const Examination& e) {
  std::string out = "  good: " + std::to_string(e.good_train) + " to learn from, " +
                    std::to_string(e.good_test) + " to test on\n";
  for (const TypeCount& type : e.types) {
    out += "  " + type.name + ": " + std::to_string(type.photos) + " photos";
    if (type.shots > 0) {
      out += " (" + std::to_string(type.shots) + " shots, " + std::to_string(type.test) + " to test on)";
    }
    out += "\n";
  }
  if (e.left_out > 0) {
    out += "  left out: " + std::to_string(e.left_out) +
           " photos that show a piece which is on the other side\n";
  }
  return out;
}

std::string list(const Examination& e, bool stops) {
  std::string out;
  for (const Fault& fault : e.faults) {
    if (fault.stops != stops) continue;
    out += "  " + fault.file.string() + "\n    " + fault.reason + "\n    -> " + fault.remedy + "\n";
  }
  return out;
}

}  // namespace

std::string describe(const Examination& e) {
  std::string out = "category " + e.category + "\n" + counts(e) + pictures(e);
  const auto stopping =
      std::count_if(e.faults.begin(), e.faults.end(), [](const Fault& f) { return f.stops; });
  if (stopping > 0) out += "\nfaults that stop a run: " + std::to_string(stopping) + "\n" + list(e, true);
  if (const auto notes = static_cast<long>(e.faults.size()) - stopping; notes > 0) {
    out += "\nworth knowing: " + std::to_string(notes) + "\n" + list(e, false);
  }
  return out + (stopping > 0 ? "\nnot ready: mend what stops a run, then look again\n" : "\nready to run\n");
}

Json to_json(const Examination& e) {
  Json types = Json::array(), faults = Json::array();
  for (const TypeCount& t : e.types) {
    types.push_back({{"name", t.name}, {"photos", t.photos}, {"shots", t.shots}, {"test", t.test}});
  }
  for (const Fault& f : e.faults) {
    faults.push_back(
        {{"file", f.file.string()}, {"reason", f.reason}, {"remedy", f.remedy}, {"stops", f.stops}});
  }
  return {{"category", e.category},
          {"good_train", e.good_train},
          {"good_test", e.good_test},
          {"left_out", e.left_out},
          {"types", types},
          {"photos",
           {{"min_width", e.min_width},
            {"max_width", e.max_width},
            {"min_height", e.min_height},
            {"max_height", e.max_height},
            {"grey", e.grey},
            {"colour", e.colour},
            {"deep", e.deep}}},
          {"faults", faults},
          {"stops", e.stops()}};
}

}  // namespace kizu::dataset
