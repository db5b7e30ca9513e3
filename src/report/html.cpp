#include "report/html.h"

#include <charconv>
#include <cmath>

namespace kizu::report {
namespace {

/// |value| without a sign.
std::string magnitude(double value, int decimals) {
  char digits[400];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, std::abs(value), std::chars_format::fixed, decimals);
  return {digits, end.ptr};
}

bool is_zero(const std::string& digits) {
  return digits.find_first_not_of("0.") == std::string::npos;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (byte == 0x7f || (byte < 0x20 && c != '\n' && c != '\t')) {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
  return out;
}

std::string fixed(std::optional<double> value, int decimals) {
  if (!value || !std::isfinite(*value)) return "–";
  const std::string digits = magnitude(*value, decimals);
  return (*value < 0 && !is_zero(digits) ? "−" : "") + digits;
}

std::string signed_fixed(std::optional<double> value, int decimals) {
  if (!value || !std::isfinite(*value)) return "–";
  const std::string digits = magnitude(*value, decimals);
  return (is_zero(digits) ? "±" : *value < 0 ? "−" : "+") + digits;
}

std::string coordinate(double value) {
  std::string digits = magnitude(value, 2);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return (value < 0 && !is_zero(digits) ? "-" : "") + digits;
}

std::string count(long long n, const std::string& singular) {
  return std::to_string(n) + " " + singular + (n == 1 ? "" : "s");
}

std::string duration(std::optional<double> seconds) {
  if (!seconds || !std::isfinite(*seconds)) return "–";
  if (*seconds < 9.95) return fixed(*seconds, 1) + " s";
  const long long s = std::llround(*seconds);
  const auto two = [](long long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min " + two(s % 60) + " s";
  return std::to_string(s / 3600) + " h " + two(s / 60 % 60) + " min";
}

std::string bytes(std::optional<double> count) {
  if (!count || !std::isfinite(*count)) return "–";
  return *count < 1e9 ? fixed(*count / 1e6, 0) + " MB" : fixed(*count / 1e9, 2) + " GB";
}

std::string data_uri(const std::string& mime, std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "data:" + mime + ";base64,";
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; k++)
      group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; k++) out += k <= have ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string open_table(const std::string& caption, const std::vector<std::string>& head,
                       const std::string& css_class) {
  std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + caption +
                    "\"><table class=\"" + css_class + "\"><caption><span>" + caption +
                    "</span></caption>\n<thead><tr>";
  for (const std::string& cell : head) out += "<th scope=\"col\">" + cell + "</th>";
  return out + "</tr></thead>\n";
}

std::string close_table() {
  return "</table></div>\n";
}

std::string table(const std::string& caption, const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows, const std::string& css_class) {
  std::string out = open_table(caption, head, css_class) + "<tbody>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); i++)
      out += i == 0 ? "<th scope=\"row\">" + row[i] + "</th>" : "<td>" + row[i] + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody>" + close_table();
}

std::string note(const std::string& html) {
  return "<p class=\"note\">" + html + "</p>\n";
}

}  // namespace kizu::report
