#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace kizu::report {

/// An object of a JSON file. A missing or null field reads as empty; one of another kind is an Error naming
/// the file.
class Fields {
 public:
  /// `json` must outlive the Fields. Throws Error when it is not an object.
  Fields(const Json& json, std::string file);

  std::string text(const std::string& key) const;
  std::optional<double> number(const std::string& key) const;
  long long whole(const std::string& key) const;
  bool flag(const std::string& key) const;
  /// The field as it is; null when missing.
  const Json& any(const std::string& key) const;
  std::vector<Fields> objects(const std::string& key) const;
  /// An empty object when missing.
  Fields object(const std::string& key) const;
  /// Finite numbers, NaN for null.
  std::vector<double> numbers(const std::string& key) const;
  /// [[x, y], ...] as pairs; those with a null are left out.
  std::vector<std::pair<double, double>> points(const std::string& key) const;

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  const Json* json_;
  std::string file_;
};

}  // namespace kizu::report
