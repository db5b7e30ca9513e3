#include "report/svg_curves.h"

#include <algorithm>
#include <cmath>

#include "report/html.h"

namespace kizu::report {
namespace {

// The drawing in SVG units; text of 12 units is 12 px when the figure is 360 px wide.
constexpr double kWidth = 360, kHeight = 250, kLeft = 46, kRight = 18, kTop = 10, kBottom = 40;

double share(const Axis& axis, double value) {
  if (axis.logarithmic)
    return (std::log(std::max(value, 1e-300)) - std::log(axis.low)) /
           (std::log(axis.high) - std::log(axis.low));
  return (value - axis.low) / (axis.high - axis.low);
}

double across(const Axis& axis, double value) {
  return kLeft + (kWidth - kLeft - kRight) * share(axis, value);
}

double down(const Axis& axis, double value) {
  return kHeight - kBottom - (kHeight - kTop - kBottom) * std::clamp(share(axis, value), 0.0, 1.0);
}

/// Round values within the axis: steps of 1, 2 or 5 times a power of ten; such values
/// themselves when logarithmic, powers of ten when that would be many.
std::vector<double> ticks(const Axis& axis) {
  std::vector<double> out;
  if (axis.logarithmic) {
    const bool wide = axis.high / axis.low > 300;
    for (double power = std::pow(10, std::floor(std::log10(axis.low))); power <= axis.high; power *= 10)
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double tick = factor * power;
        if (tick >= axis.low * 0.999 && tick <= axis.high * 1.001 && (factor == 1 || !wide))
          out.push_back(tick);
      }
    return out;
  }
  const double rough = (axis.high - axis.low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough * 0.999) step = factor * power;
  const double first = std::ceil(axis.low / step - 1e-9);
  for (double k = first; k * step <= axis.high + 1e-9 * step; k++) out.push_back(k * step);
  return out;
}

std::string tick_label(double value) {
  if (std::abs(value) >= 10000) return coordinate(value / 1000) + "k";
  if (value == 0 || std::abs(value) >= 0.01) return coordinate(value);
  const double power = std::floor(std::log10(std::abs(value)) + 1e-9);
  return coordinate(value / std::pow(10, power)) + "e" + coordinate(power);
}

std::string grid(const Axis& x, const Axis& y) {
  std::string lines, labels;
  for (const double tick : ticks(x)) {
    const std::string at = coordinate(across(x, tick));
    lines += "M" + at + " " + coordinate(kTop) + "V" + coordinate(kHeight - kBottom);
    labels += "<text x=\"" + at + "\" y=\"" + coordinate(kHeight - kBottom + 16) +
              "\" text-anchor=\"middle\">" + tick_label(tick) + "</text>";
  }
  for (const double tick : ticks(y)) {
    const double at = down(y, tick);
    lines += "M" + coordinate(kLeft) + " " + coordinate(at) + "H" + coordinate(kWidth - kRight);
    labels += "<text x=\"" + coordinate(kLeft - 6) + "\" y=\"" + coordinate(at + 4) +
              "\" text-anchor=\"end\">" + tick_label(tick) + "</text>";
  }
  labels += "<text class=\"axis\" x=\"" + coordinate((kLeft + kWidth - kRight) / 2) + "\" y=\"" +
            coordinate(kHeight - 5) + "\" text-anchor=\"middle\">" + escape(x.label) + "</text>";
  labels += "<text class=\"axis\" transform=\"translate(11 " + coordinate((kTop + kHeight - kBottom) / 2) +
            ") rotate(-90)\" text-anchor=\"middle\">" + escape(y.label) + "</text>";
  return "<path class=\"grid\" d=\"" + lines + "\"/>" + labels;
}

/// The part of the line within the axis; where it leaves, the point on the border is interpolated.
std::string path(const Chart& chart, const Line& line) {
  std::string d;
  for (std::size_t i = 0; i < line.size(); i++) {
    Point point = line[i];
    const bool beyond = point.x > chart.x.high;
    if (beyond && i > 0 && line[i - 1].x < chart.x.high) {
      const double part = (chart.x.high - line[i - 1].x) / (point.x - line[i - 1].x);
      point = {chart.x.high, line[i - 1].y + part * (point.y - line[i - 1].y)};
    } else if (beyond) {
      break;
    }
    d += (d.empty() ? "M" : "L") + coordinate(across(chart.x, point.x)) + " " +
         coordinate(down(chart.y, point.y));
    if (beyond) break;
  }
  return d;
}

}  // namespace

std::string draw(const Chart& chart) {
  std::string out = "<figure class=\"chart\"><figcaption>" + escape(chart.title) +
                    "</figcaption><svg viewBox=\"0 0 " + coordinate(kWidth) + " " + coordinate(kHeight) +
                    "\" role=\"img\" aria-label=\"" + escape(chart.title + ". " + chart.description) + "\">";
  out += grid(chart.x, chart.y);
  for (const Series& series : chart.series)
    if (!series.points.empty())
      out += "<path class=\"line " + series.css_class + "\" d=\"" + path(chart, series.points) + "\"/>";
  return out + "</svg></figure>\n";
}

std::string legend(const std::vector<std::pair<std::string, std::string>>& class_and_html) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& [css_class, html] : class_and_html)
    out += "<li><svg viewBox=\"0 0 34 10\" aria-hidden=\"true\"><path class=\"line " + css_class +
           "\" d=\"M1 5H33\"/></svg>" + html + "</li>";
  return out + "</ul>\n";
}

}  // namespace kizu::report
