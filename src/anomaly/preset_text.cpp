#include "anomaly/preset_text.h"

#include <algorithm>

namespace kizu::anomaly {
namespace {

std::vector<std::string> values_of(const Switch& row, const std::vector<Preset>& presets) {
  std::vector<std::string> values;
  for (const auto& preset : presets) values.push_back(row.value(preset));
  return values;
}

bool all_equal(const std::vector<std::string>& values) {
  return std::all_of(values.begin(), values.end(), [&](const auto& each) { return each == values.front(); });
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

}  // namespace

std::string describe(const std::vector<Preset>& presets, bool only_different) {
  size_t name_width = 0;
  std::vector<size_t> widths;
  for (const auto& preset : presets) widths.push_back(preset.name.size());
  for (const auto& row : switches()) {
    const auto values = values_of(row, presets);
    if (only_different && all_equal(values)) continue;
    name_width = std::max(name_width, std::string(row.name).size());
    for (size_t i = 0; i < values.size(); i++) widths[i] = std::max(widths[i], values[i].size());
  }
  std::string text = padded("switch", name_width);
  for (size_t i = 0; i < presets.size(); i++) text += padded(presets[i].name, widths[i]);
  text += "what it is\n";
  for (const auto& row : switches()) {
    const auto values = values_of(row, presets);
    if (only_different && all_equal(values)) continue;
    text += padded(row.name, name_width);
    for (size_t i = 0; i < values.size(); i++) text += padded(values[i], widths[i]);
    text += std::string(row.meaning) + " (" + row.values + ") [" + row.source + "]\n";
  }
  return text;
}

std::string presets_as_markdown() {
  const std::vector<Preset> presets = {Preset::paper(), Preset::reference(), Preset::improved()};
  std::string text = "| switch | paper | reference | improved | what it is | source |\n";
  text += "| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& row : switches()) {
    text += std::string("| `") + row.name + "` |";
    for (const auto& value : values_of(row, presets)) text += " " + value + " |";
    text += std::string(" ") + row.meaning + " | " + row.source + " |\n";
  }
  return text;
}

}  // namespace kizu::anomaly
