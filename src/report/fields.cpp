#include "report/fields.h"

#include <limits>

#include "core/error.h"

namespace kizu::report {
namespace {

const Json kNull;
const Json kNothing = Json::object();
const Json kNone = Json::array();

}  // namespace

Fields::Fields(const Json& json, std::string file) : json_(&json), file_(std::move(file)) {
  if (!json.is_object()) refuse("an object is expected where " + std::string(json.type_name()) + " stands");
}

void Fields::refuse(const std::string& what) const {
  throw Error(file_ + ": " + what + "; remove the file and run its step again");
}

const Json& Fields::any(const std::string& key) const {
  const auto found = json_->find(key);
  return found == json_->end() ? kNull : *found;
}

std::string Fields::text(const std::string& key) const {
  const Json& field = any(key);
  if (field.is_null()) return "";
  if (!field.is_string()) refuse("\"" + key + "\" must be text");
  return field.get<std::string>();
}

std::optional<double> Fields::number(const std::string& key) const {
  const Json& field = any(key);
  if (field.is_null()) return std::nullopt;
  if (!field.is_number()) refuse("\"" + key + "\" must be a number or null");
  return field.get<double>();
}

long long Fields::whole(const std::string& key) const {
  const Json& field = any(key);
  if (field.is_null()) return 0;
  if (!field.is_number_integer()) refuse("\"" + key + "\" must be a whole number");
  return field.get<long long>();
}

bool Fields::flag(const std::string& key) const {
  const Json& field = any(key);
  if (!field.is_null() && !field.is_boolean()) refuse("\"" + key + "\" must be true or false");
  return field.is_boolean() && field.get<bool>();
}

std::vector<Fields> Fields::objects(const std::string& key) const {
  const Json& field = any(key).is_null() ? kNone : any(key);
  if (!field.is_array()) refuse("\"" + key + "\" must be a list");
  std::vector<Fields> out;
  for (const Json& entry : field) out.emplace_back(entry, file_);
  return out;
}

Fields Fields::object(const std::string& key) const {
  return {any(key).is_null() ? kNothing : any(key), file_};
}

std::vector<double> Fields::numbers(const std::string& key) const {
  const Json& field = any(key).is_null() ? kNone : any(key);
  if (!field.is_array()) refuse("\"" + key + "\" must be a list of numbers");
  std::vector<double> out;
  for (const Json& entry : field) {
    if (!entry.is_number() && !entry.is_null()) refuse("\"" + key + "\" must be a list of numbers");
    out.push_back(entry.is_null() ? std::numeric_limits<double>::quiet_NaN() : entry.get<double>());
  }
  return out;
}

std::vector<std::pair<double, double>> Fields::points(const std::string& key) const {
  const Json& field = any(key).is_null() ? kNone : any(key);
  if (!field.is_array()) refuse("\"" + key + "\" must be a list of points");
  std::vector<std::pair<double, double>> out;
  for (const Json& entry : field) {
    if (!entry.is_array() || entry.size() != 2) refuse("\"" + key + "\" must be a list of [x, y]");
    if (entry[0].is_null() || entry[1].is_null()) continue;
    if (!entry[0].is_number() || !entry[1].is_number()) refuse("\"" + key + "\" must hold numbers");
    out.emplace_back(entry[0].get<double>(), entry[1].get<double>());
  }
  return out;
}

}  // namespace kizu::report
