#include "inspection/curriculum.h"

#include <algorithm>

namespace kizu::inspection {

Curriculum Curriculum::parse(const std::string& text) {
  auto end = text.find('/');
  Curriculum all = Mix::parse(text.substr(0, end));
  while (end != std::string::npos) {
    const auto start = end + 1;
    end = text.find('/', start);
    all.parts.push_back(Mix::parse(text.substr(start, end - start)));
  }
  return all;
}

std::string Curriculum::text() const {
  std::string all;
  for (const auto& mix : parts) all += (all.empty() ? "" : "/") + mix.text();
  return all;
}

bool Curriculum::draws_from(Source source) const {
  return std::any_of(parts.begin(), parts.end(), [&](const Mix& mix) { return mix.weight(source) > 0; });
}

const Mix& Curriculum::at(double done) const {
  const auto last = static_cast<double>(parts.size()) - 1;
  return parts[static_cast<size_t>(std::clamp(done * static_cast<double>(parts.size()), 0.0, last))];
}

}  // namespace kizu::inspection
