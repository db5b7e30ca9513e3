#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kizu::report {

/// Text for an element or a quoted attribute: & < > " ' are escaped, control characters become U+FFFD.
std::string escape(std::string_view text);

/// A number with a fixed count of decimals, whatever the locale; negative with U+2212, "–" when empty.
std::string fixed(std::optional<double> value, int decimals = 3);
/// The same with a sign: "+0.120", "−0.031", "±0.000".
std::string signed_fixed(std::optional<double> value, int decimals = 3);
/// For coordinates: at most two decimals, no trailing zeros, a plain '-'.
std::string coordinate(double value);
/// "1 photo", "12 photos".
std::string count(long long n, const std::string& singular);
/// "48 s", "3 min 12 s", "1 h 04 min"; "–" when empty.
std::string duration(std::optional<double> seconds);
/// "812 MB", "2.31 GB" (powers of ten); "–" when empty.
std::string bytes(std::optional<double> count);

/// data:<mime>;base64,...
std::string data_uri(const std::string& mime, std::string_view bytes);

/// A table that scrolls within its own box on narrow screens. The first cell of each row is its heading. The
/// cells and the head hold HTML, the caption escaped text.
std::string table(const std::string& caption, const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows, const std::string& css_class);
/// The same in pieces, for a body of another shape between them.
std::string open_table(const std::string& caption, const std::vector<std::string>& head,
                       const std::string& css_class);
std::string close_table();

/// A remark about something that is not there.
std::string note(const std::string& html);

}  // namespace kizu::report
