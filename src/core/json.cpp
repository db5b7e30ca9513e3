#include "core/json.h"

#include <set>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"

namespace kizu {

Json parse_json(const std::string& text, const std::string& origin) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > 100) throw Error(origin + ": nested more than 100 levels deep");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      throw Error(origin + ": the key \"" + parsed.get<std::string>() + "\" stands twice in one object");
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::exception& failure) {
    // "[json.exception.parse_error.101] parse error at line 3, column 7: ..." without the bracket
    std::string what = failure.what();
    if (const auto end = what.find("] "); end != std::string::npos) what.erase(0, end + 2);
    throw Error(origin + " is not valid JSON: " + what);
  }
}

Json read_json(const std::filesystem::path& file) {
  return parse_json(read_file(file, 256u << 20), file.string());
}

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string to_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_json(const std::filesystem::path& file, const Json& value) {
  write_file(file, to_text(value));
}

}  // namespace kizu
