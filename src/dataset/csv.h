#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kizu::dataset {

/// One row of a table and the line of the file it starts on (1 = the first).
struct CsvRow {
  int line = 0;
  std::vector<std::string> fields;
};

/// A table with a header row. Every row has as many fields as the header.
struct Csv {
  std::vector<std::string> header;
  std::vector<CsvRow> rows;

  /// The first column with one of these names (compared without regard to case), in the order of `names`.
  std::optional<std::size_t> column(const std::vector<std::string>& names) const;
};

/// RFC 4180: quoted fields may hold commas, line breaks and doubled quotes. Also taken: LF, CRLF or CR, a
/// UTF-8 byte order mark, empty lines, and semicolons instead of commas (what spreadsheets write in much of
/// Europe). `name` stands in errors. Throws Error with name and line for anything else.
Csv parse_csv(const std::string& text, const std::string& name);

/// Reads and parses a file. Throws Error naming it when it cannot be read.
Csv read_csv(const std::filesystem::path& file);

}  // namespace kizu::dataset
