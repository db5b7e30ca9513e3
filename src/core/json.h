#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace kizu {

/// Objects keep their keys sorted, so that equal content gives equal text.
using Json = nlohmann::json;

/// Throws Error with the file, line and column when it is not valid JSON (in UTF-8, no key twice in an
/// object).
Json read_json(const std::filesystem::path& file);
/// The same for text; `origin` names it in errors.
Json parse_json(const std::string& text, const std::string& origin);
Json or_null(const std::optional<double>& value);
/// Indented by two, a newline at the end. Bytes that are not UTF-8 are written as U+FFFD.
std::string to_text(const Json& value);
/// to_text, appearing whole or not at all (core/atomic_file.h).
void write_json(const std::filesystem::path& file, const Json& value);

}  // namespace kizu
