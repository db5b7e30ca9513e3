#include "dataset/csv.h"

#include "core/error.h"
#include "core/input_file.h"
#include "dataset/names.h"

namespace kizu::dataset {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

class Reader {
 public:
  Reader(const std::string& text, std::string name) : text_(text), name_(std::move(name)) {
    if (text_.compare(0, 3, "\xEF\xBB\xBF") == 0) at_ = 3;
    if (text_.compare(0, 2, "\xFF\xFE") == 0 || text_.compare(0, 2, "\xFE\xFF") == 0 ||
        text_.find('\0') != std::string::npos) {
      fail(1, "is not UTF-8 text; save the table as \"CSV UTF-8\"");
    }
    const std::string first = text_.substr(0, text_.find_first_of("\r\n"));
    if (first.find(',') == std::string::npos && first.find(';') != std::string::npos) separator_ = ';';
  }

  bool done() const { return at_ >= text_.size(); }

  CsvRow row() {
    CsvRow row{line_, {}};
    do {
      row.fields.push_back(field());
    } while (take(separator_));
    take_line_end();
    return row;
  }

  [[noreturn]] void fail(int line, const std::string& what) const {
    throw Error(name_ + ", line " + std::to_string(line) + ": " + what);
  }

 private:
  char peek() const { return done() ? '\n' : text_[at_]; }
  bool ends_line() const { return peek() == '\n' || peek() == '\r'; }
  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void take_line_end() {
    const bool cr = take('\r');
    if (take('\n') || cr) ++line_;
  }

  std::string field() {
    if (take('"')) return quoted();
    std::string out;
    while (!ends_line() && peek() != separator_) {
      if (peek() == '"') fail(line_, "a quote inside an unquoted field; put the whole field in quotes");
      out += text_[at_++];
    }
    return out;
  }

  std::string quoted() {
    const int start = line_;
    std::string out;
    while (!done()) {
      const char c = text_[at_++];
      if (c != '"') {
        if (c == '\n' || (c == '\r' && peek() != '\n')) ++line_;
        out += c;
      } else if (!take('"')) {
        if (!ends_line() && peek() != separator_) fail(line_, "text after the closing quote of a field");
        return out;
      } else {
        out += '"';
      }
    }
    fail(start, "a quoted field that is never closed");
  }

  const std::string& text_;
  std::string name_;
  std::size_t at_ = 0;
  int line_ = 1;
  char separator_ = ',';
};

bool is_blank(const CsvRow& row) {
  return row.fields.size() == 1 && trimmed(row.fields[0]).empty();
}

}  // namespace

std::optional<std::size_t> Csv::column(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (lower_ascii(trimmed(header[i])) == name) return i;
    }
  }
  return std::nullopt;
}

Csv parse_csv(const std::string& text, const std::string& name) {
  Reader reader(text, name);
  Csv table;
  while (!reader.done()) {
    CsvRow row = reader.row();
    if (is_blank(row)) continue;
    if (table.header.empty()) {
      table.header = row.fields;
    } else if (row.fields.size() != table.header.size()) {
      reader.fail(row.line, std::to_string(row.fields.size()) + " fields where the header has " +
                                std::to_string(table.header.size()));
    } else {
      table.rows.push_back(std::move(row));
    }
  }
  if (table.header.empty()) reader.fail(1, "the table is empty; it needs a header row");
  return table;
}

Csv read_csv(const std::filesystem::path& file) {
  return parse_csv(read_file(file), file.string());
}

}  // namespace kizu::dataset
