#pragma once
#include <string>
#include <vector>

#include "report/record.h"

namespace kizu::report {

/// One line of a chart. `css_class` gives colour and dashes (style.cpp).
struct Series {
  std::string name;
  std::string css_class;
  Line points;
};

struct Axis {
  std::string label;
  double low = 0, high = 1;
  bool logarithmic = false;
};

struct Chart {
  std::string title;        // a heading above the drawing
  std::string description;  // what there is to see, for those who do not
  Axis x, y;
  std::vector<Series> series;
};

/// A figure with inline SVG that is as wide as its place. Lines are cut at the axes' ends.
std::string draw(const Chart& chart);

/// An axis that holds all values of the lines; logarithmic where they span more than a factor of 20.
Axis fitted(const std::string& label, const std::vector<Series>& series, bool of_x);

/// At most `most` points: the mean of equal runs of neighbours.
Line averaged(const Line& line, std::size_t most);

/// A short piece of a series' line with its name, for a legend.
std::string legend(const std::vector<std::pair<std::string, std::string>>& class_and_html);

/// Before and after of one metric for each type, as dots on a common scale.
std::string dumbbells(const Record& record, std::size_t metric);

}  // namespace kizu::report
